"""Tests of the REST side of scripts/kis-sim: run all with `python3 -m unittest discover -s Tests/sim`."""

import datetime
import http.client
import json
import os
import socket
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kis_client import HOLIDAY, KEY, MULTI, PRICE, SECRET, Shared, Sim, Socket  # noqa: E402

KST = datetime.timezone(datetime.timedelta(hours=9))


class TokenRules(Shared):
    OPTIONS = ("--token-floor", "0.4", "--token-same", "1.2", "--token-life", "86400")

    def test_issue_floor_and_same_token(self):
        started = time.monotonic()
        status, first = self.sim.token()
        self.assertEqual(status, 200)
        names = ["access_token", "access_token_token_expired", "token_type", "expires_in"]
        self.assertEqual(list(first), names)
        self.assertLessEqual(len(first["access_token"]), 350)
        self.assertEqual((first["token_type"], first["expires_in"]), ("Bearer", 86400))
        expires = datetime.datetime.strptime(first["access_token_token_expired"], "%Y-%m-%d %H:%M:%S")
        left = expires.replace(tzinfo=KST).timestamp() - time.time()
        self.assertTrue(86390 < left <= 86400, left)
        status, again = self.sim.token()
        if time.monotonic() - started < 0.4:
            self.assertEqual((status, again["error_code"]), (403, "EGW00133"))
            self.assertEqual(set(again), {"error_code", "error_description"})
        seen = [first["access_token"]]
        while seen[-1] == seen[0]:
            status, body = self.sim.token()
            if status == 200:
                seen.append(body["access_token"])
            else:
                self.assertEqual(body["error_code"], "EGW00133")
                time.sleep(0.02)
        self.assertGreaterEqual(time.monotonic() - started, 1.2)
        self.assertIn(seen[0], seen[1:])
        self.assertEqual(self.sim.stats()["tokens_issued"], 2)

    def test_credentials(self):
        for key, secret, code in (
            ("x" * 36, SECRET, "EGW00103"), (KEY, "x", "EGW00105"), ("", SECRET, "EGW00102"),
            (KEY, "", "EGW00104"),
        ):
            with self.subTest(code):
                status, body = self.sim.token(key, secret)
                self.assertEqual((status, body["error_code"]), (403, code))

    def test_approval_wants_secretkey(self):
        body = {"grant_type": "client_credentials", "appkey": KEY, "appsecret": SECRET}
        status, answer = self.sim.json("POST", "/oauth2/Approval", body)
        self.assertEqual((status, answer["error_code"]), (403, "EGW00104"))
        self.assertEqual(len(self.sim.approval()), 36)

    def test_malformed_bodies(self):
        for body in ("", "[]", "{", "\xff", "[" * 60000, '{"grant_type":"other"}'):
            with self.subTest(body[:20]):
                status, answer = self.sim.json("POST", "/oauth2/tokenP", body.encode("latin-1"))
                self.assertEqual((status, answer["error_code"]), (403, "EGW00101"))


