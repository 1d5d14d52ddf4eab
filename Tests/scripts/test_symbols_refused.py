"""observer symbols: files and servers that are not what they should be. All offline."""
import os
import resource
import shutil
import ssl
import subprocess
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from symbols_support import Symbols, overseas, share, zipped  # noqa: E402


class Refused(Symbols):
    """A file that does not fit is refused whole, with the place, and nothing is printed of the others either."""

    def test_shares(self):
        good = share("005930", "삼성전자")
        for number, (odd, said) in enumerate((
                (good + b"0", "289 bytes wide, not 288"), (good[:-1], "287 bytes wide"), (good[:100], "100 bytes wide"),
                (b"<html>", "6 bytes wide"), (share("000002", "나", width=282), "282 bytes wide"),
                (b" " + good[:-1], "no short code"), (good[:9] + b"x" * 12 + good[21:], "no ISIN"),
                (good[:60] + good[61:] + b"0", "no group code"), (good[:-2] + "가".encode("cp949"), "no group code"),
                (share("000002", b"A\tB"), "a control character"), (share("000002", b"A\0B"), "a control character"),
                (share("000002", b"A\x7fB"), "a control character"),
                (share("000002", b"A\xff\xffB"), "not in CP949"), (share("000002", b"\xb0"), "not in CP949"))):
            path = self.put("kospi_code.mst", [good, good, odd, good])
            self.refused(65, "kospi_code.mst:3: ", "--from", path)
            self.refused(65, said, "--from", self.put("idxcode.mst", [b"00001%-40s" % b"X"]), "--from", path)
        self.refused(65, "kosdaq_code.mst:1: 288 bytes wide, not 282", "--from", self.put("kosdaq_code.mst", [good]))

    def test_a_letter_beyond_cp949(self):
        text = share("005930", "삼성전자").decode("cp949") + "\n"
        path = self.put("kospi_code.mst", (text * 2 + text.replace("삼성", "😀")).encode())
        self.refused(65, "kospi_code.mst:3: a letter that CP949 does not have", "--from", path)

    def test_the_other_forms(self):
        apple = overseas("AAPL", "애플")
        future = b"1|A01612|KR4A016C0004|F 202612| |00000.00|1|2001|KOSPI200"
        index = b"00001%-40s" % b"X"
        for name, good, odd, said in (
                ("idxcode.mst", index, index[:-1], "44 bytes wide, not 45"),
                ("idxcode.mst", index, b" " + index[:-1], "no market and code"),
                ("fo_idx_code_mts.mst", future, future + b"|", "10 columns, not 9"),
                ("fo_idx_code_mts.mst", future, future[:30], "4 columns"),
                ("fo_stk_code_mts.mst", future, future.replace(b"A01612", b"-"), "no kind and short code"),
                ("nasmst.cod", apple, apple + b"\t", "25 columns, not 24"),
                ("nasmst.cod", apple, apple[:40], " columns, not 24"),
                ("nasmst.cod", apple, overseas("IBM", "IBM", exchange="NYS"), "not of the exchange NAS"),
                ("nasmst.cod", apple, overseas("A B", "x"), "no real-time key"),
                ("nasmst.cod", apple, overseas('A"B', "x"), "no real-time key"),
                ("nasmst.cod", apple, overseas("A", "x", kind="9"), "no type from 1 to 4"),
                ("nasmst.cod", apple, overseas("A", "x\x01"), "a control character")):
            self.refused(65, "%s:2: " % name, "--from", self.put(name, [good, odd]))
            self.assertIn(said, self.start("--from", os.path.join(self.dir, name)).stderr.decode())

    def test_files_that_are_nothing(self):
        body = share("005930", "삼성전자") + b"\n"
        whole = zipped([("kospi_code.mst", body)])
        encrypted = bytearray(whole)
        encrypted[6] |= 1
        damaged = bytearray(zipped([("kospi_code.mst", os.urandom(1000))]))
        damaged[100] ^= 1
        for bad, said in ((b"", "kospi_code.mst: empty"), (b"\n\n", "no line in it"),
                          (zipped([("a", body), ("b", body)]), "one file inside (there are 2)"), (zipped([]), "kospi_code.mst: "),
                          (whole[:60], "(there are 0)"), (bytes(encrypted), "encrypted"), (bytes(damaged), "kospi_code.mst: "),
                          (zipped([("x", b"")]), "no line in it"), (b"PK", "(there are 0)")):
            self.refused(65, said, "--from", self.put("kospi_code.mst", bad))

    def test_a_bomb_is_bounded(self):
        body = (share("005930", "삼성전자") + b"\n") * 400_000
        self.assertGreater(len(body), 100 << 20)
        bomb = self.put("kospi_code.mst.zip", zipped([("kospi_code.mst", body)]))
        long = self.put("kosdaq_code.mst", body)

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (33 << 20, 33 << 20))

        self.refused(65, "more than 32 MiB unpacked", "--from", bomb, preexec_fn=limit)
        self.refused(65, "more than 32 MiB", "--from", long, preexec_fn=limit)
        with open("/dev/zero", "rb") as endless:
            self.refused(65, "-: more than 32 MiB", "--from", "-", "--market", "index", stdin=endless, preexec_fn=limit)


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.answer(self)

    def log_message(self, *_):
        pass


