"""kis-sim: trades keep the identities of real ones; what is withheld, lost, doubled, taken back or swapped is accounted for."""

import collections
import json
import os
import tempfile
import unittest

from kis_client import Sim, Socket
from trades import Trade, broken, real, records


def read(ws, wanted, until=None):
    """Trades by symbol, in the order of arrival, until there are `wanted` or `until()` is true."""
    seen = collections.defaultdict(list)
    total = 0
    while total < wanted if until is None else not until():
        tr, count, fields = ws.data()
        if tr.endswith("CNT0"):
            for record in records(count, fields):
                seen[record[0]].append(Trade.read(record))
                total += 1
    return seen


class Identities(unittest.TestCase):
    def test_real_neighbours(self):
        pairs = 0
        for name, bundle in real().items():
            for before, after in zip(bundle, bundle[1:]):
                pairs += 1
                self.assertEqual(broken(before, after), [], name)
        self.assertEqual(pairs, 21)

    def test_a_changed_real_pair_is_seen(self):
        before, after = real()["S01"]
        for change, wrong in (({"volume": after.volume + 1}, "volume"), ({"value": after.value - 1}, "value"),
                              ({"buys": after.buys + 1}, "count"), ({"side": "1"}, "count"), ({"sold": 0}, "sum")):
            self.assertIn(wrong, broken(before, after._replace(**change)))

    def test_simulated_neighbours(self):
        with Sim("--ticks-per-second", "5000", "--bundle", "9", "--books-per-second", "0") as sim, Socket(sim) as ws:
            for tr, code in (("H0STCNT0", "005930"), ("H0STCNT0", "Q500001"), ("H0STCNT0", "A12345")):
                self.assertEqual(ws.subscribe(tr, code), "OPSP0000")
            seen = read(ws, 5000)
            self.assertEqual(len(seen), 3)
            for trades in seen.values():
                for before, after in zip(trades, trades[1:]):
                    self.assertEqual(broken(before, after), [])
                self.assertEqual({t.side for t in trades}, {"1", "5"})
                # What auctions traded has no side: it stays what it was.
                self.assertEqual(len({t.volume - t.sold - t.bought for t in trades}), 1)
                self.assertGreater(trades[0].volume - trades[0].sold - trades[0].bought, 0)

    def test_nxt_and_unified(self):
        with Sim("--ticks-per-second", "2000", "--books-per-second", "0") as sim, Socket(sim) as ws:
            for tr in ("H0NXCNT0", "H0UNCNT0"):
                self.assertEqual(ws.subscribe(tr, "005930"), "OPSP0000")
            last, pairs = {}, 0
            while pairs < 500:
                tr, count, fields = ws.data()
                for record in records(count, fields):
                    trade = Trade.read(record)
                    if tr in last:
                        self.assertEqual(broken(last[tr], trade), [])
                        pairs += 1
                    last[tr] = trade


