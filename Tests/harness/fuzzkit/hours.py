"""The hours of the Korean share venues, read from config/README (Sessions) and holidays.jsonl."""
import datetime
import json

KST = 9 * 3600 * 1000  # ms
DAY = 86_400_000
SHARES = ("stock", "etf", "etn", "elw")
CONTINUOUS = ("pre", "regular", "after")
AUCTIONS = ("opening", "closing")
LATE = 60  # seconds after the end of a phase in which a record of it may still be stamped
EIGHT, EVENING = 8 * 3600, 20 * 3600
PRE_ENDS = EIGHT + 50 * 60
MINUTE = 60
AFTER_MARKET_SINCE = datetime.date(2026, 9, 14)  # of KRX


def seconds(text):
    return int(text[:2]) * 3600 + int(text[3:5]) * 60


def day_of(ms):
    """Number of the KST day of a moment."""
    return (ms + KST) // DAY


def number_of(date):
    return (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days


class Day:
    """An open day: when KRX opens and closes, in seconds from midnight, and whether it has an after-market."""

    def __init__(self, evening, opens="09:00", closes="15:30"):
        self.evening = evening
        self.opens, self.closes = seconds(opens), seconds(closes)
        self.late = self.opens > 9 * 3600

    def krx(self, product):
        evening = "after" if product == "stock" and self.evening else "closed"
        return [(0, "closed"), (self.opens - 30 * MINUTE, "opening"), (self.opens, "regular"),
                (self.closes - 10 * MINUTE, "closing"), (self.closes, "pause"),
                (self.closes + 30 * MINUTE, evening), (EVENING, "closed")]

    def nxt(self):
        early = [] if self.late else [(EIGHT, "pre"), (PRE_ENDS, "pause")]
        return [(0, "closed"), *early, (self.opens + 30, "regular"), (self.closes - 10 * MINUTE, "pause"),
                (self.closes + 10 * MINUTE, "after"), (EVENING, "closed")]

    def printing(self, venue, product, feed):
        """[(first, end)] of what says nothing: the venue prints then, may still stamp it, or sources differ."""
        if venue == "NXT":
            early = [] if self.late else [(EIGHT, PRE_ENDS)]
            return [*early, (self.opens + 30, self.closes - 10 * MINUTE), (self.closes, EVENING)]
        after = [(self.closes + 30 * MINUTE, EVENING)] if product == "stock" and self.evening else []
        if feed == "book":
            return [(self.opens - 30 * MINUTE, self.closes), *after]
        return [(self.opens, self.closes - 10 * MINUTE), (self.closes, self.closes), *after]


def at(table, second):
    return [phase for start, phase in table if start <= second][-1]


class Hours:
    """Days by holidays.jsonl: known from its first line to its last."""

    def __init__(self, path):
        self.days, dates = {}, []
        self.since = number_of(AFTER_MARKET_SINCE.isoformat())
        with open(path, encoding="utf-8") as file:
            for line in file:
                if not line.strip() or line.startswith("#"):
                    continue
                entry = json.loads(line)
                number = number_of(entry["date"])
                evening = number >= self.since
                dates.append(number)
                if entry.get("basis") == "unconfirmed":
                    self.days[number] = None
                elif "open" in entry or "close" in entry:
                    self.days[number] = Day(evening, entry.get("open", "09:00"), entry.get("close", "15:30"))
                else:
                    self.days[number] = "closed"
        self.first, self.last = min(dates), max(dates)
        self.usual = {evening: Day(evening) for evening in (False, True)}

    def day(self, number):
        """A Day, "closed", or None where nothing is known."""
        if not self.first <= number <= self.last:
            return None
        if number in self.days:
            return self.days[number]
        return "closed" if (number + 3) % 7 >= 5 else self.usual[number >= self.since]  # 1970-01-01 was a Thursday

    def _now(self, ms):
        return self.day(day_of(ms)), (ms + KST) % DAY // 1000

    def phases(self, product, venue, ms):
        """The phase of each venue that `venue` is; None where the calendar says nothing."""
        if ms is None or product not in SHARES or venue not in ("KRX", "NXT", "UN"):
            return None
        day, second = self._now(ms)
        if day is None:
            return None
        if day == "closed":
            return ("closed",) * (2 if venue == "UN" else 1)
        tables = {"KRX": (day.krx(product),), "NXT": (day.nxt(),), "UN": (day.krx(product), day.nxt())}[venue]
        return tuple(at(table, second) for table in tables)

    def auction(self, product, venue, ms):
        phases = self.phases(product, venue, ms)
        if phases is None:
            return False
        return any(phase in AUCTIONS for phase in phases) or not any(phase in CONTINUOUS for phase in phases)

    def outside(self, product, venue, feed, ms):
        """Whether SESSION says something."""
        if self.phases(product, venue, ms) is None:
            return False
        day, second = self._now(ms)
        if day == "closed":
            return True
        venues = ("KRX", "NXT") if venue == "UN" else (venue,)
        return not any(start <= second < end + LATE
                       for one in venues for start, end in day.printing(one, product, feed))
