"""Sink: power cuts while another program syncs, and a restart that has no reason to open the torn file (case 43)."""
import contextlib
import os
import random
import re
import threading
import time

from .cases import case
from .inject import shut_down
from .oracle import Archive, expect

CUTS = 100


class Neighbour(threading.Thread):
    """Another program on the same file system that syncs a small file again and again: each sync commits what the
    journal holds of everybody's files, sizes of torn ones included."""

    def __init__(self, place, rng):
        super().__init__(daemon=True)
        self.path, self.rng = os.path.join(place, "neighbour"), rng
        self.halt = threading.Event()
        self.start()

    def run(self):
        with contextlib.suppress(OSError):
            while not self.halt.wait(self.rng.uniform(0.001, 0.05)):
                file = os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o644)
                try:
                    os.write(file, b"x" * 100)
                    os.fsync(file)
                finally:
                    os.close(file)

    def stop(self):
        self.halt.set()
        self.join()


def one_cut(box, rng):
    """Cuts the power under a sink at full speed; what was torn on the disk, and what is after a start elsewhere."""
    place = box.loop_ext4(3072)
    first = rng.choice([[], ["--rotate", "1s"], ["--rotate", "1h"], ["--rotate", "1h", "--base-name", "other"]])
    with open(box.path("receipts"), "w+b") as receipts:
        sink, feed = box.feed_sink("--receipts", *first, folder=place, stdout=receipts,
                                   size=rng.choice([200, 3000, 9000, 70000]), pause=rng.choice([0, 0, 0.001]))
        neighbour = Neighbour(place, rng)
        time.sleep(rng.uniform(0.2, 1.6))
        # A sync that is under way when the file system is shut down can return 0 though nothing got to the disk (seen
        # with a program of ten lines). After a power cut nobody would hear that: what counts was said before.
        said = os.pread(receipts.fileno(), 1 << 20, 0)
        shut_down(place)
        sink.kill()
        sink.wait()
        feed.stop()
        neighbour.stop()
    promised = int(re.findall(rb'"durable_lines":(\d+)', said)[-1]) if said else 0
    box.unmount(place)
    box.mount("-o", "loop", box.path("image"))
    before = Archive(place)
    holes = len(before.corrupt)
    torn = holes + len(before.unterminated)
    # Not even the same base name, and a window of its own.
    again = box.sink("--quiet", "--rotate", "1s", "--base-name", "next", folder=place)
    status = again.wait()
    expect(status == (65 if torn else 0), "%d torn, but status %d: %s" % (torn, status, again.err[-300:]))
    archive = box.judged(place)
    expect(archive.numbers[:promised] == list(range(1, promised + 1)),
           "%d promised, %d there" % (promised, len(archive.numbers)))
    box.unmount(place)
    os.remove(box.path("image"))
    return torn, holes, promised


@case("43", "power cut, foreign syncs, start in another window", "no torn line stays, every promised line is there")
def power_cuts_beside_a_neighbour(box):
    rng = random.Random(43)
    cuts = [one_cut(box, rng) for _ in range(CUTS)]
    torn = sum(count > 0 for count, _, _ in cuts)
    holes = sum(count > 0 for _, count, _ in cuts)
    expect(torn > 0, "no cut tore anything: nothing was tested")
    return "%d cuts, %d left a torn file (%d with lines behind a hole), all repaired; %d lines promised, all there" % (
        CUTS, torn, holes, sum(promised for _, _, promised in cuts))
