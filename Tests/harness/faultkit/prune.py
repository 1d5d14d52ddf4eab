"""seal, prune and restore: power cuts at every step, and every program that fails or is killed (cases C1, C2, C5)."""
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

from . import seals
from .box import ROOT, need
from .cases import case
from .inject import shut_down
from .oracle import expect, record
from .seals import PRUNE, RESTORE, SEAL
from .shims import Shims

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


def clean(*command, statuses=(0,)):
    done = subprocess.run(command, capture_output=True, text=True)
    expect(done.returncode in statuses, "a clean run of %s ends with %d: %s" % (os.path.basename(command[0]), done.returncode, done.stderr))


def prune(folder, statuses=(0,)):
    """What is sealed is compressed; where lines came late, seal says so once."""
    clean(SEAL, "--dir", folder, statuses=statuses)
    clean(PRUNE, "--dir", folder, "--compress", "--yes")


class Power:
    """An ext4 of its own, whose power is cut while a command is at one of its calls; a neighbour syncs in every other run."""

    def __init__(self, box):
        self.box, self.place, self.image = box, box.loop_ext4(), box.path("image")
        self.shims = Shims(box.path("shims"))
        self.folder = os.path.join(self.place, "archive")

    def fresh(self):
        if os.path.exists(self.folder):
            shutil.rmtree(self.folder)
        os.mkdir(self.folder)

    def cut(self, number, neighbour, *command):
        """Where it was; nothing when the command has ended well before."""
        flusher = Flusher(os.path.join(self.place, "other")) if neighbour else None
        run = self.box.run(command, start_new_session=True, env=dict(os.environ, **self.shims.env(number, "stop")))
        run.until(lambda: self.shims.done or run.process.poll() is not None, "call %d" % number, 60)
        where = self.shims.done
        if where:
            shut_down(self.place)
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        if flusher:
            flusher.halt.set()
            flusher.join()
        if not where:
            expect(run.wait() == 0, "%s ends with %d: %s" % (os.path.basename(command[0]), run.wait(), run.err))
            return ""
        until(lambda: subprocess.run(["umount", self.place], capture_output=True).returncode == 0, "the end of what was killed")
        self.box.mounts.remove(self.place)
        self.box.mount("-o", "loop", self.image, place=self.place)
        return where


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
    power = Power(box)
    folder = power.folder
    rng = random.Random(1)
    calls, number, seen, states = None, 0, 0, collections.Counter()
    fresh = b"".join(record(index) for index in range(1, 200))
    old = b"".join(record(index) for index in range(1000, 1200))
    while seen < CUTS:
        power.fresh()
        put(folder, LATE, old)
        put(folder, NEWEST, record(9))
        prune(folder)
        put(folder, FRESH, fresh)
        put(folder, LATE, old[-200:])
        clean(SEAL, "--dir", folder)
        # At every call in turn, and then at any.
        number = number + 1 if calls is None else rng.randint(1, calls)
        where = power.cut(number, seen % 2, PRUNE, "--dir", folder, "--compress", "--yes")
        if not where:
            calls = number - 1
            continue
        why = "cut %d, at call %d, %s" % (seen, number, where)
        states[" ".join(sorted(re.sub(".*jsonl", "", name) or "." for name in os.listdir(folder) if name.startswith(LATE)))] += 1
        expected = {FRESH: fresh, LATE: old + old[-200:]}
        for name, data in expected.items():
            missing = collections.Counter(data.splitlines(True)) - collections.Counter(lines_of(folder, name).splitlines(True))
            expect(not missing, "%s: %d lines of %s are lost" % (why, sum(missing.values()), name))
        if rng.random() < 0.5:  # lines equal to what was packed come before the next run
            put(folder, FRESH, fresh[-200:], "ab")
            put(folder, LATE, old[-200:], "ab")
            expected = {FRESH: fresh + fresh[-200:], LATE: old + old[-200:] * 2}
        prune(folder, (0, 65))
        for name, data in expected.items():
            expect(lines_of(folder, name) == data, "%s: %s is not what it should be" % (why, name))
        expect(not seals.untrue(folder), "%s: %s" % (why, seals.untrue(folder)))
        left = sorted(set(os.listdir(folder)) - {"manifest.ndjson", "SHA256SUMS"})
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