class Quotations(Shared):
    OPTIONS = ("--rate", "0", "--unknown", "111111", "--closed", "20260605")

    def test_inquire_price(self):
        status, headers, raw = self.sim.call(
            "GET", PRICE + "?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930",
            headers=self.sim.headers("FHKST01010100"))
        body = json.loads(raw)
        self.assertEqual((status, body["rt_cd"], body["msg_cd"]), (200, "0", "MCA00000"))
        self.assertEqual((headers["tr_id"], headers["tr_cont"]), ("FHKST01010100", ""))
        self.assertEqual(len(headers["gt_uid"]), 32)
        out = body["output"]
        self.assertEqual(len(out), 82)  # the documents say 80 and list 82
        self.assertTrue(all(isinstance(v, str) for v in out.values()))
        self.assertEqual((list(out)[0], list(out)[-1]), ("iscd_stat_cls_code", "mang_issu_cls_code"))
        price, change = int(out["stck_prpr"]), int(out["prdy_vrss"])
        self.assertEqual(price - change, int(out["stck_sdpr"]))
        self.assertEqual(out["prdy_vrss_sign"], "5" if change < 0 else "2" if change else "3")
        self.assertTrue(int(out["stck_llam"]) <= price <= int(out["stck_mxpr"]))

    def test_no_data_is_success_with_zeros(self):
        for code in ("999999", "111111"):
            status, body = self.sim.price(code)
            self.assertEqual((status, body["rt_cd"], body["output"]["stck_prpr"]), (200, "0", "0"))
            self.assertEqual((len(body["output"]), body["output"]["bstp_kor_isnm"]), (82, ""))

    def test_any_symbol_may_be_unknown(self):
        with Sim("--rate", "0", "--unknown", "005930") as sim:
            status, body = sim.price("005930")
            self.assertEqual((status, len(body["output"]), body["output"]["stck_prpr"]), (200, 82, "0"))
            self.assertGreater(int(sim.price("000660")[1]["output"]["stck_prpr"]), 0)
            self.assertEqual(sim.stop(), (0, ""))

    def test_market_division_and_code(self):
        self.assertEqual(self.sim.price("005930", "X")[1]["msg_cd"], "OPSQ2001")
        for code in ("5930", "00593a", "", "0059300"):
            self.assertEqual(self.sim.price(code)[1]["msg_cd"], "OPSQ2002", code)
        for code, div in (("Q500001", "J"), ("0001A0", "J"), ("005930", "NX"), ("005930", "UN")):
            self.assertGreater(int(self.sim.price(code, div)[1]["output"]["stck_prpr"]), 0)

    def multi(self, query, **changed):
        return self.sim.json("GET", MULTI + "?" + urllib.parse.urlencode(query),
                             headers=self.sim.headers("FHKST11300006", **changed))

    def test_multi(self):
        query = {"FID_COND_MRKT_DIV_CODE_0": "J", "FID_INPUT_ISCD_0": "035420"}
        codes = ["005930", "999999"] + ["A%05d" % n for n in range(40)]
        for n, code in enumerate(codes, 1):
            query["FID_COND_MRKT_DIV_CODE_%d" % n], query["FID_INPUT_ISCD_%d" % n] = "J", code
        status, body = self.multi(query)
        rows = body["output"]
        self.assertEqual((status, body["rt_cd"]), (200, "0"))
        self.assertEqual([r["inter_shrn_iscd"] for r in rows], codes[:30])
        self.assertEqual({len(r) for r in rows}, {29})
        self.assertEqual((rows[0]["inter_kor_isnm"], rows[1]["inter2_prpr"]), ("삼성전자", "0"))
        for row in rows:
            self.assertTrue(all(isinstance(v, str) for v in row.values()))
            if row["inter2_prpr"] != "0":
                self.assertGreater(int(row["inter2_askp"]), int(row["inter2_bidp"]))
                close = int(row["inter2_prpr"]) - int(row["inter2_prdy_vrss"])
                self.assertEqual(close, int(row["inter2_prdy_clpr"]))
        bad = {"FID_COND_MRKT_DIV_CODE_1": "Z", "FID_INPUT_ISCD_1": "005930"}
        self.assertEqual(self.multi(bad)[1]["msg_cd"], "OPSQ2001")

    def test_holidays(self):
        path = HOLIDAY + "?BASS_DT=20260530&CTX_AREA_FK=&CTX_AREA_NK="
        status, headers, raw = self.sim.call("GET", path, headers=self.sim.headers("CTCA0903R"))
        body = json.loads(raw)
        days = {r["bass_dt"]: r for r in body["output"]}
        self.assertEqual((status, len(days), headers["tr_cont"]), (200, 24, "F"))
        wanted = {"20260530": "N", "20260531": "N", "20260601": "Y", "20260603": "N", "20260605": "N"}
        self.assertEqual({d: days[d]["opnd_yn"] for d in wanted}, wanted)
        self.assertEqual((days["20260531"]["wday_dvsn_cd"], days["20260530"]["wday_dvsn_cd"]), ("01", "07"))
        self.assertEqual((body["ctx_area_nk"], len(body["ctx_area_fk"])), ("20260622            ", 20))
        path = HOLIDAY + "?BASS_DT=20260530&CTX_AREA_FK=20260530&CTX_AREA_NK=" + body["ctx_area_nk"].strip()
        body = self.sim.json("GET", path, headers=self.sim.headers("CTCA0903R", tr_cont="N"))[1]
        self.assertEqual(body["output"][0]["bass_dt"], "20260623")

    def test_header_checks(self):
        for changed, code in (
            ({"authorization": None}, "EGW00122"), ({"authorization": "Bearer nonsense"}, "EGW00121"),
            ({"authorization": "Basic x"}, "EGW00205"), ({"appkey": None}, "EGW00102"),
            ({"appkey": "y"}, "EGW00103"), ({"appsecret": None}, "EGW00104"),
            ({"appsecret": "y"}, "EGW00105"), ({"custtype": None}, "EGW00208"),
            ({"custtype": "X"}, "EGW00208"), ({"content-type": "text/plain"}, "EGW00132"),
            ({"tr_id": "FHKST11300006"}, "EGW00101"), ({"tr_id": "VHKST01010100"}, "OPSQ0002"),
        ):
            with self.subTest(str(changed)):
                status, body = self.sim.price("005930", **changed)
                self.assertEqual((status, body["rt_cd"], body["msg_cd"]), (500, "1", code))
                self.assertEqual(list(body), ["rt_cd", "msg_cd", "msg1"])

    def test_hostile_http(self):
        def raw(data):
            with socket.create_connection((self.sim.rest.hostname, self.sim.rest.port), timeout=5) as link:
                try:
                    link.sendall(data)
                    return link.recv(200).split(b"\r\n")[0]
                except ConnectionError:
                    return b"reset"

        self.assertIn(b"431", raw(b"GET / HTTP/1.1\r\nX: " + b"a" * 20000 + b"\r\n\r\n"))
        self.assertIn(b"413", raw(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"))
        for bad in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\0\0\0\r\n\r\n",
                    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"):
            self.assertIn(b"400", raw(bad))
        self.assertIn(b"411", raw(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"))
        self.assertEqual(self.sim.price("005930")[0], 200)

    def test_keep_alive_is_one_connection(self):
        self.sim.headers("FHKST01010100")
        before = self.sim.stats()["http_connections"]
        for _ in range(5):
            self.sim.price("005930")
        self.assertEqual(self.sim.stats()["http_connections"], before + 1)  # + the stats call


class Limits(Shared):
    OPTIONS = ("--rate", "5", "--token-floor", "0")

    def test_sliding_second(self):
        answers = [self.sim.price("005930") for _ in range(12)]
        codes = [b["msg_cd"] for _, b in answers]
        self.assertEqual(codes[:5], ["MCA00000"] * 5)
        self.assertIn((500, "EGW00201"), [(s, b["msg_cd"]) for s, b in answers])
        self.sim.token()
        self.sim.approval()  # neither counts
        time.sleep(1.05)
        self.assertEqual(self.sim.price("005930")[0], 200)
        stats = self.sim.stats()
        self.assertEqual(stats["max_granted_in_1s"], 5)
        self.assertEqual(stats["egw00201"], codes.count("EGW00201"))
        self.assertEqual(stats["calls"]["FHKST01010100"], 13)


class Mock(Shared):
    OPTIONS = ("--env", "mock", "--rate", "0")

    def test_what_the_mock_lacks(self):
        for path, tr in ((MULTI, "FHKST11300006"), (HOLIDAY, "CTCA0903R")):
            body = self.sim.json("GET", path, headers=self.sim.headers(tr))[1]
            self.assertEqual(body["msg_cd"], "EGW00213")
        with Socket(self.sim) as ws:
            for tr in ("H0NXCNT0", "H0UNASP0", "H0STMKO0", "H0IFCNT0"):
                self.assertEqual(ws.subscribe(tr, "005930"), "OPSP8991")
            self.assertEqual(ws.subscribe("H0UNCNT0", "005930"), "OPSP0000")
            self.assertEqual(ws.subscribe("H0STCNT0", "005930"), "OPSP0000")


class RestFaults(Shared):
    OPTIONS = ("--rate", "0")

    def codes(self, calls):
        return [self.sim.price("005930")[1]["msg_cd"] for _ in range(calls)]

    def test_expired_token_until_a_new_one(self):
        self.codes(1)
        self.sim.fault("expired-token")
        self.assertEqual(self.codes(2), ["EGW00123"] * 2)
        old, self.sim.token_text = self.sim.token_text, None
        self.assertEqual(self.codes(1), ["MCA00000"])
        self.assertNotEqual(self.sim.token_text, old)
        self.sim.fault("expired-token", n=1)
        self.assertEqual(self.codes(2), ["EGW00123", "MCA00000"])

    def test_codes(self):
        self.codes(1)
        self.sim.fault("http-500", n=2)
        self.sim.fault("rate-limit", skip=1)
        self.assertEqual(self.codes(4), ["EGW00001", "EGW00001", "MCA00000", "MCA00000"])
        self.sim.fault("code", msg_cd="EGW00300", status=200)
        self.assertEqual(self.codes(2), ["EGW00300", "MCA00000"])
        self.sim.fault("http-500", path="/oauth2")
        status, body = self.sim.token()
        self.assertEqual((status, body["error_code"]), (500, "EGW00001"))

    def test_bodies(self):
        headers = self.sim.headers("FHKST01010100")
        path = PRICE + "?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930"
        self.sim.fault("garbage-body")
        status, _, raw = self.sim.call("GET", path, headers=headers)
        self.assertEqual((status, raw[:6]), (502, b"<html>"))
        self.sim.fault("slow", delay=0.3, n=1)
        started = time.monotonic()
        self.assertEqual(self.sim.call("GET", path, headers=headers)[0], 200)
        self.assertGreaterEqual(time.monotonic() - started, 0.3)
        self.sim.fault("hang-up")
        with self.assertRaises(http.client.IncompleteRead):
            self.sim.call("GET", path, headers=headers)
        self.sim.fault("endless-body")
        link = http.client.HTTPConnection(self.sim.rest.hostname, self.sim.rest.port, timeout=5)
        link.request("GET", path, headers=headers)
        self.assertEqual(len(link.getresponse().read(3000000)), 3000000)
        link.close()
        self.sim.fault("slow-loris", delay=0.01)
        link = socket.create_connection((self.sim.rest.hostname, self.sim.rest.port), timeout=5)
        lines = "".join("%s: %s\r\n" % h for h in headers.items())
        link.sendall(("GET %s HTTP/1.1\r\n%s\r\n" % (path, lines)).encode())
        self.assertEqual(link.recv(1), b"H")
        link.close()

    def test_refuse(self):
        self.sim.fault("refuse", seconds=0.3)
        with self.assertRaises(OSError):
            for _ in range(50):
                self.sim.call("GET", "/sim/stats", fresh=True)
        end = time.monotonic() + 5
        while True:
            try:
                self.assertEqual(self.sim.call("GET", "/sim/stats", fresh=True)[0], 200)
                return
            except OSError:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)

    def test_unknown_fault(self):
        for body in ('{"name":"nonsense"}', "[]", "{", '{"name":"cut","after":"x"}'):
            self.assertEqual(self.sim.call("POST", "/sim/fault", body, fresh=True)[0], 400)


if __name__ == "__main__":
    unittest.main()
