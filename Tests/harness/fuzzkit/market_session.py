"""Batches of lines through snap-guard --rules market, compared with the second reading."""
import collections
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
from fractions import Fraction

from fuzzkit.market import DECODER, Line, Num
from fuzzkit.session import Difference, expect

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
PLAIN = re.compile(r"-?\d+(\.\d*[1-9])?")
PARTS = 3
CHANGED = {"spread_percent": 3, "day_flag_percent": 20, "day_block_percent": 40, "fund_day_flag_percent": 30,
           "fund_day_block_percent": 50, "step_flag_percent": 3, "step_block_percent": 7, "time_back_ignore_s": 2,
           "time_back_block_s": 7, "future_s": 9, "burst_times": 4, "burst_trades": 7, "stale_s": 30, "stale_trades": 3}


class Guard:
    """snap-guard --rules market of a folder of executables. `config`: a file that has limits and, beside it, a calendar."""

    def __init__(self, folder, config=os.path.join(ROOT, "config", "deployment_config.json")):
        self.tool = os.path.join(folder, "snap-guard")
        self.words = [self.tool, "--rules", "market", "--emit", "all", "--log-level", "error", "--config", config]

    def verdicts(self, lines, *words):
        """The bytes of each verdict; the line's own bytes are checked."""
        done = subprocess.run([*self.words, *words], input=b"\n".join(lines) + b"\n", capture_output=True,
                              env={"PATH": os.environ.get("PATH", "")}, check=False)
        expect(done.returncode, 0, "status; it said %r" % done.stderr[-300:])
        out = done.stdout.split(b"\n")[:-1]
        expect(len(out), len(lines), "lines written")
        return [self.cut(line, said) for line, said in zip(lines, out)]

    @staticmethod
    def cut(line, said):
        start = line[:-1] + b',"guard":'
        if not said.startswith(start):
            raise Difference("bytes of the line\n   got: %r\nwanted: %r" % (said[:3000], start))
        return said[len(start):-1]


def numbers(said):
    """A verdict with its numbers as fractions."""
    def value(name, given):
        if name in ("value", "limit"):
            if not isinstance(given, Num) or not PLAIN.fullmatch(given):
                raise Difference("%s is no plain number: %r" % (name, given))
            return Fraction(given)
        return given

    return {name: value(name, given) for name, given in DECODER.decode(said.decode()).items()}


def compare(pairs, said):
    """Each verdict against the reading's; counts of flags and reasons."""
    counts = collections.Counter()
    for number, ((line, wanted), got) in enumerate(zip(pairs, said), 1):
        verdict = numbers(got)
        if list(verdict.items()) != list(wanted.items()):
            raise Difference("line %d: %s\n   got: %s\nwanted: %s" % (number, line.decode(), show(verdict), show(wanted)))
        counts.update(wanted["flags"])
        if "rule" in wanted:
            counts[wanted["rule"] + " blocked"] += 1
    return counts


def show(verdict):
    return ", ".join("%s %s" % (name, value) for name, value in verdict.items())


def parts(lines):
    """Numbers of the lines of each part: a subject is in one, a gap without a symbol in all."""
    chosen = [[] for _ in range(PARTS)]
    for number, text in enumerate(lines):
        line = Line(DECODER.decode(text.decode()))
        if line.source == "system" and not line.symbol:
            for part in chosen:
                part.append(number)
        else:
            chosen[sum("/".join((line.product, line.market, line.symbol or "")).encode()) % PARTS].append(number)
    return chosen


def configured(folder):
    """A configuration file in `folder` with other limits, the calendar beside it."""
    shutil.copy(os.path.join(ROOT, "config", "holidays.jsonl"), folder)
    path = os.path.join(folder, "deployment_config.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"guard": CHANGED}, file)
    return path


def check_split(guard, lines, said):
    """The file split by symbol through several processes gives the same verdicts."""
    for part in parts(lines):
        got = guard.verdicts([lines[number] for number in part]) if part else []
        for number, verdict in zip(part, got):
            expect(verdict, said[number], "split by symbol, line %d: %s" % (number + 1, lines[number].decode()))


def check_restarts(guard, lines, said, seed):
    """Ended and started again at random places, with --state: the same verdicts."""
    chance = random.Random(seed)
    places = sorted({0, len(lines), *(chance.randrange(len(lines)) for _ in range(4))})
    with tempfile.TemporaryDirectory(prefix="fuzz-state-") as folder:
        state = os.path.join(folder, "guard.state")
        for first, end in zip(places, places[1:]):
            got = guard.verdicts(lines[first:end], "--state", state)
            for number, verdict in enumerate(got, first):
                expect(verdict, said[number], "restart at line %d, line %d: %s" % (
                    first + 1, number + 1, lines[number].decode()))
            expect(os.stat(state).st_mode & 0o777, 0o600, "mode of the state file")
            expect(set(os.listdir(folder)) - {"guard.state.lock"}, {"guard.state"}, "files beside the state")


def check(guard, pairs, seed, with_state):
    """One batch in every way that its seed asks for; counts of flags and blocks."""
    lines = [line for line, _ in pairs]
    said = guard.verdicts(lines)
    counts = compare(pairs, said)
    if seed % 4 == 0:
        check_split(guard, lines, said)
    if seed % 2 == 0 and with_state:
        check_restarts(guard, lines, said, seed)
    return counts
