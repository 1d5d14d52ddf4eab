"""HTTP/1.1 on asyncio streams: bounded reading, keep-alive, and answers that misbehave on demand."""

import asyncio
import dataclasses
import email.utils
import urllib.parse

MAX_HEAD = 16 * 1024
MAX_BODY = 64 * 1024
MAX_CONNECTIONS = 512
IDLE_SECONDS = 75
REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 411: "Length Required", 413: "Content Too Large",
           426: "Upgrade Required", 431: "Request Header Fields Too Large",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class Bad(Exception):
    """A request that ends the connection with this status."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


@dataclasses.dataclass
class Request:
    """A parsed request; header names in lower case, the last of equal query names wins."""

    method: str
    path: str
    query: dict
    headers: dict
    body: bytes
    keep_alive: bool


@dataclasses.dataclass
class Reply:
    """An answer. `style`: normal, loris, endless, hang-up or cut (at `limit`); `delay` in seconds."""

    status: int
    body: bytes
    headers: dict = dataclasses.field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    style: str = "normal"
    delay: float = 0.0
    pace: float = 0.0
    limit: int = 0

    def head(self, keep_alive):
        """The bytes before the body."""
        lines = ["HTTP/1.1 %d %s" % (self.status, REASONS.get(self.status, "Status"))]
        lines += ["Content-Type: " + self.kind, "Cache-Control: no-store"]
        if self.style == "endless":
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append("Content-Length: %d" % len(self.body))
        lines.append("Connection: " + ("keep-alive" if keep_alive else "close"))
        lines += ["%s: %s" % item for item in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


async def read_head(reader, timeout):
    """(method, target, version, headers), or None at a clean end. Raises Bad."""
    try:
        raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout)
    except asyncio.LimitOverrunError:
        raise Bad(431) from None
    except (asyncio.IncompleteReadError, asyncio.TimeoutError):
        return None
    if len(raw) > MAX_HEAD:
        raise Bad(431)
    lines = raw[:-4].decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise Bad(400)
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Bad(400)
        headers[name.lower()] = value.strip(" \t")
    return parts[0], parts[1], parts[2], headers


async def read_request(reader):
    """The next request, or None at the end of the connection. Raises Bad."""
    head = await read_head(reader, IDLE_SECONDS)
    if head is None:
        return None
    method, target, version, headers = head
    if "transfer-encoding" in headers:
        raise Bad(411)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 12:
        raise Bad(400)
    if int(length) > MAX_BODY:
        raise Bad(413)
    try:
        body = await asyncio.wait_for(reader.readexactly(int(length)), IDLE_SECONDS)
        url = urllib.parse.urlsplit(target)
        pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True, max_num_fields=200)
    except (asyncio.IncompleteReadError, asyncio.TimeoutError):
        return None
    except ValueError:
        raise Bad(400) from None
    words = headers.get("connection", "").lower()
    keep = "close" not in words and (version != "HTTP/1.0" or "keep-alive" in words)
    return Request(method, url.path, dict(pairs), headers, body, keep)


class HttpServer:
    """Serves `handler(request) -> Reply` on a loopback port."""

    def __init__(self, handler, stats, clock):
        self.handler = handler
        self.clock = clock
        self.stats = stats
        self.writers = set()

    async def connection(self, reader, writer):
        """One client connection until it ends."""
        if len(self.writers) >= MAX_CONNECTIONS:
            writer.close()
            return
        self.writers.add(writer)
        self.stats.http_connections += 1
        try:
            await self._requests(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.TimeoutError, asyncio.CancelledError):
            pass  # the client has gone, or the server stops
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _requests(self, reader, writer):
        while True:
            try:
                request = await read_request(reader)
            except Bad as bad:
                writer.write(Reply(bad.status, b"", kind="text/plain").head(False))
                await writer.drain()
                return
            if request is None:
                return
            self.stats.http_requests += 1
            reply = self.handler(request)
            reply.headers.setdefault("Date", email.utils.formatdate(self.clock.now(), usegmt=True))
            if not await self._answer(writer, request, reply) or not request.keep_alive:
                return

    async def _answer(self, writer, request, reply):
        """Writes the answer in its style; False when the connection must end."""
        if reply.delay:
            await asyncio.sleep(reply.delay)
        data = reply.head(request.keep_alive) + (b"" if request.method == "HEAD" else reply.body)
        if reply.style == "loris":
            for index in range(len(data)):
                writer.write(data[index : index + 1])
                await writer.drain()
                await asyncio.sleep(reply.pace)
            return True
        if reply.style == "endless":
            writer.write(reply.head(False))
            chunk = b"10000\r\n" + b'{"output":[' + b" " * (65536 - 11) + b"\r\n"
            while not writer.is_closing():
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0.002)
            return False
        if reply.style in ("hang-up", "cut"):
            whole = len(data) - len(reply.body) // 2
            writer.write(data[: reply.limit if reply.style == "cut" else whole])
            await writer.drain()
            return False
        writer.write(data)
        await asyncio.wait_for(writer.drain(), IDLE_SECONDS)
        return True

    def drop_all(self):
        """Closes every open connection."""
        for writer in list(self.writers):
            writer.close()
