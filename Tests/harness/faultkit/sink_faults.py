"""Sink: failing calls, foreign hands, signals (cases 18 to 29)."""
import os
import re
import signal
import subprocess
import threading
import time

from .box import need
from .cases import case
from .inject import injected, shut_down
from .oracle import Archive, expect, law, receipt, record


@case("18", "write fails: EIO, EINTR, short", "EIO: roll back, 74; EINTR unseen; short: whole lines")
def failing_write(box):
    data = b"".join(map(record, range(1, 30001)))
    box.put(record(0))
    seen = []
    for fault, expected in (("write:error=EIO:when=2", 74), ("write:error=EINTR:when=1+2", 0),
                            ("write:error=ENOSPC:when=1..3", 0)):
        box.put(record(0))
        status, err = box.pipe_store_all(data, "--quiet", prefix=injected(fault, box.data))
        archive = box.judged()
        note = law(err, archive, before=1)
        expect(status == expected, "%s: status %d %s" % (fault, status, err[-300:]))
        expect(status or len(archive.numbers) == 30001, "%s: %d lines" % (fault, len(archive.numbers)))
        seen.append("%s %d" % (fault.split(":")[1], status))
    place = box.tmpfs("size=1m")
    status, err = box.pipe_store_all(data, "--quiet", "--full-timeout", "1", folder=place)
    note = law(err, Archive(place).judge())
    expect(status == 74 and note["unwritten"] > 0, "short write: %d" % status)
    return ", ".join(seen) + ", short 74 with %d unwritten" % note["unwritten"]


@case("19", "fdatasync EIO", "74, bytes in doubt named, no second sync")
def failing_sync(box):
    box.put(record(0))
    trace = box.path("trace")
    status, err = box.pipe_store_all(record(1) * 1, "--quiet", prefix=injected(
        "fdatasync:error=EIO:when=1+", box.data, trace))
    with open(trace) as file:
        calls = file.read().count("fdatasync(")
    if "in doubt" not in err:  # the one at the start: it has to be refused
        expect(status == 73 and calls == 1, "status %d, %d syncs: %s" % (status, calls, err))
    os.remove(box.data)
    sink, feed = box.feed_sink("--quiet", count=100, prefix=injected("fdatasync:error=EIO:when=1+", box.data, trace))
    feed.join()
    status = sink.wait(10)
    feed.stop()
    with open(trace) as file:
        data_syncs = [line for line in file if "EIO" in line]
    note = law(sink.err)
    expect(status == 74 and len(data_syncs) == 1, "status %d, %d failing syncs" % (status, len(data_syncs)))
    expect(re.search(r"bytes \d+ to \d+ are in doubt", sink.err), sink.err)
    expect(note["unwritten"] == note["in"], "in doubt but counted as durable: %s" % note)
    return "74, one sync, %d lines in doubt" % note["unwritten"]


@case("20", "power cut", "every line of the last receipt is there, and the file itself")
def power_cut(box):
    lost = []
    for _ in range(1 if box.quick else 3):
        place = box.loop_ext4()
        receipts = open(box.path("receipts"), "w+b")
        sink, feed = box.feed_sink("--receipts", folder=place, stdout=receipts, pause=0.002)
        time.sleep(2.6)
        issued = feed.issued
        # What is said after the cut nobody would hear: a sync that is under way may return 0 and be wrong.
        promised = [int(n) for n in re.findall(rb'"durable_lines":(\d+)', os.pread(receipts.fileno(), 1 << 20, 0))]
        shut_down(place)
        sink.wait(10)
        feed.stop()
        receipts.close()
        expect(promised, "no receipt in 2.6 s")
        image = box.path("image")
        box.unmount(place)
        box.mount("-o", "loop", image)
        before = Archive(place)
        box.sink("--quiet", folder=place).wait()
        archive = box.judged(place)
        expect(archive.numbers[:promised[-1]] == list(range(1, promised[-1] + 1)),
               "%d promised, %d there" % (promised[-1], len(archive.numbers)))
        lost.append(issued - len(archive.numbers))
        torn = len(before.corrupt) + len(before.unterminated)
        box.unmount(place)
    return "%d promised, %d there, %s issued after the last sync lost, %d torn" % (
        promised[-1], len(archive.numbers), max(lost), torn)


