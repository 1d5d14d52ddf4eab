"""The upgrade request of a WebSocket connection, answered well or badly."""

import asyncio
import base64
import binascii

from . import frames
from .http import Bad, Reply, read_head

PATHS = ("/", "/tryitout")


async def handshake(reader, writer, faults=()):
    """Answers the upgrade request; False when it was refused."""
    try:
        head = await read_head(reader, 10)
    except Bad as bad:
        writer.write(Reply(bad.status, b"", kind="text/plain").head(False))
        return False
    if head is None:
        return False
    method, target, version, headers = head
    path = target.partition("?")[0]
    try:
        nonce = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
    except (binascii.Error, ValueError):
        nonce = b""
    status = 0
    if path not in PATHS and not path.startswith("/tryitout/"):
        status = 404
    elif method != "GET" or version != "HTTP/1.1" or len(nonce) != 16 or "host" not in headers:
        status = 400
    elif "websocket" not in headers.get("upgrade", "").lower():
        status = 426
    elif "upgrade" not in headers.get("connection", "").lower():
        status = 400
    elif headers.get("sec-websocket-version") != "13":
        status = 426
    for fault in faults:
        if fault.params["kind"] == "endless":
            await _endless(writer)
            return False
        status = 500 if fault.params["kind"] == "500" else status
    accept = "hostile" if faults else frames.accept_value(headers["sec-websocket-key"])
    if status:
        extra = {"Sec-WebSocket-Version": "13"} if status == 426 else {}
        writer.write(Reply(status, b"", extra, kind="text/plain").head(False))
        return False
    writer.write((
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n\r\n" % accept
    ).encode("ascii"))
    return True


async def _endless(writer):
    """A head that has no end, until the client has had enough."""
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    while not writer.is_closing():
        writer.write(b"X-More: " + b"m" * 1000 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.002)
