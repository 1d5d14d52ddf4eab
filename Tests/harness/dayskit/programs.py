"""The real programs: recordings in, an archive, gap records, an audit and pages out."""
import collections
import json
import os
import subprocess

from faultkit.box import bin_dir

FILTERS = (["snap-validate"], ["snap-guard"], ["snap-enrich", "--clock", "event"])


def tool(name):
    return os.path.join(bin_dir(), name)


def environment():
    """Of the caller, without what would change the programs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OBSERVER_", "KIS_"))}
    return dict(kept, OBSERVER_SESSION_ID="days", OBSERVER_MODE="TEST", LANG="C.UTF-8")


class Failed(Exception):
    """A program that did not end as it should."""


def archive(recording, folder):
    """Plays a recording through all five programs into an archive of daily files."""
    env = environment()
    with open(folder + ".log", "ab") as log:
        stages, source = [], None
        for words in (["kis-fetch", "--replay", recording, "--speed", "max"], *FILTERS,
                      ["jsonl-sink", "--dir", folder, "--quiet", "--sync", "none", "--rotate", "1d", "--rotate-by", "event"]):
            last = words[0] == "jsonl-sink"
            stages.append(subprocess.Popen([tool(words[0]), *words[1:]], stdin=source or subprocess.DEVNULL, env=env,
                                           stdout=subprocess.DEVNULL if last else subprocess.PIPE, stderr=log))
            if source:
                source.close()
            source = stages[-1].stdout
        ends = [stage.wait(600) for stage in stages]
    if any(ends):
        with open(folder + ".log", "rb") as file:
            raise Failed("%s: ends %s: %s" % (recording, ends, file.read()[-600:].decode()))


def audit(files, *words):
    """snap-audit's lines of these files, and its page where `words` ask for one."""
    done = subprocess.run([tool("snap-audit"), *words, *files], capture_output=True, env=environment())
    if done.returncode:
        raise Failed("snap-audit: %d %s" % (done.returncode, done.stderr[-600:].decode()))
    return done.stdout


def numbers(text):
    """{(date, venue, symbol): line} of trades, and {date: line} of days."""
    subjects, days = {}, {}
    for line in map(json.loads, text.splitlines()):
        if line["audit"] == "day":
            days[line["date"]] = line
        elif line["feed"] == "trades":
            subjects[line["date"], line["market"], line["symbol"]] = line
    return subjects, days


def said_live(lines):
    """What gap records say is missing: {(date, venue, symbol): [trades, shares, value]}, and how many records of trades."""
    missing, records = collections.defaultdict(lambda: [0, 0, 0]), collections.Counter()
    for line in lines:
        if b'"event":"gap"' not in line:
            head = line[line.index(b'"context":'):]
            records[head[head.index(b'"symbol":') + 10:].split(b'"', 1)[0]] += 1
            continue
        snapshot = json.loads(line)
        snapshot = snapshot.get("snapshot", snapshot)
        state, context = snapshot["observation"]["state"], snapshot["context"]
        if state["final"] and "missed_volume" in state:
            sums = missing[state["to"][:10], context["market"], context["symbol"]]
            for place, name in enumerate(("missed_trades", "missed_volume", "missed_value")):
                sums[place] += state[name]
    return missing, records
