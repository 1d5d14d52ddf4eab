"""The market-data channels of KIS: what each is for, the form of its keys, and its columns (channels.jsonl)."""

import json
import os
import re
import typing

# The form of a key by product (KIS.md 0.1).
KEYS = {
    "stock": r"[0-9A-Z]{6}|Q[0-9A-Z]{6}",
    "etf": r"[0-9A-Z]{6}|Q[0-9A-Z]{6}",
    "elw": r"[0-9A-Z]{6}",
    "index": r"[0-9]{4}",
    "bond": r"KR[0-9A-Z]{10}",
    "bond-index": r"[A-Z]{4}[0-9]{2}",
    "overseas-stock": r"[DR](?:NAS|NYS|AMS|BAQ|BAY|BAA|HKS|TSE|SHS|SZS|SHI|SZI|HNX|HSX)[0-9A-Z./]{1,12}",
    "overseas-derivative": r"[0-9A-Z]{4,12}",
}
DERIVATIVE = r"[0-9A-Z]{6,9}"
# Contracts of CME and SGX need a subscription that costs; these are some of their roots.
PAID = frozenset("1OZ ES MES NQ MNQ YM RTY CL MCL GC MGC SI HG NG 6E 6J ZB ZN CN TW NK IN UC".split())
BUILT = ("trades", "book", "status")  # of stocks: rendered by records.Renderer from the market


class Channel(typing.NamedTuple):
    """One row: `numbers` are the columns that the samples convert, `printed` those of the exchange's printed example."""

    tr: str
    product: str
    feed: str
    venue: str
    keys: tuple
    real_only: bool
    columns: tuple
    numbers: frozenset
    printed: tuple

    def fits(self, key):
        """True for a key of the right form."""
        return re.fullmatch(KEYS.get(self.product, DERIVATIVE), key) is not None

    def costs(self, key):
        """True for a contract that needs a paid subscription."""
        root = re.fullmatch(r"(\w+)[FGHJKMNQUVXZ][0-9]{2}", key)
        return self.product == "overseas-derivative" and root is not None and root.group(1) in PAID

    def built(self):
        """True when the market's own renderer makes its records."""
        return self.product == "stock" and self.feed in BUILT


def expanded(text):
    """Columns of a row: `NAME`, `NAME:number`, `NAME[1-10]` for NAME1 to NAME10."""
    out = []
    for word in text.split():
        found = re.fullmatch(r"(\w+)\[(\d+)-(\d+)\](.*)", word)
        if found:
            name, first, last, kind = found.groups()
            out += ["%s%d%s" % (name, n, kind) for n in range(int(first), int(last) + 1)]
        else:
            out.append(word)
    return out


def _load():
    table = {}
    with open(os.path.join(os.path.dirname(os.path.realpath(__file__)), "channels.jsonl"), encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            words = expanded(row["columns"])
            names = tuple(word.partition(":")[0] for word in words)
            printed = tuple(word.partition(":")[0] for word in expanded(row.get("printed", ""))) or names
            numbers = frozenset(word.partition(":")[0] for word in words if word.endswith(":number"))
            table[row["tr"]] = Channel(row["tr"], row["product"], row["feed"], row["venue"], tuple(row["keys"]),
                                       row.get("real_only", False), names, numbers, printed)
    return table


TABLE = _load()
