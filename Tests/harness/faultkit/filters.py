"""Filters: the sixteen faults of a pipe (cases F1 to F16), each for snap-validate, snap-guard and snap-enrich."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import time

from .box import FILTERS, Feed, need
from .cases import case
from .oracle import Archive, expect, law, record
from .snapshots import numbers, snapshot


def through(box, tool, data, *words, **options):
    """Status, stdout and stderr of a filter over `data`."""
    run = subprocess.run([box.tool(tool), *words], input=data, capture_output=True, timeout=60, **options)
    return run.returncode, run.stdout, run.stderr.decode(errors="replace")


def shell(box, script, tool, timeout=20):
    run = subprocess.run(["bash", "-c", script, "bash", box.tool(tool), box.path("input"), box.folder],
                         capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL)
    return run.returncode, run.stdout, run.stderr.decode(errors="replace")


@case("F1", "stdout full", "74 and a message, for one line too", quick=True)
def stdout_full(box):
    box.put(snapshot(1), box.path("input"))
    for tool in FILTERS:
        status, _, err = shell(box, '"$1" <"$2" >/dev/full', tool)
        expect(status == 74 and "No space" in err, "%s: %d %s" % (tool, status, err))
    return "74 x 3"


@case("F2", "stdout closed", "74, no other file becomes descriptor 1", quick=True)
def stdout_closed(box):
    box.put(snapshot(1) + b"bad\n", box.path("input"))
    for tool in FILTERS:
        status, _, err = shell(box, '"$1" --rejects "$3/r" <"$2" >&-', tool)
        size = os.path.getsize(box.path("r")) if os.path.exists(box.path("r")) else 0
        expect(status == 74 and err and size == 0, "%s: %d, %d bytes in rejects" % (tool, status, size))
    return "74 x 3"


@case("F3", "reader gone", "141, silently, at once", quick=True)
def reader_gone(box):
    box.put(b"".join(map(snapshot, range(20000))), box.path("input"))
    for tool in FILTERS:
        begin = time.monotonic()
        status, out, err = shell(box, '"$1" <"$2" | head -1; exit ${PIPESTATUS[0]}', tool)
        expect(status == 141 and out.count(b"\n") == 1 and not re.search("ERROR|rror:", err),
               "%s: %d %s" % (tool, status, err))
        expect(time.monotonic() - begin < 2, "slow")
    return "141 x 3"


@case("F4", "reader stopped", "blocks, memory flat", quick=True)
def reader_stopped(box):
    worst = 0
    for tool in FILTERS:
        read, write = os.pipe()
        out_read, out_write = os.pipe()
        run = box.run([box.tool(tool), "--emit", "all"], stdin=read, stdout=out_write)
        feed = Feed(write, 3000)
        time.sleep(0.4)
        before = feed.taken
        time.sleep(0.3 if box.quick else 3)
        expect(feed.taken - before < 2 << 20, "%s: reads on" % tool)
        with open("/proc/%d/status" % run.pid) as file:
            worst = max(worst, int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)))
        run.kill()
        run.wait()
        feed.stop()
        for fd in (read, out_read, out_write):
            os.close(fd)
    expect(worst < 64 << 10, "%d KiB" % worst)
    return "blocked, %.0f MiB at most" % (worst / 1024)


@case("F5", "slow trickle", "a line passes before the next read blocks", quick=True)
def trickle(box):
    slowest = 0.0
    for tool in FILTERS:
        read, write = os.pipe()
        out_read, out_write = os.pipe()
        run = box.run([box.tool(tool)], stdin=read, stdout=out_write)
        os.write(write, snapshot(0))
        expect(select.select([out_read], [], [], 5)[0], "%s: nothing after 5 s" % tool)
        os.read(out_read, 65536)
        begin = time.monotonic()
        os.write(write, snapshot(1))
        expect(select.select([out_read], [], [], 1)[0], "%s: nothing within 1 s" % tool)
        slowest = max(slowest, time.monotonic() - begin)
        run.kill()
        for fd in (read, write, out_read, out_write):
            os.close(fd)
    return "%.2f ms at most" % (slowest * 1000)


@case("F6", "source dies in mid-line", "whole lines passed, fragment rejected; 65 with --strict", quick=True)
def source_dies(box):
    for tool in FILTERS:
        box.put(snapshot(1) + snapshot(2)[:99], box.path("input"))
        script = 'rm -f "$3/r"; (cat "$2"; kill -9 $BASHPID) | "$1" %s --rejects "$3/r"; exit ${PIPESTATUS[1]}'
        status, out, _ = shell(box, script % "", tool)
        row = json.loads(box.read(box.path("r")))
        expect(status == 0 and numbers(out) == [1], "%s: %d" % (tool, status))
        expect(row["input_text"].encode() == snapshot(2)[:99], "%s: fragment %s" % (tool, row))
        expect(shell(box, script % "--strict", tool)[0] == 65, "%s --strict" % tool)
    return "line passed, fragment in rejects"


def chain(box, data, kill=None, pause=0.3):
    """The whole pipeline; the number of a stage to kill."""
    stages = []
    read, write = os.pipe()
    for tool in FILTERS:
        out_read, out_write = os.pipe()
        stages.append(box.run([box.tool(tool), "--rejects", box.path(tool + ".r")], stdin=read, stdout=out_write))
        os.close(read)
        os.close(out_write)
        read = out_read
    stages.append(box.sink("--quiet", stdin=read))
    os.close(read)
    pump = subprocess.Popen(["cat", data], stdout=write, stderr=subprocess.DEVNULL)
    os.close(write)
    if kill is not None:
        time.sleep(pause)
        stages[kill].kill()
    pump.wait()
    return stages, [stage.wait() for stage in stages]


@case("F7", "kill -9 of a middle filter", "archive parses, pipeline status not 0", quick=True)
def middle_killed(box):
    data = box.path("input")
    box.put(b"".join(map(snapshot, range(300000))), data)
    for victim in (0, 1, 2):
        _, statuses = chain(box, data, victim, 0.05)
        archive = Archive(box.archive)
        expect(statuses[victim] == 137 and max(statuses) > 0, "%s" % statuses)
        expect(not archive.corrupt and not archive.unterminated, "corrupt lines")
    return "%d records, all parse" % len(archive.foreign)


@case("F8", "1 % garbage", "others unaffected and in order, rejects with line numbers", quick=True)
def garbage(box):
    lines = [b"{garbage %d\n" % n if n % 100 == 50 else snapshot(n) for n in range(20000)]
    good = [n for n in range(20000) if n % 100 != 50]
    for tool in FILTERS:
        path = box.path(tool + ".r")
        status, out, _ = through(box, tool, b"".join(lines), "--rejects", path)
        rows = [json.loads(line) for line in box.read(path).splitlines()]
        expect(status == 0 and numbers(out) == good, "%s: %d" % (tool, status))
        expect([row["line"] for row in rows] == [n + 1 for n in range(20000) if n % 100 == 50], "line numbers")
    return "200 of 200 with line numbers, 19800 in order"


@case("F9", "numbers beyond 2^53, -0, 30 digits, order, spaces", "untouched bytes identical", quick=True)
def literals(box):
    inputs = (b'"price": 123456789012345678901234567890.10 ,"b":-0,"c":0.1,"d":1E+2,"e":9007199254740993,"a":1,'
              b'"x":"\\u0041\\/","dup":1,"dup":2')
    line = snapshot(5, inputs)
    for tool in FILTERS:
        status, out, err = through(box, tool, line)
        expect(status == 0 and line[:-2] in out, "%s: %d %s %s" % (tool, status, out, err))
    status, out, _ = through(box, "snap-validate", snapshot(5, b'"a":1e400'), "--emit", "blocked")
    expect(b"non-finite numbers detected in inputs: 1" in out and b"1e400" in out, "1e400: %s" % out)
    return "identical; 1e400 refused"


@case("F10", "depth 10^6, 16 MiB string, \\u0000, lone surrogate", "one error a line, no crash", quick=True)
def monsters(box):
    deep = b'{"a":' * 1000000 + b"1" + b"}" * 1000000 + b"\n"
    long = snapshot(2, b'"price":1,"t":"' + b"y" * (16 << 20) + b'"')
    data = (deep + b"[" * 1000000 + b"\n" + snapshot(1, b'"price":1,"z":"\\u0000"') + long
            + snapshot(3, b'"price":1,"s":"\\ud800"') + snapshot(4))
    for tool in FILTERS:
        path = box.path(tool + ".r")
        status, out, _ = through(box, tool, data, "--rejects", path)
        rows = [json.loads(line) for line in box.read(path).splitlines()]
        expect(status == 0 and numbers(out) == [1, 4], "%s: %d %s" % (tool, status, numbers(out)))
        expect([row["line"] for row in rows] == [1, 2, 4, 5], "%s" % [row["line"] for row in rows])
    return "4 errors, 2 passed, x 3"


@case("F11", "non-blocking stdout, slow reader", "nothing lost", quick=True)
def non_blocking_stdout(box):
    box.put(b"".join(map(snapshot, range(5000))), box.path("input"))
    for tool in FILTERS:
        out_read, out_write = os.pipe()
        os.set_blocking(out_write, False)
        with open(box.path("input"), "rb") as file:
            run = box.run([box.tool(tool)], stdin=file, stdout=out_write)
        os.close(out_write)
        got = b""
        while True:
            time.sleep(0.0005)
            block = os.read(out_read, 65536)
            if not block:
                break
            got += block
        os.close(out_read)
        expect(run.wait() == 0 and numbers(got) == list(range(5000)), "%s" % tool)
    return "5000 of 5000 x 3"


@case("F12", "stdin a folder, closed, a terminal", "74, 74; a terminal is read", quick=True)
def bad_stdin(box):
    for tool in FILTERS:
        for redirect in ("</", "<&-"):
            status = shell(box, '"$1" %s' % redirect, tool)[0]
            expect(status == 74, "%s %s: %d" % (tool, redirect, status))
        ours, theirs = pty.openpty()
        run = box.run([box.tool(tool), "--emit", "all"], stdin=theirs)
        os.write(ours, b"{}\n\x04")
        expect(run.wait(5) == 0, "%s: terminal" % tool)
        os.close(ours)
        os.close(theirs)
    return "74, 74, 0"


@case("F13", "unknown option, missing value", "64 before reading", quick=True)
def usage(box):
    for tool in FILTERS:
        for words in (("--bogus",), ("--emit",), ("--emit", "x"), ("--max-line", "1")):
            read, write = os.pipe()
            os.write(write, b"{}\n")
            status = box.run([box.tool(tool), *words], stdin=read).wait(5)
            os.close(write)
            expect(status == 64 and os.read(read, 9) == b"{}\n", "%s %s: %d" % (tool, words, status))
            os.close(read)
    return "64 x 12"


@case("F14", "SIGTERM at full speed", "output ends at a line boundary", quick=True)
def term_at_full_speed(box):
    box.put(b"".join(map(snapshot, range(200000))), box.path("input"))
    for tool in FILTERS:
        with open(box.path("input"), "rb") as file, open(box.path("out"), "wb") as out:
            run = box.run([box.tool(tool)], stdin=file, stdout=out)
            time.sleep(0.03)
            run.kill(signal.SIGTERM)
            status = run.wait(5)
        got = box.read(box.path("out"))
        expect(status in (0, 143) and (not got or got.endswith(b"\n")), "%s: %d" % (tool, status))
        expect(numbers(got) == list(range(got.count(b"\n"))), "%s: lines" % tool)
    return "whole lines x 3"


@case("F15", "locale C, odd TZ", "identical output", quick=True)
def locale(box):
    need("env")
    data = b"".join(snapshot(n, '"price":1,"name":"삼성"'.encode()) for n in range(100))
    for tool in FILTERS:
        words = ("--clock", "event") if tool == "snap-enrich" else ()
        outputs = {through(box, tool, data, *words, env=env)[1]
                   for env in ({}, {"LC_ALL": "C", "TZ": "x"}, {"LANG": "ko_KR.EUC-KR", "TZ": ":/etc/nothing"},
                               {"LC_ALL": "tr_TR.UTF-8", "TZ": "America/New_York"}, dict(os.environ))}
        expect(len(outputs) == 1 and b"\xec\x82\xbc" in outputs.pop(), tool)
    return "5 environments, one output"


@case("F16", "conservation across the chain", "in = out + rejected + blank at every stage", quick=True)
def conservation(box):
    data = box.path("input")
    lines = []
    for n in range(30000):
        lines.append(snapshot(n) if n % 7 else [b"\n", b"{bad\n", record(n), snapshot(n).replace(b"raw", b""),
                                                snapshot(n, b'"price":NaN')][n // 7 % 5])
    box.put(b"".join(lines), data)
    stages, statuses = chain(box, data)
    expect(statuses == [0, 0, 0, 0], "%s" % statuses)
    flow = len(lines)
    for stage in stages[:3]:
        found = re.findall(r"in=(\d+) out=(\d+) rejected=(\d+) blank=(\d+)", stage.err)[-1]
        read, out, rejected, blank = map(int, found)
        expect(read == flow and read == out + rejected + blank, "%s after %d" % (found, flow))
        flow = out
    note = law(stages[3].err, Archive(box.archive))
    expect(note["in"] == flow and note["durable"] == flow, "sink %s" % note)
    rejects = sum(box.read(box.path(tool + ".r")).count(b"\n") for tool in FILTERS)
    blank = sum(line == b"\n" for line in lines)
    expect(rejects + blank + flow == len(lines), "%d + %d + %d of %d" % (rejects, blank, flow, len(lines)))
    return "%d = %d archived + %d rejected + %d blank" % (len(lines), flow, rejects, blank)
