"""The filters' rejects: full disks, files that are moved, kills and power cuts (cases J1 to J7)."""
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import threading
import time

from .box import FILTERS, ROOT, Feed, need
from .cases import case
from .inject import shut_down
from .oracle import Archive, expect, is_object, law
from .snapshots import numbers, snapshot


def garbage(number, size=200):
    """A line that every filter refuses, `size` bytes long with its line feed."""
    head = b"garbage %010d " % number
    return head + b"x" * max(0, size - len(head) - 1) + b"\n"


def mixed(count, first=0, size=200):
    """Every fourth line is one that is refused."""
    return [snapshot(n) if n % 4 else garbage(n, size) for n in range(first, first + count)]


class Rejects:
    """What stands in a rejects file: every line has to be one JSON object."""

    def __init__(self, *paths):
        self.numbers, self.torn = [], []
        for path in paths:
            with open(path, "rb") as file:
                data = file.read()
            expect(not data or data.endswith(b"\n"), "%s ends in %r" % (path, data[-60:]))
            for line in data.split(b"\n")[:-1]:
                try:
                    row = json.loads(line)
                except ValueError:
                    expect(False, "%s: no JSON: %r" % (path, line[:120]))
                if row["verdict"].get("errors") == ["torn line"]:
                    self.torn.append(row)
                else:
                    self.numbers.append(int(row["input_text"].split()[1]))
        expect(len(set(self.numbers)) == len(self.numbers), "rejects stand twice")


def account(text):
    """The last account on stderr, with 0 for what it does not name."""
    lines = [line for line in text.splitlines() if " in=" in line]
    expect(lines, "no account: %s" % text[-300:])
    note = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", lines[-1])}
    for key in ("unwritten", "rejects_unwritten"):
        note.setdefault(key, 0)
    expect(note["in"] == note["out"] + note["rejected"] + note["blank"] + note["unwritten"], "the law: %s" % lines[-1])
    return note


def joined(box, tool, rejects, *words, folder=None):
    """A filter and a sink, and the descriptor that feeds them."""
    source, write = os.pipe()
    read, out = os.pipe()
    run = box.run([box.tool(tool), "--rejects", rejects, *words], stdin=source, stdout=out)
    sink = box.sink("--quiet", stdin=read, folder=folder)
    for descriptor in (source, read, out):
        os.close(descriptor)
    return run, sink, write


def size_of(path):
    with contextlib.suppress(FileNotFoundError):
        return os.path.getsize(path)
    return 0


def archived(folder):
    with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, "observer.jsonl"), "rb") as file:
        return file.read().count(b"\n")
    return 0


@case("J1", "rejects on a full disk, later freed", "good lines archived at once, all rejects kept, reading stops")
def full_then_freed(box):
    for tool in FILTERS:
        place = box.tmpfs("size=16k")
        path, folder = os.path.join(place, "r"), box.path(tool)
        run, sink, write = joined(box, tool, path, folder=folder)
        # (one write to an empty pipe: one batch)
        os.write(write, b"".join(mixed(200)))
        run.until(lambda: archived(folder) == 150, "the good lines")
        run.until(lambda: "reading nothing" in run.err, "the notice")
        expect(box.read(path).endswith(b"\n"), "readers see a torn reject")
        feed = Feed(write, 200, make=lambda n, size: garbage(n * 4, size), first=50, count=4000)
        time.sleep(0.5)
        taken = feed.taken
        time.sleep(0.5)
        expect(feed.taken == taken < 2 << 20, "%s reads on while the disk is full" % tool)
        expect(run.err.count("reading nothing") == 1, "said more than once")
        subprocess.run(["mount", "-o", "remount,size=16m", place], check=True)
        feed.finish()
        expect((run.wait(), sink.wait()) == (0, 0), "%s: %s" % (tool, run.err[-300:]))
        expect(Rejects(path).numbers == list(range(0, 200 + 16000, 4)), "%s: rejects are missing" % tool)
        good = numbers(box.read(os.path.join(folder, "observer.jsonl")))
        expect(good == [n for n in range(200) if n % 4], "%s: good lines are missing" % tool)
        note = account(run.err)
        expect(note["rejected"] == 4050 and note["rejects_unwritten"] == 0, "%s" % note)
        box.unmount(place)
    return "150 of 150 archived while full, 4050 of 4050 rejects kept, x 3"


