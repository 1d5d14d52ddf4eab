"""kis-sim: a trading day in compressed time: sessions of each venue, auctions and their prints, VI, a halt, funds."""

import collections
import datetime
import os
import sys
import types
import unittest

from kis_client import HERE, Sim, Socket
from trades import Trade, broken, records

sys.path.insert(0, os.path.join(HERE, "..", "..", "scripts"))
from kissim import day  # noqa: E402  (the path must be set first)
from kissim.instruments import Others  # noqa: E402

VENUES = {"H0STCNT0": "KRX", "H0NXCNT0": "NXT", "H0UNCNT0": "UN"}
# When a stock trades, by venue (KIS.md 0.1), and when a print of an auction comes: within half a minute of the end.
TRADES = {"KRX": ["090000-152000", "160000-200000"], "NXT": ["080000-085000", "090030-152000", "154000-200000"],
          "UN": ["080000-085000", "090000-152000", "154000-200000"]}
PRINTS = {"KRX": ["090000", "153000"], "NXT": ["154000"], "UN": ["090000", "153000", "154000"]}
STOPPED = ("101500", "101700")
HALTED = ("110000", "112000")


def inside(hms, spans):
    return any(a <= hms <= b for a, b in (span.split("-") for span in spans))


def late(hms, start):
    """Seconds from one HHMMSS to another."""
    a, b = (int(t[:2]) * 3600 + int(t[2:4]) * 60 + int(t[4:]) for t in (start, hms))
    return b - a


class Tables(unittest.TestCase):
    def at(self, date, venue, hms):
        second = int(hms[:2]) * 3600 + int(hms[3:]) * 60
        return [phase.name for start, phase in day.timetable(date, venue) if start <= second][-1]

    def test_an_ordinary_day(self):
        for venue, wanted in (
            ("KRX", "closed closed opening regular closing pause after closed"),
            ("NXT", "closed pre pause regular pause closing after closed"),
            ("UN", "closed pre opening regular closing nxt after closed"),
        ):
            times = ("07:50", "08:10", "08:55", "09:01", "15:25", "15:35", "16:30", "20:01")
            self.assertEqual(" ".join(self.at("20261126", venue, t) for t in times), wanted, venue)

    def test_days_with_other_hours(self):
        self.assertEqual([self.at("20261119", "KRX", t) for t in ("09:10", "09:40", "10:01", "16:25", "16:35", "17:05")],
                         ["closed", "opening", "regular", "closing", "pause", "after"])
        self.assertEqual([self.at("20261119", "NXT", t) for t in ("08:30", "09:30", "10:01")],
                         ["closed", "closed", "regular"])
        self.assertEqual(self.at("20260102", "KRX", "15:25"), "closing")

    def test_warrants_gather_orders_before_the_close(self):
        for hms, trades in (("151959", True), ("152000", False), ("152959", False), ("153000", False)):
            clock = types.SimpleNamespace(date=lambda: "20261126", hms=lambda hms=hms: hms)
            others = Others(clock, 1, False, True)
            self.assertEqual((others.open("H0EWCNT0", "57LA24"), others.open("H0EWASP0", "57LA24")),
                             (trades, hms < "153000"), hms)

    def test_days_that_are_open(self):
        for date, is_open in (("20261126", True), ("20261128", False), ("20261225", False), ("20261231", False)):
            self.assertEqual(day.is_open(date), is_open, date)
        self.assertEqual(day.open_day("20261225"), "20261228")
        self.assertEqual(day.open_day("20261126", ("20261126",)), "20261127")


class Opening(unittest.TestCase):
    def test_a_print_goes_to_those_who_asked_for_it(self):
        with Sim("--clock-at", "20261126T085955", "--phase", "day", "--speed", "60", "--ticks-per-second", "100") as sim:
            with Socket(sim) as ws:
                for tr, code in (("H0STCNT0", "005930"), ("H0STASP0", "000660"), ("H0STMKO0", "005930")):
                    self.assertEqual(ws.subscribe(tr, code), "OPSP0000")
                sim.fault("halt", symbol="000660")
                seen = set()
                while len([s for s in seen if s[0] == "H0STCNT0"]) < 30:
                    tr, count, fields = ws.data()
                    seen.update((tr, r[0], r[13]) for r in records(count, fields))
                self.assertEqual({s[1] for s in seen if s[0] != "H0STASP0"}, {"005930"})
                self.assertNotIn("H0STMKO0", {s[0] for s in seen})


