"""The queries of config/README.md in DuckDB, on lines where a trade came again, late, or at midnight."""

import contextlib
import importlib.util
import json
import pathlib
import re
import subprocess
import tempfile
import unittest
from datetime import datetime

ROOT = pathlib.Path(__file__).resolve().parents[2]
DUCKDB = importlib.util.find_spec("duckdb")
DAY = "2026-11-26"
GLOB = "config/observer/*.json*[lt]"
counted = iter(range(10**9))


def line(time, state=None, symbol="005930", product="stock", feed="trades", **inputs):
    """A record that was captured at a time in Korea."""
    time = f"{time}+09:00"
    number = next(counted)
    return json.dumps({"snapshot": {
        "meta": {"timestamp": time, "timestamp_ms": int(datetime.fromisoformat(time).timestamp() * 1000), "session_id": "s",
                 "run_id": f"{number * 7919 % 65521:08x}{number:08x}", "mode": "SIM", "tick_source": "websocket"},
        "context": {"source": "market", "stage": "raw", "symbol": symbol, "market": "KRX", "product": product, "feed": feed},
        "observation": {"inputs": inputs, "computed": {}, "state": state or {}}}})


def trade(second, price, size, volume, late=0, day=DAY, **more):
    """A trade of a second of ten o'clock, captured some seconds later than others."""
    return line(f"{day}T10:00:{second + late:02}.300", price=price, trade_size=size, volume=volume, value=volume * 70000,
                side="buy", trade_time=f"{day}T10:00:{second:02}+09:00", **more)


def gap(time, identity, final, seconds):
    """A record of a gap."""
    return line(time, state={"event": "gap", "reason": "ws_disconnect", "from": f"{DAY}T10:00:00+09:00", "to": f"{time}+09:00",
                             "seconds": seconds, "severity": "MINOR", **({} if identity is None else {"gap_id": identity, "final": final})})


def recipe(title):
    """A query of config/README.md."""
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    return re.search(rf"^    -- {title}.*\n((?:    .+\n)+)", text, re.M)[1].rstrip().rstrip(";")


