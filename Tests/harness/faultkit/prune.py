"""prune --compress: power cuts at every step, and every program that fails or is killed (cases C1 and C2)."""
import collections
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from .box import ROOT, need
from .cases import case
from .inject import shut_down
from .oracle import expect, record
from .shims import Shims

PRUNE = os.path.join(ROOT, "scripts/observer-prune")
FRESH, LATE, NEWEST = ("observer_202607%d_0900.jsonl" % day for day in (20, 21, 29))
CUTS = 100


def lines_of(folder, name):
    """A window's lines, compressed ones first, and whether a program that decompresses has no complaint."""
    data = b""
    if os.path.exists(os.path.join(folder, name + ".zst")):
        done = subprocess.run(["zstd", "-dcq", os.path.join(folder, name + ".zst")], capture_output=True)
        expect(done.returncode == 0, "%s.zst: %s" % (name, done.stderr.decode()))
        data = done.stdout
    if os.path.exists(os.path.join(folder, name)):
        with open(os.path.join(folder, name), "rb") as file:
            data += file.read()
    return data


def put(folder, name, data, mode="wb"):
    """On the disk, as a sink's file is once it is finished."""
    with open(os.path.join(folder, name), mode) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.sync()


def until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "waited in vain for %s" % what)
        time.sleep(0.01)


def prune(folder):
    done = subprocess.run([PRUNE, "--dir", folder, "--compress", "--yes"], capture_output=True, text=True)
    expect(done.returncode == 0, "a clean run ends with %d: %s" % (done.returncode, done.stderr))


class Flusher(threading.Thread):
    """Another program whose syncs put on the disk whatever the file system has noted so far."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.halt = path, threading.Event()
        self.start()

    def run(self):
        while not self.halt.is_set():
            try:
                with open(self.path, "wb") as file:
                    file.write(os.urandom(100))
                    os.fsync(file.fileno())
            except OSError:
                return


@case("C1", "%d power cuts inside prune --compress" % CUTS, "no line lost, doubled or torn; the next run completes")
def power_cuts(box):
    need("root", "zstd", "flock")
    place = box.loop_ext4()
    image = box.path("image")
    shims = Shims(box.path("shims"))
    rng = random.Random(1)
    calls, number, seen, states = None, 0, 0, collections.Counter()
    fresh = b"".join(record(index) for index in range(1, 200))
    old = b"".join(record(index) for index in range(1000, 1200))
    while seen < CUTS:
        folder = os.path.join(place, "archive")
        if os.path.exists(folder):
            shutil.rmtree(folder)
        os.mkdir(folder)
        put(folder, LATE, old)
        put(folder, NEWEST, record(9))
        prune(folder)
        put(folder, FRESH, fresh)
        put(folder, LATE, old[-200:])
        # At every call in turn, and then at any.
        number = number + 1 if calls is None else rng.randint(1, calls)
        flusher = Flusher(os.path.join(place, "other")) if seen % 2 else None
        run = box.run([PRUNE, "--dir", folder, "--compress", "--yes"], start_new_session=True,
                      env=dict(os.environ, **shims.env(number, "stop")))
        run.until(lambda: shims.done or run.process.poll() is not None, "call %d" % number, 60)
        if not shims.done:
            calls = number - 1
            expect(run.wait() == 0, "prune ends with %d: %s" % (run.wait(), run.err))
            if flusher:
                flusher.halt.set()
                flusher.join()
            continue
        shut_down(place)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        if flusher:
            flusher.halt.set()
            flusher.join()
        until(lambda: subprocess.run(["umount", place], capture_output=True).returncode == 0, "the end of what was killed")
        box.mounts.remove(place)
        box.mount("-o", "loop", image, place=place)
        why = "cut %d, at call %d, %s" % (seen, number, shims.done)
        states[" ".join(sorted(re.sub(".*jsonl", "", name) or "." for name in os.listdir(folder) if name.startswith(LATE)))] += 1
        expected = {FRESH: fresh, LATE: old + old[-200:]}
        for name, data in expected.items():
            missing = collections.Counter(data.splitlines(True)) - collections.Counter(lines_of(folder, name).splitlines(True))
            expect(not missing, "%s: %d lines of %s are lost" % (why, sum(missing.values()), name))
        if rng.random() < 0.5:  # lines equal to what was packed come before the next run
            put(folder, FRESH, fresh[-200:], "ab")
            put(folder, LATE, old[-200:], "ab")
            expected = {FRESH: fresh + fresh[-200:], LATE: old + old[-200:] * 2}
        prune(folder)
        for name, data in expected.items():
            expect(lines_of(folder, name) == data, "%s: %s is not what it should be" % (why, name))
        left = sorted(os.listdir(folder))
        expect(left == sorted([FRESH + ".zst", LATE + ".zst", NEWEST]), "%s: left over: %s" % (why, left))
        seen += 1
    expect(len(states) > 2, "always the same state after a cut: %s" % states)
    return "%d cuts at %s calls, every line there, every next run complete; found: %s" % (
        seen, calls or "the first %d" % number, ", ".join("%d times %s" % (count, state) for state, count in states.items()))


@case("C2", "each program of prune killed, failed, cut short", "nothing lost or doubled, no false success")
def every_program(box):
    need("zstd", "flock")
    done = subprocess.run([sys.executable, "-m", "unittest", "-q", "test_prune_compress"], capture_output=True, text=True,
                          cwd=os.path.join(ROOT, "Tests/retention"), env=dict(os.environ, OBSERVER_LONG_TESTS="1"))
    expect(done.returncode == 0, done.stderr[-2000:])
    return done.stderr.strip().splitlines()[-3]
