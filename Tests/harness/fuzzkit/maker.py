"""Lines, good and broken, from one seed."""
import random
import re

from fuzzkit.contract import CONTEXT, META, SECTIONS
from fuzzkit.text import Obj


class Raw(str):
    """Text that is written as it stands."""


NUMBERS = ["0", "-0", "1", "71100", "1523400", "1e3", "1E+3", "0.10", "-0.0", "12345678901234567890", "1e-999",
           "9" * 30, "1.7976931348623157e308", "1.7976931348623159e308", "1e308", "2e308", "1e309", "1e999",
           "-1e999", "0e99999", "0." + "0" * 400 + "1e401", "9" * 308, "9" * 309, "1" + "0" * 309, "1785371021123",
           "0.0", "1.", ".5", "01", "-", "+1", "1e", "1e+", "--1", "0x10", "1_0", "NaN", "Infinity", "-Infinity",
           "-NaN", "Inf", "nan", "infinity", "17976931348623158" + "0" * 292, "17976931348623159" + "0" * 292]
WORDS = ["", "a", "BLOCK", "INFO", "SKIPPED", "raw", "market", "005930", "삼성전자", "é", "\U0001f600", "\u0000",
         "\x1f", '"', "\\", "/", "a" * 7, "a" * 8, "b" * 9, "c" * 16, "d" * 17, "\u2028", "\ud7ff", "\ue000",
         "BLOC\u212a", "x\ny", "observation.inputs", "inputs[0]", "0", "null", "1"]
NAMES = META + CONTEXT + SECTIONS + ["meta", "context", "observation", "price", "volume", "validation", "guard",
                                     "severity", "symbol", "market", "snapshot", "a", "", "b.c", "[0]", "timestamp_m",
                                     "timestamp_mss", "observer_versio", "observer_versions", "삼성", "x" * 20]
BYTES = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\x1f", b"\x7f", b"\x80", b"\xbf", b"\xc0\x80",
         b"\xc1\xbf", b"\xc2", b"\xc2\x80", b"\xdf\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe0\xa0\x80", b"\xed\x9f\xbf",
         b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xef\xbb\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80\x80",
         b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xf0\x9f\x98", b"\r", b"\t", b" ", b"\x0b",
         b"\x0c", b"\xc2\xa0", b"\xe2\x80\xa8", b"\\u", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\ud800\\u0041", b"\\x",
         b"\\u00e", b"\\u0000", b"0", b"-", b"e", b".", b"NaN", b"Infinity", b"null", b"tru", b"//", b"'", b"\xed\x95\x9c",
         b'"meta":', b'"validation":{"severity":"BLOCK"},', b',"guard":{"action":"PASS"}']


NEEDS_ESCAPE = re.compile(r'[\x00-\x1f"\\]')


