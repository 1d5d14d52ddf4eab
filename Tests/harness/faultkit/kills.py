"""kill -9, over and over: of the sink, then of random stages of the whole pipeline, under load."""
import json
import os
import random
import shutil
import subprocess
import time

from .box import FILTERS, Box, Feed
from .oracle import Archive, Deviation, expect
from .snapshots import snapshot

# Loops that share an archive before it is judged and thrown away.
ROUND = 50
# What may be in flight, in bytes of input, besides a line for each end of a pipe: a pipe of 1 MiB before each
# stage, and the block that a stage has read (a filter 256 KiB, the sink 1 MiB).
SINK_BOUND = (1 << 20) + (1 << 20)
CHAIN_BOUND = (4 << 20) + 3 * (256 << 10) + (1 << 20)


def sink_round(box, rng, loops, totals):
    """Kills of the sink alone; all records of a round have one size, so that sizes tell what each kill cost."""
    size = rng.choice((200, 730, 3000, 65000))
    folder = box.path("kills")
    first, stored = 1, 0
    for _ in range(loops):
        sink, feed = box.feed_sink("--quiet", size=size, first=first, folder=folder)
        time.sleep(rng.uniform(0.003, 0.03))
        sink.kill()
        sink.wait()
        first += feed.stop() + 1
        expect(box.sink("--quiet", folder=folder).wait() in (0, 65), "the restart failed")
        data = os.path.join(folder, "observer.jsonl")
        now = os.path.getsize(data) // size if os.path.exists(data) else 0
        lose(totals, (feed.issued - (now - stored)) * size, SINK_BOUND + 2 * size)
        totals["issued"] += feed.issued
        stored = now
        forget(box)
    archive = Archive(folder)
    count(totals, archive.corrupt, archive.unterminated, archive.duplicates, archive.foreign)
    totals["stored"] += len(archive.numbers)
    totals["torn"] += len(archive.rejects)
    shutil.rmtree(folder)


def lose(totals, lost, bound):
    """A kill costs what was in flight, and not a byte more."""
    expect(0 <= lost <= bound, "%d bytes lost at a kill, %d may be in flight" % (lost, bound))
    totals["loss"] = max(totals["loss"], lost)


def forget(box):
    """Runs that have ended need not be kept."""
    for run in box.runs:
        run.err_file.close()
    box.runs.clear()


def count(totals, corrupt, unterminated, duplicates, foreign=()):
    totals["malformed"] += len(corrupt) + len(unterminated)
    totals["duplicates"] += duplicates
    totals["glued"] += len(foreign)


def chain_round(box, rng, loops, totals):
    """Kills of random stages: filters and sink, which are then all started again."""
    folder = box.path("chain")
    size = len(snapshot(1))
    first, stored = 1, 0
    for _ in range(loops):
        source, write = os.pipe()
        read, stages = source, []
        for tool in FILTERS:
            out_read, out_write = os.pipe()
            stages.append(box.run([box.tool(tool)], stdin=read, stdout=out_write))
            os.close(read)
            os.close(out_write)
            read = out_read
        stages.append(box.sink("--quiet", stdin=read, folder=folder))
        os.close(read)
        feed = Feed(write, size, first=first, make=lambda number, _: snapshot(number))
        time.sleep(rng.uniform(0.005, 0.04))
        rng.choice(stages).kill()
        first += feed.stop() + 1
        for stage in stages:
            stage.wait()
        receipts = box.sink("--quiet", folder=folder)
        expect(receipts.wait() in (0, 65), "the restart failed")
        forget(box)
        if not os.path.exists(os.path.join(folder, "observer.jsonl")):  # killed before the first record
            lose(totals, feed.issued * size, CHAIN_BOUND + 8 * size)
            continue
        done = subprocess.run([box.tool("jsonl-verify"), "--order", "none", "--details", "0", folder],
                              capture_output=True, text=True)
        expect(done.stdout, "jsonl-verify said nothing: %s" % done.stderr)
        total = json.loads(done.stdout.splitlines()[-1])
        lose(totals, (feed.issued - (total["lines"] - stored)) * size, CHAIN_BOUND + 8 * size)
        totals["issued"] += feed.issued
        stored = total["lines"]
    totals["malformed"] += total["malformed"] + total["unterminated"]
    totals["duplicates"] += total["duplicates"]
    totals["stored"] += total["lines"]
    totals["torn"] += len(Archive(folder).rejects)
    # A glued line would be whole JSON with two records in it, or none: every line has to have its run_id.
    totals["glued"] += total["without_id"]
    shutil.rmtree(folder)


def run(loops):
    """Both kinds, `loops` times each; 0 when nothing is malformed, glued or there twice."""
    clean = True
    for title, one_round in (("sink", sink_round), ("random stage", chain_round)):
        totals = dict.fromkeys(("issued", "stored", "torn", "malformed", "glued", "duplicates", "loss"), 0)
        rng, done, begin = random.Random(title), 0, time.monotonic()
        while done < loops:
            now = min(ROUND, loops - done)
            with Box() as box:
                try:
                    one_round(box, rng, now, totals)
                except Deviation as deviation:
                    print("after %d kills: %s" % (done, deviation))
                    return 1
            done += now
        bad = totals["malformed"] + totals["glued"] + totals["duplicates"]
        clean = clean and bad == 0
        print("%d kill -9 of %s in %.0f s: %d records issued, %d stored, %d torn tails set aside; %d malformed, %d glued, "
              "%d duplicate; at most %d bytes lost at a kill" % (
                  done, title, time.monotonic() - begin, totals["issued"], totals["stored"], totals["torn"],
                  totals["malformed"], totals["glued"], totals["duplicates"], totals["loss"]), flush=True)
    return 0 if clean else 1
