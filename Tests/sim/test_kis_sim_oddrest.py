"""kis-sim: REST answers that are odd for one symbol, a maintenance page, names that are no UTF-8."""

import json
import subprocess
import sys
import unittest
import urllib.parse

from kis_client import MULTI, PRICE, SIM, Shared, Sim

KINDS = {"111111": "rt:40270000", "222222": "rt:", "333333": "null", "444444": "list", "555555": "empty",
         "666666": "absent"}


def multi_path(codes):
    query = {}
    for n, code in enumerate(codes, 1):
        query["FID_COND_MRKT_DIV_CODE_%d" % n], query["FID_INPUT_ISCD_%d" % n] = "J", code
    return MULTI + "?" + urllib.parse.urlencode(query)


class OddSymbols(Shared):
    OPTIONS = ("--rate", "0", *(word for item in KINDS.items() for word in ("--rest-odd", "%s=%s" % item)))

    def multi(self, *codes):
        return self.sim.json("GET", multi_path(codes), headers=self.sim.headers("FHKST11300006"))

    def test_each_kind_in_both_calls(self):
        done = {"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다!"}
        wanted = {
            "111111": {"rt_cd": "1", "msg_cd": "40270000", "msg1": "종목코드 오류입니다."},
            "222222": {"rt_cd": "1", "msg_cd": "", "msg1": ""},
            "333333": dict(done, output=None), "444444": dict(done, output=[]),
            "555555": dict(done, output=""), "666666": done,
        }
        for code, body in wanted.items():
            with self.subTest(code):
                self.assertEqual(self.sim.price(code), (200, body))
                self.assertEqual(self.multi("005930", code, "000660"), (200, body))
        self.assertEqual(self.sim.price("005930")[1]["rt_cd"], "0")
        self.assertEqual(len(self.multi("005930", "000660")[1]["output"]), 2)
        self.assertEqual(self.sim.stats()["error_codes"]["40270000"], 2)

    def test_what_is_no_kind(self):
        for words in (("--rest-odd", "111111=never"), ("--rest-odd", "111111"), ("--maintenance", "3:200"),
                      ("--maintenance", "x:503"), ("--bad-bytes", "005930=odd")):
            run = subprocess.run([sys.executable, SIM, *words], capture_output=True)
            self.assertEqual(run.returncode, 2, words)


class Maintenance(unittest.TestCase):
    def test_a_page_for_the_first_calls(self):
        for status in (302, 404, 405, 503):
            with self.subTest(status), Sim("--maintenance", "2:%d" % status) as sim:
                for _ in range(2):
                    got, headers, body = sim.call("POST", "/oauth2/tokenP", {"grant_type": "client_credentials"})
                    self.assertEqual((got, headers["Content-Type"], body[:15]),
                                     (status, "text/html; charset=utf-8", b"<!DOCTYPE html>"))
                    self.assertEqual("Location" in headers, status == 302)
                    if status == 302:
                        got, _, page = sim.call("GET", headers["Location"])
                        self.assertEqual((got, page), (200, body))
                    self.assertEqual(sim.call("GET", "/sim/stats")[0], 200)
                self.assertEqual(sim.price("005930")[0], 200)


class BadBytes(Shared):
    OPTIONS = ("--rate", "0", "--bad-bytes", "005930", "--bad-bytes", "000660=cut")

    def test_names_that_are_no_utf8(self):
        path = multi_path(("005930", "000660", "035420"))
        body = self.sim.call("GET", path, headers=self.sim.headers("FHKST11300006"))[2]
        with self.assertRaises(UnicodeDecodeError):
            body.decode("utf-8")
        self.assertIn('"inter_kor_isnm":"삼성전자"'.encode("cp949"), body)
        self.assertIn('"SK하이닉스'.encode() + b"\xea\xb0\"", body)
        rows = json.loads(body.decode("utf-8", "replace"))["output"]
        self.assertEqual([r["inter_shrn_iscd"] for r in rows], ["005930", "000660", "035420"])
        self.assertEqual(rows[2]["inter_kor_isnm"], "NAVER")

    def test_the_price_of_one_symbol(self):
        path = PRICE + "?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930"
        body = self.sim.call("GET", path, headers=self.sim.headers("FHKST01010100"))[2]
        self.assertIn("전기.전자".encode("cp949"), body)


if __name__ == "__main__":
    unittest.main()