@case("J7", "rejects far larger than their lines, disk full", "memory stays below 64 MiB while it waits")
def memory(box):
    worst = 0
    for tool in FILTERS:
        place = box.tmpfs("size=64k")
        read, write = os.pipe()
        run = box.run([box.tool(tool), "--rejects", os.path.join(place, "r"), "--grace", "0"], stdin=read)
        os.close(read)
        feed = Feed(write, 2, make=lambda n, size: b"x\n", block=1 << 16)
        run.until(lambda: "reading nothing" in run.err, "the notice")
        time.sleep(0.3)
        with open("/proc/%d/status" % run.pid) as file:
            worst = max(worst, int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)))
        run.kill(signal.SIGTERM)
        expect(run.wait(10) == 74, run.err[-300:])
        feed.stop()
        account(run.err)
        box.unmount(place)
    expect(worst < 64 << 10, "%d KiB" % worst)
    return "%.0f MiB at most" % (worst / 1024)


@case("J2", "rejects on a full disk + SIGTERM", "74 after the grace, exact count of rejects not kept")
def full_and_term(box):
    seen = []
    for tool, grace in zip(FILTERS, (0, 1, 2)):
        place = box.tmpfs("size=8k")
        path, folder = os.path.join(place, "r"), box.path(tool)
        run, sink, write = joined(box, tool, path, "--grace", str(grace), folder=folder)
        os.write(write, b"".join(mixed(200)))
        run.until(lambda: "reading nothing" in run.err, "the notice")
        begin = time.monotonic()
        run.kill(signal.SIGTERM)
        status = run.wait(10)
        took = time.monotonic() - begin
        os.close(write)
        kept = len(Rejects(path).numbers)
        note = account(run.err)
        expect(status == 74 and grace <= took < grace + 1.5, "%s: %d after %.1f s" % (tool, status, took))
        expect("told to stop with %d rejects not kept" % (50 - kept) in run.err, run.err[-300:])
        expect(note["rejected"] == 50 and note["rejects_unwritten"] == 50 - kept and note["out"] == 150, "%s" % note)
        expect(sink.wait() == 0 and archived(folder) == 150, "good lines")
        seen.append("%d + %d after %.1f s" % (kept, 50 - kept, took))
        box.unmount(place)
    return "74; kept and not kept: " + ", ".join(seen)


@case("J3", "rejects file moved 50 times under load", "each reject in one of the files, each once", quick=True)
def moved(box):
    moves = 10 if box.quick else 50
    for tool in FILTERS:
        path = box.path(tool, "r")
        os.makedirs(os.path.dirname(path))
        read, write = os.pipe()
        run = box.run([box.tool(tool), "--rejects", path], stdin=read)
        os.close(read)
        feed = Feed(write, 300, make=garbage)
        paths = []
        for turn in range(moves):
            run.until(lambda: size_of(path) > 0, "rejects at the path")
            paths.append("%s.%d" % (path, turn))
            os.rename(path, paths[-1])
            if turn % 2:
                run.kill(signal.SIGHUP)
        run.until(lambda: size_of(path) > 0, "rejects at the path")
        issued = feed.stop(whole=True)
        expect(run.wait() == 0, run.err[-300:])
        found = Rejects(*paths, path)
        expect(sorted(found.numbers) == list(range(1, issued + 1)) and not found.torn,
               "%s: %d of %d" % (tool, len(found.numbers), issued))
        expect(account(run.err)["rejects_unwritten"] == 0, "account")
    return "%d of %d in %d files, x 3" % (len(found.numbers), issued, moves + 1)


