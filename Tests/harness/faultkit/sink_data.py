"""Sink: odd input, clocks and rotation, scarce resources, surroundings (cases 30 to 42)."""
import fcntl
import os
import resource
import struct
import subprocess
import time

from .box import Feed, need
from .cases import case
from .oracle import Archive, expect, law, record


@case("30", "empty input", "0, no data file", quick=True)
def empty(box):
    status, err = box.store(b"", "--quiet")
    expect(status == 0 and not os.path.exists(box.data), "status %d" % status)
    law(err)
    return "0, none"


@case("31", "last line without line feed", "whole: stored, 0; broken: rejects, 65", quick=True)
def no_line_feed(box):
    status, _ = box.pipe_store(record(1) + record(2)[:-1], "--quiet")
    expect(status == 0 and box.read() == record(1) + record(2), "whole: %d" % status)
    status, _ = box.pipe_store(record(3) + b'{"b":', "--quiet")
    archive = box.judged()
    expect(status == 65 and archive.numbers == [1, 2, 3] and archive.rejects[0]["bytes"] == b'{"b":',
           "broken: %d" % status)
    return "0 and 65"


@case("32", "1-byte writes; lines around 8 KiB and 64 KiB", "identical bytes, no split", quick=True)
def odd_sizes(box):
    read, write = os.pipe()
    sink = box.sink("--quiet", stdin=read)
    os.close(read)
    data = record(1) + record(2, 333)
    for index in range(len(data)):
        os.write(write, data[index:index + 1])
    os.close(write)
    expect(sink.wait() == 0 and box.read() == data, "bytes changed")
    sizes = [edge + off for edge in (4096, 8192, 65536, 262144, 1048576) for off in (-1, 0, 1)]
    more = b"".join(record(index + 3, size) for index, size in enumerate(sizes))
    status, _ = box.pipe_store_all(more, "--quiet")
    expect(status == 0 and box.read() == data + more, "bytes changed")
    return "%d lines identical" % (len(sizes) + 2)


@case("33", "endless line", "beginning in rejects, memory flat, next line fine, 65", quick=True)
def endless_line(box):
    size = (64 if box.quick else 1024) << 20
    script = 'head -c %d /dev/zero | tr "\\0" x; printf "\\n"; printf "%%s" "$1"' % size
    source = subprocess.Popen(["sh", "-c", script, "sh", record(7).decode()], stdout=subprocess.PIPE)
    sink = box.sink("--quiet", stdin=source.stdout)
    source.stdout.close()
    resident = sink.resident()
    source.wait()
    archive = box.judged()
    expect(sink.process.returncode == 65 and archive.numbers == [7], "status %d" % sink.process.returncode)
    expect(resident < 64 << 10, "%d KiB resident" % resident)
    expect(len(archive.rejects[0]["bytes"]) >= 4000, "the beginning is not in rejects")
    return "65, %d MiB line, %.0f MiB resident at most" % (size >> 20, resident / 1024)


@case("34", "NUL, bad UTF-8, BOM, blank, [], 1, {}{}", "each in rejects with reason and line", quick=True)
def odd_lines(box):
    bad = [b'{"a":"\0"}', b'{"a":"\xff"}', b'\xef\xbb\xbf{}', b'[]', b'1', b'{}{}', b'{"a":NaN}', b'{"a":1e999}', b'x',
           b'{"a":"\\ud800"}', b'{"a":01}', b'{"a":1,}', b'"s"', b"null", b'{"a":\x0b1}']
    data = b"".join(record(index) + line + b"\n" for index, line in enumerate(bad)) + b"\n \n" + record(99)[:-1] + b"\r\n"
    status, err = box.pipe_store(data, "--quiet")
    archive = box.judged()
    note = law(err, archive)
    expect(status == 65 and note["blank"] == 2 and note["rejected"] == len(bad), "status %d %s" % (status, note))
    expect(archive.numbers == list(range(len(bad))) + [99], "neighbours suffered")
    for index, (row, line) in enumerate(zip(archive.rejects, bad)):
        expect(row["line"] == 2 * index + 2 and row["verdict"]["errors"], "reject %s" % row)
        expect(row["bytes"] == line or "input" in row, "bytes of %r" % line)
    return "%d of %d, 2 blank, 65" % (len(bad), len(bad))