@case("21", "two sinks, other window too", "second: 75 in 100 ms, reads nothing, names the holder", quick=True)
def two_sinks(box):
    sink, feed = box.feed_sink("--quiet", count=1)
    sink.until(lambda: os.path.exists(box.data), "the first line")
    for words in ((), ("--rotate", "1h"), ("--base-name", "other")):
        read, write = os.pipe()
        os.write(write, record(9))
        second = box.sink(*words, stdin=read)
        status, took = second.wait(5), second.seconds()
        os.close(write)
        expect(os.read(read, 999) == record(9), "input was read")
        os.close(read)
        expect(status == 75 and "pid %d" % sink.pid in second.err, "status %d %s" % (status, second.err))
    feed.finish()
    expect(sink.wait() == 0, "the first one suffered")
    return "75 after %.0f ms" % (took * 1000)


@case("22", "foreign appender without a lock", "no splice, own lines all there", quick=True)
def foreign_appender(box):
    sink, feed = box.feed_sink("--quiet", size=3000, pause=0.001)
    sink.until(lambda: os.path.exists(box.data), "the file")
    halt = threading.Event()

    def meddle():
        with open(box.data, "ab", buffering=0) as file:
            while not halt.is_set():
                file.write(b'{"x":1}\n')
                time.sleep(0.0005)
    meddler = threading.Thread(target=meddle)
    meddler.start()
    time.sleep(1.5)
    issued = feed.stop()
    status = sink.wait()
    halt.set()
    meddler.join()
    archive = box.judged()
    expect(len(archive.numbers) == receipt(sink.err)["durable"], "own lines are missing")
    expect("does not take the lock" in sink.err, "not reported")
    return "%d of %d own, %d foreign, reported, %d" % (len(archive.numbers), issued, len(archive.foreign), status)


@case("23", "append-only attribute", "fragment cut off and copied to rejects, goes on, 65")
def append_only(box):
    need("root", "chattr")
    place = box.loop_ext4(16)
    data = os.path.join(place, "observer.jsonl")
    box.put(record(1) + b'{"b":"to', data)
    subprocess.run(["chattr", "+a", data], check=True)
    status, err = box.store(record(2), "--quiet", folder=place)
    subprocess.run(["chattr", "-a", data], check=True)
    expect(box.read(data) == record(1) + b'{"b":"to\n' + record(2), "content %r" % box.read(data)[-99:])
    rejects = Archive(place).rejects
    expect(status == 65 and rejects[0]["bytes"] == b'{"b":"to', "status %d" % status)
    return "65, cut off by a line feed, copied"


@case("24", "file removed, renamed, truncated underneath", "noticed within 1 s, saved, reopened, 65")
def file_taken_away(box):
    seen = []
    for kind in ("removed", "renamed", "truncated"):
        folder = box.path(kind[:3])
        data = os.path.join(folder, "observer.jsonl")
        sink, feed = box.feed_sink("--quiet", folder=folder, block=1, pause=0.01)
        sink.until(lambda: os.path.exists(data) and os.path.getsize(data) > 2000, "lines")
        begin = time.monotonic()
        if kind == "removed":
            os.remove(data)
        elif kind == "renamed":
            os.rename(data, os.path.join(folder, "moved.jsonl"))
        else:
            os.truncate(data, 0)
        sink.until(lambda: kind in sink.err, "the notice")
        took = time.monotonic() - begin
        time.sleep(0.2)
        issued = feed.stop()
        status = sink.wait()
        archive = box.judged(folder, ordered=False)
        expect(status == 65, "status %d" % status)
        if kind != "truncated":
            expect(sorted(archive.numbers) == list(range(1, issued + 1)),
                   "%s: %d of %d" % (kind, len(archive.numbers), issued))
        else:
            expect(archive.numbers[-1] == issued, "the lines after it are missing")
        seen.append("%s %.1f s" % (kind, took))
    return ", ".join(seen) + ", 65"


@case("25", "folder removed", "74 with counts, not 0")
def folder_removed(box):
    sink, feed = box.feed_sink("--quiet", block=1, pause=0.01)
    sink.until(lambda: os.path.exists(box.data) and os.path.getsize(box.data) > 2000, "lines")
    subprocess.run(["rm", "-r", box.archive], check=True)
    status = sink.wait(5)
    feed.stop()
    note = law(sink.err)
    expect(status == 74, "status %d" % status)
    return "74, %s" % {key: note[key] for key in ("in", "durable", "unwritten")}


