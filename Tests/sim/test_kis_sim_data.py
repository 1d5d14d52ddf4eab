"""Tests of the data frames and their faults: run all with `python3 -m unittest discover -s Tests/sim`."""

import datetime
import os
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kis_client import Closed, Shared, Sim, Socket  # noqa: E402

KST = datetime.timezone(datetime.timedelta(hours=9))


def step(price):
    """KRX price step, written down here a second time on purpose."""
    for bound, size in ((2000, 1), (5000, 5), (20000, 10), (50000, 50), (200000, 100), (500000, 500)):
        if price < bound:
            return size
    return 1000


class Data(unittest.TestCase):
    def trades(self, ws, wanted, stride):
        """Records of at least `wanted` trades; checks counts and strides."""
        records, bundled = [], 0
        while len(records) < wanted:
            tr, count, fields = ws.data()
            self.assertEqual((tr, len(fields)), ("H0STCNT0", count * stride))
            bundled += count > 1
            records += [fields[i * stride : (i + 1) * stride] for i in range(count)]
        return records, bundled

    def check_trade(self, f):
        price, change, ask, bid = int(f[2]), int(f[4]), int(f[10]), int(f[11])
        self.assertEqual(f[3], "5" if change < 0 else "2" if change else "3")
        self.assertEqual(f[5], "%.2f" % (change * 100 / (price - change)))
        self.assertGreater(ask, bid)
        self.assertEqual((ask % step(ask), bid % step(bid)), (0, 0))
        self.assertTrue(int(f[9]) <= price <= int(f[8]))
        self.assertIn(f[21], ("1", "5"))
        self.assertEqual(int(f[17]), int(f[16]) - int(f[15]))
        self.assertAlmostEqual(float(f[6]), int(f[14]) / int(f[13]), places=1)
        for at, against in ((26, 7), (29, 8), (32, 9)):
            self.assertEqual(int(f[at]), price - int(f[against]))
            self.assertEqual(f[at - 1], "5" if int(f[at]) < 0 else "2" if int(f[at]) else "3")
        self.assertRegex(f[1], r"^\d{6}$")
        self.assertEqual((f[34], f[35], f[43], f[44], f[45]), ("20", "N", "0", "", f[7]))

    def test_strides_and_consistency(self):
        for stride in (46, 47, 48):
            options = ("--trade-fields", str(stride), "--ticks-per-second", "4000",
                       "--books-per-second", "0", "--bundle", "7")
            with self.subTest(stride), Sim(*options) as sim, Socket(sim) as ws:
                codes = ["005930", "000660", "Q500001", "A12345"]
                for code in codes:
                    ws.ask("H0STCNT0", code)
                today = datetime.datetime.now(KST).strftime("%Y%m%d")
                records, bundled = self.trades(ws, 2000, stride)
                self.assertGreater(bundled, 50)
                last, closes, off_grid = {}, {}, 0
                for f in records:
                    self.check_trade(f)
                    closes.setdefault(f[0], set()).add(int(f[2]) - int(f[4]))
                    last[f[0]] = f
                    off_grid += int(f[2]) % step(int(f[2])) != 0
                    self.assertIn(f[33], (today, datetime.datetime.now(KST).strftime("%Y%m%d")))
                    self.assertEqual(f[46:], ["2", "0"][: stride - 46])
                self.assertEqual(set(last), set(codes))
                self.assertEqual({len(c) for c in closes.values()}, {1})
                self.assertTrue(0 < off_grid < len(records) // 10)

    def test_stamp(self):
        """Each record says when it was sent, and those of the time before anybody listened are not sent at once."""
        with Sim("--ticks-per-second", "1000", "--books-per-second", "0", "--stamp") as sim, Socket(sim) as ws:
            asked = time.time()
            ws.ask("H0STCNT0", "005930")
            stamps = []
            while len(stamps) < 200:
                _, count, fields = ws.data()
                heard = time.time()
                self.assertEqual(len(fields), count * 48)
                new = [int(stamp) / 1e6 for stamp in fields[47::48]]
                self.assertTrue(all(asked < stamp < heard for stamp in new), (asked, new, heard))
                stamps += new
        self.assertEqual(stamps, sorted(stamps))
        self.assertGreater(stamps[-1] - stamps[0], 0.1, "200 trades at 1,000 a second")

    def test_books(self):
        for width, tr, wanted in ((59, "H0STASP0", 59), (62, "H0STASP0", 62), (63, "H0STASP0", 63),
                                  (63, "H0NXASP0", 62), (63, "H0UNASP0", 66)):
            options = ("--book-fields", str(width), "--books-per-second", "500")
            with self.subTest(tr=tr, width=width), Sim(*options) as sim, Socket(sim) as ws:
                ws.ask(tr, "005930")
                for _ in range(30):
                    name, count, f = ws.data()
                    self.assertEqual((name, count, len(f)), (tr, 1, wanted))
                    asks, bids = [int(v) for v in f[3:13]], [int(v) for v in f[13:23]]
                    self.assertTrue(asks == sorted(asks) and bids == sorted(bids, reverse=True))
                    self.assertGreater(asks[0], bids[0])
                    self.assertEqual(sum(map(int, f[23:33])), int(f[43]))
                    self.assertEqual(sum(map(int, f[33:43])), int(f[44]))
                    self.assertEqual((f[47], f[50], f[51], f[52]), ("0", "-274000", "5", "-100.00"))
                    if wanted >= 62:
                        self.assertEqual(int(f[59]), (asks[0] + bids[0]) // 2)

    def test_count_record_and_seed(self):
        def run():
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "sent")
                with Sim("--count", "500", "--ticks-per-second", "max", "--bundle", "20", "--seed", "7",
                         "--record-sent", path, "--clock-at", "20260922T140000", "--books-per-second", "0",
                         "--fault", "wrong-count@3", "--fault", "negative-count@4") as sim, Socket(sim) as ws:
                    ws.ask("H0STCNT0", "005930")
                    records = []
                    while len(records) < 500:
                        _, count, f = ws.data()
                        if count > 0 and len(f) == 47 * count:
                            records += [(f[i], f[i + 1], f[i + 13]) for i in range(0, len(f), 47)]
                            self.assertEqual(f[33], "20260922")
                    stats = sim.until(lambda s: s["count_reached"])
                    self.assertEqual(len(records), 500)
                    self.assertEqual(stats["sent"]["H0STCNT0"]["symbols"], {"005930": 500})
                    self.assertEqual(stats["faults_fired"], {"wrong-count": 1, "negative-count": 1})
                    self.assertTrue(ws.quiet(0.2))
                with open(path, encoding="ascii") as file:
                    sent = [tuple(line.split("\t")[:3]) for line in file]
                self.assertEqual(sent, records)
                return [r[2] for r in records]

        self.assertEqual(run(), run())

    def test_resubscribed_symbol_has_moved(self):
        with Sim("--ticks-per-second", "200", "--books-per-second", "0") as sim:
            volumes = []
            for _ in range(2):
                with Socket(sim) as ws:
                    ws.ask("H0STCNT0", "005930")
                    _, _, f = ws.data()
                    volumes.append((int(f[12]), int(f[13])))
                sim.until(lambda s: s["ws"]["sessions_now"] == 0)
            self.assertGreater(volumes[1][1] - volumes[1][0], volumes[0][1])

    def test_a_lost_session_holds_its_key(self):
        with Sim("--ticks-per-second", "0", "--hold-session", "0.5") as sim:
            with Socket(sim) as ws:
                self.assertEqual(ws.subscribe("H0STCNT0", "005930"), "OPSP0000")
                sim.fault("cut")
                with self.assertRaises(Closed):
                    ws.text()
            answers, end = [], time.monotonic() + 5
            while not answers or answers[-1] == "OPSP8996" and time.monotonic() < end:
                with Socket(sim) as ws:
                    answers.append(ws.subscribe("H0STCNT0", "005930"))
            self.assertEqual((answers[0], answers[-1]), ("OPSP8996", "OPSP0000"))

    def test_two_keys_get_their_own_symbols(self):
        other, secret = "PTWO" * 9, "othersecret" * 16
        with Sim("--ticks-per-second", "400", "--also-accept", other + ":" + secret) as sim:
            with Socket(sim) as one, Socket(sim, approval=sim.approval(other, secret)) as two:
                one.ask("H0STCNT0", "005930")
                two.ask("H0STCNT0", "000660")
                for ws, code in ((one, "005930"), (two, "000660")):
                    for _ in range(20):
                        _, count, f = ws.data()
                        self.assertEqual({f[i * 47] for i in range(count)}, {code})

    def test_a_revoked_key_ends_and_leaves_the_other_alone(self):
        other, secret = "PTWO" * 9, "othersecret" * 16
        with Sim("--ticks-per-second", "400", "--also-accept", other + ":" + secret) as sim:
            approval = sim.approval(other, secret)
            with Socket(sim) as one, Socket(sim, approval=approval) as two:
                self.assertEqual(one.subscribe("H0STCNT0", "005930"), "OPSP0000")
                self.assertEqual(two.subscribe("H0STCNT0", "000660"), "OPSP0000")
                self.assertEqual(sim.stats()["ws"]["registrations_by_key"], {"1": 1, "2": 1})
                sim.fault("revoke", key=2)
                with self.assertRaises(Closed):
                    while True:
                        two.text()
                for _ in range(20):
                    one.data()
                self.assertEqual(sim.stats()["ws"]["registrations_by_key"], {"1": 1, "2": 0})
            with Socket(sim, approval=approval) as again:
                self.assertEqual(again.subscribe("H0STCNT0", "000660"), "OPSP0011")
            self.assertEqual(sim.token(other, secret)[1]["error_code"], "EGW00103")


class DataFaults(Shared):
    OPTIONS = ("--ticks-per-second", "300", "--books-per-second", "0", "--rate", "0")

    def setUp(self):
        self.sim.until(lambda s: s["ws"]["sessions_now"] == 0)
        self.ws = Socket(self.sim)
        self.addCleanup(self.ws.link.close)
        self.addCleanup(self.sim.fault, "clear")
        self.assertEqual(self.ws.subscribe("H0STCNT0", "005930"), "OPSP0000")

    def odd_frame(self, test):
        """Reads until a frame passes the test."""
        for _ in range(3000):
            frame = self.ws.frame()
            if test(*frame):
                return frame
        self.fail("the odd frame never came")

    def test_additional_frames(self):
        for name, params, test in (
            ("masked-server-frame", {}, lambda a, b, p: b & 0x80),
            ("reserved-bits", {}, lambda a, b, p: a & 0x70),
            ("unknown-opcode", {}, lambda a, b, p: a & 15 == 3),
            ("long-control", {}, lambda a, b, p: a == 0x89 and len(p) == 126),
            ("fragmented-ping", {}, lambda a, b, p: a == 0x09),
            ("lonely-continuation", {}, lambda a, b, p: a == 0x80),
            ("ping", {}, lambda a, b, p: a == 0x89),
            ("big-frame", {}, lambda a, b, p: len(p) > 10 << 20),
            ("bad-utf8", {}, lambda a, b, p: b"\xff\xfe" in p),
            ("bad-json", {}, lambda a, b, p: p.startswith(b'{"header"') and p.endswith(b":")),
            ("wrong-count", {}, lambda a, b, p: p[:2] == b"0|" and (p.count(b"^") + 1) % int(p.split(b"|")[2])),
            ("negative-count", {}, lambda a, b, p: p.split(b"|")[2] == b"-01"),
            ("huge-count", {}, lambda a, b, p: int(p.split(b"|")[2]) > 1 << 64),
            ("short-frame", {}, lambda a, b, p: p.count(b"^") == 9),
            ("foreign-symbol", {"symbol": "123456"}, lambda a, b, p: b"|123456^" in p),
            ("encrypted", {}, lambda a, b, p: p.startswith(b"1|")),
            ("empty-field", {}, lambda a, b, p: p.split(b"^")[2] == b""),
        ):
            with self.subTest(name):
                self.sim.fault(name, **params)
                self.odd_frame(test)
        self.assertGreater(len(self.ws.data()[2]), 46)

    def test_fragments(self):
        self.sim.fault("fragment", size=50)
        self.odd_frame(lambda a, b, p: a == 0x01)
        self.assertEqual(self.ws.frame(), (0x89, 7, b"between"))
        self.ws.send(b"between", opcode=10)
        self.assertEqual(self.ws.frame()[0] & 15, 0)
        self.assertEqual(self.sim.until(lambda s: s["ws"]["ping_answers"] > 0)["ws"]["unsolicited_pongs"], 0)

    def test_split_still_whole(self):
        self.sim.fault("split", most=3)
        for _ in range(30):
            self.assertEqual(len(self.ws.data()[2]) % 47, 0)
        self.assertIn("split", self.sim.stats()["faults_fired"])

    def test_cut(self):
        for rst in (False, True):
            self.sim.fault("cut", after=3, rst=rst)
            with self.assertRaises(Closed) as caught:
                while True:
                    self.ws.text()
            self.assertEqual(caught.exception.args, ())
            if not rst:
                self.sim.until(lambda s: s["ws"]["sessions_now"] == 0)
                self.ws.link.close()
                self.ws = Socket(self.sim)
                self.addCleanup(self.ws.link.close)
                self.ws.ask("H0STCNT0", "005930")

    def test_close_code(self):
        self.sim.fault("close", code=1012)
        with self.assertRaises(Closed) as caught:
            while True:
                self.ws.text()
        self.assertEqual(caught.exception.args, (1012,))

    def test_half_dead(self):
        self.sim.fault("half-dead")
        self.sim.until(lambda s: s["faults_fired"].get("half-dead"))
        try:
            while True:
                self.ws.link.settimeout(0.3)
                self.ws.text()
        except TimeoutError:
            pass
        self.ws.send(b"hello", opcode=9)
        self.ws.ask("H0STCNT0", "000660")
        self.assertTrue(self.ws.quiet(0.2))

    def test_cut_of_a_quiet_session(self):
        self.ws.ask("H0STCNT0", "005930", kind="2")
        while self.ws.control()[0] != "OPSP0001":
            pass
        self.sim.fault("cut")
        with self.assertRaises(Closed) as caught:
            self.ws.text()
        self.assertEqual(caught.exception.args, ())

    def test_lose(self):
        def jump():
            before = None
            while True:
                _, count, f = self.ws.data()
                for i in range(0, count * 47, 47):
                    if before is not None and int(f[i + 13]) != before + int(f[i + 12]):
                        return True
                    before = int(f[i + 13])

        self.sim.fault("lose", trades=5)
        self.assertTrue(jump())

    def test_halt(self):
        self.assertEqual(self.ws.subscribe("H0STMKO0", "005930"), "OPSP0000")
        self.sim.fault("halt", symbol="005930")
        self.addCleanup(self.sim.fault, "halt", symbol="005930", on=False)
        while True:
            tr, count, f = self.ws.data()
            if tr == "H0STMKO0":
                break
        self.assertEqual((count, len(f), f[:2]), (1, 10, ["005930", "Y"]))
        self.assertTrue(self.ws.quiet(0.2))
        self.assertEqual(self.sim.price("005930")[1]["output"]["iscd_stat_cls_code"], "58")


if __name__ == "__main__":
    unittest.main()
