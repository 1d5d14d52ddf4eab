"""Sink: places that cannot be used (cases 14 to 17)."""
import os
import subprocess
import time

from .box import Skip, need
from .cases import case
from .inject import shut_down
from .oracle import expect, law, record


def as_nobody():
    """Words that give up root's rights, which no permission stops."""
    if os.geteuid() != 0:
        return []
    need("setpriv")
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def refused(box, *words, prefix=(), folder=None, status=73):
    """A start that has to fail without reading: what follows on the pipe is still there."""
    read, write = os.pipe()
    os.write(write, record(1))
    sink = box.sink(*words, prefix=prefix, folder=folder, stdin=read)
    got = sink.wait(5)
    expect(got == status, "status %d, %s" % (got, sink.err))
    os.close(write)
    expect(os.read(read, 1000) == record(1), "input was read before the refusal")
    os.close(read)
    return sink


@case("14", "folder cannot be written", "73 before reading, path and reason", quick=True)
def unwritable_folder(box):
    os.makedirs(box.archive)
    os.chmod(box.archive, 0o555)
    sink = refused(box, prefix=as_nobody())
    expect(box.archive in sink.err and "Permission denied" in sink.err, sink.err)
    return "73, input untouched"


@case("15", "file not ours, folder, FIFO, link", "73 at once, no hang", quick=True)
def wrong_file(box):
    for kind in ("foreign", "folder", "fifo", "link", "dangling"):
        folder = box.path(kind)
        os.makedirs(folder)
        os.chmod(folder, 0o777)
        data = os.path.join(folder, "observer.jsonl")
        prefix = ()
        if kind == "foreign":
            box.put(b"{}\n", data)
            os.chmod(data, 0o444)
            prefix = as_nobody()
        elif kind == "folder":
            os.mkdir(data)
        elif kind == "fifo":
            os.mkfifo(data)
        else:
            os.symlink(box.path("target"), data)
            if kind == "link":
                box.put(b"{}\n", box.path("target"))
        expect(refused(box, folder=folder, prefix=prefix).seconds() < 3, "slow")
    return "5 of 5: 73"


@case("16", "parent missing", "73, only the last folder may be made", quick=True)
def parent_missing(box):
    refused(box, folder=box.path("m/no/such"))
    expect(not os.path.exists(box.path("m")), "folders were made")
    return "73"


@case("17", "read-only or dead file system", "73 at start; 74 with counts in mid-run, TERM works")
def dead_file_system(box):
    need("root", "mount")
    os.makedirs(box.archive)
    if subprocess.run(["mount", "--bind", box.archive, box.archive], capture_output=True).returncode:
        raise Skip("no bind mounts")
    box.mounts.append(box.archive)
    subprocess.run(["mount", "-o", "remount,bind,ro", box.archive], check=True)
    expect("Read-only" in refused(box).err, "no reason given")
    box.unmount(box.archive)
    place = box.loop_ext4()
    sink, feed = box.feed_sink("--quiet", folder=place, pause=0.005)
    time.sleep(1.2)
    shut_down(place)
    status = sink.wait(10)
    feed.stop()
    note = law(sink.err)
    expect(status == 74 and note["unwritten"] > 0, "status %d %s" % (status, note))
    return "73; 74 with %d durable, %d in doubt" % (note["durable"], note["unwritten"])
