"""A long run under load with a fault a minute, chosen at random: what was sent, archived and lost, and by what."""
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from array import array

from .box import Box, Skip, log
from .chain import OBSERVER, STAGES, Market, metric, stage_pids, verified
from .oracle import Deviation, expect
from .pipeline import WATCHLIST, is_running

# Memory that a stage may have gained by the end; and the most that any may ever use.
GROWTH, MOST = 4 << 10, 96 << 10


class Memory(threading.Thread):
    """Samples the resident memory of every stage, in KiB, with the seconds since the beginning."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.began, self.halt = folder, time.monotonic(), threading.Event()
        self.samples = {stage: [] for stage in STAGES}
        self.start()

    def run(self):
        while not self.halt.wait(2):
            for stage, pid in stage_pids(self.folder).items():
                with contextlib.suppress(OSError, AttributeError), open("/proc/%d/status" % pid) as file:
                    size = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))
                    self.samples[stage].append((time.monotonic() - self.began, size))

    def judge(self):
        """Compares the medians of the first and the last third."""
        rows, bad = [], []
        for stage, samples in self.samples.items():
            last = max((at for at, _ in samples), default=0)
            first = median(size for at, size in samples if at < last / 3)
            final = median(size for at, size in samples if at > last * 2 / 3)
            most = max((size for _, size in samples), default=0)
            rows.append("%s %.1f -> %.1f MiB (most %.1f)" % (stage, first / 1024, final / 1024, most / 1024))
            if final - first > GROWTH or most > MOST or len(samples) < last / 4:
                bad.append(stage)
        return rows, bad


def median(values):
    values = sorted(values)
    return values[len(values) // 2] if values else 0


class Soak:
    """One pipeline under a supervisor, on a file system of its own where that can be made."""

    def __init__(self, box, rate, room, seed):
        self.box, self.rng, self.moved = box, random.Random(seed), 0
        try:
            self.place = box.loop_ext4(room >> 20)
        except Skip as skip:
            log("no full disk in this run: %s" % skip)
            self.place = None
        self.folder = os.path.join(self.place or box.folder, "archive")
        self.market = Market(box, "--ticks-per-second", str(rate), "--books-per-second", "0")
        self.control("start", "--dir", self.folder, "--watchlist", WATCHLIST, "--feed", "trades", "--feed", "multi",
                     "--interval", "5", "--watchdog", "5", "--rotate", "5m", *self.market.words)
        self.flows()

    def control(self, word, *words, fine=(0,)):
        done = subprocess.run([OBSERVER, word, *words], env=self.market.env, capture_output=True, text=True)
        expect(done.returncode in fine, "observer %s: %d %s" % (word, done.returncode, done.stderr[-300:]))

    def newest(self):
        names = [name for name in os.listdir(self.folder) if name.endswith(".jsonl")]
        return os.path.join(self.folder, max(names, key=lambda name: os.stat(
            os.path.join(self.folder, name)).st_mtime_ns)) if names else None

    def size(self):
        """Bytes in all data files."""
        with contextlib.suppress(OSError):
            return sum(entry.stat().st_size for entry in os.scandir(self.folder) if entry.name.endswith(".jsonl"))
        return 0

    def flows(self, timeout=120):
        """Waits until records arrive again, steadily."""
        end, goal, seen = time.monotonic() + timeout, 3, 0
        while seen < goal:
            expect(time.monotonic() < end, "nothing is archived any more: %s" % self.logs("jsonl-sink"))
            before = self.size()
            time.sleep(0.5)
            seen = seen + 1 if self.size() > before + 100_000 else 0

    def logs(self, stage):
        with contextlib.suppress(OSError), open(os.path.join(self.folder, ".run/log", stage + ".log")) as file:
            return file.read()[-500:]
        return ""

    # MARK: faults. Each gives what it did; a name with "lossy" may cost what was in flight in dead processes.

    def freeze(self):
        stage, pid = self.rng.choice(sorted(stage_pids(self.folder).items()))
        os.kill(pid, signal.SIGSTOP)
        time.sleep(5)
        os.kill(pid, signal.SIGCONT)
        return stage

    def kill_lossy(self):
        stage, pid = self.rng.choice(sorted(stage_pids(self.folder).items()))
        os.kill(pid, signal.SIGKILL)
        return stage

    def reopen(self):
        os.kill(stage_pids(self.folder)["jsonl-sink"], signal.SIGHUP)
        return "SIGHUP"

    def rename(self):
        self.moved += 1
        os.rename(self.newest(), os.path.join(self.folder, "moved_%d.jsonl" % self.moved))
        return "moved_%d.jsonl" % self.moved

    def second_sink(self):
        status = self.box.sink("--quiet", folder=self.folder).wait(5)
        expect(status == 75, "a second sink ended with %d" % status)
        return "75"

    def full_disk(self):
        if not self.place:
            return "left out (no loop device)"
        filler, size = os.path.join(self.place, "filler"), 1 << 30
        while size >= 4096:
            with open(filler, "ab") as file:
                try:
                    os.posix_fallocate(file.fileno(), os.path.getsize(filler), size)
                except OSError:
                    size //= 2
        end = time.monotonic() + 30
        while metric(self.folder, "jsonl-sink", "observer_archive_waiting_for_room") != 1:
            expect(time.monotonic() < end, "the sink does not say that the disk is full")
            time.sleep(0.2)
        time.sleep(5)
        os.remove(filler)
        return "room again"

    def restart_lossy(self):
        self.control("restart", "--dir", self.folder)
        return "restart"

    def broken_link_lossy(self):
        name = self.rng.choice(("cut", "half-dead", "close", "big-frame", "bad-utf8", "masked-server-frame",
                                "reserved-bits", "unknown-opcode", "long-control", "fragmented-ping",
                                "lonely-continuation"))
        self.market.fault(name)
        return name

    def odd_peer(self):
        name = self.rng.choice(("bad-json", "wrong-count", "negative-count", "huge-count", "short-frame",
                                "foreign-symbol", "encrypted", "ping", "http-500", "garbage-body", "rate-limit",
                                "slow-loris", "endless-body", "hang-up", "expired-token"))
        self.market.fault(name)
        return name

    def everything(self):
        return (self.freeze, self.kill_lossy, self.reopen, self.rename, self.second_sink, self.full_disk,
                self.restart_lossy, self.broken_link_lossy, self.odd_peer)

    def hurt(self):
        """One fault; its name and the seconds in which it may have cost something, None for a lossless one."""
        fault = self.rng.choice(self.everything())
        begin = time.time()
        what = fault()
        self.flows()
        name = "%s: %s" % (fault.__name__.replace("_lossy", "").replace("_", " "), what)
        log("%s (flows again after %.1f s)" % (name, time.time() - begin))
        return name, (int(begin) - 1, int(time.time()) + 1) if "lossy" in fault.__name__ else None


class Ledger:
    """What the simulator sent against what is archived, trade by trade: a symbol's volume only grows."""

    def __init__(self, sent, folder):
        self.sent, self.times, self.stored = {}, {}, {}
        with open(sent) as file:
            for line in file:
                symbol, clock, volume, _ = line.split("\t")
                self.sent.setdefault(symbol, array("q")).append(int(volume))
                self.times.setdefault(symbol, array("l")).append(seconds(clock))
        trade = re.compile(rb'"tick_source":"websocket".*?"symbol":"([^"]*)".*?"volume":(\d+)')
        for name in os.listdir(folder):
            if name.endswith((".jsonl", ".jsonl.zst")):  # closed windows are compressed meanwhile
                with subprocess.Popen(["zstd" if name.endswith(".zst") else "cat", *["-dcq"][:name.endswith(".zst")],
                                       os.path.join(folder, name)], stdout=subprocess.PIPE) as reader:
                    for line in reader.stdout:
                        found = trade.search(line)
                        if found:
                            self.stored.setdefault(found.group(1).decode(), array("q")).append(int(found.group(2)))

    def judge(self, windows):
        """Numbers of trades sent and stored, of lost ones by fault, and of those that no fault explains."""
        lost, unexplained, invented, double = {}, [], 0, 0
        for symbol, volumes in self.sent.items():
            stored = self.stored.get(symbol, ())
            kept = set(stored)
            double += len(stored) - len(kept)
            invented += len(kept.difference(volumes))
            for index, volume in enumerate(volumes):
                if volume in kept:
                    continue
                moment = self.times[symbol][index]
                cause = next((name for name, low, high in windows if low <= moment <= high), None)
                if cause:
                    lost[cause] = lost.get(cause, 0) + 1
                else:
                    unexplained.append((symbol, volume, moment))
        foreign = set(self.stored) - set(self.sent)
        return lost, unexplained, invented + sum(len(self.stored[symbol]) for symbol in foreign), double


