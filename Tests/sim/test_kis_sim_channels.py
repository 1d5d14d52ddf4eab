"""kis-sim: every channel of KIS that has not ended, each with a record of its length, its kinds and a sense."""

import os
import re
import sys
import unittest

from kis_client import HERE, Sim, Socket
from trades import records

sys.path.insert(0, os.path.join(HERE, "..", "..", "scripts"))
from kissim.channels import TABLE, expanded  # noqa: E402  (the path must be set first)
from kissim.instruments import new_york_is_ahead  # noqa: E402

NUMBER = r"[+-]?\d+(\.\d+)?|-nan"
# Lengths that live frames or the exchange's printed examples had (KIS.md 0.1), the trades and books of today included.
LENGTHS = {
    "HDFSCNT0": 26, "HDFSASP0": 71, "H0STMKO0": 10, "H0UNMKO0": 10, "H0UPCNT0": 30, "H0IFCNT0": 50, "H0STNAV0": 8,
    "H0STPGM0": 11, "H0UPPGM0": 88, "H0STMBC0": 78, "H0EWASP0": 73, "H0EWCNT0": 63, "H0EUASP0": 38, "H0ZFCNT0": 49,
    "H0ZFASP0": 68, "H0ZOCNT0": 53, "H0ZOASP0": 68, "H0BJCNT0": 19, "H0STANC0": 45, "H0NXANC0": 46,
    "H0STCNT0": 47, "H0STASP0": 63, "H0NXASP0": 62, "H0UNASP0": 66,
}
PRINTED = {"H0UPANC0": 15, "H0MFCNT0": 46, "H0EUCNT0": 53, "H0MFASP0": 46}


class Table(unittest.TestCase):
    def test_what_it_holds(self):
        self.assertEqual(len(TABLE), 50)
        self.assertFalse({"H0STOUP0", "H0STOAA0", "H0STOAC0"} & set(TABLE))
        self.assertEqual({tr: len(TABLE[tr].columns) for tr in LENGTHS}, LENGTHS)
        for channel in TABLE.values():
            self.assertEqual(len(set(channel.columns)), len(channel.columns), channel.tr)
            for key in channel.keys:
                self.assertTrue(channel.fits(key), (channel.tr, key))

    def test_expanded(self):
        self.assertEqual(expanded("A B[1-3]:number C9"), ["A", "B1:number", "B2:number", "B3:number", "C9"])

    def test_forms_of_keys(self):
        for tr, key, fits in (("H0UPCNT0", "0001", True), ("H0UPCNT0", "001", False), ("H0IFCNT0", "101W09", True),
                              ("H0IFCNT0", "A01612", True), ("H0IFCNT0", "KR103502GA34", False), ("H0IOCNT0", "201W08427", True),
                              ("H0BJCNT0", "KR103502GA34", True), ("H0BICNT0", "KBPR01", True), ("H0BICNT0", "0001", False),
                              ("HDFSCNT0", "DNASAAPL", True), ("HDFSCNT0", "RBAQAAPL", True), ("HDFSCNT0", "AAPL", False),
                              ("HDFFF020", "SPIU25", True), ("H0STCNT0", "Q500001", True)):
            self.assertEqual(TABLE[tr].fits(key), fits, (tr, key))

    def test_new_york(self):
        import datetime
        for text, ahead in (("2026-03-07", False), ("2026-03-08", True), ("2026-10-31", True), ("2026-11-01", False)):
            self.assertEqual(new_york_is_ahead(datetime.date.fromisoformat(text)), ahead, text)


