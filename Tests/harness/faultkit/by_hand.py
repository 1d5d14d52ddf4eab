"""The simulator as a user starts it: installed by make, and used with the commands that it shows (case P9)."""
import json
import os
import re
import subprocess

from .box import ROOT, need
from .cases import case
from .oracle import expect

WORDS = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "REAL_APP_KEY": "never", "REAL_APP_SECRET": "never"}


@case("P9", "the simulator installed and used by hand", "its own commands work; every record says SIM", quick=True)
def by_hand(box):
    need("make")
    made = subprocess.run(["make", "-s", "-C", ROOT, "install-sim", "DESTDIR=" + box.path("stage"), "PREFIX=/opt/x"],
                          capture_output=True, text=True)
    expect(made.returncode == 0, "make install-sim: " + made.stderr)
    tool = box.path("stage", "opt/x/bin/kis-sim")
    with open(box.path("said"), "w") as said:
        sim = box.run([tool, "--announce", "shell", "--exit-with-parent"], stdout=said,
                      env={"PATH": os.environ["PATH"]})
    text = lambda: open(box.path("said")).read()  # noqa: E731
    sim.until(lambda: text().endswith("Ctrl-C ends kis-sim.\n"), "what it says")
    commands = [line[1:].strip() for line in text().splitlines() if re.match(r"#\s+printf", line)]
    expect(len(commands) == 2, "two commands, not %r" % commands)
    modes = []
    for command, path in zip(commands, ("fetched", "observer-sim/observer.jsonl")):
        path = box.path(path)
        script = ". ./said\n%s >%s" % (command.replace("--duration 10", "--duration 2"),
                                        "fetched" if "kis-fetch" in command else "/dev/null")
        run = box.run(["bash", "-c", script], cwd=box.folder, env=dict(
            WORDS, PATH="%s:%s:%s" % (os.path.join(ROOT, "scripts"), os.path.dirname(box.tool("x")), WORDS["PATH"]),
            OBSERVER_BIN_DIR=os.path.dirname(box.tool("x")), TMPDIR=box.folder, QTS_OBSERVER_STANDALONE="1"))
        status = run.wait(60)
        expect(status == 0, "%s ended with %s: %s" % (command, status, run.err[-500:]))
        with open(path) as file:
            lines = [json.loads(line) for line in file]
        modes.append(len(lines))
        found = {line.get("snapshot", line)["meta"]["mode"] for line in lines}
        expect(found == {"SIM"}, "modes %r in %s" % (found, path))
        expect(all(record["metadata"]["mode"] == "SIM" for record in lines if "metadata" in record), "metadata's mode")
    expect("PSIMPSIM" not in run.err, "the key in a log")
    return "%d snapshots and %d records, all SIM" % tuple(modes)
