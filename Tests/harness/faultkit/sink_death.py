"""Sink: death, torn tails, full disks, places that cannot be used (cases 1 to 17)."""
import os
import random
import signal
import subprocess
import time

from .box import Feed, need
from .cases import case
from .inject import injected
from .oracle import expect, law, record

# What a dead sink can have had in hand: the pipe (enlarged to 1 MiB) and one block that was read.
IN_FLIGHT = 2 << 20


@case("1", "kill -9 at full speed", "0 malformed, 0 duplicate, fragments in rejects", quick=True)
def kill_at_full_speed(box):
    loops = 6 if box.quick else 30
    seen = []
    for size in (200, 3000, 65000):
        folder = box.path("a%d" % size)
        first, worst = 1, 0
        rng = random.Random(size)
        stored = 0
        for _ in range(loops):
            sink, feed = box.feed_sink("--quiet", size=size, first=first, folder=folder)
            time.sleep(rng.uniform(0.01, 0.06))
            sink.kill()
            sink.wait()
            first += feed.stop() + 1
            expect(box.sink("--quiet", folder=folder).wait() in (0, 65), "repair failed")
            archive = box.judged(folder)
            worst = max(worst, feed.issued - (len(archive.numbers) - stored))
            stored = len(archive.numbers)
        expect(worst * size <= IN_FLIGHT + size, "%d lines of %d bytes lost at one kill" % (worst, size))
        seen.append("%d B: %d stored, %d torn, loss <= %d lines" % (size, stored, len(archive.rejects), worst))
    return "; ".join(seen)


@case("2", "kill -9, the pipe outlives the sink", "left-over half line never stored", quick=True)
def pipe_outlives(box):
    read, write = os.pipe()
    feed = Feed(write, 3000)
    for _ in range(4 if box.quick else 20):
        sink = box.sink("--quiet", stdin=read)
        time.sleep(random.uniform(0.02, 0.06))
        sink.kill()
        sink.wait()
    last = box.sink("--quiet", stdin=read)
    time.sleep(0.05)
    os.close(read)
    issued = feed.stop()
    last.wait()
    archive = box.judged()
    return "%d issued, %d stored, %d fragments set aside" % (issued, len(archive.numbers), len(archive.rejects))


@case("3", "kill -9 inside repair and rotation", "restart converges, no whole line lost")
def kill_inside_repair(box):
    torn = record(1) + record(2)[:77]
    kills = 0
    for call in ("ftruncate", "fdatasync", "openat", "pwrite64", "write"):
        for when in range(1, 41):
            box.put(torn)
            prefix = injected("%s:signal=KILL:when=%d" % (call, when))
            if box.sink("--quiet", prefix=prefix).wait() != 137:
                break
            kills += 1
            expect(box.sink("--quiet").wait() in (0, 65), "restart failed after a kill in %s" % call)
            archive = box.judged()
            expect(archive.numbers == [1], "lines %s after a kill in %s" % (archive.numbers, call))
            expect(any(torn.endswith(row["bytes"]) for row in archive.rejects), "fragment lost in %s" % call)
            os.remove(os.path.join(box.archive, "rejects/jsonl-sink.jsonl"))
    inside = 0
    for call in ("openat", "fdatasync", "flock", "pwrite64"):
        for when in (4, 5, 6, 7, 8, 10, 12):
            folder = box.path("r-%s-%d" % (call, when))
            prefix = injected("%s:signal=KILL:when=%d" % (call, when))
            sink, feed = box.feed_sink("--quiet", "--rotate", "1s", pause=0.01, prefix=prefix, folder=folder)
            end = time.monotonic() + 3.2
            while sink.process.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            feed.stop()
            if sink.wait() != 137:
                continue
            expect(box.sink("--quiet", folder=folder).wait() in (0, 65), "restart failed")
            archive = box.judged(folder)
            inside += len(archive.files()) > 0
    expect(kills > 0 and inside > 0, "%d and %d kills happened: nothing was tested" % (kills, inside))
    return "%d kills inside repair, %d inside a rotating sink, every restart converged" % (kills, inside)


@case("4", "torn tail there already", "line 1 untouched, fragment in rejects, next line at column 0", quick=True)
def torn_tail(box):
    box.put(record(1) + b'{"b":"to')
    status, err = box.store(record(2), "--quiet")
    expect(box.read() == record(1) + record(2), "content %r" % box.read()[-120:])
    archive = box.judged()
    expect(archive.rejects[0]["bytes"] == b'{"b":"to' and archive.rejects[0]["offset"] == 200, "reject is wrong")
    expect(status == 65 and "offset 200" in err, "status %d, %s" % (status, err))
    return "65, fragment with offset and length"


@case("5", "whole JSON without line feed", "line feed added, record kept", quick=True)
def whole_tail(box):
    box.put(record(1)[:-1])
    status, _ = box.store(record(2), "--quiet")
    expect(box.read() == record(1) + record(2) and status == 0, "status %d" % status)
    return "0, kept"


@case("6", "NUL tail after power loss", "NULs removed and reported", quick=True)
def nul_tail(box):
    box.put(record(1) + b"\0" * 4096)
    status, err = box.store(record(2), "--quiet")
    expect(box.read() == record(1) + record(2), "NULs are still there")
    expect(status == 65 and "4096 of them NUL" in err, "status %d %s" % (status, err))
    return "65, removed and reported"


