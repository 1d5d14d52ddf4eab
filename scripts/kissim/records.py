"""Renders the `^`-separated records of the real-time channels, fields in index order."""

import typing

from .channels import TABLE
from .day import STOPPED

UNSENT = b"^0000000000000000"  # stands where a record will say when it was sent, as long as that is
# TR: (kind, venue). Stock trades share one order of fields; stock books differ behind index 58; `other` is made of columns.
_KINDS = {"trades": "trade", "book": "book", "status": "halt"}
CHANNELS = {tr: (_KINDS[c.feed] if c.built() else "other", c.venue) for tr, c in TABLE.items()}
STATUS_OF = {venue: tr for tr, (kind, venue) in CHANNELS.items() if kind == "halt"}
# What KIS's mock does not serve: NXT, halts, the unified books; its unified trades were seen there on 2026-09-28.
REAL_ONLY = frozenset(tr for tr, c in TABLE.items() if c.real_only or c.venue == "NXT" or c.feed == "status"
                      or (c.venue == "UN" and c.feed != "trades"))

def _ceil_ratio(part, whole):
    """SHNU_RATE: buys / volume in hundredths and one more, as the recorded frames show (0.01 for none)."""
    hundredths = min(100, part * 100 // whole + 1)
    return "%d.%02d" % (hundredths // 100, hundredths % 100)


def _versus(price, reference):
    """(sign, signed difference) of a price against a price of the day."""
    change = price - reference
    return ("2" if change > 0 else "5" if change < 0 else "3"), change


class Record(typing.NamedTuple):
    """One record of a frame: whose, ACML_VOL, HHMMSS and the text; of a trade its size and price too."""

    code: str
    volume: int
    hms: str
    text: str
    quantity: int = 0
    price: int = 0


class Renderer:
    """Turns a stock's present state into record text."""

    def __init__(self, clock, trade_fields, book_fields, stamp=False):
        self.clock = clock
        self.stamp = stamp
        self.trade_fields = trade_fields
        self.book_fields = {"KRX": book_fields, "NXT": 62, "UN": 66}
        self.more = "^0" * max(0, trade_fields - 47)

    def fields(self, tr):
        """The stride of a channel."""
        kind, venue = CHANNELS[tr]
        if kind == "trade":
            return self.trade_fields + (1 if self.stamp else 0)
        return self.book_fields[venue] if kind == "book" else len(TABLE[tr].columns)

    def trade(self, stock):
        """One trade record: 46 fields and, with more asked for, MARKET_CLS_CODE and zeros."""
        s = stock
        price, volume, phase = s.price, s.volume or 1, s.phase
        change = price - s.close
        open_sign, open_change = _versus(price, s.open)
        high_sign, high_change = _versus(price, s.high)
        low_sign, low_change = _versus(price, s.low)
        earlier = s.previous_volume * 3 // 4 + 1
        text = (
            f"{s.code}^{self.clock.hms()}^{price}^{s.sign(price)}^{change}^{change * 100 / s.close:.2f}"
            f"^{s.value / volume:.2f}^{s.open}^{s.high}^{s.low}^{s.ask}^{s.bid}^{s.quantity}^{s.volume}"
            f"^{s.value}^{s.sells}^{s.buys}^{s.buys - s.sells}^{s.bought * 100 / s.sold if s.sold else 0.0:.2f}"
            f"^{s.sold}^{s.bought}^{s.side}^{_ceil_ratio(s.bought, volume)}"
            f"^{volume * 100 / s.previous_volume:.2f}"
            f"^{s.open_time}^{open_sign}^{open_change}^{s.high_time}^{high_sign}^{high_change}"
            f"^{s.low_time}^{low_sign}^{low_change}^{self.clock.date()}^{phase.operation}"
            f"^{'Y' if s.halted else 'N'}^{s.ask_sizes[0]}^{s.bid_sizes[0]}^{sum(s.ask_sizes)}"
            f"^{sum(s.bid_sizes)}^{volume * 100 / s.listed:.2f}^{earlier}^{volume * 100 / earlier:.2f}"
            f"^{phase.hour}^^{s.open}"
        )
        # 44 MRKT_TRTM_CLS_CODE is usually empty; 45 VI_STND_PRC is the opening price.
        if self.trade_fields > 46:
            text = f"{text}^{phase.market}{self.more}"
        return text + UNSENT.decode() if self.stamp else text

    def book(self, stock, venue):
        """One book record of the venue's stride."""
        s = stock
        asks, ask_sizes, bids, bid_sizes = s.ladders()
        values = [s.code, self.clock.hms(), s.phase.hour]
        values += asks + bids + ask_sizes + bid_sizes
        values += [sum(ask_sizes), sum(bid_sizes), 0, 0]
        expected = self._expected(s)
        values += expected
        values += [s.volume, (s.volume & 31) - 15, (s.volume >> 3 & 31) - 15, 0, 0, 0]
        middle = [(s.bid + s.ask) // 2, (s.volume % 97) * 50, "2"]
        tails = {
            "KRX": middle + [s.phase.market],
            "NXT": middle,
            "UN": middle + middle + ["1"],
        }[venue]
        wanted = self.book_fields[venue]
        values += tails + [0] * 64
        return "^".join(map(str, values[:wanted]))

    def _expected(self, s):
        """ANTC_*: outside auctions price 0, the last auction's volume, and a loss of 100 percent."""
        if s.phase.auction:
            change = s.bid - s.close
            return [s.bid, s.expected, s.expected, change, s.sign(s.bid), "%.2f" % (change * 100 / s.close)]
        return [0, 0, s.expected, -s.close, "5", "-100.00"]

    def halt(self, stock):
        """One record of H0STMKO0, H0NXMKO0 or H0UNMKO0 (10 fields, of NXT 11)."""
        state = ["Y", "거래정지", "58"] if stock.halted else ["N", "(null)", "55"]
        stopped = stock.phase is STOPPED
        values = [stock.code, state[0], state[1], {"UN": "AB1"}.get(stock.venue, ""), "311" if stopped or stock.venue == "KRX" else "112", "",
                  "", state[2], "Y" if stopped else "N", "" if stock.venue == "UN" else "N"]
        return "^".join(values + (["2"] if stock.venue == "NXT" else []))