class Account(unittest.TestCase):
    """The statistics against what was read from the socket."""

    def run_until(self, enough, *options, codes=("005930", "000660")):
        with Sim("--ticks-per-second", "3000", "--bundle", "5", "--books-per-second", "0", "--count", "4000",
                 *options) as sim, Socket(sim) as ws:
            for code in codes:
                ws.ask("H0STCNT0", code)
            seen = collections.defaultdict(list)
            while not ws.quiet(0.2) or not sim.stats()["count_reached"]:
                _, count, fields = ws.data()
                for record in records(count, fields):
                    seen[record[0]].append(Trade.read(record))
            enough(seen, sim.stats()["trades"]["KRX"])

    def check(self, trades, entry):
        def tally(items):
            return {"trades": len(items), "shares": sum(t.size for t in items),
                    "value": sum(t.size * t.price for t in items)}

        pairs = list(zip(trades, trades[1:]))
        self.assertEqual(tally([b for a, b in pairs if a == b]), entry["doubled"])
        falls = sum(b.volume < a.volume for a, b in pairs)
        self.assertEqual(falls, entry["reversed"]["trades"] + entry["swapped"]["trades"])
        plain = tally(trades)
        for name in ("trades", "shares", "value"):
            self.assertEqual(plain[name], sum(entry[kind][name] for kind in ("sent", "doubled", "reversed")))
            self.assertEqual(entry["traded"][name],
                             sum(entry[kind][name] for kind in ("sent", "withheld", "lost", "unheard")))
        start, now = entry["at_start"], entry["now"]
        self.assertEqual(now["volume"] - start["volume"],
                         entry["traded"]["shares"] - entry["reversed"]["shares"] + entry["unprinted_shares"])
        self.assertEqual(now["value"] - start["value"], entry["traded"]["value"] - entry["reversed"]["value"])
        self.assertEqual(now["sided_trades"] - start["sided_trades"],
                         entry["traded"]["trades"] - entry["reversed"]["trades"])

    def missing(self, trades):
        """(trades, shares, value) that the totals show to be missing between neighbours."""
        out = [0, 0, 0]
        for a, b in zip(trades, trades[1:]):
            out[0] += b.sells + b.buys - a.sells - a.buys - 1
            out[1] += b.volume - a.volume - b.size
            out[2] += b.value - a.value - b.size * b.price
        return out

    def test_nothing_wrong(self):
        def enough(seen, stats):
            for code, trades in seen.items():
                self.check(trades, stats[code])
                self.assertEqual((stats[code]["sent"], stats[code]["unheard"]["trades"]), (stats[code]["traded"], 0))

        self.run_until(enough)

    def test_lost(self):
        def enough(seen, stats):
            for code, trades in seen.items():
                self.check(trades, stats[code])
                lost = stats[code]["lost"]
                self.assertGreater(lost["trades"], 20)
                edge = self.missing(trades)[0] - lost["trades"]
                self.assertTrue(-3 <= edge <= 0, edge)  # lost before the first record or behind the last
                start, now = stats[code]["at_start"], stats[code]["now"]
                self.assertEqual(self.missing(trades)[1] + trades[0].volume - trades[0].size - start["volume"]
                                 + now["volume"] - trades[-1].volume, lost["shares"])

        self.run_until(enough, "--lose", "0.02")

    def test_taken_back(self):
        def enough(seen, stats):
            for code, trades in seen.items():
                self.check(trades, stats[code])
                back = [b for a, b in zip(trades, trades[1:]) if b.volume == a.volume - a.size
                        and b.sells + b.buys == a.sells + a.buys - 1 and b[3:5] == a[3:5]]
                self.assertEqual(len(back), stats[code]["reversed"]["trades"])
                self.assertEqual(sum(t.size * t.price for t in back), stats[code]["reversed"]["value"])

        self.run_until(enough, "--reverse", "0.02")

    def test_everything_at_once(self):
        def enough(seen, stats):
            for code, trades in seen.items():
                for kind in ("lost", "doubled", "reversed", "swapped"):
                    self.assertGreater(stats[code][kind]["trades"], 10, kind)
                self.check(trades, stats[code])

        self.run_until(enough, "--lose", "0.02", "--double", "0.02", "--reverse", "0.02", "--swap", "0.02")

    def test_rates_beyond_one(self):
        with self.assertRaises(AssertionError):
            Sim("--lose", "0.6", "--double", "0.6")


class Withheld(unittest.TestCase):
    def test_the_market_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "stats.json")
            with Sim("--ticks-per-second", "400", "--books-per-second", "0", "--withhold", "3-3.5", "--withhold",
                     "3.2-4", "--stats-file", path) as sim, Socket(sim) as ws:
                ws.ask("H0STCNT0", "005930")
                trades = read(ws, 0, until=lambda: sim.stats()["uptime_s"] > 4.5)["005930"]
                gap = max(zip(trades, trades[1:]), key=lambda pair: pair[1].volume - pair[0].volume)
                ws.link.close()
                sim.until(lambda s: s["ws"]["sessions_now"] == 0)
                stats = sim.stats()
                entry = stats["trades"]["KRX"]["005930"]
                self.assertEqual((stats["withheld_seconds"], entry["withheld_seconds"]), (1, 1))
                withheld = entry["withheld"]
                self.assertGreater(withheld["trades"], 200)
                self.assertEqual(gap[1].volume - gap[0].volume - gap[1].size, withheld["shares"])
                self.assertEqual(gap[1].sells + gap[1].buys - gap[0].sells - gap[0].buys - 1, withheld["trades"])
                self.assertEqual(sum(broken(a, b) != [] for a, b in zip(trades, trades[1:])), 1)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(json.load(file)["trades"]["KRX"]["005930"], entry)

    def test_through_a_lost_connection(self):
        with Sim("--ticks-per-second", "400", "--books-per-second", "0", "--withhold", "3-4") as sim:
            with Socket(sim) as ws:
                ws.ask("H0STCNT0", "005930")
                before = read(ws, 0, until=lambda: sim.stats()["uptime_s"] > 2.5)["005930"]
                sim.until(lambda s: s["uptime_s"] > 3.2)
            sim.until(lambda s: s["ws"]["sessions_now"] == 0 and s["withheld_seconds"] == 1)
            entry = sim.stats()["trades"]["KRX"]["005930"]
            self.assertGreater(entry["withheld"]["trades"], 300)
            with Socket(sim) as ws:
                ws.ask("H0STCNT0", "005930")
                after = read(ws, 1)["005930"][0]
            self.assertGreater(after.volume - before[-1].volume, entry["withheld"]["shares"])
            self.assertEqual(sim.stats()["trades"]["KRX"]["005930"]["unheard"]["trades"], 3)

    def test_what_is_no_window(self):
        for word in ("5", "5-3", "3-12:00", "x-y"):
            with self.assertRaises(AssertionError):
                Sim("--withhold", word)


if __name__ == "__main__":
    unittest.main()