@case("35", "clock -1 h, +1 h, +80 y; midnight KST; odd window", "no line lost or changed, step reported")
def clock_steps(box):
    need("cc")
    shim, shift = box.path("clock.so"), box.path("shift")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True)

    def set_clock(seconds):
        with open(shift, "r+b" if os.path.exists(shift) else "wb") as file:
            file.write(struct.pack("=q", int(seconds)))
    set_clock(0)
    program = box.dynamic("jsonl-sink")
    env = dict(os.environ, LD_PRELOAD=shim, FAULT_CLOCK=shift)
    sink, feed = box.feed_sink("--quiet", "--rotate", "60s", env=env, program=program, pause=0.002)
    for step in (-3600, 3600, 80 * 31557600, 0):
        time.sleep(1.3)
        before = {path: os.path.getsize(path) for path in Archive(box.archive).files()}
        set_clock(step)
        time.sleep(0.2)
        for path, size in before.items():
            expect(os.path.getsize(path) >= size, "%s shrank" % path)
    time.sleep(1.3)
    issued = feed.stop(whole=True)
    status = sink.wait()
    archive = box.judged(ordered=False)
    expect(sorted(archive.numbers) == list(range(1, issued + 1)), "%d of %d" % (len(archive.numbers), issued))
    law(sink.err, archive)
    steps = sink.err.count("the wall clock was set")
    expect(status == 0 and steps == 4, "status %d, %d steps reported" % (status, steps))
    files = len(archive.files())
    midnight = (int(time.time()) + 9 * 3600) // 86400 * 86400 + 86400 - 9 * 3600
    for window in ("1h", "7h"):
        folder = box.path(window)
        set_clock(midnight - 2 - time.time())
        sink, feed = box.feed_sink("--quiet", "--rotate", window, env=env, program=program, pause=0.002, folder=folder)
        time.sleep(3)
        issued = feed.stop(whole=True)
        sink.wait()
        archive = box.judged(folder)
        expect(len(archive.numbers) == issued and len(archive.files()) == 2, "%s: %s" % (window, archive.files()))
        expect(archive.files()[1].endswith("_0000.jsonl"), "%s" % archive.files())
    return "4 steps reported, all lines in %d files; midnight starts a file" % files


@case("36", "rotation every second under load", "0 lost, 0 duplicate, order kept", quick=True)
def rotation_storm(box):
    sink, feed = box.feed_sink("--quiet", "--rotate", "1s", pause=0.004)
    time.sleep(3 if box.quick else 60)
    issued = feed.stop(whole=True)
    status = sink.wait()
    archive = box.judged()
    law(sink.err, archive)
    expect(status == 0 and archive.numbers == list(range(1, issued + 1)),
           "status %d, %d of %d" % (status, len(archive.numbers), issued))
    return "%d of %d in %d files" % (len(archive.numbers), issued, len(archive.files()))


@case("37", "restart inside a window", "appended, never truncated", quick=True)
def restart_in_window(box):
    for number in range(1, 31):
        expect(box.store(record(number), "--quiet", "--rotate", "1s")[0] == 0, "start %d" % number)
    archive = box.judged()
    expect(archive.numbers == list(range(1, 31)), "%s" % archive.numbers)
    return "30 starts, %d files" % len(archive.files())


@case("38", "idle across a window", "old file closed at window end, no empty file", quick=True)
def idle_window(box):
    read, write = os.pipe()
    sink = box.sink("--quiet", "--rotate", "1s", stdin=read)
    os.write(write, record(1))
    sink.until(lambda: os.path.isdir(box.archive) and Archive(box.archive).files(), "the file")
    begin = time.monotonic()
    with open(Archive(box.archive).files()[0], "rb") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                expect(time.monotonic() - begin < 3, "still held 3 s after the line")
                time.sleep(0.05)
    time.sleep(1.2)
    expect(len(Archive(box.archive).files()) == 1, "an empty file was made")
    os.write(write, record(2))
    os.close(write)
    expect(sink.wait() == 0 and box.judged().numbers == [1, 2], "lines")
    return "closed %.1f s after its line" % (time.monotonic() - begin - 1.2)


