"""RFC 6455 frames as a server writes and reads them."""

import base64
import hashlib
import struct

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
MAX_CLIENT_MESSAGE = 1 << 20
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Violation(Exception):
    """The client broke the protocol; `code` is the close code that answers it."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code
        self.reason = reason


def accept_value(key):
    """Sec-WebSocket-Accept for a Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode("ascii") + _GUID).digest()).decode("ascii")


def build(opcode, payload, fin=True, reserved=0, mask=None):
    """One frame. A server never masks; `mask` and `reserved` exist for the faults."""
    size = len(payload)
    first = (0x80 if fin else 0) | (reserved << 4) | opcode
    flag = 0x80 if mask else 0
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 65536:
        head = struct.pack("!BBH", first, flag | 126, size)
    else:
        head = struct.pack("!BBQ", first, flag | 127, size)
    if mask:
        return head + mask + unmask(payload, mask)
    return head + payload


def close_payload(code, reason=""):
    """Payload of a close frame."""
    return struct.pack("!H", code) + reason.encode("utf-8")[:120]


def unmask(payload, mask):
    """XOR with the four-byte mask."""
    size = len(payload)
    if not size:
        return b""
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


async def read_frame(reader):
    """(fin, opcode, payload) of the next client frame. Raises Violation, IncompleteReadError."""
    first, second = await reader.readexactly(2)
    opcode = first & 15
    if first & 0x70:
        raise Violation(1002, "reserved bits")
    if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        raise Violation(1002, "unknown opcode")
    if not second & 0x80:
        raise Violation(1002, "client frames must be masked")
    size = second & 127
    if opcode >= 8 and (size > 125 or not first & 0x80):
        raise Violation(1002, "control frames are short and whole")
    if size == 126:
        size = struct.unpack("!H", await reader.readexactly(2))[0]
    elif size == 127:
        size = struct.unpack("!Q", await reader.readexactly(8))[0]
    if size > MAX_CLIENT_MESSAGE:
        raise Violation(1009, "message too big")
    mask = await reader.readexactly(4)
    return bool(first & 0x80), opcode, unmask(await reader.readexactly(size), mask)


def fragments(payload, size):
    """A text message in continuation frames of `size` bytes with a ping between each two."""
    parts = [payload[i : i + size] for i in range(0, len(payload), size)] or [b""]
    out = []
    for index, part in enumerate(parts):
        out.append(build(TEXT if index == 0 else CONTINUATION, part, fin=index == len(parts) - 1))
        if index < len(parts) - 1:
            out.append(build(PING, b"between"))
    return b"".join(out)
