"""REST answers that are well-formed HTTP and yet not what was asked for (KIS.md 0.1, last rows)."""

import json

from .http import Reply

OUTPUTS = {"null": None, "list": [], "empty": ""}
LATER = "/maintenance.html"  # where a 302 leads; this page is there for good
PAGE = ("<!DOCTYPE html><html lang=\"ko\"><head><title>시스템 점검 안내</title></head><body><h1>시스템 점검 중입니다</h1>"
        "<p>보다 나은 서비스를 위해 점검을 진행하고 있습니다.</p></body></html>").encode("utf-8")
_BAD = "\ue000"  # stands for the bytes that are no UTF-8 until the body is written


class OddAnswers:
    """Decides from the command line which answers are odd; `rest_odd`, `maintenance` and `bad_bytes` of the options."""

    def __init__(self, options):
        self.kinds = {symbol: (kind, code) for symbol, kind, code in options.rest_odd}
        self.left, self.status = options.maintenance or (0, 0)
        self.bytes = dict(options.bad_bytes)

    def closed(self, path):
        """The maintenance page, while it stands in for every call; None afterwards."""
        if path == LATER:
            return Reply(200, PAGE, kind="text/html; charset=utf-8")
        if not self.left:
            return None
        self.left -= 1
        where = {"Location": LATER} if self.status == 302 else {}
        return Reply(self.status, PAGE, where, kind="text/html; charset=utf-8")

    def body(self, symbols):
        """The whole body of a call for these symbols when one of them is odd, else None."""
        for symbol in symbols:
            kind, code = self.kinds.get(symbol, (None, None))
            if kind == "rt":
                return {"rt_cd": "1", "msg_cd": code, "msg1": "종목코드 오류입니다." if code else ""}
            if kind:
                done = {"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다!"}
                return done if kind == "absent" else dict(done, output=OUTPUTS[kind])
        return None

    def spoil(self, symbol, row, member):
        """Marks `member` of a symbol's row as one whose bytes will be bad."""
        if symbol in self.bytes:
            row[member] = _BAD + symbol + _BAD + row[member] + _BAD
        return row

    def encode(self, body):
        """Compact JSON, with the marked texts in CP949 or with a cut last character."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        parts = text.split(_BAD)
        out = [parts[0].encode("utf-8", "replace")]
        for symbol, name, rest in zip(parts[1::3], parts[2::3], parts[3::3]):
            cut = self.bytes.get(symbol) == "cut"
            out.append((name + "가").encode("utf-8")[:-1] if cut else name.encode("cp949", "replace"))
            out.append(rest.encode("utf-8", "replace"))
        return b"".join(out)
