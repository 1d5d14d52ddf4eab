"""kis-sim and a kis-fetch that speaks to it."""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

from . import box as boxes
from .oracle import Deviation, expect

APP_KEY, APP_SECRET = "PSIM" * 9, "simsecret=" * 18
# App key and secret, an approval key, an access token, and the keys that come with a registration.
SECRETS = re.compile(rb'PSIMPSIM|simsecret|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-|eyJ0eXAi|"iv"')


def environment(folder):
    """What a kis-fetch is started with: its own token cache, and no variables of this shell that it would read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KIS_", "OBSERVER_", "REAL_"))}
    return dict(kept, KIS_APP_KEY=APP_KEY, KIS_APP_SECRET=APP_SECRET, KIS_TOKEN_CACHE_DIR=folder)


class Simulator:
    """A running kis-sim of a Box."""

    def __init__(self, box, *options):
        ready = box.path("ready-%d.json" % len(box.runs))
        self.run = box.run([sys.executable, os.path.join(boxes.ROOT, "scripts/kis-sim"), "--ready-file", ready,
                            "--exit-with-parent", *options])
        self.run.until(lambda: os.path.exists(ready), "the simulator")
        with open(ready) as file:
            addresses = json.load(file)
        self.rest, self.ws = addresses["rest_url"], addresses["ws_url"]
        self.web = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def stats(self):
        """What it has done and seen; waited for while it refuses connections."""
        end = time.monotonic() + 10
        while True:
            try:
                with self.web.open(self.rest + "/sim/stats", timeout=20) as answer:
                    return json.load(answer)
            except OSError:
                expect(time.monotonic() < end, "the simulator does not answer")
                time.sleep(0.02)

    def fault(self, name, **params):
        body = json.dumps(dict(params, name=name)).encode()
        # A refusal of connections takes effect so soon that its own answer may be lost.
        with contextlib.suppress(ConnectionError) if name == "refuse" else contextlib.nullcontext():
            self.web.open(urllib.request.Request(self.rest + "/sim/fault", body, method="POST"), timeout=20).close()

    def clear(self, name):
        request = urllib.request.Request(self.rest + "/sim/fault?name=" + name, method="DELETE")
        self.web.open(request, timeout=20).close()

    def until(self, condition, what, timeout=30):
        """Waits until condition(stats) holds; the stats."""
        end = time.monotonic() + timeout
        while True:
            stats = self.stats()
            if condition(stats):
                return stats
            if time.monotonic() > end:
                raise Deviation("waited in vain for %s: %s" % (what, json.dumps(stats)))
            time.sleep(0.02)

    def command(self, box, *words, scale="0.001"):
        return [box.tool("kis-fetch"), "--rest-url", self.rest, "--ws-url", self.ws, "--time-scale", scale, *words]


class Watched:
    """A kis-fetch with a watchlist that stays open, its output in a file, and an eye on its memory and time."""

    def __init__(self, box, simulator, *words, symbols=()):
        self.out = box.path("snapshots.jsonl")
        read, self.lines = os.pipe()
        with open(self.out, "wb") as out:
            self.run = box.run(simulator.command(box, *words), stdin=read, stdout=out,
                               env=environment(box.path("cache")))
        os.close(read)
        self.memory = []
        self.tell("".join(symbol + "\n" for symbol in symbols))

    def tell(self, text):
        os.write(self.lines, text.encode())

    def proc(self, file):
        """A file under /proc of kis-fetch."""
        try:
            with open("/proc/%d/%s" % (self.run.pid, file)) as text:
                return text.read()
        except OSError:
            raise Deviation("kis-fetch has ended; stderr: %s" % self.run.err[-600:]) from None

    def status(self, name):
        """VmRSS or VmHWM, KiB."""
        found = re.search(r"^%s:\s+(\d+)" % name, self.proc("status"), re.M)
        return int(found.group(1)) if found else 0  # a process that is ending has no memory any more

    def look(self):
        """Notes the resident memory."""
        expect(self.run.process.poll() is None, "kis-fetch has ended; stderr: %s" % self.run.err[-600:])
        self.memory.append(self.status("VmRSS"))

    def cpu(self):
        """Seconds of processor time, utime and stime."""
        return sum(map(int, self.proc("stat").rpartition(") ")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """SIGTERM; the status."""
        self.run.kill(signal.SIGTERM)
        status = self.run.wait(15)
        os.close(self.lines)
        return status

    def expect_no_secret(self):
        with open(self.out, "rb") as file:
            for data in (self.run.err.encode(), file.read()):
                found = SECRETS.search(data)
                expect(not found, "a secret: %r" % (found and data[max(0, found.start() - 80):found.end()]))


def fetch_once(box, simulator, words, watchlist, name, scale, timeout=40):
    """A run to its end: status, stdout, stderr."""
    done = subprocess.run(simulator.command(box, *words, scale=scale), input=watchlist.encode(), capture_output=True,
                          timeout=timeout, env=environment(box.path(name)))
    for data in (done.stdout, done.stderr):
        expect(not SECRETS.search(data), "a secret in %r" % data)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")
