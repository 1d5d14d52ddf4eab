"""Tests of the control side of the WebSocket and of the process: run all with `python3 -m unittest discover -s Tests/sim`."""

import http.client
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kis_client import SIM, Closed, Shared, Sim, Socket  # noqa: E402


class Registrations(Shared):
    OPTIONS = ("--rate", "0", "--ticks-per-second", "0")

    def test_ack_shape_and_codes(self):
        with Socket(self.sim) as ws:
            ws.ask("H0STASP0", "005930")
            code, message = ws.control()
            self.assertEqual(message["header"], {"tr_id": "H0STASP0", "tr_key": "005930", "encrypt": "N"})
            output = message["body"].pop("output")
            wanted = {"rt_cd": "0", "msg_cd": "OPSP0000", "msg1": "SUBSCRIBE SUCCESS"}
            self.assertEqual(message["body"], wanted)
            self.assertEqual((len(output["iv"]), len(output["key"])), (16, 32))
            self.assertEqual(ws.subscribe("H0STASP0", "005930"), "OPSP0002")
            self.assertEqual(ws.subscribe("H0XXXXX0", "005930"), "OPSP8991")
            self.assertEqual(ws.subscribe("H0STCNT0", "59"), "OPSP8992")
            self.assertEqual(ws.subscribe("H0STCNT0", "999999"), "OPSP0000")
            for expected in ("OPSP0001", "OPSP0003"):
                ws.ask("H0STASP0", "005930", kind="2")
                self.assertEqual(ws.control()[0], expected)
            ws.ask("H0STASP0", "005930", kind="0")
            self.assertEqual(ws.control()[0], "OPSP8997")
            ws.send('{"header":{"tr_type":"1"},"body":{"input":{"tr_id":"\\ud800","tr_key":"x"}}}')
            self.assertEqual(ws.control()[0], "OPSP8998")
            ws.ask("H0STASP0", "005930", custtype="")
            self.assertEqual(ws.control()[0], "OPSP8998")
            for text, expected in (("{", "OPSP8993"), ("[]", "OPSP8993"), ("{}", "OPSP8994"),
                                   ('{"header":{}}', "OPSP8995"),
                                   ('{"header":{},"body":{"input":{"tr_id":1}}}', "OPSP8995")):
                ws.send(text)
                code, message = ws.control()
                self.assertEqual((code, message["header"]["tr_id"]), (expected, "(null)"))

    def test_forty_one(self):
        with Socket(self.sim) as ws:
            answers = []
            for n in range(21):
                answers += [ws.subscribe("H0STCNT0", "B%05d" % n), ws.subscribe("H0STASP0", "B%05d" % n)]
            self.assertEqual(answers, ["OPSP0000"] * 41 + ["OPSP0008"])
            self.assertEqual(self.sim.stats()["ws"]["registrations_now"], 41)
            ws.ask("H0STCNT0", "B00000", kind="2")
            self.assertEqual(ws.control()[0], "OPSP0001")
            self.assertEqual(ws.subscribe("H0STASP0", "B00020"), "OPSP0000")

    def test_second_session_is_refused(self):
        with Socket(self.sim) as first:
            self.assertEqual(first.subscribe("H0STCNT0", "005930"), "OPSP0000")
            with Socket(self.sim, path="/tryitout/H0STCNT0") as second:
                second.ask("H0STCNT0", "005930")
                code, message = second.control()
                self.assertEqual((code, message["header"]["tr_id"]), ("OPSP8996", "(null)"))
                with self.assertRaises(Closed):
                    second.text()
            self.assertEqual(first.subscribe("H0STASP0", "005930"), "OPSP0000")
        self.sim.until(lambda s: s["ws"]["sessions_now"] == 0)
        with Socket(self.sim, path="/") as third:
            self.assertEqual(third.subscribe("H0STCNT0", "005930"), "OPSP0000")

    def test_approval_key(self):
        with Socket(self.sim, approval="00000000-0000-0000-0000-000000000000") as ws:
            ws.ask("H0STASP0", "005930")
            code, message = ws.control()
            self.assertEqual((code, message["body"]["msg1"]), ("OPSP0011", "invalid approval : NOT FOUND"))
        with Socket(self.sim) as ws:
            self.assertEqual(ws.subscribe("H0STCNT0", "005930"), "OPSP0000")
            self.sim.fault("forget-approvals")
            self.assertEqual(ws.subscribe("H0STASP0", "005930"), "OPSP0000")  # an open session outlives it

    def test_faulty_answers(self):
        with Socket(self.sim) as ws:
            for name, params, expected in (
                ("bad-approval", {}, "OPSP0011"), ("internal-error", {}, "OPSP0007"),
                ("reply", {"msg_cd": "OPSP0009"}, "OPSP0009"),
                ("bad-key", {"symbol": "000660", "n": 1}, "OPSP8992"),
            ):
                self.sim.fault(name, **params)
                self.assertEqual(ws.subscribe("H0STCNT0", "000660"), expected)
            self.sim.fault("max-subscribe", at=2)
            self.assertEqual([ws.subscribe("H0STCNT0", "00066%d" % n) for n in range(3)],
                             ["OPSP0000", "OPSP0000", "OPSP0008"])
            self.sim.fault("clear")
            self.assertEqual(ws.subscribe("H0STCNT0", "000662"), "OPSP0000")
            self.sim.fault("in-use")
            self.assertEqual(ws.subscribe("H0STCNT0", "000669"), "OPSP8996")
            with self.assertRaises(Closed):
                ws.text()
        self.sim.until(lambda s: s["ws"]["sessions_now"] == 0)
        with Socket(self.sim) as ws:
            self.sim.fault("resource")
            self.assertEqual(ws.subscribe("H0STCNT0", "000660"), "OPSP9993")

    def test_protocol_violations(self):
        for say, code in (
            (lambda w: w.send("x", mask=None), 1002), (lambda w: w.send("x", reserved=4), 1002),
            (lambda w: w.send("x", opcode=3), 1002), (lambda w: w.send("x" * 126, opcode=9), 1002),
            (lambda w: w.send("x", opcode=9, fin=False), 1002), (lambda w: w.send("x", opcode=0), 1002),
            (lambda w: w.send(b"\xff\xfe"), 1007), (lambda w: w.send("x", opcode=2), 1003),
            (lambda w: w.link.sendall(b"\x81\xff\x7f" + b"\xff" * 7), 1009),
        ):
            with Socket(self.sim) as ws:
                say(ws)
                with self.assertRaises(Closed) as caught:
                    ws.text()
                self.assertEqual(caught.exception.args, (code,))

    def test_fragments_pings_and_close(self):
        with Socket(self.sim) as ws:
            ws.send('{"hea', fin=False)
            ws.send(b"inside", opcode=9)
            ws.send('der":1}', opcode=0)
            self.assertEqual(ws.frame(), (0x8A, 6, b"inside"))
            self.assertEqual(ws.control()[0], "OPSP8994")
            ws.send(b"\x03\xe8bye", opcode=8)
            self.assertEqual(ws.frame(), (0x88, 2, b"\x03\xe8"))
            with self.assertRaises(Closed):
                ws.frame()

    def test_refused_handshakes(self):
        good = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        for path, changed, status in (
            ("/x", {}, 404), ("/", {"Upgrade": "h2c"}, 426), ("/", {"Connection": "x"}, 400),
            ("/", {"Sec-WebSocket-Version": "8"}, 426), ("/", {"Sec-WebSocket-Key": "A"}, 400),
        ):
            link = http.client.HTTPConnection(self.sim.ws.hostname, self.sim.ws.port, timeout=5)
            link.request("GET", path, headers=dict(good, **changed))
            self.assertEqual(link.getresponse().status, status)
            link.close()


