"""Renders the `^`-separated records of the real-time channels, fields in index order."""

import time
import typing

# TR: (kind, venue). Trades share one order of fields; books differ behind index 58.
CHANNELS = {
    "H0STCNT0": ("trade", "KRX"),
    "H0NXCNT0": ("trade", "NXT"),
    "H0UNCNT0": ("trade", "UN"),
    "H0STASP0": ("book", "KRX"),
    "H0NXASP0": ("book", "NXT"),
    "H0UNASP0": ("book", "UN"),
    "H0STMKO0": ("halt", "KRX"),
}
REAL_ONLY = frozenset(t for t in CHANNELS if t not in ("H0STCNT0", "H0STASP0"))

# phase: (HOUR_CLS_CODE, NEW_MKOP_CLS_CODE, MARKET_CLS_CODE)
PHASES = {
    "pre": ("B", "10", "1"),
    "regular": ("0", "20", "2"),
    "auction": ("C", "20", "2"),
    "after": ("0", "30", "3"),
}


def _ceil_ratio(part, whole):
    """SHNU_RATE: buys / volume, rounded up to two decimals as the recorded frames show."""
    hundredths = -(-part * 100 // whole)
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

    def __init__(self, clock, phase, trade_fields, book_fields, stamp=False):
        self.clock = clock
        self.stamp = stamp
        self.hour_code, self.session_code, self.market_code = PHASES[phase]
        self.auction = phase == "auction"
        self.trade_fields = trade_fields
        self.book_fields = {"KRX": book_fields, "NXT": 62, "UN": 66}
        extra = ["", self.market_code] + ["0"] * max(0, trade_fields - 47)
        self.trade_tail = "^".join(extra[: trade_fields - 45])

    def fields(self, tr):
        """The stride of a channel."""
        kind, venue = CHANNELS[tr]
        if kind == "trade":
            return self.trade_fields + (1 if self.stamp else 0)
        return self.book_fields[venue] if kind == "book" else 11

    def trade(self, stock):
        """One trade record: 46 fields and, with more asked for, MARKET_CLS_CODE and zeros."""
        s = stock
        price, volume = s.price, s.volume
        change = price - s.close
        open_sign, open_change = _versus(price, s.open)
        high_sign, high_change = _versus(price, s.high)
        low_sign, low_change = _versus(price, s.low)
        earlier = s.previous_volume * 3 // 4 + 1
        text = (
            f"{s.code}^{self.clock.hms()}^{price}^{s.sign(price)}^{change}^{change * 100 / s.close:.2f}"
            f"^{s.value / volume:.2f}^{s.open}^{s.high}^{s.low}^{s.ask}^{s.bid}^{s.quantity}^{volume}"
            f"^{s.value}^{s.sells}^{s.buys}^{s.buys - s.sells}^{s.bought * 100 / s.sold:.2f}"
            f"^{s.sold}^{s.bought}^{s.side}^{_ceil_ratio(s.bought, volume)}"
            f"^{volume * 100 / s.previous_volume:.2f}"
            f"^{s.open_time}^{open_sign}^{open_change}^{s.high_time}^{high_sign}^{high_change}"
            f"^{s.low_time}^{low_sign}^{low_change}^{self.clock.date()}^{self.session_code}"
            f"^{'Y' if s.halted else 'N'}^{s.ask_sizes[0]}^{s.bid_sizes[0]}^{sum(s.ask_sizes)}"
            f"^{sum(s.bid_sizes)}^{volume * 100 / s.listed:.2f}^{earlier}^{volume * 100 / earlier:.2f}"
            f"^{self.hour_code}^"
        )
        # 44 MRKT_TRTM_CLS_CODE is usually empty; 45 VI_STND_PRC is the opening price.
        tail = self.trade_tail
        if self.stamp:
            tail = f"{tail}^{time.time_ns() // 1000}"
        return f"{text}^{s.open}{tail}" if tail else f"{text}^{s.open}"

    def book(self, stock, venue):
        """One book record of the venue's stride."""
        s = stock
        asks, ask_sizes, bids, bid_sizes = s.ladders()
        values = [s.code, self.clock.hms(), self.hour_code]
        values += asks + bids + ask_sizes + bid_sizes
        values += [sum(ask_sizes), sum(bid_sizes), 0, 0]
        expected = self._expected(s)
        values += expected
        values += [s.volume, (s.volume & 31) - 15, (s.volume >> 3 & 31) - 15, 0, 0, 0]
        middle = [(s.bid + s.ask) // 2, (s.volume % 97) * 50, "2"]
        tails = {
            "KRX": middle + [self.market_code],
            "NXT": middle,
            "UN": middle + middle + ["1"],
        }[venue]
        wanted = self.book_fields[venue]
        values += tails + [0] * 64
        return "^".join(map(str, values[:wanted]))

    def _expected(self, s):
        """ANTC_*: outside auctions price 0 and the previous close as a loss of 100 percent."""
        if self.auction:
            change = s.price - s.close
            return [s.price, s.ask_sizes[0], s.ask_sizes[0] + s.bid_sizes[0], change, s.sign(s.price),
                    "%.2f" % (change * 100 / s.close)]
        return [0, 0, s.bid_sizes[0] * 7, -s.close, "5", "-100.00"]

    def halt(self, stock):
        """One H0STMKO0 record (11 fields)."""
        state = ["Y", "거래정지", "58"] if stock.halted else ["N", "(null)", "55"]
        return "^".join([stock.code, state[0], state[1], "", "311", "", "", state[2], "N", "N", "1"])
