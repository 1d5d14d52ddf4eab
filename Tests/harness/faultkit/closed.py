"""The pipeline's own compression of closed windows, killed at any moment (case C6)."""
import collections
import contextlib
import glob
import os
import random
import re
import signal
import subprocess
import time

from . import seals
from .box import need
from .cases import case
from .chain import OBSERVER, Market
from .oracle import expect
from .pipeline import WATCHLIST
from .prune import until
from .seals import SEAL

KILLS = 30
RUN_ID = re.compile(rb'"run_id":"([0-9a-f]{32})"')


def whole_lines(folder):
    """How often each record stands in the data files; a torn end is the next start's matter."""
    found = collections.Counter()
    for path in glob.glob(os.path.join(folder, "observer_*.jsonl*")):
        if path.endswith((".jsonl", ".jsonl.zst")):
            found.update(RUN_ID.search(line).group(1) for line in seals.content(path).splitlines(True) if line.endswith(b"\n"))
    return found


def processes(words):
    """Those whose command line holds all the words."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            line = file.read().replace(b"\0", b" ").decode(errors="replace")
            if all(word in line for word in words):
                found.append(int(path.split("/")[2]))
    return found


@case("C6", "%d times kill -9 while closed windows are compressed" % KILLS, "every record that was there is there once; each next start goes on")
def killed(box):
    need("zstd", "flock")
    rng = random.Random(4)
    market = Market(box, "--ticks-per-second", "2000")
    command = [OBSERVER, "run", "--dir", box.archive, "--watchlist", WATCHLIST, "--feed", "trades", "--rotate", "2s", *market.words]
    known, places = collections.Counter(), collections.Counter()
    for turn in range(KILLS):
        run = box.run(command, env=market.env, start_new_session=True)
        at_work = lambda: processes(["observer-pack", box.archive])
        run.until(at_work, "a compression", 60)
        time.sleep(rng.random() * 0.3)  # anywhere in it
        jobs = {os.getpgid(pid) for pid in processes(["observer-seal", box.archive])} if turn % 3 else set()
        os.killpg(run.pid, signal.SIGKILL)
        for job in jobs:
            with contextlib.suppress(OSError):
                os.killpg(job, signal.SIGKILL)
        run.wait()
        until(lambda: not processes(["observer-seal", box.archive]), "the end of what was left alone", 60)
        places[" ".join(sorted({re.sub(".*jsonl", "", name) or "." for name in os.listdir(box.archive) if ".jsonl." in name}))] += 1
        now = whole_lines(box.archive)
        lost = set(known) - set(now)
        expect(not lost, "kill %d: %d records are lost" % (turn, len(lost)))
        known = now
    run = box.run(command + ["--duration", "3"], env=market.env)
    expect(run.wait(60) == 0, run.err)
    # Windows count as over at once: what was killed is brought to its end.
    done = subprocess.run([SEAL, "--dir", box.archive, "--compress", "--rotate", "1s"], capture_output=True, text=True)
    expect(done.returncode in (0, 65), done.stderr)
    now = whole_lines(box.archive)
    expect(not set(known) - set(now), "%d records are lost in the end" % len(set(known) - set(now)))
    expect(set(now.values()) == {1}, "%d records stand there more than once" % sum(count > 1 for count in now.values()))
    left = [name for name in os.listdir(box.archive) if name.endswith((".tmp", ".packed"))]
    expect(not left, "left over: %s" % left)
    expect(not seals.untrue(box.archive), "%s" % seals.untrue(box.archive))
    return "%d kills, %d records, each once; found: %s" % (
        KILLS, len(now), ", ".join("%d times %s" % (count, place or "no compressed window") for place, count in places.most_common()))
