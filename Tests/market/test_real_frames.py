"""What each market rule says of the real frames in Tests/Golden: the table in config/README.md holds what the programs say."""

import collections
import decimal
import json
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("OBSERVER_BIN_DIR", os.path.join(ROOT, ".build/release"))
FRAMES = ("real-trades.frames", "real-frames.txt")
ORDER = ("SYMBOL_FORM NOT_POSITIVE NEGATIVE_SIZE RANGE CROSSED SPREAD DAY_LIMIT STEP TIME_BACK SESSION FUTURE VOLUME_BURST "
         "REVERSAL STALE HALTED AFTER_GAP WARMING_UP GAP").split()
PRICES = "price bid_price ask_price open high low prev_close expected_price".split()
SIZES = "trade_size volume value bid_size ask_size total_bid_size total_ask_size".split()


def run(name, *arguments, given):
    return subprocess.run([os.path.join(BIN, name), "--log-level", "error", *arguments], input=given, stdout=subprocess.PIPE,
                          env={"PATH": os.environ["PATH"]}, check=True).stdout


def judged(**limits):
    """The records of the frames in the order of time, each with its verdict."""
    frames = b""
    for name in FRAMES:
        with open(os.path.join(ROOT, "Tests/Golden", name), "rb") as text:
            frames += text.read()
    lines = run("kis-fetch", "--replay", "-", "--speed", "max", given=frames).splitlines(keepends=True)
    lines.sort(key=lambda line: json.loads(line)["meta"]["timestamp_ms"])
    with tempfile.TemporaryDirectory() as folder:
        # A calendar of all the years that the frames are of: SESSION says nothing of a day that it does not know.
        with open(os.path.join(folder, "holidays.jsonl"), "w") as days:
            days.write('{"date":"2022-01-01","name":"first"}\n{"date":"2026-12-31","name":"last"}\n')
        with open(os.path.join(folder, "c.json"), "w") as settings:
            json.dump({"guard": limits}, settings)
        valid = run("snap-validate", given=b"".join(lines))
        out = run("snap-guard", "--rules", "market", "--emit", "all", "--config", os.path.join(folder, "c.json"), given=valid)
    return [json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal) for line in out.splitlines()]


class Looked:
    """How many records held what a rule needs, and how near one of them came to its limit."""

    def __init__(self):
        self.counts, self.nearest, self.last = collections.Counter(), collections.defaultdict(decimal.Decimal), {}

    def at(self, rule, value=0):
        self.counts[rule] += 1
        self.nearest[rule] = max(self.nearest[rule], value)

    def record(self, record):
        context, inputs = record["context"], record["observation"]["inputs"]
        there = {name for name, value in inputs.items() if isinstance(value, decimal.Decimal)}
        feed, product = context["feed"], context["product"]
        self.at("SYMBOL_FORM")
        self.at("FUTURE")
        for rule, names in (("NOT_POSITIVE", PRICES), ("NEGATIVE_SIZE", SIZES)):
            if there & set(names):
                self.at(rule)
        if there >= {"open", "high", "low"}:
            self.at("RANGE")
        if isinstance(inputs.get("halted"), bool):
            self.at("HALTED")
        if feed not in ("trades", "book"):
            return
        self.at("WARMING_UP")
        bid, ask = inputs.get("bid_price") or 0, inputs.get("ask_price") or 0
        if bid > 0 and ask > 0:
            self.at("CROSSED")
            self.at("SPREAD", (ask - bid) * 200 / (ask + bid))
        if product in ("stock", "etf", "etn", "elw"):
            self.at("SESSION")
        subject = (product, context["market"], context["symbol"], feed)
        before, self.last[subject] = self.last.get(subject), record
        if before:
            self.at("TIME_BACK")
        if feed == "trades":
            self.trade(inputs, product, before if before and before["meta"]["timestamp"][:10] == record["meta"]["timestamp"][:10]
                       else None)

    def trade(self, inputs, product, before):
        if product in ("stock", "etf", "etn"):
            close = inputs["prev_close"]
            self.at("DAY_LIMIT", abs(inputs["price"] - close) * 100 / close)
        if before:
            price = before["observation"]["inputs"]["price"]
            self.at("STEP", abs(inputs["price"] - price) * 100 / price)
            self.at("REVERSAL")


def rows(records):
    """The table's cells, rule by rule."""
    flagged, blocked, looked = collections.Counter(), collections.Counter(), Looked()
    for record in records:
        flagged.update(record["guard"]["flags"])
        blocked[record["guard"].get("rule")] += 1
        looked.record(record)
    return [[rule, str(looked.counts[rule]), str(flagged[rule]), str(blocked[rule]),
             "%.2f %%" % looked.nearest[rule] if looked.nearest[rule] else ""] for rule in ORDER]


class RealFramesTests(unittest.TestCase):
    def test_the_table_says_what_the_rules_say(self):
        records = judged()
        with open(os.path.join(ROOT, "config/README.md")) as text:
            section = text.read().partition("### The rules on real frames")[2].partition("\n#")[0]
        told = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in section.splitlines()
                if line.startswith("| `")]
        self.assertIn("%d records" % len(records), section)
        self.assertEqual([row[:5] for row in told], rows(records))
        self.assertTrue(all(len(row) == 6 and row[5] for row in told), "a row without a reason")

    def test_the_nearest_ones_are_flagged_by_limits_below_them(self):
        for rule, key, below, above in (("SPREAD", "spread_percent", 5.6, 5.61), ("DAY_LIMIT", "day_flag_percent", 15.84, 15.85),
                                        ("STEP", "step_flag_percent", 0.17, 0.18)):
            flagged = [sum(rule in record["guard"]["flags"] for record in judged(**{key: limit})) for limit in (below, above)]
            self.assertGreater(flagged[0], 0, rule)
            self.assertEqual(flagged[1], 0, rule)


if __name__ == "__main__":
    unittest.main()
