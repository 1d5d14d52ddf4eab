"""A forward proxy on loopback that leads to the simulator only, and counts what passed."""

import asyncio
import collections

from .http import MAX_CONNECTIONS, Bad, Reply, read_head

# Ports of KIS's own addresses, real and mock: what is asked for there is answered here.
KNOWN = {9443: "rest", 29443: "rest", 21000: "ws", 31000: "ws"}
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


class Proxy:
    """Serves CONNECT, and plain requests with an absolute address. `ports`: {"rest": …, "ws": …}, looked up when needed."""

    def __init__(self, ports):
        self.ports = ports
        self.connects = collections.Counter()  # host:port -> tunnels
        self.requests = collections.Counter()  # host:port -> connections of plain requests
        self.refused = collections.Counter()
        self.up = self.down = 0
        self.open = set()

    def report(self):
        """The JSON object of the statistics."""
        return {"connects": dict(self.connects), "requests": dict(self.requests), "refused": dict(self.refused),
                "bytes_up": self.up, "bytes_down": self.down, "open": len(self.open)}

    def _inside(self, host, port):
        """The port of the simulator that a target stands for, or None."""
        if host in LOOPBACK:
            return port if port in (self.ports["rest"], self.ports["ws"]) else None
        return self.ports.get(KNOWN.get(port))

    async def connection(self, reader, writer):
        """One client connection until it ends."""
        if len(self.open) >= MAX_CONNECTIONS:
            writer.close()
            return
        self.open.add(writer)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # one side has gone, or the server stops
        finally:
            self.open.discard(writer)
            writer.close()

    async def _serve(self, reader, writer):
        try:
            head = await read_head(reader, 10)
        except Bad as bad:
            writer.write(Reply(bad.status, b"", kind="text/plain").head(False))
            return
        if head is None:
            return
        method, target, version, headers = head
        place = target if method == "CONNECT" else target.partition("://")[2].partition("/")[0]
        host, _, digits = place.rpartition(":")
        port = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
        inside = self._inside(host.lower(), port)
        if inside is None:
            self.refused[place[:80]] += 1
            writer.write(Reply(403, b"kis-sim's proxy leads to kis-sim only\n", kind="text/plain").head(False))
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", inside)
        if method == "CONNECT":
            self.connects[place] += 1
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            self.requests[place] += 1
            lines = ["%s %s %s" % (method, target, version)] + ["%s: %s" % item for item in headers.items()]
            far_writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        both = [asyncio.ensure_future(self._pump(reader, far_writer, "up")),
                asyncio.ensure_future(self._pump(far_reader, writer, "down"))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(both, timeout=1)  # what is on its way the other way
        finally:
            for task in both:
                task.cancel()
            far_writer.close()

    def drop_all(self):
        """Closes every open connection."""
        for writer in list(self.open):
            writer.close()

    async def _pump(self, source, sink, way):
        try:
            while True:
                data = await source.read(65536)
                if not data:
                    break
                setattr(self, way, getattr(self, way) + len(data))
                sink.write(data)
                await sink.drain()
            sink.write_eof()
        except (ConnectionError, OSError):
            pass
