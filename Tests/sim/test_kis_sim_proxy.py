"""kis-sim: the proxy leads to the simulator only and counts what passed; the symbol masters have the exchange's form."""

import http.client
import io
import os
import socket
import tempfile
import unittest
import urllib.parse
import zipfile

from kis_client import Shared, Sim, Socket


class Proxy(Shared):
    OPTIONS = ("--proxy", "0", "--ticks-per-second", "200")

    def setUp(self):
        self.at = urllib.parse.urlsplit(self.sim.ready["proxy_url"])

    def tunnel(self, target):
        """(status line, open socket) of a CONNECT."""
        link = socket.create_connection((self.at.hostname, self.at.port), timeout=10)
        self.addCleanup(link.close)
        link.sendall(("CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (target, target)).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += link.recv(1)
        return answer.split(b"\r\n")[0].decode(), link

    def test_a_socket_through_a_tunnel(self):
        for target in ("127.0.0.1:%d" % self.sim.ws.port, "ops.koreainvestment.com:21000"):
            before = self.sim.stats()["proxy"]["bytes_down"]
            status, link = self.tunnel(target)
            self.assertIn(" 200 ", status)
            with Socket(self.sim, link=link) as ws:
                self.assertEqual(ws.subscribe("H0STCNT0", "005930"), "OPSP0000")
                self.assertEqual(ws.data()[0], "H0STCNT0")
                stats = self.sim.until(lambda s: s["proxy"]["bytes_down"] > before + 500)
                self.assertEqual((stats["proxy"]["connects"][target], stats["proxy"]["open"]), (1, 1))
            self.sim.until(lambda s: s["proxy"]["open"] == 0 and s["ws"]["sessions_now"] == 0)

    def test_a_plain_request(self):
        link = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=10)
        for _ in range(2):
            link.request("GET", "http://127.0.0.1:%d/sim/stats" % self.sim.rest.port)
            self.assertEqual(link.getresponse().read()[:1], b"{")
        link.close()
        stats = self.sim.stats()["proxy"]
        self.assertEqual(stats["requests"], {"127.0.0.1:%d" % self.sim.rest.port: 1})
        self.assertGreater(stats["bytes_up"], 0)

    def test_it_leads_nowhere_else(self):
        for target in ("127.0.0.1:22", "127.0.0.1:%d" % self.at.port, "example.com:443", "x", "127.0.0.1:x"):
            self.assertIn(" 403 ", self.tunnel(target)[0], target)
        self.assertEqual(self.sim.stats()["proxy"]["refused"]["example.com:443"], 1)


class Masters(unittest.TestCase):
    def test_form(self):
        with tempfile.TemporaryDirectory() as folder, Sim("--masters", folder) as sim:
            names = sorted(n for n in os.listdir(folder) if not n.endswith(".zip"))
            self.assertEqual(names, ["amsmst.cod", "fo_idx_code_mts.mst", "fo_stk_code_mts.mst", "frgn_code.mst",
                                     "hksmst.cod", "idxcode.mst", "konex_code.mst", "kosdaq_code.mst",
                                     "kospi_code.mst", "nasmst.cod", "nysmst.cod", "tsemst.cod"])
            text = {}
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    raw = file.read()
                served = sim.call("GET", "/common/master/%s.zip" % name)[2]
                with open(os.path.join(folder, name + ".zip"), "rb") as file:
                    self.assertEqual(file.read(), served)
                with zipfile.ZipFile(io.BytesIO(served)) as archive:
                    self.assertEqual((archive.namelist(), archive.read(name)), ([name], raw))
                text[name] = raw.decode("cp949").splitlines(keepends=True)
            self.assertEqual(sim.call("GET", "/common/master/nothing.zip")[0], 404)
        for name, tail in (("kospi_code.mst", 228), ("kosdaq_code.mst", 222), ("konex_code.mst", 185)):
            for line in text[name]:
                self.assertTrue(line[-tail:].isascii() and line[-tail:-tail + 2].isalpha(), line)
                self.assertRegex(line[:21], r"^[0-9A-Z]{6,7} +KR7[0-9A-Z]{9}$")
        rows = {line[:9].strip(): (line[21:-228].strip(), line[-228:-226]) for line in text["kospi_code.mst"]}
        self.assertEqual(rows["005930"], ("삼성전자", "ST"))
        self.assertEqual([rows[c][1] for c in ("069500", "Q500001", "57LA24", "330590")], ["EF", "EN", "EW", "RT"])
        samsung = [line for line in text["kospi_code.mst"] if line.startswith("005930")][0]
        self.assertEqual(samsung[9:21], "KR7005930003")
        self.assertEqual(text["idxcode.mst"][0][1:5] + text["idxcode.mst"][0][5:].strip(), "0001종합")
        self.assertEqual(text["fo_idx_code_mts.mst"][0], "1|A01612|KR4A016C0004|F 202612| |00000.00|1|2001|KOSPI200\n")
        apple = text["nasmst.cod"][0].rstrip("\n").split("\t")
        self.assertEqual((len(apple), apple[4:10]), (24, ["AAPL", "NASAAPL", "애플", "APPLE INC", "2", "USD"]))


if __name__ == "__main__":
    unittest.main()
