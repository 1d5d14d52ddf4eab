"""What a user sees against a live feed: a tick's way into the archive, the polled rate, the speed of a replay."""
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STAMP = re.compile(rb'"F47":"(\d+)"')


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


def tick_to_archive(bin_dir, work, seconds, rate):
    """Microseconds from a trade's making in the simulator to its line leaving the sink, archived; and a recording.

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
        times = []
        while block := os.read(upstream.fileno(), 1 << 20):
            now = time.time_ns() // 1000
            times += [now - int(stamp) for stamp in STAMP.findall(block)]
        for process in processes:
            process.wait()
    shutil.rmtree(archive, ignore_errors=True)
    times.sort()
    return {"ticks": len(times), "ticks_per_s": round(len(times) / seconds), "p50_us": times[len(times) // 2],
            "p99_us": times[len(times) * 99 // 100]}, recording


@contextlib.contextmanager
def scraper(bin_dir, work, seconds, loads):
    """observer-health serve for the archive of `tick_to_archive`; with `loads` wrk asks for /metrics all the time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()
        address = "%s:%d" % port
    server = subprocess.Popen([os.path.join(bin_dir, "observer-health"), "serve", "--listen", address, "--market",
                               "open", "--dir", os.path.join(work, "ticks")], stderr=subprocess.DEVNULL)
    while server.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(port):
            break
    command = ["wrk", "-t1", "-c8", "-d%d" % seconds, "http://%s/metrics" % address]
    try:
        yield subprocess.Popen(command, stdout=subprocess.PIPE, text=True) if loads else None
    finally:
        server.terminate()
        server.wait()


def under_scrapes(bin_dir, work, seconds, rate, rounds=3):
    """A tick's way into the archive beside observer-health, with and without a load on /metrics, in turn; medians."""
    if not shutil.which("wrk"):
        return None
    quiet, loaded, requests = [], [], []
    for _ in range(rounds):
        with scraper(bin_dir, work, seconds, loads=False):
            quiet.append(tick_to_archive(bin_dir, work, seconds, rate)[0])
        with scraper(bin_dir, work, seconds, loads=True) as load:
            loaded.append(tick_to_archive(bin_dir, work, seconds, rate)[0])
            requests.append(float(re.search(r"Requests/sec:\s+([\d.]+)", load.communicate()[0]).group(1)))
    row = {"scrapes_per_s": round(statistics.median(requests))}
    for name in ("p50_us", "p99_us"):
        before = statistics.median(values[name] for values in quiet)
        after = statistics.median(values[name] for values in loaded)
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


def replay(bin_dir, work, recording, copies):
    """Records a second from a recording, as snapshots with raw fields, to /dev/null."""
    large = os.path.join(work, "replay.wire")
    with open(recording, "rb") as one, open(large, "wb") as many:
        text = one.read()
        for _ in range(copies):
            many.write(text)
    command = [os.path.join(bin_dir, "kis-fetch"), "--replay", large, "--speed", "max"]
    env = dict(os.environ, OBSERVER_LOG_LEVEL="error")
    counted = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env).stdout.count(b"\n")
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env, check=True)
        seconds.append(time.perf_counter() - began)
    os.remove(large)
    return {"records": counted, "records_per_s": round(counted / sorted(seconds)[1])}
