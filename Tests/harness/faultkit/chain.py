"""The whole pipeline against the simulator, with what each stage says it took and gave."""
import contextlib
import json
import os
import re
import subprocess

from .box import FILTERS, ROOT
from .oracle import expect
from .simulated import Simulator, environment

STAGES = ("kis-fetch",) + FILTERS + ("jsonl-sink",)
OBSERVER = os.path.join(ROOT, "scripts/observer")


class Market(Simulator):
    """A simulator that notes what it sends, and what a pipeline needs to watch it."""

    def __init__(self, box, *options):
        self.sent = box.path("sent")
        super().__init__(box, "--record-sent", self.sent, *options)
        self.words = ["--rest-url", self.rest, "--ws-url", self.ws]
        self.env = dict(environment(box.path("tokens")), OBSERVER_SESSION_ID="faults", OBSERVER_MODE="TEST",
                        OBSERVER_BIN_DIR=os.path.dirname(box.tool("x")))


def stage_pids(folder):
    """The process ids of the stages that run, as they say themselves."""
    pids = {}
    for stage in STAGES:
        with contextlib.suppress(OSError), open(os.path.join(folder, ".run", stage + ".pid")) as file:
            words = file.read().split()
            # After a kill -9 the file still names the dead process, or one that has its number now.
            if words[:1] == ["pid"] and is_stage(int(words[1]), stage):
                pids[stage] = int(words[1])
    return pids


def is_stage(pid, stage):
    with contextlib.suppress(OSError), open("/proc/%d/comm" % pid) as file:
        return file.read().strip() == stage
    return False


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
