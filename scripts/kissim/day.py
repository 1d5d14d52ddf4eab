"""The trading day as the clock tells it: sessions of each venue, call auctions, pauses, VI and halts (KIS.md 0.1)."""

import datetime
import math
import typing

from .clock import KST
from .quotes import CLOSED


class Phase(typing.NamedTuple):
    """What happens to a symbol now, and the codes that its records carry.

    `hour`: HOUR_CLS_CODE, `operation`: NEW_MKOP_CLS_CODE, `market`: MARKET_CLS_CODE.
    """

    name: str
    trades: bool
    books: bool
    auction: bool  # orders gather; one print when it ends
    hour: str
    operation: str
    market: str


SHUT = Phase("closed", False, False, False, "0", "00", "")
PAUSE = Phase("pause", False, False, False, "0", "20", "2")
OPENING = Phase("opening", False, True, True, "B", "10", "1")
PRE = Phase("pre", True, True, False, "0", "10", "1")
REGULAR = Phase("regular", True, True, False, "0", "20", "2")
CLOSING = Phase("closing", False, True, True, "A", "20", "5")
LAST = Phase("close", False, False, False, "0", "21", "5")  # of the print that ends a closing auction
AFTER = Phase("after", True, True, False, "0", "30", "3")
STOPPED = Phase("vi", False, True, True, "C", "20", "2")

# What --phase says: the codes of a market that trades all the time, whatever the clock.
FIXED = {
    "pre": PRE._replace(hour="B"),
    "regular": REGULAR,
    "auction": REGULAR._replace(hour="C", auction=True),
    "after": AFTER,
}

# Days with other hours: opening and closing of KRX.
SPECIAL = {"20260102": ("10:00", "15:30"), "20261119": ("10:00", "16:30")}
VI_SECONDS = 120
DAY = 86400


def _at(text):
    hours, _, minutes = text.partition(":")
    return int(hours) * 3600 + int(minutes) * 60


def timetable(date, venue):
    """[(second of the day, Phase)] of a date that is open, in order."""
    opens, closes = map(_at, SPECIAL.get(date, ("09:00", "15:30")))
    late = opens > _at("09:00")
    ends = closes - 600
    if venue == "KRX":
        return [(0, SHUT), (opens - 1800, OPENING), (opens, REGULAR), (ends, CLOSING), (closes, PAUSE),
                (closes + 1800, AFTER), (_at("20:00"), SHUT)]
    early = [(0, SHUT)] + ([] if late else [(_at("08:00"), PRE)])  # no pre-market on such a day
    if venue == "NXT":
        pause = [] if late else [(_at("08:50"), PAUSE)]
        return early + pause + [(opens + 30, REGULAR), (ends, PAUSE), (closes, CLOSING), (closes + 600, AFTER),
                                (_at("20:00"), SHUT)]
    gather = opens - (1800 if late else 600)
    return early + [(gather, OPENING), (opens, REGULAR), (ends, CLOSING), (closes, CLOSING._replace(name="nxt")),
                    (closes + 600, AFTER), (_at("20:00"), SHUT)]


def is_open(date, closed=()):
    """True when KRX trades on YYYYMMDD."""
    day = datetime.datetime.strptime(date, "%Y%m%d")
    return day.weekday() < 5 and date not in CLOSED and date not in closed


def open_day(date, closed=()):
    """The first open day from YYYYMMDD on."""
    while not is_open(date, closed):
        date = (datetime.datetime.strptime(date, "%Y%m%d") + datetime.timedelta(days=1)).strftime("%Y%m%d")
    return date


class Schedule:
    """The phase of any stock at the clock's time, and when the next one may begin.

    `fixed`: a name of FIXED, or "day" for a market that follows the clock. `vi`: (symbol, moment);
    `halts`: (symbol, moment, moment).
    """

    def __init__(self, clock, fixed="regular", closed=(), vi=(), halts=()):
        self.clock, self.closed = clock, closed
        self.fixed = None if fixed == "day" else FIXED[fixed]
        long = VI_SECONDS / clock.speed
        self.stops = [(symbol, clock.after(start), clock.after(start) + long) for symbol, start in vi]
        self.halts = [(symbol, clock.after(start), clock.after(end)) for symbol, start, end in halts]
        self.halting = frozenset(symbol for symbol, _, _ in self.halts)
        self.tables = {}
        self.date = None

    def _today(self):
        date = self.clock.date()
        if date != self.date:
            self.date = date
            working = is_open(date, self.closed)
            self.tables = {v: timetable(date, v) if working else [(0, SHUT)] for v in ("KRX", "NXT", "UN")}
            midnight = datetime.datetime.strptime(date, "%Y%m%d").replace(tzinfo=KST).timestamp()
            self.midnight = midnight
        return self.clock.now() - self.midnight

    def phase(self, stock):
        """The Phase of a stock now."""
        if self.fixed is not None:
            now = self.fixed
        else:
            second = self._today()
            table = self.tables["KRX" if stock.fund else stock.venue]
            now = [phase for start, phase in table if start <= second][-1]
            if stock.fund and (stock.venue == "NXT" or now is AFTER):
                now = SHUT  # ETF, ETN: KRX's day only, without its after-market
        if now.trades and any(symbol == stock.code and start <= self.clock.elapsed() < end
                              for symbol, start, end in self.stops):
            return STOPPED
        return now

    def halted(self, code):
        """True while an option of the command line halts the symbol."""
        return any(symbol == code and start <= self.clock.elapsed() < end for symbol, start, end in self.halts)

    def begun(self, venue):
        """True when trading has begun at the venue today, or follows no clock."""
        if self.fixed is not None:
            return True
        second = self._today()
        return any(phase.trades and start <= second for start, phase in self.tables[venue])

    def next_change(self):
        """Real seconds from the start to the next moment at which a phase may change; infinite without one."""
        now = self.clock.elapsed()
        moments = [t for _, start, end in self.stops + self.halts for t in (start, end)]
        if self.fixed is None:
            second = self._today()
            starts = [start for table in self.tables.values() for start, _ in table] + [DAY]
            following = min(start for start in starts if start > second)
            # A millisecond later, so that rounding never leads to just before it.
            moments.append((self.midnight + following + 0.001 - self.clock.first) / self.clock.speed)
        return min((t for t in moments if t > now), default=math.inf)
