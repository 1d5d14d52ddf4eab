"""The assembled pipeline: stopped, hung up, frozen and killed in every way (cases P1 to P8, P10, P11)."""
import contextlib
import fcntl
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import termios
import time

from .box import ROOT, need
from .cases import case
from .chain import OBSERVER, STAGES, Market, conserved, metric, stage_pids, verified
from .kills import CHAIN_BOUND
from .oracle import expect

WATCHLIST = os.path.join(ROOT, "config/watchlist.jsonl")


class Chain:
    """A pipeline that archives simulated trades, in a terminal of its own where that is asked for.

    A debug build on a busy machine keeps up with so many ticks a second. Of more, kis-fetch holds 8 MiB and the kernel
    its part, and the end of the run need not be long enough for them.
    """

    def __init__(self, box, typed=False, terminal=False, ticks=1000):
        self.box, self.folder = box, box.archive
        self.market = Market(box, "--ticks-per-second", str(ticks))
        if typed:
            os.makedirs(os.path.join(self.folder, ".run"))
            self.market.env["OBSERVER_METRICS_DIR"] = os.path.join(self.folder, ".run")
            stages = [[box.tool("kis-fetch"), "--feed", "trades", *self.market.words]]
            stages += [[box.tool(stage)] for stage in STAGES[1:-1]]
            stages += [[box.tool("jsonl-sink"), "--quiet", "--dir", self.folder]]
            command = ["bash", "-c", "set -o pipefail; <%s %s" % (
                shlex.quote(WATCHLIST), " | ".join(map(shlex.join, stages)))]
        else:
            command = [OBSERVER, "run", "--dir", self.folder, "--watchlist", WATCHLIST, "--feed", "trades",
                       *self.market.words]
        options = {"env": self.market.env}
        self.terminal = None
        if terminal:
            self.terminal, inner = pty.openpty()
            options.update(stdin=inner, stdout=inner, stderr=inner, start_new_session=True,
                           preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        else:
            options.update(start_new_session=True)
        self.run = box.run(command, **options)
        if terminal:
            os.close(inner)
        self.flows()

    def size(self):
        with contextlib.suppress(OSError):
            return os.path.getsize(self.box.data)
        return 0

    def flows(self, more=2_000_000):
        """Waits until the archive has grown by so many bytes."""
        goal = self.size() + more
        self.run.until(lambda: self.read_terminal() or self.size() > goal, "records in the archive", 20)

    def read_terminal(self):
        """A terminal that nobody reads would fill, and hold its writers."""
        if self.terminal is not None:
            os.set_blocking(self.terminal, False)
            with contextlib.suppress(OSError):
                os.read(self.terminal, 1 << 16)
        return False

    def hang_up(self):
        os.close(self.terminal)
        self.terminal = None

    def all_gone(self):
        """Waits for the stages too: when the shell is killed they outlive it."""
        def living():
            return [pid for pid in stage_pids(self.folder).values() if is_running(pid)]
        end = time.monotonic() + 15
        while living():
            expect(time.monotonic() < end, "still running: %s" % living())
            time.sleep(0.01)

    def ended(self, timeout=20):
        status = self.run.wait(timeout)
        self.all_gone()
        return status


def is_running(pid):
    with contextlib.suppress(OSError), open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
    return False


@case("P1", "Ctrl-C in the terminal", "0, all that was fetched is archived", quick=True)
def control_c(box):
    chain = Chain(box, terminal=True)
    os.write(chain.terminal, b"\x03")
    chain.run.until(lambda: chain.read_terminal() or chain.run.process.poll() is not None, "the end", 20)
    expect(chain.ended() == 0, "status %d" % chain.run.wait())
    return "%d of %d" % (conserved(box, chain.folder), metric(chain.folder, "kis-fetch", "observer_lines_out_total"))


@case("P2", "terminal hangs up on scripts/observer", "drains, all that was fetched is archived", quick=True)
def hang_up(box):
    chain = Chain(box, terminal=True)
    chain.hang_up()
    status = chain.ended()
    expect(status == 0, "status %d" % status)
    return "%d records, status %d" % (conserved(box, chain.folder), status)


@case("P3", "terminal hangs up on a pipeline typed into it", "drains, all that was fetched is archived", quick=True)
def hang_up_typed(box):
    chain = Chain(box, typed=True, terminal=True)
    chain.hang_up()
    status = chain.ended()
    return "%d records, status %d" % (conserved(box, chain.folder), status)


@case("P4", "TERM to the script, to kis-fetch, to the whole group", "0 and all archived each time", quick=True)
def terminated(box):
    seen = []
    for whom in ("script", "kis-fetch", "group"):
        chain = Chain(box)
        if whom == "script":
            chain.run.kill(signal.SIGTERM)
        elif whom == "group":
            os.killpg(chain.run.pid, signal.SIGTERM)
        else:
            os.kill(stage_pids(chain.folder)["kis-fetch"], signal.SIGTERM)
        status = chain.ended()
        expect(status == 0, "%s: status %d: %s" % (whom, status, chain.run.err[-300:]))
        seen.append("%s %d" % (whom, conserved(box, chain.folder)))
        box.clear(chain.folder)
    return ", ".join(seen)


@case("P10", "TERM to the group, the exchange faster than the archive", "0 and all that was fetched is archived")
def terminated_behind(box):
    chain = Chain(box, ticks=20000)
    os.killpg(chain.run.pid, signal.SIGTERM)
    status = chain.ended()
    expect(status == 0, "status %d: %s" % (status, chain.run.err[-300:]))
    return "%d records" % conserved(box, chain.folder)


def is_full(descriptor):
    """Whether a write would have to wait."""
    return not select.select([], [descriptor], [], 0)[1]


@case("P11", "TERM while nobody reads: a terminal, a pipe", "74 and what is lost, never a signal's status")
def unread(box):
    market, seen = Market(box, "--ticks-per-second", "2000"), []
    for whom, (held, end) in (("terminal", pty.openpty()), ("pipe", os.pipe())):
        with open(WATCHLIST) as symbols:
            fetch = box.run([box.tool("kis-fetch"), "--feed", "trades", *market.words], env=market.env, stdin=symbols,
                            stdout=end)
        fetch.until(lambda end=end: is_full(end), "snapshots that nobody reads", 20)
        os.close(end)
        fetch.kill(signal.SIGTERM)
        status = fetch.wait(30)
        os.close(held)
        expect(status == 74 and "standard output" in fetch.err, "%s: status %d: %s" % (whom, status, fetch.err[-300:]))
        seen.append("%s: %s" % (whom, fetch.err.strip().rpartition(" | ")[2]))
    return ", ".join(seen)


@case("P5", "STOP and CONT for each stage in turn", "nothing lost, nothing twice")
def frozen(box):
    chain = Chain(box)
    for stage in STAGES:
        pid = stage_pids(chain.folder)[stage]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(1)
        os.kill(pid, signal.SIGCONT)
        chain.flows()
    chain.run.kill(signal.SIGTERM)
    expect(chain.ended() == 0, chain.run.err[-300:])
    lines = conserved(box, chain.folder)
    sent = sum(channel["records"] for channel in chain.market.stats()["sent"].values())
    expect(sent == lines, "the exchange sent %d, the archive has %d" % (sent, lines))
    return "%d of %d sent" % (lines, sent)


@case("P6", "kill -9 of each stage in turn", "named, status 137, archive in order", quick=True)
def killed(box):
    seen = []
    for stage in STAGES:
        chain = Chain(box)
        os.kill(stage_pids(chain.folder)[stage], signal.SIGKILL)
        status = chain.ended()
        expect(status == 137 and "%s ended with status 137" % stage in chain.run.err,
               "%s: %d %s" % (stage, status, chain.run.err[-300:]))
        box.sink("--quiet", stdin=None).wait()
        given = int(re.search(r"snapshots=(\d+)", chain.run.err).group(1)) if stage != "kis-fetch" else None
        lines = verified(box, chain.folder)["lines"]
        # (a snapshot with raw fields has at least 1,500 bytes)
        expect(given is None or given - lines <= CHAIN_BOUND // 1500, "%s: %s of %s" % (stage, lines, given))
        seen.append("%s %s" % (stage, lines if given is None else "%d of %d" % (lines, given)))
        box.clear(chain.folder)
    return ", ".join(seen)


@case("P7", "kill -9 of the script, of the supervisor", "the stages drain and end by themselves", quick=True)
def shell_killed(box):
    need("setpriv")
    chain = Chain(box)
    chain.run.kill(signal.SIGKILL)
    chain.run.wait()
    chain.all_gone()
    lines = conserved(box, chain.folder)
    words = ["--dir", chain.folder, "--watchlist", WATCHLIST, "--feed", "trades", *chain.market.words]
    subprocess.run([OBSERVER, "start", *words], env=chain.market.env, capture_output=True, check=True)
    chain.run = chain.market.run
    chain.flows()
    with open(os.path.join(chain.folder, ".run/pipeline.lock")) as file:
        os.kill(int(file.read().split()[1]), signal.SIGKILL)
    chain.all_gone()
    more = metric(chain.folder, "kis-fetch", "observer_lines_out_total")
    total = verified(box, chain.folder)["lines"]
    expect(total == lines + more, "%d + %d given, %d archived" % (lines, more, total))
    return "%d and %d records" % (lines, more)


@case("P8", "disk full, metrics on the same disk", "the sink's metrics say so while it lasts, nothing lost", quick=True)
def full_disk_told(box):
    place = box.tmpfs("size=8m")
    folder = os.path.join(place, "archive")
    env = dict(os.environ, OBSERVER_METRICS_DIR=os.path.join(folder, ".run"), OBSERVER_METRICS_INTERVAL="0.1")
    os.makedirs(env["OBSERVER_METRICS_DIR"])
    sink, feed = box.feed_sink("--quiet", folder=folder, env=env, pause=0.02)

    def waits(value):
        return metric(folder, "jsonl-sink", "observer_archive_waiting_for_room") == value
    sink.until(lambda: waits(0) and feed.issued > 500, "metrics")
    filler = os.path.join(place, "filler")
    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    sink.until(lambda: waits(1), "the word that the disk is full")
    os.remove(filler)
    sink.until(lambda: waits(0), "the word that there is room again")
    feed.stop(whole=True)
    expect(sink.wait() == 0, sink.err[-300:])
    expect(len(box.judged(folder).numbers) == feed.issued, "records are missing")
    return "said so, %d of %d kept" % (feed.issued, feed.issued)