@case("39", "too few descriptors, too little memory", "refused at start or works; never ends with data in hand", quick=True)
def scarce(box):
    seen = []
    for limit in range(4, 16):
        folder = box.path("n%d" % limit)
        sink, feed = box.feed_sink("--quiet", "--rotate", "1s", folder=folder, count=30, pause=0.05, block=1,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        if sink.process.poll() is None:
            feed.join(5)
        status = sink.wait_closing(feed)
        if status == 0:
            expect(len(box.judged(folder).numbers) == 30, "limit %d lost lines" % limit)
            seen.append(limit)
            break
        expect(status in (73, 127), "limit %d: status %d %s" % (limit, status, sink.err))
    sink, feed = box.feed_sink(
        "--quiet", count=20000, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (96 << 20, 96 << 20)))
    feed.join(20)
    status = sink.wait_closing(feed)
    expect(status == 0 and len(box.judged().numbers) == 20000, "96 MiB: status %d %s" % (status, sink.err[-200:]))
    return "refused below %s descriptors, works from there; works in 96 MiB" % seen


@case("40", "stderr closed, full, blocked", "data unaffected, no diagnostics in it, right status", quick=True)
def bad_stderr(box):
    seen = []
    data = b"".join(map(record, range(1, 3001))) + b"bad\n"
    for kind in ("closed", "full", "blocked"):
        folder = box.path(kind)
        read, write = os.pipe()
        options = {}
        if kind == "closed":
            options["preexec_fn"] = lambda: os.close(2)
        elif kind == "full":
            options["stderr"] = os.open("/dev/full", os.O_WRONLY)
        else:
            os.set_blocking(write, False)
            try:
                while True:
                    os.write(write, b"x" * 4096)
            except BlockingIOError:
                os.set_blocking(write, True)
            options["stderr"] = write
        seen.append(box.pipe_store_all(data, "--quiet", folder=folder, **options)[0])
        archive = box.judged(folder)
        expect(len(archive.numbers) == 3000 and not archive.foreign, "%s: %d" % (kind, len(archive.numbers)))
        os.close(read)
        os.close(write)
    expect(seen == [65, 65, 65], "%s" % seen)
    return "65, 65, 65"


@case("41", "non-blocking stdin and stdout", "waits, flags of shared descriptions unchanged", quick=True)
def non_blocking(box):
    read, write = os.pipe()
    out_read, out_write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(out_write, False)
    flags = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (read, out_write)]
    sink = box.sink(stdin=read, stdout=out_write)
    feed = Feed(write, 3000, 1000, pause=0.005)
    got = 0
    while got < 3_000_000:
        time.sleep(0.002)
        got += len(os.read(out_read, 8192))
    expect([fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (read, out_write)] == flags, "flags were changed")
    feed.finish()
    expect(sink.wait() == 0 and len(box.judged().numbers) == 1000, "lines")
    for fd in (read, out_read, out_write):
        os.close(fd)
    return "1000 of 1000, flags unchanged"


@case("42", "cron: overlap, minimal environment, umask 077", "second 75; mode 0644; same bytes", quick=True)
def cron(box):
    read, write = os.pipe()
    sink = box.sink("--quiet", stdin=read, env={}, cwd="/", preexec_fn=lambda: os.umask(0o077))
    os.write(write, '{"name":"삼성"}\n'.encode())
    sink.until(lambda: os.path.exists(box.data), "the file")
    with open(os.devnull, "rb") as nothing:
        second = box.sink(stdin=nothing, env={}, cwd="/")
        expect(second.wait(3) == 75, "second: not 75")
    os.close(write)
    expect(sink.wait() == 0 and box.read() == '{"name":"삼성"}\n'.encode(), "bytes")
    mode = os.stat(box.data).st_mode & 0o777
    expect(mode == 0o644, "mode %o" % mode)
    return "75, 0644, bytes as they came"
