"""The costs that do not show in megabytes: a line's way through idle stages, starting, memory, allocations."""
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

from measure import peak_kb, run_once

STAGES = ("snap-validate", "snap-guard", "snap-enrich")


def quiet():
    return dict(os.environ, OBSERVER_LOG_LEVEL="error")


def latency(bin_dir, work, line, count, rate):
    """Microseconds from a line's write into four idle stages to its passing the sink, that is, being archived, and the
    same through four cats, a thousand lines each in turn: (ours, theirs)."""
    archive = os.path.join(work, "latency")
    stages = [[os.path.join(bin_dir, name)] for name in STAGES]
    stages.append([os.path.join(bin_dir, "jsonl-sink"), "--dir", archive])
    ours, theirs = [], []
    for _ in range(max(1, count // 1000)):
        shutil.rmtree(archive, ignore_errors=True)
        ours += times_through(stages, line, min(count, 1000), rate)
        theirs += times_through([["cat"]] * 4, line, min(count, 1000), rate)
    shutil.rmtree(archive, ignore_errors=True)
    return percentiles(ours), percentiles(theirs)


def percentiles(times):
    times.sort()
    count = len(times)
    return {"p50_us": round(times[count // 2], 1), "p99_us": round(times[count * 99 // 100], 1), "lines": count}


def times_through(stages, line, count, rate):
    """Microseconds from a line's write into the first of `stages` to its coming out of the last, `rate` lines a second."""
    processes, upstream = [], subprocess.PIPE
    for stage in stages:
        process = subprocess.Popen(stage, stdin=upstream, stdout=subprocess.PIPE, env=quiet(), bufsize=0)
        upstream = process.stdout
        processes.append(process)
    source, sink = processes[0].stdin, processes[-1].stdout
    for process in processes[:-1]:
        process.stdout.close()
    times, due = [], time.perf_counter()
    for _ in range(count):
        due += 1 / rate
        while (left := due - time.perf_counter()) > 0:
            time.sleep(left)
        began = time.perf_counter_ns()
        source.write(line)
        data = b""
        while not data.endswith(b"\n"):
            block = os.read(sink.fileno(), 1 << 16)
            if not block:
                raise RuntimeError("a stage ended early")
            data += block
        times.append((time.perf_counter_ns() - began) / 1000)
    source.close()
    for process in processes:
        process.wait()
    return times


def start(command, line, rounds=41):
    """Milliseconds from exec to the first line out, and peak memory."""
    times, peak = [], 0
    for _ in range(rounds):
        began = time.perf_counter_ns()
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=quiet(), bufsize=0)
        process.stdin.write(line)
        process.stdout.readline()
        times.append((time.perf_counter_ns() - began) / 1e6)
        peak = max(peak, peak_kb(process.pid))
        process.stdin.close()
        process.wait()
    return {"first_line_ms": round(statistics.median(times), 2), "peak_rss_kb": peak}


def memory(command, small, large):
    """Peak memory over a small and a large input."""
    return {"small_kb": run_once(command, small)[3], "large_kb": run_once(command, large)[3]}


ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign", "__libc_malloc"}


def allocations(profile):
    """Calls of the C library's allocators in a profile of callgrind, but those that they make of one another. (memcheck
    counts only what it can replace, which is nothing in a static executable.)"""
    names, caller, callee, count = {}, "", "", 0

    def name(text):
        number, _, word = text.partition(" ")
        return names.setdefault(number, word)

    for line in profile:
        key, _, value = line.rstrip("\n").partition("=")
        if key == "fn":
            caller = name(value)
        elif key == "cfn":
            callee = name(value)
        elif key == "calls" and callee in ALLOCATORS and caller not in ALLOCATORS and "memalign" not in caller:
            count += int(value.split()[0])
    return count


def instructions(command, block, work):
    """Instructions and heap allocations per line: the difference between two runs of n and 2n lines."""
    if not shutil.which("valgrind"):
        return None
    lines, profile, counts = block.count(b"\n"), os.path.join(work, "profile"), []
    for factor in (1, 2):
        path = os.path.join(work, "block-%d" % factor)
        with open(path, "wb") as out:
            out.write(block * factor)
        with open(path, "rb") as text:
            done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + profile, *command], stdin=text,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=quiet())
        found = re.search(r"Collected : (\d+)", done.stderr.decode("utf-8", "replace"))
        if not found:
            return None
        with open(profile) as text:
            counts.append((int(found.group(1)), allocations(text)))
    more = counts[1][0] - counts[0][0]
    return {"instructions_per_line": round(more / lines), "instructions_per_byte": round(more / len(block), 3),
            "allocations_per_line": (counts[1][1] - counts[0][1]) / lines}