@case("26", "SIGTERM, SIGINT, SIGHUP under load", "no torn line, all read lines stored, 128+N; HUP reopens", quick=True)
def signals_under_load(box):
    seen = []
    for number in (signal.SIGTERM,) if box.quick else (signal.SIGTERM, signal.SIGINT):
        folder = box.path("s%d" % number)
        sink, feed = box.feed_sink("--quiet", "--grace", "1", folder=folder)
        time.sleep(0.3)
        sink.kill(number)
        begin = time.monotonic()
        status = sink.wait(5)
        took = time.monotonic() - begin
        issued = feed.stop()
        note = law(sink.err, box.judged(folder))
        expect(status == 128 + number and note["unwritten"] == 0, "status %d %s" % (status, note))
        seen.append("%d after %.1f s" % (status, took))
    sink, feed = box.feed_sink("--quiet", "--grace", "5")
    time.sleep(0.2)
    sink.kill(signal.SIGHUP)
    time.sleep(0.1)
    sink.kill(signal.SIGTERM)
    issued = feed.stop(whole=True)
    status = sink.wait()
    archive = box.judged()
    law(sink.err, archive)
    expect(len(archive.numbers) == issued, "%d of %d drained" % (len(archive.numbers), issued))
    expect(status == 0, "the source ended, so all was drained, but status %d" % status)
    return ", ".join(seen) + "; drained to the end: 0"


@case("27", "SIGTERM with half a line", "within 2 s, fragment in rejects, 65 or 143", quick=True)
def term_with_half_line(box):
    read, write = os.pipe()
    sink = box.sink("--quiet", stdin=read)
    os.write(write, record(1) + record(2)[:50])
    sink.until(lambda: os.path.exists(box.data), "the first line")
    begin = time.monotonic()
    sink.kill(signal.SIGTERM)
    status = sink.wait(5)
    took = time.monotonic() - begin
    os.close(write)
    archive = box.judged()
    expect(took < 2 and archive.numbers == [1] and archive.rejects[0]["bytes"] == record(2)[:50],
           "%.1f s, %s" % (took, archive.rejects))
    law(sink.err, archive)
    return "%d after %.1f s, set aside" % (status, took)


@case("28", "SIGSTOP / SIGCONT of sink and source; idle data", "no loss, idle data synced within 1 s", quick=True)
def stopped(box):
    notes = open(box.path("receipts"), "w+b")
    sink, feed = box.feed_sink("--receipts", stdout=notes, pause=0.001)
    time.sleep(0.2)
    sink.kill(signal.SIGSTOP)
    time.sleep(0.5 if box.quick else 5)
    sink.kill(signal.SIGCONT)
    time.sleep(0.2)
    issued = feed.stop(close=False, whole=True)
    begin = time.monotonic()

    def durable():
        found = re.findall(rb'"durable_lines":(\d+)', box.read(box.path("receipts")))
        return int(found[-1]) if found else 0
    sink.until(lambda: durable() == issued, "the receipt of idle data", 5)
    took = time.monotonic() - begin
    os.close(feed.fd)
    expect(sink.wait() == 0 and box.judged().numbers == list(range(1, issued + 1)), "lines are missing")
    notes.close()
    expect(took < 1.3, "idle data was durable only after %.1f s" % took)
    return "%d of %d, idle data durable after %.2f s" % (issued, issued, took)


@case("29", "stdin closed, a folder, read error", "74", quick=True)
def bad_input(box):
    seen = []
    sink = box.run(["sh", "-c", 'exec "$0" --dir "$1" <&-', box.tool("jsonl-sink"), box.archive])
    seen.append(sink.wait())
    folder = os.open("/", os.O_RDONLY)
    seen.append(box.sink(stdin=folder).wait())
    os.close(folder)
    source = box.path("source")
    box.put(b"".join(map(record, range(1, 20001))), source)
    with open(source, "rb") as file:
        sink = box.sink("--quiet", stdin=file, prefix=injected("read:error=EIO:when=3", source))
    seen.append(sink.wait())
    law(sink.err, box.judged())
    expect(seen == [74, 74, 74], "%s" % seen)
    return "74, 74, 74"
