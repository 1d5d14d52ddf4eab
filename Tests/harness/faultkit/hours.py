"""kis-fetch and the market's hours, with a wall clock that is set (case T1)."""
import datetime
import json
import os
import struct
import subprocess
import time

from .box import need
from .cases import case
from .oracle import expect
from .simulated import Simulator, environment

KST = datetime.timezone(datetime.timedelta(hours=9))


def moment(day, hour, minute, second=0):
    """Seconds since 1970 of a time of November 2026 in Korea: the 28th is a Saturday."""
    return datetime.datetime(2026, 11, day, hour, minute, second, tzinfo=KST).timestamp()


class Fetching:
    """kis-fetch of two symbols' prices, by the market's hours and a clock of its own."""

    def __init__(self, box):
        self.box, self.program = box, box.dynamic("kis-fetch")
        # A token is of the simulator's day.
        self.simulator = Simulator(box, "--clock-at", "20261130T082900", "--token-floor", "0")
        self.metrics, self.shift = box.path("kis-fetch.prom"), box.path("shift")
        shim = box.path("clock.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True)
        with open(self.shift, "wb") as file:
            file.write(struct.pack("=q", 0))
        # The loop turns five times a second, and so looks at a clock that was set.
        self.env = dict(environment(box.path("cache")), LD_PRELOAD=shim, FAULT_CLOCK=self.shift,
                        OBSERVER_METRICS_INTERVAL="0.2")

    def set(self, seconds):
        with open(self.shift, "r+b") as file:
            file.write(struct.pack("=q", round(seconds - time.time())))

    def command(self, *words):
        return [self.program, *self.simulator.command(self.box, "--feed", "price", "--hours", "market", *words)[1:]]

    def once(self, *words):
        """A run to its end: status, stdout."""
        done = subprocess.run(self.command(*words), input=b"005930\n", capture_output=True, timeout=40, env=self.env)
        return done.returncode, done.stdout

    def told(self, name):
        """A number of the metrics file; None where there is none."""
        with open(self.metrics) as file:
            found = [line.split()[1] for line in file if line.startswith(name + "{")]
        return float(found[0]) if found else None

    def until_clock(self, run, seconds):
        run.until(lambda: (self.told("observer_metrics_timestamp_seconds") or 0) >= seconds, "the clock that was set")


@case("T1", "--hours market: a weekend, the open, a night", "no call while closed, back on time, no gap", quick=True)
def market_hours(box):
    need("cc")
    fetching = Fetching(box)
    fetching.set(moment(28, 12, 0))
    path, (read, lines) = box.path("snapshots.jsonl"), os.pipe()
    with open(path, "wb") as out:
        run = box.run(fetching.command("--interval", "1", "--no-raw", "--metrics", fetching.metrics), stdin=read,
                      stdout=out, env=fetching.env)
    os.close(read)
    os.write(lines, b"005930\n000660\n")
    run.until(lambda: "Polling paused" in run.err, "the pause")
    expect("2 of 2 symbols until 2026-11-30T08:30 KST" in run.err or "1 of 1" in run.err, run.err[-400:])
    run.until(lambda: fetching.told("observer_polling_paused") == 1, "the pause in the metrics")
    fetching.set(moment(30, 8, 29, 57))
    fetching.until_clock(run, moment(30, 8, 29, 57))
    expect(fetching.told("observer_kis_last_success_timestamp_seconds") is None, "a call while closed")
    # Both, so that no call is on its way when the clock is set.
    run.until(lambda: open(path, "rb").read().count(b"\n") >= 2, "snapshots after the open", 20)
    run.until(lambda: "Polling resumed" in run.err, "the end of the pause")
    size = os.path.getsize(path)
    fetching.set(moment(30, 20, 0, 30))
    run.until(lambda: open(path, "rb").read()[size:].count(b'"session":"closed"') >= 2, "late prints", 20)
    expect(run.err.count("Polling paused") == 1, "the pause is said once: %s" % run.err[-600:])
    fetching.set(moment(30, 20, 2))
    run.until(lambda: run.err.count("Polling paused") == 2, "the night", 20)
    fetching.set(moment(30, 23, 0))
    fetching.until_clock(run, moment(30, 23, 0, 1))  # what was on its way has come
    size = os.path.getsize(path)
    fetching.until_clock(run, moment(30, 23, 0, 3))
    expect(os.path.getsize(path) == size, "a snapshot at night")
    run.kill(15)
    status = run.wait(15)
    os.close(lines)
    expect(status == 0, "status %d after SIGTERM in a pause: %s" % (status, run.err[-400:]))
    sessions, first = set(), ""
    with open(path) as file:
        for line in file:
            record = json.loads(line)
            expect(record["context"]["source"] == "market", "a gap: %s" % line)
            sessions.add(record["observation"]["inputs"]["session"])
            first = first or record["meta"]["timestamp"]
    expect(sessions == {"pre", "closed"}, "sessions %s" % sessions)
    expect("2026-11-30T08:30:00" <= first < "2026-11-30T08:30:02", "the first at %s" % first)
    # A question is answered at any time, and a run ends when it was told to.
    fetching.set(moment(28, 12, 0))
    status, out = fetching.once("--once")
    expect(status == 0 and json.loads(out)["observation"]["inputs"]["session"] == "closed", "--once: %r" % out)
    expect(fetching.once("--duration", "0.5") == (0, b""), "--duration in a pause")
    fetching.set(moment(28, 11, 59, 59))
    expect(fetching.once("--until", "12:00") == (0, b""), "--until in a pause")
    return "paused, back at %s, no gap, sessions %s" % (first[11:23], " ".join(sorted(sessions)))
