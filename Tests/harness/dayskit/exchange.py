"""The exchange's side of a symbol's day: trades, their running totals, and the records that show them (KIS.md 0.1, 2.4)."""
import datetime
import typing

KST = datetime.timezone(datetime.timedelta(hours=9))
CHANNELS = {"KRX": "H0STCNT0", "NXT": "H0NXCNT0", "UN": "H0UNCNT0"}


class Trade(typing.NamedTuple):
    """A trade, and the day's totals after it."""

    second: int  # of the day
    price: int
    size: int
    side: str  # 1 bought, 5 sold, empty: the print of a call auction
    shares: int
    value: int
    counts: tuple  # of sides 5 and 1
    sums: tuple


class Tape:
    """One symbol at one venue on one day. `trade` makes the next trade and `record` the text that shows it."""

    def __init__(self, rng, date, symbol, venue, started=False):
        self.rng, self.date, self.symbol, self.venue = rng, date.replace("-", ""), symbol, venue
        self.close = self.price = 100 * rng.randrange(100, 3000)
        self.open = self.high = self.low = 0
        self.shares = self.value = 0
        self.counts, self.sums = [0, 0], [0, 0]
        self.undone = -1  # shares after a trade that was taken back
        if started:  # it has traded for hours
            self.shares = rng.randrange(100_000, 5_000_000)
            self.value = self.shares * self.price
            self.counts = [self.shares // 700, self.shares // 650]
            self.sums = [self.shares // 3, self.shares // 2]

    def before_opening(self, shares):
        """Trades at the previous close before the opening print: they are in its totals and have no record."""
        self.shares += shares
        self.value += shares * self.close

    def trade(self, second, auction=False, most=400):
        """The next trade, of at most `most` shares: its totals are those before it, its size and its value."""
        rng = self.rng
        self.price = max(100, self.price + rng.choice((-100, -50, 0, 0, 0, 50, 100)))
        size = rng.randrange(5000, 60000) if auction else rng.randint(1, most)
        if self.shares + size == self.undone:  # the same trade again would be no other than a record sent again
            size += 1
        self.undone = -1
        buys = rng.randrange(2)
        self.shares += size
        self.value += size * self.price
        if not auction:
            self.counts[buys] += 1
            self.sums[buys] += size
        return Trade(second, self.price, size, "" if auction else "51"[buys], self.shares, self.value,
                     tuple(self.counts), tuple(self.sums))

    def take_back(self, trade):
        """The last trade did not happen."""
        self.undone = self.shares
        self.shares -= trade.size
        self.value -= trade.size * trade.price
        if trade.side:
            buys = "51".index(trade.side)
            self.counts[buys] -= 1
            self.sums[buys] -= trade.size

    def totals(self, trade):
        """What `trade` looks like with the totals of now."""
        return trade._replace(shares=self.shares, value=self.value, counts=tuple(self.counts), sums=tuple(self.sums))

    def record(self, trade):
        """The 47 fields of a record, H0STCNT0's order."""
        price = trade.price
        self.open = self.open or price
        self.high, self.low = max(self.high, price), min(self.low or price, price)
        hour, change = clock(trade.second), price - self.close
        sells, buys = trade.counts
        sold, bought = trade.sums
        return (
            f"{self.symbol}^{hour}^{price}^{sign(change)}^{change}^{change * 100 / self.close:.2f}"
            f"^{trade.value / trade.shares:.2f}^{self.open}^{self.high}^{self.low}^{price + 50}^{price - 50}^{trade.size}"
            f"^{trade.shares}^{trade.value}^{sells}^{buys}^{buys - sells}^{bought * 100 / (sold or 1):.2f}^{sold}^{bought}"
            f"^{trade.side}^0.51^30.00^090014^{sign(price - self.open)}^{price - self.open}"
            f"^090014^{sign(price - self.high)}^{price - self.high}^090014^{sign(price - self.low)}^{price - self.low}"
            f"^{self.date}^20^N^3373^416^63371^91123^0.10^14799096^40.00^0^^{self.close}^2")


def sign(change):
    """PRDY_VRSS_SIGN and its like, without the daily limits."""
    return "2" if change > 0 else "5" if change < 0 else "3"


def clock(second):
    """HHMMSS."""
    return "%02d%02d%02d" % (second // 3600, second // 60 % 60, second % 60)


def midnight(date):
    """Milliseconds since 1970 of a day's start in Korea."""
    return int(datetime.datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=KST).timestamp() * 1000)


def message(start, moment, venue, records):
    """A line of a recording: one frame with the records, received `moment` ms after `start`."""
    channel = CHANNELS[venue]
    return '{"t":%d,"kind":"ws","tr":"%s","text":"0|%s|%03d|%s"}\n' % (
        start + moment, channel, channel, len(records), "^".join(records))
