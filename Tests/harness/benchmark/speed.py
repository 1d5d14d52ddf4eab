"""Megabytes a second, beside the peers that are installed."""
import os
import shutil
import subprocess
import sys

import readers
from measure import compare, measure

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HEAD = 16 << 20  # slow peers get the first part of a corpus


def corpus(work, kind, megabytes):
    """A corpus file, made once per size."""
    path = os.path.join(work, "%s-%d.jsonl" % (kind, megabytes))
    if not os.path.exists(path):
        with open(path + ".new", "wb") as out:
            subprocess.run([os.path.join(ROOT, "Tests/harness/make-corpus"), kind, str(megabytes)], stdout=out, check=True)
        os.rename(path + ".new", path)
    return path


def lines_of(path):
    with open(path, "rb") as text:
        return sum(block.count(b"\n") for block in iter(lambda: text.read(1 << 20), b""))


def through(tool, source, target, *options):
    """The output of one of our filters on a file, kept as the next one's input."""
    if not os.path.exists(target):
        with open(source, "rb") as text, open(target, "wb") as out:
            subprocess.run([tool, "--log-level", "error", *options], stdin=text, stdout=out, check=True)
    return target


def head(path):
    """The first lines of a file, for peers that would take minutes."""
    part = path + ".head"
    if not os.path.exists(part):
        with open(path, "rb") as text, open(part, "wb") as out:
            out.write(text.read(HEAD).rpartition(b"\n")[0] + b"\n")
    return part


def simdjson(work):
    """simdjson's parse_many, compiled if the library and a compiler are here."""
    binary = os.path.join(work, "simdjson_many")
    source = os.path.join(ROOT, "Tests/harness/benchmark/simdjson_many.cpp")
    if not os.path.exists(binary) and shutil.which("g++"):
        subprocess.run(["g++", "-O3", "-std=c++17", source, "-lsimdjson", "-o", binary],
                       stderr=subprocess.DEVNULL, check=False)
    return binary if os.path.exists(binary) else None


def filter_jobs(bin_dir, work, megabytes, kinds):
    jobs = []
    for kind in kinds:
        source = corpus(work, kind, megabytes)
        lines = lines_of(source)
        tool = lambda name: os.path.join(bin_dir, name)
        valid = through(tool("snap-validate"), source, source + ".valid")
        guarded = through(tool("snap-guard"), valid, source + ".guarded")
        archive = os.path.join(work, "sink")

        def clear(archive=archive):
            shutil.rmtree(archive, ignore_errors=True)

        def add(name, command, path=source, **more):
            jobs.append(dict(name=name, corpus=kind, command=command, source=path, lines=lines, **more))

        add("cat", ["cat"])
        add("snap-validate", [tool("snap-validate")])
        add("snap-validate --plain", [tool("snap-validate"), "--plain"])
        add("snap-guard", [tool("snap-guard")], valid)
        add("snap-guard --rules market", [tool("snap-guard"), "--rules", "market"], valid)
        add("snap-enrich", [tool("snap-enrich")], guarded)
        add("jsonl-sink --quiet", [tool("jsonl-sink"), "--quiet", "--dir", archive], guarded, after=clear)
        library = simdjson(work)
        if library and kind != "bad":
            add("simdjson parse_many", [library, source])
    return jobs


def peer_jobs(work, megabytes, kinds):
    jobs = []
    for kind in kinds:
        source = head(corpus(work, kind, megabytes))
        lines = lines_of(source)

        def add(name, command):
            jobs.append(dict(name=name, corpus=kind, command=command, source=source, lines=lines))

        check = 'select(.meta.timestamp_ms and .context.stage and .observation.inputs)'
        record = '{snapshot:., regime_tags:{}, condition_tags:[], outcome_labels:{}, metadata:{mode:.meta.mode}}'
        for peer in ("jq", "gojq"):
            if shutil.which(peer):
                add(peer + " select", [peer, "-c", check])
                add(peer + " record", [peer, "-c", record])
        add("python json", [sys.executable, "-c", (
            "import json, sys\nfor line in sys.stdin.buffer:\n"
            " s = json.loads(line)\n if s['meta']['timestamp_ms']: sys.stdout.write(json.dumps(s))")])
    return jobs


def reader_jobs(work, megabytes, kinds):
    """DuckDB and Polars on all of a corpus and all cores; the time is their own, without their start."""
    cores = len(os.sched_getaffinity(0))
    jobs = []
    for name, program in readers.installed():
        for kind in kinds:
            source = corpus(work, kind, megabytes)
            jobs.append(dict(name=name + ", all cores", corpus=kind, command=readers.command(program, source, cores),
                             source=source, lines=lines_of(source), target=os.path.join(work, "seconds"), clock=True))
    return jobs


def pipeline_jobs(bin_dir, work, megabytes, kinds, corpora=None):
    jobs = []
    for kind in kinds:
        source = corpus(corpora or work, kind, megabytes)
        lines = lines_of(source)
        archive, copy = os.path.join(work, "archive"), os.path.join(work, "copy")
        tools = [[os.path.join(bin_dir, name)] for name in ("snap-validate", "snap-guard", "snap-enrich")]
        sink = [os.path.join(bin_dir, "jsonl-sink"), "--quiet", "--dir", archive]

        def clear(archive=archive, copy=copy):
            shutil.rmtree(archive, ignore_errors=True)
            if os.path.exists(copy):
                os.remove(copy)

        jobs.append(dict(name="cat | cat | cat | cat >file", corpus=kind, command=[["cat"]] * 4, source=source,
                         target=copy, lines=lines, after=clear))
        # Cats with as many bytes in each pipe as ours: the third one drops what it is given, and writes records.
        guarded = through(tools[1][0], through(tools[0][0], source, source + ".valid"), source + ".guarded")
        records = through(tools[2][0], guarded, source + ".records")
        grow = ["bash", "-c", 'exec 3<&0; cat <&3 >/dev/null & cat "$0"; wait', records]
        jobs.append(dict(name="cats with the same bytes", corpus=kind, command=[["cat"], ["cat"], grow, ["cat"]],
                         source=source, target=copy, lines=lines, after=clear))
        jobs.append(dict(name="validate | guard | enrich | sink", corpus=kind, command=tools + [sink],
                         source=source, lines=lines, after=clear))
        # What the disk's sync costs: cat promises none.
        jobs.append(dict(name="the same, sink --sync none", corpus=kind, command=tools + [sink + ["--sync", "none"]],
                         source=source, lines=lines, after=clear))
    return jobs


