"""What option arguments are made of: numbers within limits, moments, windows of time, symbols with a kind."""

import argparse
import re


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
