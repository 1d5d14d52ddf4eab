"""The same faults for jsonl-sink, multilog, svlogd and s6-log, with the same generator: what is left, in a table."""
import glob
import os
import random
import shutil
import signal
import subprocess
import time

from .box import Box, Feed, Skip, need
from .inject import shut_down
from .oracle import Deviation, expect, is_object, number_of, record

NAMES = ("jsonl-sink", "multilog", "svlogd", "s6-log")


def command(box, name, folder):
    os.makedirs(folder, exist_ok=True)
    if name == "jsonl-sink":
        return [box.tool(name), "--quiet", "--dir", folder]
    need(name)
    if name == "svlogd":
        with open(os.path.join(folder, "config"), "w") as file:
            file.write("s99999999\nn0\n")
        return ["svlogd", folder]
    return [name, "s16777215" if name == "multilog" else "s99999999", "n1000", folder]


def lines(folder):
    """Everything that a reader would take for a record, oldest file first: whole ones, and broken lines."""
    names = sorted(glob.glob(folder + "/@*")) + glob.glob(folder + "/current") + sorted(
        glob.glob(folder + "/*.jsonl"))
    data = b""
    for name in names:
        with open(name, "rb") as file:
            data += file.read()
    rows = data.split(b"\n")
    whole = [row for row in rows if number_of(row) is not None]
    return whole, [row for row in rows if row and not is_object(row)]


def start(box, name, folder, size=3000, **options):
    read, write = os.pipe()
    run = box.run(command(box, name, folder), stdin=read)
    os.close(read)
    return run, Feed(write, size, **options)


def kills(box, name):
    folder, first, rng = box.path("k"), 1, random.Random(7)
    for _ in range(60):
        run, feed = start(box, name, folder, first=first)
        time.sleep(rng.uniform(0.01, 0.05))
        run.kill()
        run.wait()
        first += feed.stop() + 1
    run, feed = start(box, name, folder, count=1, first=first)
    feed.finish()
    run.wait()
    whole, broken = lines(folder)
    return "%d broken lines in %d" % (len(broken), len(whole))


def last_line(box, name):
    folder = box.path("l")
    read, write = os.pipe()
    run = box.run(command(box, name, folder), stdin=read)
    os.close(read)
    os.write(write, record(1) + record(2)[:-1])
    os.close(write)
    status = run.wait()
    return "%s, exit %d" % ("kept" if len(lines(folder)[0]) == 2 else "dropped", status)


def full_disk(box, name):
    folder = box.tmpfs()
    run, feed = start(box, name, folder)
    time.sleep(1)
    feed.stop()
    begin = time.monotonic()
    run.kill(signal.SIGTERM)
    try:
        status = run.wait(5)
        return "exit %d after %.1f s" % (status, time.monotonic() - begin)
    except Deviation:
        return "still there after 5 s"
    finally:
        box.unmount(folder)


def power_cut(box, name):
    place = box.loop_ext4(64)
    folder = os.path.join(place, "log")
    run, feed = start(box, name, folder, size=200, count=5000)
    feed.join(5)
    time.sleep(2.7)
    shut_down(place)
    run.kill()
    run.wait()
    feed.stop()
    image = box.path("image")
    box.unmount(place)
    box.mount("-o", "loop", image)
    kept = len(lines(folder)[0]) if os.path.isdir(folder) else 0
    box.unmount(place)
    return "%d of 5000 kept" % kept


def failed_sync(box, name):
    need("strace")
    folder = box.path("s")
    calls = "fsync,fdatasync"
    words = ["strace", "-f", "-qq", "-o", box.path("trace"), "-e", "trace=" + calls, "-e",
             "inject=%s:error=EIO:when=%s" % (calls, "2" if name == "jsonl-sink" else "1")]
    read, write = os.pipe()
    run = box.run(words + command(box, name, folder), stdin=read)
    os.close(read)
    os.write(write, record(1))
    os.close(write)
    try:
        status = run.wait(20)
    except Deviation:
        status = -1
    with open(box.path("trace")) as file:
        rows = [row for row in file if "sync(" in row]
    failed = next((index for index, row in enumerate(rows) if "EIO" in row), len(rows))
    again = len(rows) - failed - 1
    return "%s, exit %d" % ("tried again and trusted" if again > 0 else "no second sync", status)


def speed(box, name):
    """Five runs over the same file; the fastest counts, because the machine has other things to do too."""
    count, source = 500_000, box.path("lines")
    with open(source, "wb") as file:
        file.writelines(record(number) for number in range(count))
    best = float("inf")
    for turn in range(5):
        with open(source, "rb") as file:
            run = box.run(command(box, name, box.path("v%d" % turn)), stdin=file)
            expect(run.wait(60) == 0, "status not 0")
        best = min(best, run.seconds())
    return "%.1f million" % (count / best / 1e6)


MEASURES = (("60 kill -9, lines of 3 KB", kills), ("last line without line feed", last_line),
            ("SIGTERM on a full disk", full_disk), ("power cut, data 2.7 s old", power_cut),
            ("sync fails once", failed_sync), ("lines of 200 bytes a second", speed))


def run():
    """Prints the table, in Markdown."""
    installed = [name for name in NAMES if name == "jsonl-sink" or shutil.which(name)]
    print("| | " + " | ".join(installed) + " |")
    print("|---" * (len(installed) + 1) + "|")
    for title, measure in MEASURES:
        cells = []
        for name in installed:
            with Box() as box:
                try:
                    cells.append(measure(box, name))
                except (Skip, Deviation, subprocess.CalledProcessError, OSError) as error:
                    cells.append("(%s)" % error)
        print("| %s | %s |" % (title, " | ".join(cells)), flush=True)
    return 0