# All that DuckDB needs to know of a record for what it is asked: it reads nothing else.
TOTALS = """
import duckdb
duckdb.sql("set threads to %d")
print(duckdb.sql(\"\"\"
  select snapshot.context.symbol, count(*), sum(snapshot.observation.inputs.trade_size), max(snapshot.observation.inputs.volume)
  from read_json('%s', format='newline_delimited', columns={snapshot: 'STRUCT(context STRUCT(symbol VARCHAR),
    observation STRUCT(inputs STRUCT(trade_size BIGINT, volume BIGINT)))'})
  group by 1\"\"\").fetchall())
"""


def audit_jobs(bin_dir, work, megabytes):
    """snap-audit on one core and on all, beside DuckDB asked for trades, shares and the last total of each symbol."""
    source = corpus(work, "trades", megabytes)
    lines = lines_of(source)
    cores = len(os.sched_getaffinity(0))
    core = ["taskset", "-c", str(min(os.sched_getaffinity(0)))] if shutil.which("taskset") else []
    tool = os.path.join(bin_dir, "snap-audit")
    jobs = [("snap-audit, 1 core", core + [tool, "--format", "ndjson", source]),
            ("snap-audit, %d cores" % cores, [tool, "--format", "ndjson", source])]
    if subprocess.run([sys.executable, "-c", "import duckdb"], stderr=subprocess.DEVNULL).returncode == 0:
        jobs += [("duckdb, 1 thread", core + [sys.executable, "-c", TOTALS % (1, source)]),
                 ("duckdb, %d threads" % cores, [sys.executable, "-c", TOTALS % (cores, source)])]
    else:
        print("duckdb is not installed (pip install duckdb): left out beside snap-audit")
    return [dict(name=name, corpus="trades", command=command, source=source, lines=lines) for name, command in jobs]


def table(rows, base_names):
    """Rows as text, with their ratios to the named rows of the same corpus."""
    speeds = {(row.name, row.corpus): row.speed for row in rows}
    header = "%-34s %-10s %9s %11s %7s %7s %9s" % (
        "tool", "corpus", "MB/s", "lines/s", "user s", "sys s", "peak KB")
    out = [header + "".join(" %12s" % ("x " + name.split()[0].strip(",")) for name in base_names)]
    for row in rows:
        values = row.as_dict()
        text = "%-34s %-10s %9.1f %11d %7.2f %7.2f %9d" % (
            row.name, row.corpus, row.speed, values["lines_per_s"], row.user, row.system, row.peak_kb)
        for name in base_names:
            base = speeds.get((name, row.corpus))
            text += " %12s" % ("%.2f" % (row.speed / base) if base else "-")
        out.append(text)
    return "\n".join(out)


def against(bin_dir, other, work, megabytes, rounds, kinds):
    """The same jobs with the executables of another build in the same rounds; rows of ours, with their ratio to it.
    What the other build has no option for is left out."""
    help_text = subprocess.run([os.path.join(other, "snap-guard"), "--help"], capture_output=True, text=True).stdout
    unknown = [] if "--rules" in help_text else ["snap-guard --rules market"]

    def ours(folder, place):
        os.makedirs(place, exist_ok=True)
        jobs = filter_jobs(folder, work, megabytes, kinds) + pipeline_jobs(folder, place, megabytes, kinds, work)
        return [job for job in jobs if ("snap" in job["name"] or "sink" in job["name"]) and job["name"] not in unknown]

    pairs = list(zip(ours(bin_dir, os.path.join(work, "new")), ours(other, os.path.join(work, "old"))))
    for new, old, ratio in compare(pairs, rounds):
        print("%-34s %-10s %9.1f MB/s, before %9.1f: %5.3f" % (new.name, new.corpus, new.speed, old.speed, ratio))


def run(bin_dir, work, megabytes, rounds, kinds):
    """All speed rows, printed as tables; returns the rows."""
    rows = measure(filter_jobs(bin_dir, work, megabytes, kinds), rounds)
    usual = [kind for kind in kinds if kind in ("small", "raw")]
    peers = measure(reader_jobs(work, megabytes, usual), rounds) + measure(peer_jobs(work, megabytes, usual), 1)
    print(table(rows + peers, ["cat", "simdjson parse_many", "jq select", "duckdb, all cores", "polars, all cores"]))
    pipes = measure(pipeline_jobs(bin_dir, work, megabytes, usual), rounds)
    print()
    print(table(pipes, ["cat | cat | cat | cat >file", "cats with the same bytes"]))
    return rows + peers + pipes + audit(bin_dir, work, megabytes, rounds)


def audit(bin_dir, work, megabytes, rounds):
    """The rows of snap-audit, printed; returns them."""
    rows = measure(audit_jobs(bin_dir, work, megabytes), rounds)
    print()
    print(table(rows, ["duckdb, 1 thread"]))
    return rows
