"""observer export: whole, killed at any moment, and with less memory than the archive has bytes."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import threading
import time
from decimal import Decimal

from .archives import ROOT, files

EXPORT = ROOT / "scripts/observer"


def command(python, target, *words):
    """The command, and its environment."""
    env = dict(os.environ, OBSERVER_PYTHON=python, LC_ALL="C.UTF-8")
    return [str(EXPORT), "export", "--to", str(target), *map(str, words)], env


def run(python, target, *words, stdin=None):
    """A run to its end: status, the lines that it said, what it said of errors."""
    line, env = command(python, target, *words)
    done = subprocess.run(line, env=env, input=stdin, capture_output=True)
    return done.returncode, [json.loads(text) for text in done.stdout.splitlines()], done.stderr.decode()


def rows(python, folder):
    """Rows of each part that is there, read by PyArrow: one that cannot be read is an error."""
    code = ("import sys, glob, json, pyarrow.parquet as p; print(json.dumps({f: p.read_table(f, partitioning=None).num_rows"
            " for f in glob.glob(sys.argv[1] + '/*/date=*/*')}))")
    done = subprocess.run([python, "-c", code, str(folder)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {"unreadable": done.stderr[-300:]}


def whole(python, skipped, kinds, truths, folder):
    """Every kind of archive: rows and sums are those that Python counts; a second run changes nothing; other days stay."""
    if "duckdb" in skipped:
        return []
    faults = []
    print("\n| archive | lines | as it is | zstd | Parquet tables | a trade, JSONL | zstd | Parquet whole | Parquet tables |"
          " five columns | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind, pattern in kinds.items():
        truth, target = truths[kind], folder / "export"
        shutil.rmtree(target, ignore_errors=True)
        begin = time.monotonic()
        status, said, errors = run(python, target, *files(pattern))
        seconds = time.monotonic() - begin
        counted, added = {}, {}
        for line in said:
            counted[line["table"]] = counted.get(line["table"], 0) + line["rows"]
            for name, value in line["sums"].items():
                added[line["table"], name] = added.get((line["table"], name), 0) + Decimal(value)
        wanted = {name: count for name, count in truth.rows.items()}
        if status or counted != wanted:
            faults.append(f"{kind}: status {status}, {counted} instead of {wanted}: {errors}")
            continue
        for table, first, second in (("trades", "price", "trade_size"), ("book", "bid_price", "total_bid_size"),
                                     ("gaps", "seconds", None)):
            sums = truth.sums.get(table, (0, 0))
            for name, value in ((first, sums[0]), (second, sums[1])):
                if name and added.get((table, name), 0) != value:
                    faults.append(f"{kind}: {table} {name} is {added.get((table, name))} instead of {value}")
        before = {path: path.read_bytes() for path in target.glob("*/date=*/*")}
        status, again, _ = run(python, target, *files(pattern))
        if status or again != said or {path: path.read_bytes() for path in target.glob("*/date=*/*")} != before:
            faults.append(f"{kind}: a second run changed something")
        if sorted({line["date"] for line in said}) != sorted(truth.days) or any(target.glob(".export-*")):
            faults.append(f"{kind}: days {sorted({line['date'] for line in said})}, left {list(target.glob('.export-*'))}")
        faults += one_day(python, target, pattern, before, truth)
        measure(python, kind, pattern, truth, said, seconds, folder)
    faults += streams(python, kinds, truths, folder)
    return faults


def one_day(python, target, pattern, before, truth):
    """--date D after the folder was emptied of it: that day comes back, the others are not touched."""
    day = min(truth.days)
    shutil.rmtree(target / "trades" / f"date={day}", ignore_errors=True)
    stamps = {path: path.stat().st_mtime_ns for path in before if f"date={day}" not in str(path)}
    status, said, errors = run(python, target, "--date", day, *files(pattern))
    if status or {line["date"] for line in said} != {day}:
        return [f"--date {day}: status {status}: {errors}"]
    if {path: path.stat().st_mtime_ns for path in stamps} != stamps:
        return [f"--date {day} changed another day"]
    return [] if {path: path.read_bytes() for path in before} == before else [f"--date {day} gives other bytes"]


def streams(python, kinds, truths, folder):
    """A folder, and standard input."""
    target, source = folder / "streams", files(kinds["trades+book"])[0]
    status, said, errors = run(python, target, "-", stdin=source.read_bytes())
    faults = [] if status == 0 and sum(line["rows"] for line in said) == truths["trades+book"].lines else [f"-: {errors}"]
    status, again, errors = run(python, target, source.parent)
    if status or again != said:
        faults.append(f"a folder: status {status}: {errors}")
    packed = folder / "corrupt.jsonl.zst"
    packed.write_bytes(subprocess.run(["zstd", "-qc", str(source)], stdout=subprocess.PIPE, check=True).stdout[:-1000])
    before = {path: path.read_bytes() for path in target.glob("*/date=*/*")}
    status, _, errors = run(python, target, source, packed)
    if status != 65 or packed.name not in errors or {path: path.read_bytes() for path in target.glob("*/date=*/*")} != before:
        faults.append(f"a corrupt file: status {status}: {errors}")
    odd = folder / "odd [1-9]*?'\n.jsonl"
    odd.write_bytes(b"".join(source.read_bytes().splitlines(keepends=True)[:100]))
    status, said, errors = run(python, folder / "to [1]*'", odd)
    if status or sum(line["rows"] for line in said) != 100:
        faults.append(f"a file with an odd name: status {status}: {errors}")
    status, again, errors = run(python, folder / "to [1]*'", "-", stdin=subprocess.run(
        ["zstd", "-qc"], input=odd.read_bytes(), stdout=subprocess.PIPE, check=True).stdout)
    if status or again != said:
        faults.append(f"compressed standard input: status {status}: {errors}")
    return faults + growing(python, source, folder)


def growing(python, source, folder):
    """A file that a sink is writing, a half line at its end now and then: all that was there at first, and no fault."""
    path, stop = folder / "growing.jsonl", threading.Event()
    lines = source.read_bytes().splitlines(keepends=True)
    first = len(lines) // 2
    path.write_bytes(b"".join(lines[:first]))

    def write():
        with open(path, "ab", buffering=0) as file:
            for line in lines[first:]:
                for half in (line[:1000], line[1000:]):
                    file.write(half)
                if stop.wait(0.001):
                    return

    writer = threading.Thread(target=write)
    writer.start()
    status, said, errors = run(python, folder / "growing", path)
    stop.set()
    writer.join()
    rows = sum(line["rows"] for line in said)
    return [] if status == 0 and first <= rows <= len(lines) else [f"a file that grows: status {status}, {rows}: {errors}"]


def measure(python, kind, pattern, truth, said, seconds, folder):
    """A row of the table of sizes; what a trade takes only where there is nothing but trades."""
    parquet = sum(line["bytes"] for line in said)
    trade = [""] * 5
    zstd = ""
    if set(truth.rows) == {"trades"}:
        packed = subprocess.run(["zstd", "-qc", *map(str, files(pattern))], stdout=subprocess.PIPE, check=True).stdout
        target, narrow = folder / "whole.parquet", folder / "narrow.parquet"
        code = ("import duckdb, sys; duckdb.sql(open(sys.argv[1]).read()); duckdb.sql(f\"COPY (FROM observer_records("
                "'{sys.argv[2]}')) TO '{sys.argv[3]}' (FORMAT parquet, COMPRESSION zstd)\");"
                " duckdb.sql(f\"COPY (SELECT symbol, time, price, trade_size, side FROM '{sys.argv[4]}') TO '{sys.argv[5]}'"
                " (FORMAT parquet, COMPRESSION zstd)\")")
        subprocess.run([python, "-c", code, str(ROOT / "config/schema/duckdb.sql"), pattern, str(target),
                        str(folder / "export/trades/*/*.parquet"), str(narrow)], check=True, stdout=subprocess.DEVNULL)
        zstd = f"{len(packed) / 1e6:.1f} MB"
        trade = [f"{size / truth.lines:.1f}" for size in (truth.bytes, len(packed), target.stat().st_size, parquet,
                                                        narrow.stat().st_size)]
    print(f"| {kind} | {truth.lines:,} | {truth.bytes / 1e6:.0f} MB | {zstd} | {parquet / 1e6:.1f} MB | {' | '.join(trade)} |"
          f" {seconds:.1f} |", flush=True)


def kills(python, skipped, kinds, truths, folder, loops=25):
    """kill -9 at random moments while an older export is replaced: each part is the old one or the new one, whole."""
    if {"duckdb", "pyarrow"} & skipped:
        return []
    target, source = folder / "killed", files(kinds["trades+book"])[0]
    half = folder / "half.jsonl"
    with open(source, "rb") as lines, open(half, "wb") as file:
        for place, line in enumerate(lines):
            if place % 2 == 0:
                file.write(line)
    run(python, target, half)
    old = rows(python, target)
    begin = time.monotonic()
    run(python, folder / "new", source)
    length = time.monotonic() - begin
    new = {path.replace("/new/", "/killed/"): count for path, count in rows(python, folder / "new").items()}
    chance, faults, seen, cut = random.Random(14), [], {"old": 0, "new": 0, "mixed": 0}, 0
    for loop in range(loops):
        line, env = command(python, target, source)
        process = subprocess.Popen(line, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Most of the moments in the last third, where parts are put in their places.
        time.sleep(length * (chance.random() if loop % 3 == 0 else 0.6 + 0.5 * chance.random()))
        process.send_signal(signal.SIGKILL)
        cut += process.wait() != 0
        there = rows(python, target)
        if set(there) != set(new) or any(count not in (old[path], new[path]) for path, count in there.items()):
            faults.append(f"after kill {loop + 1}: {there} instead of {old} or {new}")
            break
        seen["old" if there == old else "new" if there == new else "mixed"] += 1
        if there == new:
            run(python, target, half)
    status, _, errors = run(python, target, source)
    if status or rows(python, target) != new or any(target.glob(".export-*")):
        faults.append(f"the run after the kills: status {status}: {errors}")
    print(f"\nkill -9 {loops} times ({cut} before the end): every part whole; all old {seen['old']}, all new {seen['new']},"
          f" some of each {seen['mixed']}; the next run is complete and leaves nothing behind")
    return faults


def memory(python, skipped, kinds, truths, folder, copies=8, allowed="500M"):
    """An archive several times as large as the memory that DuckDB may use."""
    if "duckdb" in skipped:
        return []
    source, large = files(kinds["trades+book"])[0], folder / "large.jsonl"
    with open(large, "wb") as file:
        for _ in range(copies):
            file.write(source.read_bytes())
    line, env = command(python, folder / "large", "--memory", allowed, large)
    begin = time.monotonic()
    process = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, errors = process.communicate()
    seconds, peak = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # The largest child so far is the one that is meant only if it is the largest: so it is asked alone.
    peak = int(subprocess.run([python, "-c", MEASURE, *command(python, folder / "large", "--memory", allowed, large)[0]],
                              env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.split()[-1])
    total = sum(json.loads(text)["rows"] for text in said.splitlines())
    size = large.stat().st_size
    print(f"\n--memory {allowed}: {size / 1e6:.0f} MB of archive, {total:,} rows, {seconds:.0f} s, {peak / 1024:.0f} MB resident"
          " at most")
    large.unlink()
    if process.returncode or total != copies * truths["trades+book"].lines:
        return [f"status {process.returncode}, {total} rows: {errors.decode()}"]
    return [] if peak * 1024 < 0.6 * size else [f"{peak} KB resident for {size} bytes"]


MEASURE = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""