@case("7", "garbage before the last line feed", "not rewritten; jsonl-verify names file:line, 65", quick=True)
def garbage_inside(box):
    box.store(record(1), "--quiet")
    with open(box.data, "ab") as file:
        file.write(b'x\0\0{"a":1}\n' + record(2))
    before = box.read()
    status, err = box.store(b"", "--quiet")
    expect(box.read() == before, "the archive was rewritten")
    expect(status == 65 and "no record at offset 200" in err, "sink: %d %s" % (status, err))
    done = subprocess.run([box.tool("jsonl-verify"), box.data], capture_output=True, text=True)
    expect(done.returncode == 65 and '"line":2,"offset":200' in done.stdout, "verify: %s" % done.stdout)
    return "sink 65 with the offset; verify 65, line 2, offset 200"


def full_disk(box, *words):
    place = box.tmpfs()
    sink, feed = box.feed_sink("--quiet", *words, size=3000, count=2000, folder=place)
    sink.until(lambda: "holding" in sink.err, "the notice")
    time.sleep(0.3)
    taken = feed.taken
    time.sleep(0.3)
    expect(feed.taken == taken, "the sink reads on while the disk is full")
    with open(os.path.join(place, "observer.jsonl"), "rb") as file:
        expect(file.read().endswith(b"\n"), "readers see a torn record")
    return place, sink, feed


@case("8", "disk full, later freed", "all lines kept, back-pressure, no torn record, 0")
def full_then_freed(box):
    place, sink, feed = full_disk(box)
    subprocess.run(["mount", "-o", "remount,size=16m", place], check=True)
    issued = feed.finish()
    status = sink.wait()
    archive = box.judged(place)
    expect(status == 0 and archive.numbers == list(range(1, issued + 1)), "status %d" % status)
    law(sink.err, archive)
    return "%d of %d kept, 0" % (len(archive.numbers), issued)


@case("9", "disk full + SIGTERM / end of input", "74 within 1 s, exact unwritten count")
def full_and_term(box):
    times = []
    for closes in (False, True):
        place, sink, feed = full_disk(box)
        feed.stop(close=closes)
        begin = time.monotonic()
        sink.kill(signal.SIGTERM)
        status = sink.wait(5)
        times.append(time.monotonic() - begin)
        expect(status == 74 and times[-1] < 1, "status %d after %.1f s" % (status, times[-1]))
        note = law(sink.err, box.judged(place))
        expect(note["unwritten"] > 0, "nothing unwritten?")
        if not closes:
            os.close(feed.fd)
        box.unmount(place)
    place, sink, feed = full_disk(box, "--full-timeout", "1")
    feed.stop()
    expect(sink.wait(5) == 74, "--full-timeout")
    return "74 after %.2f s, %d unwritten" % (max(times), note["unwritten"])


@case("10", "disk full + kill -9 + restart", "ends in a line feed, loss <= batch + pipe")
def full_and_kill(box):
    place, sink, feed = full_disk(box)
    sink.kill()
    sink.wait()
    issued = feed.stop()
    subprocess.run(["mount", "-o", "remount,size=16m", place], check=True)
    status = box.sink("--quiet", folder=place).wait()
    archive = box.judged(place)
    lost = (issued - len(archive.numbers)) * 3000
    expect(status in (0, 65) and lost <= IN_FLIGHT, "status %d, %d bytes lost" % (status, lost))
    return "status %d, %d bytes lost (bound %d)" % (status, lost, IN_FLIGHT)


@case("11", "full device", "sink 73 (no regular file); filter 74", quick=True)
def full_device(box):
    need("root")
    os.makedirs(box.archive)
    os.mknod(box.data, 0o666 | 0o020000, os.makedev(1, 7))
    status, err = box.store(record(1), "--quiet")
    expect(status == 73 and "not a regular file" in err, "sink %d %s" % (status, err))
    with open("/dev/full", "wb") as full:
        run = box.run([box.tool("snap-guard"), "--emit", "all"], stdin=subprocess.PIPE, stdout=full)
        run.process.communicate(record(1))
    expect(run.wait() == 74, "filter %d" % run.wait())
    return "73 and 74"


@case("12", "inodes full at rotation", "stays in the old file, reports, loses nothing")
def inodes_full(box):
    place = box.tmpfs("size=8m,nr_inodes=4")
    sink, feed = box.feed_sink("--quiet", "--rotate", "1s", folder=place, count=200, pause=0.02, block=1)
    issued = feed.finish()
    status = sink.wait()
    archive = box.judged(place)
    expect(archive.numbers == list(range(1, issued + 1)), "%d of %d" % (len(archive.numbers), issued))
    law(sink.err, archive)
    notes = sink.err.count("staying in")
    expect(status in (0, 65) and notes >= 1, "status %d, %d notices: %s" % (status, notes, sink.err))
    return "%d of %d kept in %d files, %d notices, %d" % (issued, issued, len(archive.files()), notes, status)


@case("13", "file size limit", "74, whole lines only", quick=True)
def size_limit(box):
    need("prlimit")
    status, err = box.store(b"".join(map(record, range(1, 2000))), "--quiet", prefix=["prlimit", "--fsize=100100"])
    archive = box.judged()
    note = law(err, archive)
    expect(status == 74 and len(archive.numbers) == 500, "status %d, %d lines" % (status, len(archive.numbers)))
    return "74, %d stored, %d unwritten" % (note["durable"], note["unwritten"])
