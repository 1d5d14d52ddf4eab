"""Numbered records, and the judge that says what became of them.

A record is `{"s":"0000000001","p":"aaa…"}`. The sets are Vector's: issued (a write into the pipe took it),
passed on (on the sink's stdout), durable (in a data file), rejected (in the rejects file), unwritten (the sink says
so), duplicate, corrupt. The law, after every case: read = durable + rejected + unwritten + blank.
"""
import base64
import json
import os
import re


class Deviation(Exception):
    """The product did not do what is expected of it."""


def expect(condition, text):
    if not condition:
        raise Deviation(text)


def record(number, size=200):
    """A numbered record of `size` bytes with its line feed."""
    head = b'{"s":"%010d","p":"' % number
    return head + b"a" * max(0, size - len(head) - 3) + b'"}\n'


NUMBER = re.compile(rb'^\{"s":"([0-9]{10})","p":"a*"\}$')


def number_of(line):
    """The number of an undamaged record, else None."""
    match = NUMBER.match(line)
    return int(match.group(1)) if match else None


class Archive:
    """What stands in an archive's folder."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers, self.corrupt, self.foreign, self.unterminated = [], [], [], []
        for path in self.files():
            self.read(path)
        self.duplicates = len(self.numbers) - len(set(self.numbers))
        self.rejects = self.read_rejects()

    def files(self):
        names = sorted(name for name in os.listdir(self.folder) if name.endswith(".jsonl"))
        return [os.path.join(self.folder, name) for name in names]

    def read(self, path):
        with open(path, "rb") as file:
            data = file.read()
        if data and not data.endswith(b"\n"):
            self.unterminated.append(path)
        for line in data.split(b"\n")[:-1]:
            number = number_of(line)
            if number is not None:
                self.numbers.append(number)
            elif is_object(line):
                self.foreign.append(line)
            else:
                self.corrupt.append(line[:80])

    def read_rejects(self):
        path = os.path.join(self.folder, "rejects/jsonl-sink.jsonl")
        if not os.path.exists(path):
            return []
        with open(path, "rb") as file:
            rows = [json.loads(line) for line in file.read().splitlines()]
        for row in rows:
            row["bytes"] = (row["input_text"].encode() if "input_text" in row
                            else base64.b64decode(row["input_base64"]) if "input_base64" in row
                            else json.dumps(row.get("input")).encode())
        return rows

    def judge(self, ordered=True, duplicates=0):
        """What holds whatever happened."""
        expect(not self.corrupt, "%d corrupt lines, first %r" % (len(self.corrupt), self.corrupt[:1]))
        expect(not self.unterminated, "no line feed at the end of %s" % self.unterminated)
        expect(self.duplicates <= duplicates, "%d duplicates" % self.duplicates)
        if ordered:
            expect(self.numbers == sorted(self.numbers), "order changed")
        return self


def is_object(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def receipt(err):
    """The last receipt on stderr."""
    for line in reversed(err.splitlines()):
        if line.startswith('{"in":'):
            return json.loads(line)
    return None


def law(err, archive=None, before=0):
    """The sink's own account has to add up, and to agree with what is in the files."""
    note = receipt(err)
    expect(note is not None, "no receipt; stderr: %s" % err[-300:])
    expect(note["in"] == note["durable"] + note["rejected"] + note["unwritten"] + note["blank"]
           and min(note["durable"], note["rejected"], note["unwritten"], note["blank"]) >= 0,
           "the law is broken: %s" % note)
    if archive is not None:
        stored = len(archive.numbers) + len(archive.foreign) - before
        expect(stored == note["durable"], "%d lines stored, the receipt says %d" % (stored, note["durable"]))
    return note
