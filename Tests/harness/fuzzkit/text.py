"""The oracle: whether a line is a JSON object, by Python's own json module."""
import json
import math
import re
import sys

sys.setrecursionlimit(20000)
MAX_DEPTH = 512


class Num(str):
    """A number as it was written."""


class NonFinite(str):
    """NaN, Infinity or -Infinity."""


class Obj(list):
    """An object: (name, value) pairs, repeated names kept."""

    def last(self, name):
        for key, value in reversed(self):
            if key == name:
                return value
        return ABSENT

    def count(self, name):
        return sum(1 for key, _ in self if key == name)


class Absent:
    """The value of a member that is not there."""

    def __repr__(self):
        return "ABSENT"


ABSENT = Absent()


def number(text):
    return Num(text) if math.isfinite(float(text)) else NonFinite(text)


DECODER = json.JSONDecoder(
    object_pairs_hook=Obj, parse_int=number, parse_float=number, parse_constant=NonFinite)


def parse(text):
    return DECODER.decode(text)


def has_lone_surrogate(text):
    if "\\u" not in text:
        return False
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"', text):
        try:
            json.loads(match.group()).encode()
        except UnicodeEncodeError:
            return True
    return False


def nesting(text):
    """The deepest nesting reached by brackets outside strings."""
    depth = deepest = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*(?:"|$)|[\[{]|[\]}]', text):
        token = match.group()
        if token in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "]}":
            depth -= 1
    return deepest


def judge(line):
    """(tree, None) for a JSON object, else (None, pattern of the one error)."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as bad:
        return None, re.escape("invalid UTF-8 at byte %d" % bad.start)
    deep = nesting(text) > MAX_DEPTH
    invalid = r"invalid JSON: .+ at byte (\d+)"
    too_deep = "nested deeper than 512"
    try:
        tree = parse(text)
    except (ValueError, RecursionError):
        return None, "(?:%s|%s)" % (invalid, too_deep) if deep else invalid
    lone = has_lone_surrogate(text)
    if deep:
        return None, "(?:%s|%s)" % (invalid, too_deep) if lone else too_deep
    if lone:
        return None, r"invalid JSON: lone surrogate at byte (\d+)"
    return (tree, None) if isinstance(tree, Obj) else (None, "not a JSON object")
