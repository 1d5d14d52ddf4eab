"""Trades as a reader of H0STCNT0 sees them, and the identities that neighbours keep (written from the exchange's facts)."""

import os
import typing

# Where a record of H0STCNT0, H0NXCNT0 or H0UNCNT0 has them.
PLACES = (0, 33, 1, 2, 12, 13, 14, 15, 16, 19, 20, 21)


class Trade(typing.NamedTuple):
    """The fields of a trade that take part in the identities."""

    symbol: str
    date: str
    time: str
    price: int
    size: int
    volume: int
    value: int
    sells: int
    buys: int
    sold: int
    bought: int
    side: str

    @classmethod
    def of(cls, texts):
        """From texts in the order of the members."""
        symbol, date, time, *numbers, side = texts
        return cls(symbol, date, time, *map(int, numbers), side)

    @classmethod
    def read(cls, fields):
        """From the fields of one record."""
        return cls.of([fields[place] for place in PLACES])


def records(count, fields):
    """The records of a frame."""
    stride = len(fields) // count
    return [fields[i : i + stride] for i in range(0, len(fields), stride)]


def broken(before, after):
    """The names of the identities that do not hold between two neighbours of a symbol."""
    wrong = []
    if after.volume - before.volume != after.size:
        wrong.append("volume")
    if after.value - before.value != after.price * after.size:
        wrong.append("value")
    sides = {"1": (0, 1), "5": (1, 0)}
    sells, buys = sides.get(after.side, (0, 0))
    if (after.sells - before.sells, after.buys - before.buys) != (sells, buys):
        wrong.append("count")
    if (after.sold - before.sold, after.bought - before.bought) != (sells * after.size, buys * after.size):
        wrong.append("sum")
    return wrong


def real():
    """{bundle: [Trade]} of real-trades.tsv."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "real-trades.tsv")
    bundles = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                bundle, *texts = line.rstrip("\n").split("\t")
                bundles.setdefault(bundle, []).append(Trade.of(texts))
    return bundles
