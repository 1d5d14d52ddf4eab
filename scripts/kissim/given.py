"""What option arguments are made of: numbers within limits, moments, windows of time, symbols with a kind."""

import argparse
import re
import typing


def number(low, high, kind=int):
    """A parser of numbers from `low` to `high`."""
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError("a number is needed, not %r" % text) from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError("%s is not between %s and %s" % (text, low, high))
        return value

    return parse


def pattern(expression, what):
    """A parser of texts that match `expression` as a whole."""
    def parse(text):
        if not re.fullmatch(expression, text):
            raise argparse.ArgumentTypeError("%s is needed, not %r" % (what, text))
        return text

    return parse


def split(text, sign, form):
    """The two parts around `sign`, neither of them empty; `form` says what is needed."""
    left, found, right = text.partition(sign)
    if not found or not left:
        raise argparse.ArgumentTypeError("%s is needed, not %r" % (form, text))
    return left, right


ODD_KINDS = ("null", "list", "empty", "absent")


def rest_odd(text):
    """SYMBOL=KIND of --rest-odd: (symbol, kind, msg_cd or None)."""
    symbol, kind = split(text, "=", "SYMBOL=KIND")
    if kind.startswith("rt:"):
        return symbol, "rt", kind[3:]
    if kind not in ODD_KINDS:
        raise argparse.ArgumentTypeError("KIND is rt:CODE, %s, not %r" % (", ".join(ODD_KINDS), kind))
    return symbol, kind, None


def maintenance(text):
    """N:STATUS of --maintenance: (calls, HTTP status)."""
    calls, status = split(text, ":", "N:STATUS")
    if status not in ("302", "404", "405", "503"):
        raise argparse.ArgumentTypeError("STATUS is 302, 404, 405 or 503, not %r" % status)
    return number(1, 10**9)(calls), int(status)


def bad_bytes(text):
    """SYMBOL or SYMBOL=cut of --bad-bytes: (symbol, kind)."""
    symbol, _, kind = text.partition("=")
    if not symbol or kind not in ("", "cp949", "cut"):
        raise argparse.ArgumentTypeError("SYMBOL or SYMBOL=cut is needed, not %r" % text)
    return symbol, kind or "cp949"


class Moment(typing.NamedTuple):
    """A point of time: real seconds since the simulator's start, or seconds of its clock's day."""

    seconds: float
    of_day: bool


def moment(text):
    """`12.5` (seconds since the start) or `HH:MM[:SS]` (of the simulator's clock)."""
    if ":" in text:
        found = re.fullmatch(r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?", text)
        if not found:
            raise argparse.ArgumentTypeError("seconds or HH:MM:SS are needed, not %r" % text)
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return Moment(float(hours * 3600 + minutes * 60 + seconds), True)
    return Moment(number(0, 1e9, float)(text), False)


def layout(text):
    """TR:KIND@T of --layout: (TR, kind, index, moment)."""
    change, when = split(text, "@", "TR:KIND@T")
    tr, kind = split(change, ":", "TR:KIND@T")
    name, _, index = kind.partition(":")
    if kind == "prefix":
        return tr, "insert", 0, moment(when)
    if name not in ("remove", "insert"):
        raise argparse.ArgumentTypeError("KIND is remove:INDEX, insert:INDEX or prefix, not %r" % kind)
    return tr, name, number(0, 119)(index), moment(when)


def list_later(text):
    """SYMBOL@T of --list-later: (symbol, moment)."""
    symbol, when = split(text, "@", "SYMBOL@T")
    return symbol, moment(when)


def window(text):
    """A-B: two moments of one kind, A before B."""
    start, end = map(moment, split(text, "-", "A-B"))
    if start.of_day != end.of_day or start.seconds >= end.seconds:
        raise argparse.ArgumentTypeError("A-B needs two moments of one kind, the first before the second, not %r" % text)
    return start, end


def halt(text):
    """SYMBOL@A-B of --halt: (symbol, moment, moment)."""
    symbol, when = split(text, "@", "SYMBOL@A-B")
    return (symbol, *window(when))


def time_of_day(text):
    """HH:MM[:SS] as HHMMSS."""
    seconds = int(moment(text).seconds) if ":" in text else -1
    if not 0 <= seconds < 86400:
        raise argparse.ArgumentTypeError("HH:MM[:SS] is needed, not %r" % text)
    return "%02d%02d%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