class PingPong(Shared):
    OPTIONS = ("--ticks-per-second", "0", "--pingpong", "0.2", "--pingpong-timeout", "0.6")

    def test_both_answers_and_none(self):
        with Socket(self.sim) as ws:
            text = ws.text()
            message = json.loads(text)
            self.assertEqual((list(message), message["header"]["tr_id"]), (["header"], "PINGPONG"))
            self.assertRegex(message["header"]["datetime"], r"^\d{14}$")
            ws.send(text, opcode=10)
            self.sim.until(lambda s: s["ws"]["pongs"] == 1)
            ws.send(ws.text())
            self.sim.until(lambda s: s["ws"]["echoes"] == 1)
            ws.send(b"unasked", opcode=10)
            self.sim.until(lambda s: s["ws"]["unsolicited_pongs"] == 1)
            with self.assertRaises(Closed):
                while True:
                    ws.text()
            self.assertEqual(self.sim.stats()["ws"]["pingpong_timeouts"], 1)


class Process(unittest.TestCase):
    def test_ready_file_stop_and_idle(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ready")
            sim = Sim("--ready-file", path)
            with open(path, encoding="ascii") as file:
                self.assertEqual(json.load(file), sim.ready)
            self.assertEqual(sim.ready["pid"], sim.process.pid)
            self.assertEqual(os.listdir(folder), ["ready"])
            with Socket(sim) as ws:
                ws.subscribe("H0STCNT0", "005930")
                answer = []
                thread = threading.Thread(target=lambda: answer.append(sim.stop()))
                thread.start()
                with self.assertRaises(Closed) as caught:
                    while True:
                        ws.text()
                self.assertEqual(caught.exception.args, (1001,))
                thread.join()
            self.assertEqual(answer, [(0, "")])

    def test_exit_with_parent(self):
        command = '"$0" "$1" --exit-with-parent & read -r _'
        started = subprocess.Popen(["sh", "-c", command, sys.executable, SIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        ready = json.loads(started.stdout.readline())
        started.stdin.close()
        started.wait()
        self.assertTrue(ready["pid"])
        ended, _, _ = select.select([started.stdout], [], [], 10)
        self.assertTrue(ended, "the simulator still holds its end of the pipe")
        self.assertEqual(started.stdout.read(), b"")
        started.stdout.close()

    def test_usage(self):
        for options, said in (
            (["--help"], "simsecret="), (["--fault", "x"], "no fault"), (["--bundle", "0"], "between"),
            (["--clock-at", "20261399T000000"], "no such moment"), (["--also-accept", "x"], "KEY:SECRET"),
        ):
            done = subprocess.run([sys.executable, SIM, *options], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0 if options == ["--help"] else 2)
            self.assertIn(said, done.stdout + done.stderr)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            done = subprocess.run([sys.executable, SIM, "--http-port", port], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertTrue(done.stderr.startswith("kis-sim: "))

    def test_credentials_from_the_environment(self):
        env = dict(os.environ, KIS_APP_KEY="PENVKEY", KIS_APP_SECRET="envsecret")
        process = subprocess.Popen([sys.executable, SIM], stdout=subprocess.PIPE, env=env)
        try:
            at = urllib.parse.urlsplit(json.loads(process.stdout.readline())["rest_url"])
            link = http.client.HTTPConnection(at.hostname, at.port, timeout=5)
            body = {"grant_type": "client_credentials", "appkey": "PENVKEY", "appsecret": "envsecret"}
            link.request("POST", "/oauth2/tokenP", json.dumps(body))
            self.assertEqual(link.getresponse().status, 200)
            link.close()
        finally:
            process.terminate()
            process.communicate()


if __name__ == "__main__":
    unittest.main()