def seconds(clock):
    return int(clock[:2]) * 3600 + int(clock[2:4]) * 60 + int(clock[4:6])


def of_day(moment):
    """Seconds since KST midnight, as the exchange's times have them."""
    return (moment + 9 * 3600) % 86400


def run(minutes, rate, seed):
    """0 when the law holds at the end and memory is flat."""
    room = rate * minutes * 60 * 3300 + (2 << 30)
    free = shutil.disk_usage(os.environ.get("TMPDIR", "/tmp")).free
    if room > free:
        print("soak: it may need %d GB, %d are free: fewer minutes, a lower rate, or another TMPDIR" % (
            room >> 30, free >> 30))
        return 1
    with Box() as box:
        try:
            return soak(box, minutes, rate, room, seed)
        except Deviation as deviation:
            print("soak: %s" % deviation)
            return 1


def load(soaking, minutes):
    """Runs for so many minutes with a fault in each; what was done, and when it may have cost something."""
    begin, done, windows = time.monotonic(), [], []
    for minute in range(1, minutes):
        time.sleep(max(0, begin + minute * 60 - time.monotonic()))
        name, window = soaking.hurt()
        done.append(name)
        if window:
            windows.append((name, of_day(window[0]), of_day(window[1])))
    time.sleep(max(0, begin + minutes * 60 - time.monotonic()))
    return done, windows


