"""One WebSocket session: reading, keeping alive, and writing in plain or odd ways."""

import asyncio
import json
import random
import socket
import struct
import time

from . import echo, frames, oddities
from .http import MAX_CONNECTIONS
from .records import UNSENT

class Session:
    """State of one open connection."""

    def __init__(self, server, hub, reader, writer):
        self.server, self.hub, self.reader, self.writer = server, hub, reader, writer
        self.app_key = None
        self.approval = None  # as the client said it last
        self.opened = self.spoke = time.time()
        self.registered = set()
        self.asked = set()  # registrations that were asked for and need not be asked for again
        self.codes = {}  # TR -> set of symbols
        self.dead = False  # half-dead: reads on, says nothing
        self.closing = False
        self.last_data = time.monotonic()
        self.waiting = []  # (PINGPONG text, when sent) of those that are unanswered
        self.pings = 0
        self.outbox = []
        self.dribble = bytearray()
        self.dribbler = None
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        writer.transport.set_write_buffer_limits(high=1 << 20)

    # --- writing -------------------------------------------------------------------------------

    def put(self, data):
        """Sends bytes after everything queued before."""
        if self.dead or self.writer.is_closing():
            return
        self.spoke = time.time()
        mode = self.server.faults.mode("split")
        if mode or self.dribbler is not None:
            self.dribble += data
            if self.dribbler is None:
                self.server.faults.note("split")
                self.dribbler = asyncio.ensure_future(self._dribble(max(1, mode.params["most"])))
            return
        self.writer.write(data)

    async def _dribble(self, most):
        """Lets the queued bytes go in pieces of 1 to `most`."""
        rng = random.Random(self.server.seed)
        try:
            while self.dribble:
                size = rng.randint(1, most)
                piece = bytes(self.dribble[:size])
                del self.dribble[:size]
                self.writer.write(piece)
                await self.writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            self.dribble.clear()
        finally:
            self.dribbler = None

    def control(self, payload):
        """Sends a control answer as a text frame."""
        if self.closing:
            return
        if self.server.options.echo_secrets:
            payload = echo.control(payload, self.app_key, self.approval)
        for _ in self.server.faults.strikes("control"):
            message = json.loads(payload)
            payload = self.server.typed.next(message.get("body", {}).get("msg_cd", "PINGPONG"), payload)
        self.put(frames.build(frames.TEXT, payload))

    def data(self, tr, records):
        """Queues one data frame of `records` (records.Record), faults applied; False when it was not sent."""
        if self.dead or self.closing:
            return False
        text = "0|%s|%03d|%s" % (tr, len(records), "^".join([r.text for r in records]))
        payload = text.encode("utf-8")
        faults = self.server.faults
        if faults.mode("echo-data"):
            payload = echo.frame(tr, records, self.app_key, self.approval)
        if faults.armed:
            oddities.before(self, tr, records, faults.strikes("ws", lambda f: f.params.get("tr") in (None, tr)))
            if self.dead or self.closing:
                return False
        unreadable = faults.mode("unreadable")
        if unreadable:
            payload = oddities.unreadable(str(unreadable.params["kind"]), tr, payload)
        size, binary = faults.mode("fragment"), faults.mode("binary")
        if size:
            faults.note("fragment")
            frame = frames.fragments(self.stamped(payload), max(1, size.params["size"]))
            self.pings += frame.count(b"\x89\x07between")
        else:
            frame = frames.build(frames.BINARY if binary else frames.TEXT, payload)
        self.outbox.append(frame)
        self.server.stats.sent(tr, [r.code for r in records], len(frame))
        self.server.record(tr, records)
        self.last_data = time.monotonic()
        return True

    def flush(self):
        """Hands the queued frames to the socket in one write."""
        if self.outbox:
            self.put(self.stamped(b"".join(self.outbox)))
            self.outbox.clear()

    def stamped(self, data):
        """Data with the present time where a record says when it was sent."""
        return data.replace(UNSENT, b"^%d" % (time.time_ns() // 1000)) if self.server.options.stamp else data

    def pending(self):
        """Bytes not yet taken by the kernel."""
        if self.dead or self.writer.is_closing():
            return 0
        return self.writer.transport.get_write_buffer_size() + len(self.dribble)

    # --- ending --------------------------------------------------------------------------------

    def finish(self, code, reason=""):
        """Sends a close frame and closes when it has left."""
        if self.closing or self.dead:
            return
        self.flush()
        self.put(frames.build(frames.CLOSE, frames.close_payload(code, reason)))
        self.closing = True
        self.hub.leave(self)
        self._close_later(1.0)

    def cut(self, reset, hold=False):
        """Drops TCP without a close frame; without `reset` what was sent before still arrives.

        `hold`: the app key stays occupied for --hold-session, as after a lost connection.
        """
        self.flush()
        self.closing = True
        self.hub.leave(self, unclean=hold)
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.writer.transport.abort()
        else:
            self._close_later(0)

    def _close_later(self, delay):
        """Closes once the queue has left, and in any case some seconds later."""
        loop = asyncio.get_running_loop()
        loop.call_later(delay, self.writer.close)
        loop.call_later(delay + 5, self.writer.transport.abort)

    # --- reading -------------------------------------------------------------------------------

    async def run(self):
        """Reads until the end of the connection."""
        stats = self.server.stats
        try:
            await self._read()
        except frames.Violation as wrong:
            stats.violations[wrong.reason] += 1
            self.finish(wrong.code, wrong.reason)
            await self._swallow()
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            if not self.closing:
                stats.drops_seen += 1
                self.hub.leave(self, unclean=True)
        if self.dribbler is not None:
            await asyncio.wait([self.dribbler], timeout=2)

    async def _read(self):
        parts, kind, total = [], None, 0
        while True:
            fin, opcode, payload = await frames.read_frame(self.reader)
            if self.dead:
                continue
            if opcode == frames.CLOSE:
                self.server.stats.closes_seen += 1
                self._answer_close(payload)
                return
            if opcode == frames.PING:
                self.server.stats.client_pings += 1
                self.put(frames.build(frames.PONG, payload))
            elif opcode == frames.PONG:
                self.pong(payload)
            else:
                if (opcode == frames.CONTINUATION) != (kind is not None):
                    raise frames.Violation(1002, "continuation out of place")
                kind = opcode if kind is None else kind
                total += len(payload)
                if total > frames.MAX_CLIENT_MESSAGE or len(parts) > 4096:
                    raise frames.Violation(1009, "message too big")
                parts.append(payload)
                if fin:
                    self._message(kind, b"".join(parts))
                    parts, kind, total = [], None, 0

    def _message(self, kind, payload):
        if kind != frames.TEXT:
            raise frames.Violation(1003, "text expected")
        try:
            text = payload.decode("utf-8")
        except UnicodeDecodeError:
            raise frames.Violation(1007, "not UTF-8") from None
        if not self.closing:
            self.hub.control.message(self, text)

    def _answer_close(self, payload):
        if len(payload) == 1:
            raise frames.Violation(1002, "close payload of one byte")
        if not self.closing:
            self.flush()
            self.put(frames.build(frames.CLOSE, payload[:2]))
            self.closing = True
            self.hub.leave(self)

    async def _swallow(self):
        """Reads on for a moment so that the close frame is not lost in a reset."""
        until = time.monotonic() + 1.0
        try:
            while await asyncio.wait_for(self.reader.read(65536), max(0.01, until - time.monotonic())):
                pass
        except (asyncio.TimeoutError, ConnectionError):
            pass  # long enough

    # --- keeping alive -------------------------------------------------------------------------

    def ask(self):
        """Sends PINGPONG."""
        if self.closing or self.dead:
            return
        text = '{"header":{"tr_id":"PINGPONG","datetime":"%s"}}' % self.server.clock.stamp()
        self.waiting.append((text, time.monotonic()))
        self.server.stats.pingpongs_sent += 1
        self.control(text.encode("ascii"))
        self.last_data = time.monotonic()

    def answers(self, text):
        """Whether that is the answer to a PINGPONG; with it those before are answered, too."""
        for index, (asked, _) in enumerate(self.waiting):
            if asked == text:
                del self.waiting[: index + 1]
                return True
        return False

    def echo(self, text):
        """A PINGPONG text came back."""
        if self.answers(text):
            self.server.stats.echoes += 1
        else:
            self.server.stats.violations["PINGPONG nobody asked for"] += 1

    def pong(self, payload):
        """A Pong frame: the answer to PINGPONG, to a ping of ours, or unasked."""
        if self.answers(payload.decode("latin-1")):
            self.server.stats.pongs += 1
        elif self.pings > 0:
            self.pings -= 1
            self.server.stats.ping_answers += 1
        else:
            self.server.stats.unsolicited_pongs += 1
            if self.server.drop_unsolicited:
                self.cut(False)

    def tend(self, now, every, timeout):
        """Called about once a second: asks when idle, drops a client that does not answer."""
        if self.waiting and now - self.waiting[0][1] > timeout:
            self.server.stats.pingpong_timeouts += 1
            self.cut(False)
        elif every and now - self.last_data >= every:
            self.ask()


def full(hub):
    """True when no further connection is taken."""
    return len(hub.sessions) >= MAX_CONNECTIONS
