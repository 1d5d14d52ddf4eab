"""The second reading of the market rules: each rule at its limit, just inside and just outside, and what is remembered."""

import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
from fuzzkit.hours import Hours  # noqa: E402  (the path must be set first)
from fuzzkit.judge import Judge  # noqa: E402
from fuzzkit.market import DECODER, NUMBER, ORDER, millionths, moment  # noqa: E402
from fuzzkit.market_scenes import simulated_day  # noqa: E402

HOURS = Hours(os.path.join(HERE, "..", "..", "config", "holidays.jsonl"))
NOW = moment("2026-11-26T12:00:00+09:00")
NOON = "2026-10-30T12:00:00+09:00"
SHARE = {"product": "stock", "market": "KRX", "symbol": "005930"}


class Told:
    """A judge to whom lines are told."""

    def __init__(self):
        self.judge = Judge(HOURS, NOW)

    def tell(self, feed, time=NOON, received=None, context=None, state=None, **inputs):
        name = {"trades": "trade_time", "book": "quote_time"}.get(feed)
        at = moment(time)
        given = {name: time, **inputs} if name else inputs
        tree = {"meta": {"timestamp_ms": at if received is None else received},
                "context": {"source": "market", "stage": "raw", **SHARE, "feed": feed, **(context or {})},
                "observation": {"inputs": given, "computed": {}, "state": state or {}}}
        verdict = self.judge.verdict(DECODER.decode(json.dumps(tree)))
        return [flag for flag in verdict["flags"] if flag != "WARMING_UP"], verdict.get("rule")

    def trades(self, *prices, **more):
        return [self.tell("trades", price=price, **more) for price in prices][-1]


def once(feed, **inputs):
    return Told().tell(feed, **inputs)


