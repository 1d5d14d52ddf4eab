"""A day of the market, written from the exchange's rules: what happens and what the guard should say of it.

Each line is told with its flags, so that what is expected is known without any reading of the rules. A line that is no
trade or book of its venue's hours, a jump, a halt is told by the one who makes it happen; WARMING_UP follows from counting.
"""
import json

from fuzzkit.hours import DAY, KST, number_of
from fuzzkit.market import moment

TODAY, YESTERDAY, TOMORROW = "2026-10-30", "2026-10-29", "2026-10-31"
DELAY = 200  # ms from trade to capture
TRADES_NEEDED = 20


class Subject:
    """A product, venue and symbol with the day's totals, and the counts that WARMING_UP needs."""

    def __init__(self, day, product, market, symbol, close):
        self.day, self.close = day, close
        self.context = {"symbol": symbol, "market": market, "product": product}
        self.volume = self.value = self.opened = self.high = self.low = self.size = 0
        self.session = "regular"
        self.seen, self.date = {"trades": 0, "book": 0}, None

    def morning(self, date, close=None):
        self.date, self.close = date, self.close if close is None else close
        self.volume = self.value = self.opened = self.high = self.low = 0
        self.seen = {"trades": 0, "book": 0}

    def at(self, time, date=None):
        """Milliseconds of HH:MM:SS, today or on `date`."""
        return moment("%sT%s+09:00" % (date or self.date, time))

    def trade(self, time, price, *flags, size=10, blocked=None, delay=DELAY, **more):
        """A trade at `time` (text, or ms). `blocked`: the rule that blocks it."""
        ms = self.at(time) if isinstance(time, str) else time
        self.volume, self.value = self.volume + size, self.value + size * price
        self.opened = self.opened or price
        self.high, self.low = max(self.high, price), min(self.low or price, price)
        inputs = {"price": price, "volume": self.volume, "open": self.opened, "high": self.high, "low": self.low,
                  "prev_close": self.close, "value": self.value, "bid_price": price, "ask_price": price * 1001 // 1000 + 1,
                  "bid_size": 100, "ask_size": 100, "trade_size": size, "trade_time": iso(ms), "session": self.session,
                  "halted": False, **more}
        if blocked:
            self.volume, self.value = self.volume - size, self.value - size * price
            self.opened = self.opened if self.seen["trades"] else 0
        self.tell("trades", ms, inputs, flags, blocked, delay)

    def book(self, time, price, *flags, bid_size=None, **more):
        """A book at `time`; without `bid_size` one that has just changed."""
        ms = self.at(time) if isinstance(time, str) else time
        self.size += 1
        inputs = {"bid_price": price, "ask_price": price * 1001 // 1000 + 1, "bid_size": bid_size or 100 + self.size % 90,
                  "ask_size": 100, "total_bid_size": 1000, "total_ask_size": 1000, "quote_time": iso(ms),
                  "expected_price": None, **more}
        self.tell("book", ms, inputs, flags)

    def tell(self, feed, ms, inputs, flags=(), blocked=None, delay=DELAY):
        flags = set(flags)
        if feed in self.seen:
            if self.seen[feed] < (TRADES_NEEDED if feed == "trades" else 1):
                flags.add("WARMING_UP")
            self.seen[feed] += 0 if blocked else 1
        context = {"source": "market", "stage": "raw", **self.context, "feed": feed}
        self.day.add(ms + delay, context, inputs, {}, flags, blocked)

    def status(self, time, *flags, vi="N", halted=False):
        self.tell("status", self.at(time), {"halted": halted, "vi": vi, "after_hours_vi": "N"}, flags)

    def gap(self, time, feed, final=True):
        state = {"event": "gap", "reason": "ws_disconnect", "seconds": 12, "severity": "MINOR", "final": final}
        self.day.add(self.at(time) + DELAY, {"source": "system", "stage": "state", **self.context, "feed": feed}, {}, state,
                     {"GAP"}, None)

    def steady(self, first, last, every, prices, *flags, books=2):
        """Trades from `first` to before `last`, one every so many seconds, at these prices in turn, each with its book."""
        ms, end, count = self.at(first), self.at(last), 0
        while ms < end:
            price = prices[count % len(prices)]
            self.trade(ms, price, *flags)
            if books and count % books == 0:
                self.book(ms + 100, price)
            ms, count = ms + every * 1000, count + 1


def iso(ms):
    second = (ms + KST) // 1000
    hour, minute, rest = second // 3600 % 24, second // 60 % 60, second % 60
    date = {number_of(day): day for day in (YESTERDAY, TODAY, TOMORROW)}[(ms + KST) // DAY]
    part = ".%03d" % (ms % 1000) if ms % 1000 else ""
    return "%sT%02d:%02d:%02d%s+09:00" % (date, hour, minute, rest, part)


class MarketDay:
    """All lines of the day in the order of capture, each with its flags and the rule that blocks it."""

    def __init__(self):
        self.told = []

    def add(self, ms, context, inputs, state, flags, blocked):
        line = {"meta": {"timestamp": iso(ms), "timestamp_ms": ms, "session_id": "day", "run_id": "%032x" % len(self.told),
                         "mode": "TEST", "observer_version": "v1.0.0"}, "context": context,
                "observation": {"inputs": inputs, "computed": {}, "state": state}}
        self.told.append((ms, len(self.told), line, flags | ({blocked} if blocked else set()), blocked))

    def subject(self, product, market, symbol, close, date=TODAY):
        made = Subject(self, product, market, symbol, close)
        made.morning(date)
        return made

    def lines(self):
        """[(line, flags, blocking rule or None)]"""
        return [(json.dumps(line, separators=(",", ":")).encode(), flags, blocked)
                for _, _, line, flags, blocked in sorted(self.told, key=lambda told: told[:2])]
