"""kis-sim: what changes at a moment of the run: layouts, listings; registrations that stay unanswered; echoed secrets."""

import subprocess
import sys
import unittest

from kis_client import KEY, MULTI, SECRET, SIM, Shared, Sim, Socket


class Layout(unittest.TestCase):
    def strides(self, *changes):
        """The first record of H0STCNT0 and of H0STASP0 under these changes."""
        words = [word for change in changes for word in ("--layout", change)]
        with Sim("--ticks-per-second", "200", "--bundle", "3", *words) as sim, Socket(sim) as ws:
            ws.ask("H0STCNT0", "005930")
            ws.ask("H0STASP0", "005930")
            seen = {}
            while len(seen) < 2:
                tr, count, fields = ws.data()
                self.assertEqual(len(fields) % count, 0)
                seen[tr] = fields[: len(fields) // count]
            return seen["H0STCNT0"], seen["H0STASP0"]

    def test_kinds(self):
        for kind, size, symbol_at in (("remove:2", 46, 0), ("insert:2", 48, 0), ("prefix", 48, 1), ("remove:0", 46, None)):
            with self.subTest(kind):
                trade, book = self.strides("H0STCNT0:%s@0" % kind)
                self.assertEqual((len(trade), len(book)), (size, 63))
                self.assertEqual(trade.index("005930") if "005930" in trade else None, symbol_at)

    def test_not_before_its_moment(self):
        trade, book = self.strides("H0STASP0:prefix@0", "H0STCNT0:prefix@3600")
        self.assertEqual((len(trade), len(book)), (47, 64))

    def test_a_moment_comes(self):
        with Sim("--ticks-per-second", "200", "--layout", "H0STCNT0:prefix@1") as sim, Socket(sim) as ws:
            ws.ask("H0STCNT0", "005930")
            widths = []
            while not widths or widths[-1] == 47:
                _, count, fields = ws.data()
                widths.append(len(fields) // count)
            self.assertEqual((widths[0], widths[-1]), (47, 48))

    def test_a_moment_of_the_clock(self):
        for moment, width in (("13:59:59", 48), ("14:30", 47)):
            with Sim("--ticks-per-second", "200", "--clock-at", "20260922T140000", "--layout",
                     "H0STCNT0:insert:46@" + moment) as sim, Socket(sim) as ws:
                ws.ask("H0STCNT0", "005930")
                _, count, fields = ws.data()
                self.assertEqual(len(fields) // count, width)

    def test_what_is_no_change(self):
        for word in ("H0STCNT0", "H0STCNT0:remove:2", "H0STCNT0:swap:1@3", "H0STCNT0:remove:x@3",
                     "H0STCNT0:prefix@25:00", "H0STCNT0:prefix@soon"):
            run = subprocess.run([sys.executable, SIM, "--layout", word], capture_output=True)
            self.assertEqual(run.returncode, 2, word)


class Muted(unittest.TestCase):
    def test_the_first_registrations(self):
        with Sim("--mute-registrations", "2", "--ticks-per-second", "200", "--pingpong", "0.2") as sim:
            with Socket(sim) as ws:
                ws.ask("H0STCNT0", "005930")
                ws.ask("H0STASP0", "005930")
                for _ in range(2):
                    self.assertIn("PINGPONG", ws.text())
                self.assertEqual(sim.stats()["ws"]["registrations_now"], 0)
                ws.ask("H0STCNT0", "005930")
                self.assertEqual(ws.control()[0], "OPSP0000")
                self.assertEqual(ws.data()[0], "H0STCNT0")
            stats = sim.stats()
            self.assertEqual((stats["ws"]["repeated_subscribes"], stats["faults_fired"]), (0, {"no-subscribe-answer": 2}))


class ListedLater(unittest.TestCase):
    def test_unknown_until_then(self):
        with Sim("--list-later", "123450@2", "--rate", "0", "--ticks-per-second", "200") as sim, Socket(sim) as ws:
            path = MULTI + "?FID_COND_MRKT_DIV_CODE_1=J&FID_INPUT_ISCD_1=123450"
            headers = sim.headers("FHKST11300006")
            self.assertEqual(sim.price("123450")[1]["msg_cd"], "OPSQ2001")
            body = sim.json("GET", path, headers=headers)[1]
            self.assertEqual((body["rt_cd"], body["output"][0]["inter2_prpr"]), ("0", "0"))
            self.assertEqual(ws.subscribe("H0STCNT0", "123450"), "OPSP8992")
            sim.until(lambda s: s["uptime_s"] > 2.1)
            self.assertGreater(int(sim.price("123450")[1]["output"]["stck_prpr"]), 0)
            self.assertEqual(ws.subscribe("H0STCNT0", "123450"), "OPSP0000")
            self.assertEqual(ws.data()[2][0], "123450")


class Echo(Shared):
    OPTIONS = ("--echo-secrets", "--rate", "0", "--token-floor", "60")

    def test_texts_of_errors(self):
        good = self.sim.price("005930")[1]["msg1"]
        self.assertNotIn(KEY, good)
        text = self.sim.price("59")[1]["msg1"]
        for secret in (KEY, SECRET, self.sim.token_text):
            self.assertIn(secret, text)
        text = self.sim.token()[1]["error_description"]
        self.assertTrue(KEY in text and SECRET in text)
        with Socket(self.sim) as ws:
            ws.ask("H0STCNT0", "59")
            code, message = ws.control()
            self.assertEqual(code, "OPSP8992")
            self.assertIn(KEY, message["body"]["msg1"])
            self.assertIn(ws.approval, message["body"]["msg1"])
            ws.ask("H0STCNT0", "005930")
            self.assertEqual(ws.control()[1]["body"]["msg1"], "SUBSCRIBE SUCCESS")


if __name__ == "__main__":
    unittest.main()
