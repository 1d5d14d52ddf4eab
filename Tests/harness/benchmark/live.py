"""What a user sees against a live feed: a tick's way into the archive, the polled rate, the speed of a replay."""
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
STAMP = re.compile(rb'"f47":"(\d+)"')


@contextlib.contextmanager
def simulator(work, *options):
    """A running kis-sim: its addresses, and an environment with its credentials."""
    ready = os.path.join(work, "ready.json")
    cache = os.path.join(work, "tokens")
    shutil.rmtree(cache, ignore_errors=True)
    if os.path.exists(ready):
        os.remove(ready)
    process = subprocess.Popen([os.path.join(ROOT, "scripts/kis-sim"), "--ready-file", ready, "--exit-with-parent",
                                *options], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not os.path.exists(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the simulator did not start")
            time.sleep(0.02)
        with open(ready) as file:
            addresses = json.load(file)
        env = dict(os.environ, OBSERVER_LOG_LEVEL="error", KIS_TOKEN_CACHE_DIR=cache, KIS_APP_KEY="PSIM" * 9,
                   KIS_APP_SECRET="simsecret=" * 18, KIS_REST_URL=addresses["rest_url"],
                   KIS_WS_URL=addresses["ws_url"])
        yield addresses, env
    finally:
        process.terminate()
        process.wait()


def ticks(bin_dir, work, seconds, rate):
    """For each trade when the simulator made it and how long it took until its line left the sink, archived, in
    microseconds; and a recording.

    The stages keep their metrics in the archive's folder, as they do in the assembled pipeline."""
    archive, recording = os.path.join(work, "ticks"), os.path.join(work, "ticks.wire")
    shutil.rmtree(archive, ignore_errors=True)
    if os.path.exists(recording):
        os.remove(recording)
    tool = lambda name: os.path.join(bin_dir, name)
    os.makedirs(archive)
    with simulator(work, "--ticks-per-second", str(rate), "--books-per-second", "0", "--stamp") as (_, env):
        env["OBSERVER_METRICS_DIR"] = os.path.join(archive, ".run")
        stages = [[tool("kis-fetch"), "--feed", "trades", "--record", recording, "--duration", str(seconds)],
                  [tool("snap-validate")], [tool("snap-guard")], [tool("snap-enrich")],
                  [tool("jsonl-sink"), "--dir", archive]]
        processes, upstream = [], open(os.path.join(ROOT, "config/watchlist.jsonl"), "rb")
        for stage in stages:
            process = subprocess.Popen(stage, stdin=upstream, stdout=subprocess.PIPE, env=env, stderr=subprocess.DEVNULL)
            upstream.close()
            upstream = process.stdout
            processes.append(process)
        seen = []
        while block := os.read(upstream.fileno(), 1 << 20):
            now = time.time_ns() // 1000
            seen += [(int(stamp), now - int(stamp)) for stamp in STAMP.findall(block)]
        for process in processes:
            process.wait()
    shutil.rmtree(archive, ignore_errors=True)
    return seen, recording


def tick_to_archive(bin_dir, work, seconds, rate):
    """How long a trade takes from the simulator into the archive; and a recording."""
    seen, recording = ticks(bin_dir, work, seconds, rate)
    times = sorted(delay for _, delay in seen)
    return {"ticks": len(times), "ticks_per_s": round(len(times) / seconds), "p50_us": times[len(times) // 2],
            "p99_us": times[len(times) * 99 // 100]}, recording


class Scraper(threading.Thread):
    """observer-health serve for the archive of `ticks`; beside it, in turn, `seconds` of peace and of wrk asking for
    /metrics without pause. `slices` says when was which, in microseconds."""

    def __init__(self, bin_dir, work, seconds, rounds):
        super().__init__()
        self.program, self.archive = os.path.join(bin_dir, "observer-health"), os.path.join(work, "ticks")
        self.seconds, self.rounds, self.slices, self.rates = seconds, rounds, [], []

    def run(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()
        address = "%s:%d" % port
        server = subprocess.Popen([self.program, "serve", "--listen", address, "--market", "open", "--dir",
                                   self.archive], stderr=subprocess.DEVNULL)
        while server.poll() is None:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(port):
                break
        wrk = ["wrk", "-t1", "-c8", "-d%d" % self.seconds, "http://%s/metrics" % address]
        for loads in [False, True] * self.rounds:
            began = time.time_ns() // 1000
            if loads:
                answer = subprocess.run(wrk, stdout=subprocess.PIPE, text=True, check=True).stdout
                self.rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", answer).group(1)))
            else:
                time.sleep(self.seconds)
            # Its start and its end belong to neither.
            self.slices.append((loads, began + 300_000, time.time_ns() // 1000 - 100_000))
        server.terminate()
        server.wait()


def under_scrapes(bin_dir, work, seconds, rate):
    """A tick's way into the archive beside observer-health, without and with a load on /metrics: one pipeline, the
    load on and off every three seconds, medians over the slices. Runs of their own differ by more than the load does."""
    if not shutil.which("wrk"):
        return None
    scraper = Scraper(bin_dir, work, 3, max(1, seconds // 6))
    scraper.start()
    seen, _ = ticks(bin_dir, work, 6 * scraper.rounds + 3, rate)
    scraper.join()
    found = {False: [], True: []}
    for loads, began, ended in scraper.slices[2:] or scraper.slices:  # the first pair holds the start
        times = sorted(delay for made, delay in seen if began <= made < ended)
        if times:
            found[loads].append({"p50_us": times[len(times) // 2], "p99_us": times[len(times) * 99 // 100]})
    row = {"slices": len(found[True]), "scrapes_per_s": round(statistics.median(scraper.rates))}
    for name in ("p50_us", "p99_us"):
        before = statistics.median(values[name] for values in found[False])
        after = statistics.median(values[name] for values in found[True])
        row.update({name: after, name + "_without": before, name + "_ratio": round(after / before, 3)})
    return row


def polled_rate(bin_dir, work, seconds, symbols, rate):
    """The share of the calls that the limiter allows which a feed over many symbols makes."""
    with simulator(work, "--rate", str(rate), "--ticks-per-second", "0") as (addresses, env):
        watchlist = "".join("%06d\n" % (number * 10) for number in range(1, symbols + 1)).encode()
        subprocess.run([os.path.join(bin_dir, "kis-fetch"), "--feed", "multi", "--interval", "1",
                        "--duration", str(seconds)], input=watchlist, env=env, stdout=subprocess.DEVNULL, check=True)
        stats = json.load(urllib.request.urlopen(addresses["rest_url"] + "/sim/stats"))
    calls = stats["calls"].get("FHKST11300006", 0)
    return {"calls": calls, "allowed": rate * seconds, "share": round(calls / (rate * seconds), 4),
            "refused": stats["egw00201"], "most_in_1s": stats["max_calls_in_1s"]}


def replay(bin_dir, recording):
    """Records a second from a recording, as snapshots with raw fields, to /dev/null."""
    command = [os.path.join(bin_dir, "kis-fetch"), "--replay", recording, "--speed", "max"]
    env = dict(os.environ, OBSERVER_LOG_LEVEL="error")
    counted = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env).stdout.count(b"\n")
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env, check=True)
        seconds.append(time.perf_counter() - began)
    return {"records": counted, "records_per_s": round(counted / sorted(seconds)[2])}