def day_files(folder, count):
    """Windows of days past, half of them of long ago."""
    texts = {}
    for day in range(1, count + 1):
        name = "observer_202607%02d_0000.jsonl" % day
        texts[name] = b"".join(record(100 * day + index) for index in range(50))
        put(folder, name, texts[name])
        if day % 2:
            os.utime(os.path.join(folder, name), (1_600_000_000, 1_600_000_000))
    return texts


@case("C5", "%d power cuts inside seal, prune, restore" % CUTS, "no file lost, torn or forgotten; the next run completes")
def power_cuts_of_seals(box):
    need("root", "zstd", "flock")
    power = Power(box)
    folder, copy = power.folder, box.path("copy")
    rng = random.Random(2)
    seen = collections.Counter()

    def prepare(what):
        power.fresh()
        texts = day_files(folder, 5)
        if what != "seal":
            clean(SEAL, "--dir", folder)
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy, copy_function=shutil.copy2)
        if what == "restore":
            clean(PRUNE, "--dir", folder, "--keep", "1", "--copied-to", copy, "--yes")
        os.sync()
        return texts

    commands = {"seal": [SEAL, "--compress"], "prune": [PRUNE, "--keep", "1", "--copied-to", copy, "--yes"], "restore": [RESTORE, "--from", copy]}
    for what, words in commands.items():
        command = words[:1] + ["--dir", folder] + words[1:]
        prepare(what)
        power.cut(0, False, *command)
        calls = power.shims.calls
        for turn in range(-(-CUTS // 3)):
            texts = prepare(what)
            number = rng.randint(1 + turn * 3 * calls // CUTS, max(1 + turn * 3 * calls // CUTS, (turn + 1) * 3 * calls // CUTS))
            where = power.cut(number, turn % 2, *command)
            if not where:
                continue
            why = "%s cut at call %d of %d, %s" % (what, number, calls, where)
            here = {name for name in texts if os.path.exists(os.path.join(folder, name)) or os.path.exists(os.path.join(folder, name + ".zst"))}
            for name in here:
                data = lines_of(folder, name)
                expect(data in (texts[name], texts[name] * 2) if what == "seal" else data == texts[name], "%s: %s is torn" % (why, name))
            expect(what != "seal" or here == set(texts), "%s: %s are lost" % (why, set(texts) - here))
            if os.path.exists(os.path.join(folder, "manifest.ndjson")):
                known, _ = seals.manifest(folder)
                expect(what == "seal" or len(known) == len(texts), "%s: forgotten: %s" % (why, set(texts) - set(known)))
            clean(SEAL, "--dir", folder)
            expect(not seals.untrue(folder), "%s: %s" % (why, seals.untrue(folder)))
            clean(*command)
            if what != "seal":
                clean(RESTORE, "--dir", folder, "--from", copy)
            expect(not seals.untrue(folder), "%s: %s" % (why, seals.untrue(folder)))
            for name, data in texts.items():
                expect(lines_of(folder, name) == data, "%s: %s is not whole in the end" % (why, name))
            left = [name for name in os.listdir(folder) if name.startswith(".") or name.endswith((".tmp", ".packed"))]
            expect(not left or what == "seal", "%s: left over: %s" % (why, left))
            seen[what] += 1
    expect(sum(seen.values()) >= CUTS - 5, "only %s cuts" % seen)
    return "%s; every file whole, none forgotten, every next run complete" % ", ".join("%d cuts inside %s" % (count, what) for what, count in seen.items())
