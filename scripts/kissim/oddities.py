"""What each fault of kind `ws` does around the data frame it strikes.

Bad frames are sent in addition to the good one and carry a copy of its records, so a test can
still compare everything good that was sent with what arrived.
"""

import base64
import gzip

from . import frames
from .records import CHANNELS

ENDS = ("cut", "half-dead", "close")


def before(session, tr, records, struck):
    """Acts for the struck faults just before the frame of `records` would be sent."""
    for fault in struck:
        if fault.where == "now":
            session.server.act(fault)
            continue
        if fault.name in ENDS:
            end(session, fault)
        elif fault.name == "cut-inside":
            _cut_inside(session, fault, tr, records)
        else:
            _FRAMES[fault.name](session, fault, tr, records)


def _text(tr, count, records):
    return ("0|%s|%s|%s" % (tr, count, "^".join(r.text for r in records))).encode("utf-8")


def unreadable(kind, tr, payload):
    """A data frame as nobody without the key, or the format, can read it."""
    packed = gzip.compress(payload)
    return packed if kind == "packed" else b"1|%s|001|%s" % (tr.encode("ascii"), base64.b64encode(packed))


def end(session, fault):
    """Faults after which the session says nothing more."""
    if fault.name == "cut":
        session.cut(str(fault.params.get("rst", "")).lower() in ("1", "true"), hold=True)
    elif fault.name == "half-dead":
        session.flush()
        session.dead = True
    elif fault.name == "close":
        session.finish(fault.params["code"], str(fault.params.get("reason", "")))


def _cut_inside(session, fault, tr, records):
    frame = frames.build(frames.TEXT, _text(tr, "001", records[:1]))
    offset = fault.params["at"] % len(frame)
    fault.params["at"] += 1
    session.server.stats.cut(tr, offset, len(frame))
    session.outbox.append(frame[:offset])
    session.cut(False, hold=True)


def _big(session, fault, tr, records):
    session.outbox.append(frames.build(frames.TEXT, b"0|H0STCNT0|001|" + b"9" * fault.params["size"]))


def _raw(payload, opcode=frames.TEXT, **options):
    def send(session, fault, tr, records):
        session.outbox.append(frames.build(opcode, payload, **options))

    return send


def _wrong_count(session, fault, tr, records):
    fields = sum(r.text.count("^") + 1 for r in records)
    count = len(records) + 1
    while fields % count == 0:
        count += 1
    session.outbox.append(frames.build(frames.TEXT, _text(tr, "%03d" % count, records)))


def _count(text):
    def send(session, fault, tr, records):
        session.outbox.append(frames.build(frames.TEXT, _text(tr, text, records)))

    return send


def _short(session, fault, tr, records):
    part = "^".join(records[0].text.split("^")[:10])
    session.outbox.append(frames.build(frames.TEXT, ("0|%s|001|%s" % (tr, part)).encode("utf-8")))


def _foreign(session, fault, tr, records):
    other = str(fault.params["symbol"])
    text = other + records[0].text[records[0].text.index("^") :]
    session.outbox.append(frames.build(frames.TEXT, ("0|%s|001|%s" % (tr, text)).encode("utf-8")))


def _empty(session, fault, tr, records):
    fields = records[0].text.split("^")
    fields[int(fault.params.get("index", 2))] = ""
    session.outbox.append(frames.build(frames.TEXT, ("0|%s|001|%s" % (tr, "^".join(fields))).encode("utf-8")))


def _odd_bytes(session, fault, tr, records):
    fields = records[0].text.encode("utf-8").split(b"^")
    fields[int(fault.params.get("index", 44))] = b'\x00\n"\\\xff\xc3('
    session.outbox.append(frames.build(frames.TEXT, b"0|%s|001|%s" % (tr.encode("ascii"), b"^".join(fields))))


def _duplicate(session, fault, tr, records):
    session.outbox.append(frames.build(frames.TEXT, _text(tr, "%03d" % len(records), records)))


def _lose(session, fault, tr, records):
    # The frame at hand was rendered before, so the jump shows from the next record on.
    for channel, code in sorted(session.registered):
        kind, venue = CHANNELS[channel]
        if kind == "trade":
            session.server.market.advance(code, venue, fault.params["trades"])


def _ping(session, fault, tr, records):
    session.pings += 1
    session.outbox.append(frames.build(frames.PING, b"are you there"))


_FRAMES = {
    "big-frame": _big,
    "bad-utf8": _raw(b"0|H0STCNT0|001|005930^\xff\xfe\xc3("),
    "bad-json": _raw(b'{"header":{"tr_id":"H0STCNT0","tr_key":'),
    "wrong-count": _wrong_count,
    "negative-count": _count("-01"),
    "huge-count": _count("99999999999999999999"),
    "short-frame": _short,
    "foreign-symbol": _foreign,
    "encrypted": _raw(b"1|H0STCNI0|001|c2ltdWxhdGVkIG9yZGVyIG5vdGljZSwgbm90IHJlYWw="),
    "empty-field": _empty,
    "odd-bytes": _odd_bytes,
    "duplicate": _duplicate,
    "lose": _lose,
    "masked-server-frame": _raw(b'{"header":{"tr_id":"PINGPONG","datetime":"x"}}', mask=b"\x01\x02\x03\x04"),
    "reserved-bits": _raw(b"reserved", reserved=4),
    "unknown-opcode": _raw(b"opcode 3", opcode=3),
    "long-control": _raw(b"p" * 126, opcode=frames.PING),
    "fragmented-ping": _raw(b"half", opcode=frames.PING, fin=False),
    "lonely-continuation": _raw(b"nothing before", opcode=frames.CONTINUATION),
    "ping": _ping,
}