def soak(box, minutes, rate, room, seed):
    soaking = Soak(box, rate, room, seed)
    memory = Memory(soaking.folder)
    try:
        done, windows = load(soaking, minutes)
        stopped = int(time.time())
        soaking.control("stop", "--dir", soaking.folder)
        windows.append(("the last stop", of_day(stopped), of_day(int(time.time()) + 1)))
    finally:
        memory.halt.set()
        # Whatever was seen, nothing goes on behind.
        subprocess.run([OBSERVER, "stop", "--dir", soaking.folder], env=soaking.market.env, capture_output=True)
    expect(not any(map(is_running, stage_pids(soaking.folder).values())), "a stage outlived the stop")
    log("stopped; reading the archive")
    total = verified(box, soaking.folder, order="none")
    ledger = Ledger(soaking.market.sent, soaking.folder)
    lost, unexplained, invented, double = ledger.judge(windows)
    rows, grown = memory.judge()
    sent = sum(map(len, ledger.sent.values()))
    print("%d minutes, %d faults; %d records, %.1f GB, gaps %s" % (
        minutes, len(done), total["lines"], total["bytes"] / 1e9, total["gaps"]))
    print("%d trades sent = %d archived + %d lost at faults that may + %d unexplained; %d invented, %d twice" % (
        sent, sum(map(len, ledger.stored.values())), sum(lost.values()), len(unexplained), invented, double))
    for name, count in sorted(lost.items()):
        print("  lost at %s: %d" % (name, count))
    print("\n".join("  memory of " + row for row in rows))
    bad = unexplained or invented or double or grown
    if bad:
        print("soak: FAILED %s %s" % (unexplained[:5], grown))
    return 1 if bad else 0