class WholeDay(unittest.TestCase):
    """From 07:30 to 20:35 at 3600 times the speed. (Half an hour without trades at either end is half a second.)"""

    @classmethod
    def setUpClass(cls):
        cls.trades, cls.books, cls.status = collections.defaultdict(list), collections.defaultdict(list), []
        with Sim("--clock-at", "20261126T073000", "--phase", "day", "--speed", "3600", "--ticks-per-second", "2000",
                 "--books-per-second", "300", "--vi", "005930@10:15", "--halt", "000660@11:00-11:20") as sim:
            with Socket(sim) as ws:
                for tr in (*VENUES, "H0STASP0", "H0STMKO0"):
                    for code in ("005930", "000660", "069500"):
                        assert ws.subscribe(tr, code) == "OPSP0000"
                while not cls.over(sim):
                    while not ws.quiet(0):
                        cls.take(*ws.data())
            cls.account = sim.stats()["trades"]

    @staticmethod
    def over(sim):
        clock = sim.ready["clock"]
        passed = datetime.datetime.now().timestamp() - clock["real"]
        return clock["simulated"] + passed * clock["speed"] >= day.datetime.datetime(
            2026, 11, 26, 20, 35, tzinfo=day.KST).timestamp()

    @classmethod
    def take(cls, tr, count, fields):
        for record in records(count, fields):
            if tr in VENUES:
                cls.trades[VENUES[tr], record[0]].append((Trade.read(record), record[34], record[46]))
            elif tr == "H0STASP0":
                cls.books[record[0]].append(record)
            else:
                cls.status.append(record)

    def test_sessions(self):
        for (venue, code), seen in self.trades.items():
            fund = code == "069500"
            spans = TRADES["KRX"][:1] if fund else TRADES[venue]
            sided = [t for t, _, _ in seen if t.side]
            for trade in sided:
                self.assertTrue(inside(trade.time, spans), (venue, code, trade.time))
            for span in spans:  # a session is used from its beginning to its end
                start, end = span.split("-")
                times = [t.time for t in sided if start <= t.time <= end]
                self.assertTrue(times and late(times[0], start) < 600 and late(end, times[-1]) < 600, (venue, code, span))
        self.assertEqual(set(self.trades), {(v, c) for v in PRINTS for c in ("005930", "000660")}
                         | {("KRX", "069500"), ("UN", "069500")})
        self.assertTrue(inside(self.books["005930"][0][1], ["083000-083500"]))

    def test_prints_of_auctions(self):
        for (venue, code), seen in self.trades.items():
            wanted = ["090000", "153000"] if code == "069500" else list(PRINTS[venue])
            if code == "005930":
                wanted.insert(0 if venue == "NXT" else 1, STOPPED[1])
            prints = [t for t, _, _ in seen if not t.side]
            self.assertEqual(len(prints), len(wanted), (venue, code))
            for trade, start in zip(prints, wanted):
                self.assertTrue(0 <= late(trade.time, start) <= 60, (venue, code, trade.time))

    def test_opening(self):
        for code in ("005930", "000660", "069500"):
            first, operation, market = self.trades["KRX", code][0]
            self.assertEqual((first.side, operation, market), ("", "20", "2"))
            self.assertEqual((first.sells, first.buys, first.sold, first.bought), (0, 0, 0, 0))
            self.assertGreaterEqual(first.volume, first.size)
            self.assertEqual(first.volume - first.size, self.account["KRX"][code]["unprinted_shares"])
        first = self.trades["NXT", "005930"][0][0]
        self.assertEqual((first.volume, first.sells + first.buys), (first.size, 1))

    def test_identities(self):
        for key, seen in self.trades.items():
            for (before, _, _), (after, _, _) in zip(seen, seen[1:]):
                if after.volume == after.size:
                    continue
                wrong = broken(before, after)
                if not after.side and before.volume == 0:
                    wrong = []
                self.assertIn(wrong, ([],) if after.side or key[0] == "KRX" else ([], ["volume", "value"]), key)
            last = seen[-1][0]
            entry = self.account[key[0]][key[1]]
            self.assertEqual(entry["sent"], entry["traded"])
            self.assertEqual((last.volume, last.value), (entry["now"]["volume"], entry["now"]["value"]))

    def test_auction_books(self):
        turns = ("083000", "090000", "152000", "153000", *STOPPED)
        for record in self.books["005930"]:
            # 60 seconds of this day are 17 ms: a book may be made just before a turn and be told after it.
            if any(0 <= late(record[1], turn) < 60 for turn in turns):
                continue
            auction = not (record[1] < "083000" or "090000" <= record[1] < "152000" or record[1] >= "153000")
            auction = auction or STOPPED[0] <= record[1] < STOPPED[1]
            self.assertEqual(record[2], "0" if not auction else "B" if record[1] < "090000" else
                             "C" if record[1] < "150000" else "A", record[1])
            if auction:
                self.assertEqual((record[47], record[6:13]), (record[13], ["0"] * 7))
                self.assertNotEqual(record[47], "0")
            else:
                self.assertEqual((record[47], record[52]), ("0", "-100.00"))

    def test_vi_and_halt(self):
        self.assertEqual([(r[0], r[1], r[8]) for r in self.status],
                         [("005930", "N", "Y"), ("005930", "N", "N"), ("000660", "Y", "N"), ("000660", "N", "N")])
        for code, (start, end) in (("005930", STOPPED), ("000660", HALTED)):
            times = [t.time for t, _, _ in self.trades["KRX", code] if t.side and start < t.time < end]
            self.assertEqual([t for t in times if late(t, start) > 30], [], code)


if __name__ == "__main__":
    unittest.main()