@case("J4", "kill -9 of a filter that writes rejects", "no torn or glued reject stays, none twice", quick=True)
def killed(box):
    loops = 6 if box.quick else 100
    rng = random.Random(4)
    torn = whole = first = stored = known = 0
    for turn in range(loops):
        tool = FILTERS[turn % 3]
        # (a file for ten kills, so that reading it again and again takes no time)
        path = box.path("r%d" % (turn // 10))
        if turn % 10 == 0:
            first = stored = known = 0
        read, write = os.pipe()
        run = box.run([box.tool(tool), "--rejects", path], stdin=read)
        os.close(read)
        feed = Feed(write, (3000, 65000)[turn % 2], make=garbage, first=first)
        before = size_of(path)
        run.until(lambda: size_of(path) > before, "rejects")
        time.sleep(rng.uniform(0, 0.03))
        run.kill()
        run.wait()
        feed.stop()
        tail = box.read(path).rpartition(b"\n")[2]
        is_torn = bool(tail) and not is_object(tail)
        expect(box.run([box.tool(tool), "--rejects", path]).wait() == 0, "restart")
        found = Rejects(path)
        mine = found.numbers[stored:]
        expect(mine == list(range(first, first + len(mine))), "rejects are missing in the middle")
        expect(len(found.torn) == known + is_torn, "a torn reject is not kept as a line of its own")
        stored, first = len(found.numbers), first + feed.issued + 1
        whole += len(mine)
        torn, known = torn + is_torn, len(found.torn)
    return "%d kills, %d rejects whole, %d torn ones kept as lines of their own" % (loops, whole, torn)


class Neighbour(threading.Thread):
    """Another program on the disk, whose syncs send the file system's journal there at any moment."""

    def __init__(self, place):
        super().__init__(daemon=True)
        self.path, self.halt = os.path.join(place, "neighbour"), threading.Event()
        self.start()

    def run(self):
        with contextlib.suppress(OSError), open(self.path, "wb", buffering=0) as file:
            while not self.halt.is_set():
                file.write(b"n" * 100)
                os.fsync(file.fileno())
                time.sleep(0.003)

    def stop(self):
        self.halt.set()
        self.join()


@case("J5", "power cut while rejects are written", "every promised reject is there, none torn or glued", quick=True)
def power_cut(box):
    need("root")
    cuts = 3 if box.quick else 100
    rng = random.Random(5)
    place = box.loop_ext4(64)
    image, path = box.path("image"), os.path.join(place, "r")
    promised = kept = torn = least = 0
    for turn in range(cuts):
        tool = FILTERS[turn % 3]
        read, write = os.pipe()
        run = box.run([box.tool(tool), "--rejects", path], stdin=read)
        os.close(read)
        feed = Feed(write, 3000, make=garbage, pause=0.001)
        neighbour = Neighbour(place)
        run.until(lambda: size_of(path) > 0, "rejects")
        time.sleep(rng.uniform(0, 0.3))
        if turn % 2:
            run.kill(signal.SIGUSR1)
            run.until(lambda: " in=" in run.err, "the account")
        else:
            # Without being asked: what is older than a second.
            limit = time.monotonic() + rng.uniform(1.5, 1.8)
            old = box.read(path).count(b"\n")
            while time.monotonic() < limit:
                time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.05))
        shut_down(place)
        neighbour.stop()
        feed.stop()
        status = run.wait(10)
        if turn % 2:
            words = [line for line in run.err.splitlines() if " in=" in line][0]
            note = account(words)
            old = note["rejected"] - note["rejects_unwritten"]
        expect(status == 74, "a dead disk is 74, not %d: %s" % (status, run.err[-300:]))
        box.unmount(place)
        box.mount("-o", "loop", image, place=place)
        data = box.read(path)
        torn += bool(data) and not data.endswith(b"\n")
        done = box.run([box.tool(tool), "--rejects", path])
        expect(done.wait() == 0, "restart: %s" % done.err)
        found = Rejects(path).numbers
        expect(found == list(range(1, len(found) + 1)) and len(found) >= old,
               "%d promised, there are %d" % (old, len(found)))
        promised, kept, least = promised + old, kept + len(found), least + (old > 0)
        os.remove(path)
    expect(least > cuts / 2, "nothing was promised: nothing was tested")
    return "%d cuts, %d promised, %d there, %d torn ends found and mended" % (cuts, promised, kept, torn)


@case("J6", "replay with archive and rejects on a full disk", "every line archived or rejected once there is room")
def replay_on_a_full_disk(box):
    need("flock")
    place = box.tmpfs("size=2m")
    count, source = 19775, box.path("saved.jsonl")
    # Rejects that fill a disk before the archive does.
    box.put(b"".join(mixed(count, size=1500)), source)
    folder = os.path.join(place, "archive")
    env = dict(os.environ, OBSERVER_BIN_DIR=os.path.dirname(box.tool("x")))
    run = box.run([os.path.join(ROOT, "scripts/observer"), "replay", "--dir", folder, source], env=env)
    run.until(lambda: "rejects and reading nothing" in run.err, "the notice", 30)
    time.sleep(0.5)
    subprocess.run(["mount", "-o", "remount,size=128m", place], check=True)
    status = run.wait(120)
    law(run.err, Archive(folder).judge())
    expect(status == 0, "status %d: %s" % (status, run.err[-300:]))
    good = numbers(box.read(os.path.join(folder, "observer.jsonl")))
    bad = Rejects(os.path.join(folder, "rejects/snap-validate.jsonl"))
    expect(good == [n for n in range(count) if n % 4], "%d good lines" % len(good))
    expect(bad.numbers == list(range(0, count, 4)) and not bad.torn, "%d rejects" % len(bad.numbers))
    return "%d archived + %d rejected of %d" % (len(good), len(bad.numbers), count)