class Maker:
    """Random lines from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.looseness = 0.0
        self.space = 0.0
        self.escapes = 0.0

    def chance(self, share):
        return self.random.random() < share

    def blank(self):
        if not self.space or not self.chance(self.space):
            return ""
        return "".join(self.random.choice(" \t\r ") for _ in range(self.random.choice([1, 1, 2, 3, 9])))

    def string(self, text):
        if not self.escapes and not NEEDS_ESCAPE.search(text):
            return '"' + text + '"'
        out = []
        for char in text:
            code = ord(char)
            if char in '"\\' or code < 0x20:
                short = {8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: '"', 92: "\\"}.get(code)
                out.append("\\" + short if short and self.chance(0.5) else "\\u%04x" % code)
            elif self.chance(self.escapes):
                units = [code] if code < 0x10000 else [0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF)]
                form = "\\u%04x" if self.chance(0.5) else "\\u%04X"
                out.append("\\/" if char == "/" else "".join(form % unit for unit in units))
            else:
                out.append(char)
        return '"' + "".join(out) + '"'

    def text(self, value):
        if isinstance(value, Raw):
            return str(value)
        if isinstance(value, Obj):
            inner = ",".join(
                self.blank() + self.string(name) + self.blank() + ":" + self.blank() + self.text(child) + self.blank()
                for name, child in value)
            return "{" + (inner or self.blank()) + "}"
        if isinstance(value, list):
            return "[" + (",".join(self.blank() + self.text(child) + self.blank() for child in value)
                          or self.blank()) + "]"
        return self.string(value)

    def scalar(self):
        kind = self.random.random()
        if kind < 0.3:
            return Raw(self.random.randrange(-10**6, 10**6))
        if kind < 0.45:
            return Raw(self.random.choice(NUMBERS[:12] if self.chance(0.9) else NUMBERS))
        if kind < 0.6:
            return Raw(self.random.choice(["null", "true", "false"]))
        if kind < 0.8:
            return self.random.choice(WORDS)
        return "".join(self.random.choice("abcdefgh 한é/\"\\\n😀") for _ in range(self.random.randrange(40)))

    def value(self, depth=0):
        if depth > 4 or self.chance(0.6):
            return self.scalar()
        if self.chance(0.4):
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        return Obj((self.random.choice(NAMES), self.value(depth + 1)) for _ in range(self.random.randrange(4)))

    def members(self, names, make):
        out = Obj()
        for name in names:
            if self.chance(self.looseness):
                action = self.random.randrange(5)
                if action == 0:
                    continue
                if action == 1:
                    out.append((name, self.random.choice(["", Raw("null"), Raw("NaN"), Raw("1e999"), Raw("0")])))
                    continue
                if action == 2:
                    out.append((name, self.value()))
                    continue
                if action == 3:
                    out.append((name, make(name)))
                else:
                    out.insert(self.random.randrange(len(out) + 1), (self.random.choice(NAMES), self.value()))
            out.append((name, make(name)))
        if self.chance(0.3):
            self.random.shuffle(out)
        return out

    def verdict(self):
        severity = Raw("null") if self.chance(0.1) else self.random.choice(WORDS[:6])
        return Obj([("severity", severity)]) if self.chance(0.8) else self.value()

    def snapshot(self):
        def meta(name):
            return Raw(self.random.randrange(10**12, 2 * 10**12)) if name == "timestamp_ms" else self.random.choice(WORDS[1:8])

        def section(_):
            names = [name for name in ("price", "volume", "open", "raw", "x.y") if self.chance(0.5)]
            return self.members(names, lambda _: self.scalar() if self.chance(0.8) else self.value())

        def top(name):
            if name == "meta":
                return self.members(META, meta)
            if name == "context":
                return self.members(CONTEXT + [n for n in ("symbol", "market") if self.chance(0.7)], meta)
            return self.members(SECTIONS, section)

        out = self.members(["meta", "context", "observation"], top)
        while self.chance(0.15):
            name = self.random.choice(["validation", "guard", "extra"])
            out.insert(self.random.randrange(len(out) + 1), (name, self.verdict()))
        return out

    def deep(self):
        depth = self.random.choice([3, 508, 509, 510, 511, 512, 513, 600])
        opening = [self.random.choice(['[', '{"a":']) for _ in range(depth - 1)]
        closing = ["]" if part == "[" else "}" for part in reversed(opening)]
        core = self.random.choice(["1", "[]", "{}", "NaN", ""])
        if core == "" and opening and opening[-1] != "[":
            core = "0"
        return '{"observation":' + "".join(opening) + core + "".join(closing) + "}"

    def mutate(self, line):
        for _ in range(self.random.choice([1, 1, 1, 2, 3, 8])):
            at = self.random.randrange(len(line) + 1)
            to = min(len(line), at + self.random.choice([1, 1, 2, 5, 20]))
            action = self.random.randrange(6)
            if action == 0:
                line = line[:at] + line[to:]
            elif action == 1:
                line = line[:at] + self.random.choice(BYTES) + line[at:]
            elif action == 2:
                line = line[:at] + self.random.choice(BYTES) + line[to:]
            elif action == 3:
                line = line[:at] + bytes([self.random.randrange(256)]) + line[at + 1:]
            elif action == 4:
                line = line[:at]
            else:
                start = self.random.randrange(len(line) + 1)
                line = line[:at] + line[start:start + self.random.choice([1, 8, 40])] + line[at:]
        return line

    def lines(self, count):
        """Lines, most of them with a few broken versions of themselves behind them."""
        out = []
        while len(out) < count:
            line = self.line()
            out.append(line)
            out += [self.mutate(line) for _ in range(self.random.choice([0, 1, 3, 5]))]
            if self.chance(0.02):
                out.append(line + b"\r")
        return [line.replace(b"\n", b"") for line in out[:count]]

    def line(self):
        self.looseness = self.random.choice([0, 0, 0.02, 0.1, 0.3])
        self.space = self.random.choice([0, 0, 0.05, 0.4])
        self.escapes = self.random.choice([0, 0, 0.02, 0.5])
        kind = self.random.random()
        if kind < 0.85:
            tree = self.snapshot()
        elif kind < 0.97:
            tree = self.value()
        elif kind < 0.98:
            tree = Raw(self.deep())
        else:
            tree = Obj((word, Raw(self.random.choice(NUMBERS))) for word in self.random.sample(NAMES, 3))
        return (self.blank() + self.text(tree) + self.blank()).encode()