class Fetched(Symbols):
    def serve(self, answer, context=None):
        server = HTTPServer(("127.0.0.1", 0), Server)
        server.answer = answer
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return "127.0.0.1:%d" % server.server_port

    def send(self, handler, status, body=b"", **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            handler.wfile.write(body)
        except OSError:
            pass

    def test_errors(self):
        index = zipped([("idxcode.mst", b"00001%-40s\n" % b"X")])
        for status, body, headers, code, said in (
                (404, b"", {}, 69, "404"), (503, b"<html>", {}, 69, "503"),
                (302, b"", {"Location": "https://example.com/"}, 69, "cannot fetch"), (200, b"<html>no</html>\n", {}, 65, ":1: "),
                (200, index, {"Content-Length": "9999999999"}, 65, "more than 32 MiB"),
                (200, index[:50], {"Content-Length": "500"}, 69, "cannot fetch"),
                (200, b"PK" + bytes(40 << 20), {}, 65, "more than 32 MiB")):
            at = self.serve(lambda handler: self.send(handler, status, body, **headers))
            self.refused(code, said, "--market", "index", "--url", "http://" + at,
                         env={"http_proxy": "http://127.0.0.1:1"})
        self.refused(69, "cannot fetch http://127.0.0.1:1/common/master/idxcode.mst.zip: ", "--market", "index",
                     "--url", "http://127.0.0.1:1")

    def test_one_bad_market_of_two(self):
        good = zipped([("idxcode.mst", b"00001%-40s\n" % b"X")])
        at = self.serve(lambda handler: self.send(handler, 200, good))
        self.assertEqual(self.names("--market", "index", "--url", "http://" + at), {"0001": "X"})
        self.refused(65, "kospi_code.mst.zip:1: 45 bytes wide, not 288", "--market", "index,kospi", "--url", "http://" + at)

    @unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
    def test_a_certificate_is_checked_whatever_curlrc_says(self):
        key, certificate = os.path.join(self.dir, "key"), os.path.join(self.dir, "certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        good = zipped([("idxcode.mst", b"00001%-40s\n" % b"X")])
        at = "https://localhost:" + self.serve(lambda handler: self.send(handler, 200, good), context).split(":")[1]
        self.put(".curlrc", b"insecure\n")
        words, env = ("--market", "index", "--url", at), {"HOME": self.dir, "no_proxy": "*"}
        self.refused(69, "cannot fetch " + at, *words, env=env)
        # The same server is believed as soon as its certificate is.
        self.assertEqual(self.names(*words, env=dict(env, CURL_CA_BUNDLE=certificate)), {"0001": "X"})


if __name__ == "__main__":
    unittest.main()