@unittest.skipUnless(DUCKDB, "duckdb is not installed: pip install duckdb")
class Queries(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        import duckdb

        self.db = self.enterContext(contextlib.closing(duckdb.connect()))
        self.db.execute((ROOT / "config/schema/duckdb.sql").read_text(encoding="utf-8"))
        self.db.execute("SET TimeZone = 'Asia/Seoul'")

    def write(self, *lines, name="observer.jsonl"):
        (self.folder / name).write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")

    def ask(self, query):
        return self.db.execute(query.replace(GLOB, f"{self.folder}/*.json*[lt]")).fetchall()

    def bars(self, columns, width="1 minute"):
        return self.ask(f"SELECT {columns} FROM observer_bars('{GLOB}', '{width}') ORDER BY bar, date, symbol")

    def test_a_trade_that_was_sent_again_is_one(self):
        self.write(trade(1, 70000, 50, 150), trade(1, 70000, 50, 150, late=2), trade(2, 70100, 50, 200), trade(3, 70100, 50, 250))
        self.assertEqual(self.bars("size, trades, buy_size, value"), [(150, 3, 150, 50 * (70000 + 2 * 70100))])
        self.assertEqual(self.ask(recipe("vwap of"))[0][3], (70000 + 2 * 70100) / 3)
        self.assertEqual([row[3:] for row in self.ask(recipe("value by hour"))], [(50 * (70000 + 2 * 70100), 3)])
        self.assertEqual(len(self.ask(recipe("each trade of a share"))), 3)

    def test_trades_alike_in_all_but_one_thing_are_all_there(self):
        same = {"price": 10, "trade_size": 5, "volume": 100, "value": 1000, "side": "buy", "trade_time": f"{DAY}T10:00:01+09:00"}
        other = {"price": 11, "trade_size": 6, "volume": 105, "value": 1001, "side": "sell", "trade_time": f"{DAY}T10:00:02+09:00"}
        at = f"{DAY}T10:00:02.300"
        self.write(line(at, **same), line(at, **same, symbol="000660"), *[line(at, **{**same, name: value}) for name, value in other.items()],
                   line(at, **same, product="etf"))
        self.assertEqual(sum(row[0] for row in self.bars("trades")), 3 + len(other))

    def test_records_without_totals_stay_as_they_are_and_in_the_order_of_the_file(self):
        at = f"{DAY}T10:00:01"
        prices = [price for _ in range(400) for price in (100.5, 100.2, 100.3, 100.3, 100.4)]
        self.write(*[line(f"{at}.300", symbol="KBPR01", product="bond-index", price=price, trade_time=f"{at}+09:00") for price in prices])
        self.assertEqual(self.bars("trades, open, close, size"), [(2000, 100.5, 100.4, None)])
        self.assertEqual(self.ask(recipe("last price as of"))[0][2], 100.4)

    def test_a_trade_that_came_late_is_neither_first_nor_last(self):
        self.write(trade(1, 70100, 5, 110, late=4), trade(1, 70000, 7, 105, late=5), trade(9, 70900, 5, 122), trade(9, 70500, 7, 117, late=1))
        self.assertEqual(self.bars("open, close"), [(70000, 70900)])
        self.assertEqual(self.ask(recipe("last price as of"))[0][2], 70900)

    def test_totals_begin_anew_within_a_day_of_korea(self):
        night = {"symbol": "101W9000", "product": "night-future"}
        self.write(*[line(f"{time}.200", **night, price=price, trade_size=1, volume=volume, trade_time=f"{time}+09:00")
                     for time, price, volume in ((f"{DAY}T05:00:00", 350, 9000), (f"{DAY}T18:00:00", 352, 1), (f"{DAY}T19:00:00", 353, 2))])
        self.assertEqual(self.bars("open, close", "1 day"), [(350, 353)])

    def test_a_bar_is_one_row_at_midnight_and_over_days(self):
        night = {"symbol": "101W9000", "product": "night-future", "trade_size": 1}
        self.write(line("2026-11-26T23:59:59.900", **night, price=350, volume=10, trade_time="2026-11-26T23:59:59+09:00"),
                   line("2026-11-27T00:00:00.200", **night, price=351, volume=11, trade_time="2026-11-26T23:59:59+09:00"))
        for zone in ("Asia/Seoul", "UTC"):
            self.db.execute(f"SET TimeZone = '{zone}'")
            self.assertEqual(self.bars("date::VARCHAR, open, close, trades"), [("2026-11-26", 350, 351, 2)])
            self.assertEqual([(str(row[0]), row[1], row[4]) for row in self.ask(recipe("value by hour"))], [("2026-11-26", 23, 2)])
        self.write(trade(1, 70000, 5, 105), trade(2, 70100, 5, 110, day="2026-11-27"))
        self.assertEqual(self.bars("date::VARCHAR, open, close, trades", "1 week"), [("2026-11-23", 70000, 70100, 2)])

    def test_a_book_is_the_last_that_came_and_of_a_trade_the_last_before_it(self):
        at = f"{DAY}T10:00:05.300"
        book = {"feed": "book", "bid_sizes": [1], "ask_sizes": [2]}
        books = [line(at, **book, bid_price=price, bid_prices=[price], ask_price=price + 1, ask_prices=[price + 1]) for price in range(100, 108)]
        self.write(trade(4, 105, 1, 10), *books[:4], trade(5, 105, 1, 11), *books[4:6], trade(5, 105, 1, 12), trade(5, 105, 1, 12), books[7])
        self.assertEqual([row[3] for row in self.ask(recipe("book at a time"))], [107])
        self.assertEqual([row[5:] for row in self.ask(recipe("each trade of a share"))], [(None, None), (103, 104), (105, 106)])

    def test_gaps_are_there_once_as_they_were_told_last(self):
        self.write(gap(f"{DAY}T10:00:00.000", "ended", False, 0), gap(f"{DAY}T10:00:10.000", "ended", False, 10),
                   gap(f"{DAY}T10:00:12.000", "ended", True, 12), gap(f"{DAY}T10:00:01.000", "killed", False, 1),
                   gap(f"{DAY}T10:00:11.000", "killed", False, 11), gap(f"{DAY}T10:00:20.000", None, None, 20),
                   gap(f"{DAY}T10:00:21.000", None, None, 21), gap(f"{DAY}T10:00:30.000", "at once", False, 30),
                   gap(f"{DAY}T10:00:30.000", "at once", True, 30))
        self.assertEqual(sorted(row[6] for row in self.ask(recipe("gaps of a day"))), [11, 12, 20, 21, 30])

    def test_the_glob_of_the_queries_reads_windows_that_have_closed(self):
        try:
            for name, second in (("observer_20261126_0900.jsonl", 1), ("observer_20261126_1000.jsonl", 2)):
                self.write(trade(second, 70000, 5, 100 + second), name=name)
            packed = self.folder / "observer_20261126_0900.jsonl"
            subprocess.run(["zstd", "-q", "--rm", packed], check=True)
        except FileNotFoundError:
            self.skipTest("zstd is not installed")
        (self.folder / "observer_20261126_0900.jsonl.zst.tmp").write_bytes(b"half")
        (self.folder / "observer.lock").write_bytes(b"lock")
        (self.folder / "manifest.ndjson").write_bytes(b"{}\n")
        self.assertEqual(self.bars("trades"), [(2,)])
        self.assertEqual(self.ask(recipe("last price as of"))[0][2], 70000)


if __name__ == "__main__":
    unittest.main()
