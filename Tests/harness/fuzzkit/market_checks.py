"""What the simulated day, a full table of subjects and the record's quality must look like, through the real filters."""
import collections
import json
import os
import subprocess

from fuzzkit.market import DECODER, MAX_SUBJECTS, ORDER
from fuzzkit.market_scenes import simulated_day
from fuzzkit.market_session import compare, numbers
from fuzzkit.session import Difference, expect


def told_day(guard):
    """The simulated day, and what the guard says of each line."""
    day = simulated_day()
    return day, guard.verdicts([line for line, _, _ in day])


def day_table(day, verdicts):
    """[(rule, lines expected, lines said, blocks expected, blocks said)] of the simulated day; every line compared."""
    wanted, got = collections.Counter(), collections.Counter()
    for (line, flags, blocked), said in zip(day, verdicts):
        verdict = numbers(said)
        wanted.update([*flags, blocked and blocked + " blocked"])
        got.update([*verdict["flags"], "rule" in verdict and verdict["rule"] + " blocked"])
        if verdict["flags"] != [name for name in ORDER if name in flags] or verdict.get("rule") != blocked:
            raise Difference("%s\n   got: %s\nwanted: %s, blocked by %s" % (
                line.decode(), said.decode(), sorted(flags), blocked))
    return [(name, wanted[name], got[name], wanted[name + " blocked"], got[name + " blocked"]) for name in ORDER]


def quality(verdict):
    """metadata.quality, by the contract."""
    if verdict["action"] == "BLOCK":
        return "rejected"
    if {"GAP", "AFTER_GAP"} & set(verdict["flags"]):
        return "gap"
    return "degraded" if set(verdict["flags"]) - {"WARMING_UP"} else "normal"


def check_quality(folder, day, verdicts):
    """Flags and quality of the lines that pass reach the record; a verdict without the member `flags` adds neither."""
    env = {"PATH": os.environ.get("PATH", "")}
    passed = [line[:-1] + b',"guard":' + said + b"}" for number, ((line, _, blocked), said) in enumerate(zip(day, verdicts))
              if not blocked and (number < 500 or b'"flags":[]' not in said)]

    def enrich(given):
        done = subprocess.run([os.path.join(folder, "snap-enrich"), "--clock", "event", "--log-level", "error"],
                              input=b"\n".join(given) + b"\n", capture_output=True, check=False, env=env)
        expect(done.returncode, 0, "snap-enrich's status")
        return done.stdout.split(b"\n")[:-1]

    records = enrich(passed)
    expect(len(records), len(passed), "records")
    counts = collections.Counter()
    for line, record in zip(passed, records):
        verdict = json.loads(line)["guard"]
        metadata = json.loads(record)["metadata"]
        expect((metadata["quality_flags"], metadata.get("quality")), (verdict["flags"], quality(verdict)), record.decode())
        counts[quality(verdict)] += 1
    plain = [line[:-1] + b',"guard":{"action":"PASS","reason":"OK"}}' for line, _, _ in day[:10]]
    for record in enrich(plain):
        expect("quality" in json.loads(record)["metadata"], False, "a record without flags has no quality")
    return counts


def check_room(guard, judge):
    """More subjects than there is room for: the last ones are judged without state, the first ones keep theirs."""
    form = ('{"meta":{"timestamp":"t","timestamp_ms":%d,"session_id":"s","run_id":"r","mode":"T","observer_version":"v"},'
            '"context":{"source":"market","stage":"raw","symbol":"%06d","market":"KRX","product":"stock","feed":"trades"},'
            '"observation":{"inputs":{"price":%d,"volume":%d,"trade_size":1},"computed":{},"state":{}}}')
    start = 1_785_371_021_123
    symbols = [*range(MAX_SUBJECTS + 20), 0, 1, MAX_SUBJECTS - 1, MAX_SUBJECTS, MAX_SUBJECTS + 1]
    again = MAX_SUBJECTS + 20  # from here on a symbol comes a second time, at another price and with less volume
    lines = [form % (start + number, symbol, 1000 if number < again else 1060, 100 if number < again else 99)
             for number, symbol in enumerate(symbols)]
    pairs = [(line.encode(), judge.verdict(DECODER.decode(line))) for line in lines]
    return compare(pairs, guard.verdicts([line for line, _ in pairs]))
