"""A small blocking client for the tests of kis-sim; shares no code with the simulator."""

import base64
import hashlib
import http.client
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SIM = os.environ.get("KIS_SIM") or os.path.join(HERE, "..", "..", "scripts", "kis-sim")
KEY, SECRET = "PSIM" * 9, "simsecret=" * 18
PRICE = "/uapi/domestic-stock/v1/quotations/inquire-price"
MULTI = "/uapi/domestic-stock/v1/quotations/intstock-multprice"
HOLIDAY = "/uapi/domestic-stock/v1/quotations/chk-holiday"


class Sim:
    """A running simulator; use as a context manager."""

    def __init__(self, *options):
        env = {k: v for k, v in os.environ.items() if not k.startswith("KIS_APP")}
        self.process = subprocess.Popen(
            [sys.executable, SIM, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
        )
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate()[1].decode())
        self.ready = json.loads(line)
        self.rest = urllib.parse.urlsplit(self.ready["rest_url"])
        self.ws = urllib.parse.urlsplit(self.ready["ws_url"])
        self.kept = None
        self.token_text = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """SIGTERM; returns (exit status, stderr)."""
        if self.kept:
            self.kept.close()
        self.process.terminate()
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors.decode()

    def call(self, method, path, body=None, headers=None, fresh=False):
        """(status, headers, body bytes); keeps the connection unless `fresh`."""
        if fresh or self.kept is None:
            link = http.client.HTTPConnection(self.rest.hostname, self.rest.port, timeout=10)
            if not fresh:
                self.kept = link
        else:
            link = self.kept
        if isinstance(body, dict):
            body = json.dumps(body)
        try:
            link.request(method, path, body, headers or {})
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except (OSError, http.client.HTTPException):
            self.kept = None if link is self.kept else self.kept
            link.close()
            raise
        finally:
            if fresh:
                link.close()

    def json(self, *args, **named):
        """(status, decoded body)."""
        status, _, body = self.call(*args, **named)
        return status, json.loads(body)

    def token(self, key=KEY, secret=SECRET):
        return self.json("POST", "/oauth2/tokenP", {
            "grant_type": "client_credentials", "appkey": key, "appsecret": secret})

    def approval(self, key=KEY, secret=SECRET):
        body = {"grant_type": "client_credentials", "appkey": key, "secretkey": secret}
        return self.json("POST", "/oauth2/Approval", body)[1]["approval_key"]

    def headers(self, tr, **changed):
        """Good headers; a value of None takes one away."""
        if self.token_text is None:
            self.token_text = self.token()[1]["access_token"]
        good = {"content-type": "application/json; charset=utf-8", "custtype": "P", "tr_id": tr,
                "authorization": "Bearer " + self.token_text, "appkey": KEY, "appsecret": SECRET}
        good.update(changed)
        return {k: v for k, v in good.items() if v is not None}

    def price(self, code, div="J", **changed):
        query = urllib.parse.urlencode({"FID_COND_MRKT_DIV_CODE": div, "FID_INPUT_ISCD": code})
        return self.json("GET", PRICE + "?" + query, headers=self.headers("FHKST01010100", **changed))

    def fault(self, name, **params):
        status, body = self.json("POST", "/sim/fault", dict(params, name=name), fresh=True)
        assert status == 200, body

    def stats(self):
        return self.json("GET", "/sim/stats", fresh=True)[1]

    def until(self, test, seconds=5):
        """Waits until test(stats) holds; returns the stats."""
        end = time.monotonic() + seconds
        while True:
            stats = self.stats()
            if test(stats):
                return stats
            if time.monotonic() > end:
                raise AssertionError("never came true: %r" % stats)
            time.sleep(0.02)


class Closed(Exception):
    """The TCP connection ended."""


class Socket:
    """A WebSocket client that shows raw frames."""

    def __init__(self, sim, path="/tryitout", approval=None, link=None):
        self.sim = sim
        self.approval = approval or sim.approval()
        self.link = link or socket.create_connection((sim.ws.hostname, sim.ws.port), timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.link.sendall((
            "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (path, key)).encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.head = head.decode()
        wanted = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if " 101 " in self.head.split("\r\n")[0]:
            assert "Sec-WebSocket-Accept: " + base64.b64encode(wanted).decode() in self.head, head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()

    def _more(self, size=65536):
        try:
            data = self.link.recv(size)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed
        self.buffer += data

    def _take(self, size):
        while len(self.buffer) < size:
            self._more(1 << 20)
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out

    def frame(self):
        """(first byte, second byte, payload) of the next frame, unmasked when it was masked."""
        first, second = self._take(2)
        size = second & 127
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        mask = self._take(4) if second & 128 else b"\0\0\0\0"
        payload = self._take(size)
        if second & 128:
            payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        return first, second, payload

    def quiet(self, seconds):
        """True when nothing arrives in that time."""
        return not self.buffer and not select.select([self.link], [], [], seconds)[0]

    def send(self, payload, opcode=1, fin=True, mask=b"\x11\x22\x33\x44", reserved=0):
        if isinstance(payload, str):
            payload = payload.encode()
        head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
        flag = 0x80 if mask else 0
        if len(payload) < 126:
            head += bytes([flag | len(payload)])
        elif len(payload) < 65536:
            head += struct.pack("!BH", flag | 126, len(payload))
        else:
            head += struct.pack("!BQ", flag | 127, len(payload))
        if mask:
            payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
            head += mask
        self.link.sendall(head + payload)

    def ask(self, tr, code, kind="1", **header):
        head = {"approval_key": self.approval, "custtype": "P", "tr_type": kind, "content-type": "utf-8"}
        head.update(header)
        self.send(json.dumps({"header": head, "body": {"input": {"tr_id": tr, "tr_key": code}}}))

    def text(self):
        """The next text frame; answers nothing, skips pings."""
        while True:
            first, _, payload = self.frame()
            if first == 0x81:
                return payload.decode()
            if first & 15 == 8:
                raise Closed(struct.unpack("!H", payload[:2])[0])

    def control(self):
        """The next control message that is not PINGPONG, as (msg_cd, whole message)."""
        while True:
            text = self.text()
            if text.startswith("{") and "PINGPONG" not in text:
                message = json.loads(text)
                return message["body"]["msg_cd"], message

    def data(self):
        """The next data frame as (TR, count, fields)."""
        while True:
            text = self.text()
            if text[:2] in ("0|", "1|"):
                _, tr, count, rest = text.split("|", 3)
                return tr, int(count), rest.split("^")

    def subscribe(self, tr, code):
        self.ask(tr, code)
        return self.control()[0]


class Shared(unittest.TestCase):
    """One simulator for a class; OPTIONS are its command line."""

    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(*cls.OPTIONS)
        cls.addClassCleanup(cls.sim.stop)
