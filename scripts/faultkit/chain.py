"""The whole pipeline against the simulator, with what each stage says it took and gave."""
import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.request

from .box import FILTERS, ROOT
from .oracle import expect

STAGES = ("kis-fetch",) + FILTERS + ("jsonl-sink",)
OBSERVER = os.path.join(ROOT, "scripts/observer")


class Market:
    """A running kis-sim on free ports."""

    def __init__(self, box, *options):
        ready = box.path("ready.json")
        self.sent = box.path("sent")
        self.env = dict(os.environ, KIS_APP_KEY="PSIM" * 9, KIS_APP_SECRET="simsecret=" * 18,
                        KIS_TOKEN_CACHE_DIR=box.path("tokens"), OBSERVER_SESSION_ID="faults",
                        OBSERVER_MODE="TEST", OBSERVER_BIN_DIR=os.path.dirname(box.tool("x")))
        with contextlib.suppress(FileNotFoundError):
            os.remove(ready)
        self.process = box.run(
            [sys.executable, os.path.join(ROOT, "scripts/kis-sim"), "--ready-file", ready, "--exit-with-parent",
             "--record-sent", self.sent, *options], env=self.env)
        self.process.until(lambda: os.path.exists(ready) and os.path.getsize(ready) > 0, "the simulator", 20)
        with open(ready) as file:
            addresses = json.load(file)
        self.rest = addresses["rest_url"]
        self.words = ["--rest-url", self.rest, "--ws-url", addresses["ws_url"]]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.rest + path, data), timeout=10) as answer:
            return json.load(answer)

    def stats(self):
        return self.ask("/sim/stats")

    def fault(self, name, **parameters):
        self.ask("/sim/fault", dict(parameters, name=name))


def stage_pids(folder):
    """The process ids of the stages that run, as they say themselves."""
    pids = {}
    for stage in STAGES:
        with contextlib.suppress(OSError), open(os.path.join(folder, ".run", stage + ".pid")) as file:
            words = file.read().split()
            if words[:1] == ["pid"]:
                pids[stage] = int(words[1])
    return pids


def metric(folder, stage, name):
    """The sum of one metric over its labels; None when the stage has written none."""
    try:
        with open(os.path.join(folder, ".run", stage + ".prom")) as file:
            values = re.findall(r"^%s(?:\{[^}]*\})? (\S+)$" % name, file.read(), re.M)
    except OSError:
        return None
    return sum(map(float, values)) if values else None


def verified(box, folder, order="all"):
    """What jsonl-verify says of the whole archive: an independent reading of it."""
    done = subprocess.run([box.tool("jsonl-verify"), "--order", order, "--details", "5", folder],
                          capture_output=True, text=True)
    expect(done.stdout, "jsonl-verify said nothing: %s" % done.stderr)
    total = json.loads(done.stdout.splitlines()[-1])
    expect(total["ok"], "the archive is not in order: %s" % done.stdout[-600:])
    return total


def conserved(box, folder):
    """After an orderly end: what kis-fetch gave is what each stage took, and what the archive holds."""
    given = metric(folder, "kis-fetch", "observer_lines_out_total")
    for stage in STAGES[1:]:
        taken = metric(folder, stage, "observer_lines_in_total")
        expect(taken == given, "%s took %s lines, kis-fetch gave %s" % (stage, taken, given))
    lines = verified(box, folder)["lines"]
    expect(lines == given, "%s records in the archive, kis-fetch gave %s" % (lines, given))
    expect(lines > 0, "nothing was archived")
    return lines