class Limits(unittest.TestCase):
    """(what is told, flags, rule that blocks)"""

    def check(self, told, flags, rule=None):
        self.assertEqual(told, (flags.split(), rule))

    def test_the_form_of_a_symbol(self):
        for product, symbol, fits in (("stock", "005930", True), ("stock", "Q500001", True), ("stock", "00593", False),
                                      ("elw", "57LA24", True), ("elw", "Q57LA24", False), ("index", "0001", True),
                                      ("index", "001", False), ("night-future", "101W9000", True),
                                      ("bond", "KR103502GA34", True), ("bond", "KR103502GA3", False), ("overseas-future", "1OZQ25", True),
                                      ("overseas-stock", "DNAS AAPL", False), ("overseas-stock", "~" * 33, False)):
            self.check(once("price", context={"product": product, "symbol": symbol}), "" if fits else "SYMBOL_FORM")

    def test_prices_and_sizes(self):
        self.check(once("trades", price=0), "NOT_POSITIVE", "NOT_POSITIVE")
        self.check(once("price", price=0), "")
        self.check(once("price", price=-1), "NOT_POSITIVE", "NOT_POSITIVE")
        oil = {"product": "overseas-derivative", "symbol": "CLK20"}
        self.check(once("trades", price=-37.63, context=oil), "NOT_POSITIVE")
        self.check(once("book", bid_price=-0.001), "NOT_POSITIVE", "NOT_POSITIVE")
        self.check(once("trades", price=1, trade_size=0), "")
        self.check(once("trades", price=1, trade_size=-1), "NEGATIVE_SIZE", "NEGATIVE_SIZE")

    def test_spellings(self):
        for text, value in (("-1e0", -1000000), ("0e0", 0), ("-0.0", 0), ("1.5E+2", 150000000), ("12e-1", 1200000),
                            ("1.50000000", 1500000), ("-1.0000001", -1000001), ("-1e-99", -1), ("-1e99", -10**18 + 1),
                            ("-999999999999.9999999", -10**18 + 1), ("0.30000000000000004", None), ("1e12", None),
                            ("100000000000e1", None), ("1e11", 10**17), ("0.0000001e1", 1), ("0e99999", 0)):
            self.assertEqual(millionths(text, NUMBER), value, text)

    def test_the_range_of_a_day(self):
        self.check(once("trades", price=10, open=10, high=10, low=10), "")
        self.check(once("trades", price=10.000001, open=10, high=10, low=10), "RANGE")
        self.check(once("price", price=11, open=10, high=10, low=10), "")
        self.check(once("price", price=10, open=9, high=10, low=10), "RANGE")
        self.check(once("price", price=10, open=10, high=10, low=10.5), "RANGE", "RANGE")

    def test_bid_and_ask(self):
        self.check(once("book", bid_price=100, ask_price=101), "")
        self.check(once("book", bid_price=100, ask_price=100), "CROSSED")
        self.check(once("book", bid_price=19, ask_price=21), "")  # 10 % of 20
        self.check(once("book", bid_price=19, ask_price=21.000001), "SPREAD")
        self.check(once("book", bid_price=0, ask_price=21), "")
        self.check(once("book", time="2026-10-30T15:25:00+09:00", bid_price=101, ask_price=100), "")
        self.check(once("book", bid_price=101, ask_price=100, halted=True), "HALTED")

    def test_the_day_s_limit(self):
        for product, symbol, flag, block in (("stock", "005930", 13000, 15000), ("etf", "069500", 16000, 20000)):
            context = {"product": product, "symbol": symbol}
            self.check(once("trades", price=flag, prev_close=10000, context=context), "")
            self.check(once("trades", price=flag + 1, prev_close=10000, context=context), "DAY_LIMIT")
            self.check(once("trades", price=block, prev_close=10000, context=context), "DAY_LIMIT")
            self.check(once("trades", price=block + 1, prev_close=10000, context=context), "DAY_LIMIT", "DAY_LIMIT")
        self.check(once("trades", price=40000, prev_close=10000, open=40000), "DAY_LIMIT")
        self.check(once("trades", price=40001, prev_close=10000, open=40000), "DAY_LIMIT", "DAY_LIMIT")

    def test_a_step(self):
        for price, flags, rule in ((1050, "", None), (1051, "STEP", None), (1100, "STEP", None), (1101, "STEP", "STEP")):
            self.check(Told().trades(1000, 1000, price), flags, rule)
        self.check(Told().trades(1000, 1200), "STEP")  # the first price of a day is not settled
        self.check(Told().trades(9, 9, 10), "STEP")  # a tick

    def test_a_jump_costs_one_line(self):
        told = Told()
        self.check(told.trades(1000, 1000, 1200), "STEP", "STEP")
        self.check(told.trades(1200), "STEP")
        self.check(told.trades(1200), "")
        told = Told()
        self.check(told.trades(100, prev_close=1000), "DAY_LIMIT", "DAY_LIMIT")
        for _ in range(5):
            self.check(told.trades(100, prev_close=1000), "DAY_LIMIT")

    def test_what_makes_a_step_believed(self):
        for before in ({"feed": "status", "vi": "Y"}, {"feed": "status", "halted": True}, {"feed": "price", "halted": True}):
            told = Told()
            told.trades(1000, 1000)
            told.tell(**before)
            told.tell("status", halted=False, vi="N")
            self.check(told.trades(1200), "STEP")
        told = Told()
        told.trades(1000, 1000, vi_price=900, session="regular")
        self.check(told.trades(1200, vi_price=1100), "STEP")
        self.check(told.trades(1200, 1440, session="after"), "STEP", "STEP")

    def test_a_time_that_goes_back(self):
        for second, flags, rule in (("59.001", "", None), ("59.000", "TIME_BACK", None), ("50.001", "TIME_BACK", None),
                                    ("50.000", "TIME_BACK", "TIME_BACK")):
            told = Told()
            told.trades(1000)
            self.check(told.trades(1000, time="2026-10-30T11:59:%s+09:00" % second), flags, rule)

    def test_hours(self):
        for time, flags in (("08:59:59", "SESSION"), ("09:00:00", ""), ("15:20:59", ""), ("15:21:00", "SESSION"),
                            ("15:30:10", ""), ("15:31:00", "SESSION"), ("16:00:00", ""), ("20:00:59", ""), ("20:01:00", "SESSION")):
            self.check(once("trades", time="2026-10-30T%s+09:00" % time, price=1), flags)
        self.check(once("trades", time="2026-10-31T12:00:00+09:00", price=1), "SESSION")  # a Saturday
        self.check(once("trades", time="2025-10-30T03:00:00+09:00", price=1), "")  # nothing is known of that year
        self.check(once("trades", time="2026-11-19T09:30:00+09:00", price=1), "SESSION")  # opens at 10:00

    def test_the_future(self):
        at = moment(NOON)
        self.check(once("trades", price=1, received=at - 5000), "")
        self.check(once("trades", price=1, received=at - 5001), "FUTURE")
        self.check(once("price", price=1, received=NOW + 5001), "FUTURE")

    def test_totals_and_sizes(self):
        told = Told()
        told.trades(*[1000] * 20, trade_size=3, volume=100, value=100_000)
        self.check(told.trades(1000, trade_size=30, volume=100, value=100_000), "")
        told.trades(1000, trade_size=3)
        self.check(told.trades(1000, trade_size=46, volume=99), "VOLUME_BURST REVERSAL")
        self.check(told.trades(1000, value=99_999), "REVERSAL")

    def test_a_quote_that_stands_still(self):
        for seconds, trades, flags in ((59, 10, ""), (60, 9, ""), (60, 10, "STALE")):
            told, quote = Told(), {"bid_price": 1000, "ask_price": 1001, "bid_size": 1, "ask_size": 1}
            told.tell("book", **quote)
            told.trades(*[1000] * trades)
            self.check(told.tell("book", time=NOON, received=moment(NOON) + seconds * 1000, **quote), flags)

    def test_a_gap(self):
        told = Told()
        gap = {"source": "system"}
        self.assertEqual(told.tell("trades", context=gap, state={"event": "gap"})[0], ["GAP"])
        self.check(told.trades(0), "NOT_POSITIVE AFTER_GAP", "NOT_POSITIVE")  # blocked: the next one is the first
        self.check(told.trades(1000), "AFTER_GAP")
        self.check(told.trades(1000), "")
        told.tell("trades", context={**gap, "symbol": "", "feed": None}, state={"event": "gap", "final": True})
        self.check(told.tell("price", price=1), "AFTER_GAP")
        self.check(told.trades(1200), "STEP AFTER_GAP")

    def test_a_new_day(self):
        told = Told()
        told.trades(1000, 1000)
        self.check(told.trades(500, time="2026-11-02T09:00:00+09:00"), "")
        self.check(told.trades(500, time="2026-11-02T09:00:01+09:00"), "")

    def test_the_simulated_day(self):
        judge, wrong = Judge(HOURS, NOW), []
        for line, flags, blocked in simulated_day():
            verdict = judge.verdict(DECODER.decode(line.decode()))
            if verdict["flags"] != [name for name in ORDER if name in flags] or verdict.get("rule") != blocked:
                wrong.append((line, verdict, flags, blocked))
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