class Served(unittest.TestCase):
    """One socket with every channel on it."""

    @classmethod
    def setUpClass(cls):
        cls.seen = {}
        with Sim("--max-registrations", "100", "--subscribed", "--others-per-second", "8", "--ticks-per-second", "300",
                 "--clock-at", "20261126T100000") as sim, Socket(sim) as ws:
            for tr, channel in TABLE.items():
                ws.ask(tr, channel.keys[0])
            answers = 0
            while answers < len(TABLE):
                text = ws.text()
                if text.startswith("{"):
                    answers += "OPSP0000" in text
            sim.fault("halt", symbol=TABLE["H0STMKO0"].keys[0])
            for tr in ("H0NXMKO0", "H0UNMKO0"):
                sim.fault("halt", symbol=TABLE[tr].keys[0])
            while set(TABLE) - set(cls.seen) or min(len(cls.seen[tr]) for tr in cls.seen if "MKO" not in tr) < 4:
                tr, count, fields = ws.data()
                cls.seen.setdefault(tr, []).extend(records(count, fields))

    def column(self, tr, record, name):
        return record[TABLE[tr].columns.index(name)]

    def test_lengths_keys_and_kinds(self):
        for tr, found in self.seen.items():
            channel = TABLE[tr]
            for record in found:
                self.assertEqual((len(record), record[0]), (len(channel.columns), channel.keys[0]), tr)
                for name, text in zip(channel.columns, record):
                    if name in channel.numbers:
                        self.assertRegex(text, r"^(%s)$" % NUMBER, (tr, name))
                    if re.fullmatch(r"BSOP_HOUR|STCK_CNTG_HOUR|KHMS|XHMS|RECV_TIME|TRNM_HOUR", name):
                        self.assertRegex(text, r"^([01]\d|2[0-3])[0-5]\d[0-5]\d$", (tr, name))
                    if re.fullmatch(r"BSOP_DATE|KYMD|XYMD|RECV_DATE", name):
                        self.assertIn(text, ("20261126", "20261125"), (tr, name))

    def test_identities_of_trades(self):
        units = {"H0IFCNT0": 250, "H0MFCNT0": 250, "H0IOCNT0": 250, "H0EUCNT0": 250, "H0ZFCNT0": 10, "H0ZOCNT0": 10,
                 "H0CFCNT0": 1000, "H0EWCNT0": 1}
        for tr, unit in units.items():
            names = TABLE[tr].columns
            price = next(n for n in ("FUTS_PRPR", "OPTN_PRPR", "STCK_PRPR") if n in names)
            size = "LAST_CNQN" if "LAST_CNQN" in names else "CNTG_VOL"

            def number(record, name):
                return float(record[names.index(name)])

            for before, after in zip(self.seen[tr], self.seen[tr][1:]):
                self.assertEqual(number(after, "ACML_VOL") - number(before, "ACML_VOL"), number(after, size), tr)
                step = number(after, "ACML_TR_PBMN") - number(before, "ACML_TR_PBMN")
                self.assertAlmostEqual(step, number(after, price) * number(after, size) * unit, delta=1, msg=tr)
                count = sum(number(r, n) * s for r, s in ((after, 1), (before, -1)) for n in ("SELN_CNTG_CSNU", "SHNU_CNTG_CSNU"))
                self.assertEqual(count, 1, tr)

    def test_index(self):
        for record in self.seen["H0UPCNT0"]:
            price, change = (float(self.column("H0UPCNT0", record, n)) for n in ("PRPR_NMIX", "BSTP_NMIX_PRDY_VRSS"))
            close = price - change
            opened = float(self.column("H0UPCNT0", record, "OPRC_NMIX"))
            self.assertAlmostEqual(float(self.column("H0UPCNT0", record, "OPRC_VRSS_NMIX_PRPR")), opened - close, places=2)
            self.assertRegex(record[2], r"^\d+\.\d\d$")

    def test_overseas(self):
        for record in self.seen["HDFSCNT0"]:
            got = dict(zip(TABLE["HDFSCNT0"].columns, record))
            self.assertEqual((got["RSYM"], got["SYMB"], got["ZDIV"]), ("DHKS00003", "00003", "4"))
            self.assertRegex(got["LAST"], r"^\d+\.\d{4}$")
            self.assertGreaterEqual(float(got["DIFF"]), 0)
            self.assertEqual(got["SIGN"], "5" if float(got["RATE"]) < 0 else "2" if float(got["DIFF"]) else "3")
            self.assertEqual((int(got["KHMS"]) - int(got["XHMS"])), 10000)  # Hong Kong is an hour behind
        record = self.seen["HDFSASP0"][0]
        got = dict(zip(TABLE["HDFSASP0"].columns, record))
        self.assertEqual((got["XYMD"], got["XHMS"][:2], got["KHMS"][:2]), ("20261125", "20", "10"))
        for n in range(1, 10):
            self.assertTrue(float(got["PASK%d" % n]) < float(got["PASK%d" % (n + 1)]))
            self.assertTrue(float(got["PBID%d" % n]) > float(got["PBID%d" % (n + 1)]))

    def test_expected_counts_nothing(self):
        for record in self.seen["H0STANC0"]:
            got = dict(zip(TABLE["H0STANC0"].columns, record))
            self.assertEqual([got[n] for n in ("STCK_OPRC", "SELN_CNTG_CSNU", "SHNU_CNTG_CSNU", "SELN_CNTG_SMTN")], ["0"] * 4)
            self.assertEqual((got["HOUR_CLS_CODE"], got["NEW_MKOP_CLS_CODE"]), ("B", "00"))

    def test_columns_differ(self):
        record = self.seen["H0UPPGM0"][0]
        self.assertGreater(len(set(record)), 60)  # a value in a wrong column is seen


class Refused(unittest.TestCase):
    def test_paid_unknown_and_real_only(self):
        with Sim("--ticks-per-second", "0") as sim, Socket(sim) as ws:
            for tr, key, code in (("HDFFF020", "1OZQ25", "OPSP0009"), ("HDFFF010", "SPIU25", "OPSP0000"),
                                  ("H0UPCNT0", "005930", "OPSP8992"), ("H0STOUP0", "005930", "OPSP8991")):
                self.assertEqual(ws.subscribe(tr, key), code, tr)
            self.assertTrue(ws.quiet(0.2))  # nothing without trades

    def test_printed_lengths(self):
        with Sim("--printed", "--others-per-second", "20") as sim, Socket(sim) as ws:
            for tr in PRINTED:
                ws.ask(tr, TABLE[tr].keys[0])
            seen = {}
            while len(seen) < len(PRINTED):
                tr, count, fields = ws.data()
                seen[tr] = len(fields) // count
            self.assertEqual(seen, PRINTED)

    def test_hours(self):
        with Sim("--clock-at", "20261126T175958", "--phase", "day", "--others-per-second", "20") as sim, Socket(sim) as ws:
            for tr in ("H0IFCNT0", "H0MFCNT0", "H0UPCNT0", "H0STANC0"):
                self.assertEqual(ws.subscribe(tr, TABLE[tr].keys[0]), "OPSP0000")
            tr, _, fields = ws.data()
            self.assertEqual(tr, "H0MFCNT0")
            self.assertGreaterEqual(fields[1], "180000")


if __name__ == "__main__":
    unittest.main()
