"""Trades that go missing, at full speed: what kis-fetch says live, what snap-audit finds, what the simulator did (case M1)."""
import collections
import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

from dayskit import anew, moved, replayed, small
from dayskit.pages import Report, board

from .cases import case
from .chain import OBSERVER, Market, metric, stage_pids, verified
from .oracle import expect

SYMBOLS = ("005930", "000660", "035420", "005380", "068270", "Q500001")
KINDS = ("--lose", "0.002", "--double", "0.002", "--reverse", "0.001", "--swap", "0.001")


class Story:
    """What the lines of a run say, symbol by symbol: losses and ends of gaps, and the totals at its edges."""

    def __init__(self, lines):
        self.missing, self.dangling = collections.Counter(), collections.Counter()
        self.first, self.last, before = {}, {}, {}
        self.unsettled = collections.Counter()  # shares of a late trade that the run ends with
        self.reasons = collections.Counter()
        self.falls = 0  # records after which the totals are lower
        for line in lines:
            record = json.loads(line)
            snapshot = record.get("snapshot", record)
            symbol = snapshot["context"]["symbol"]
            if snapshot["context"]["source"] == "market":
                inputs = snapshot["observation"]["inputs"]
                self.first.setdefault(symbol, inputs["volume"] - inputs["trade_size"])
                trade = inputs["volume"], inputs["trade_size"], inputs["price"]
                # The same trade with the totals before it: it is taken back. Else totals fall where a trade comes late.
                is_undone = before.get(symbol) == (trade[0] + trade[1], *trade[1:])
                is_late = not is_undone and symbol in before and trade[0] < before[symbol][0]
                self.falls += symbol in before and trade[0] < before[symbol][0]
                self.last[symbol] = trade[0] if is_undone else max(self.last.get(symbol, 0), trade[0])
                self.unsettled[symbol] = trade[1] if is_late else 0
                before[symbol] = trade
                self.dangling[symbol] = 0
                continue
            state = snapshot["observation"]["state"]
            if state["final"] and "missed_volume" in state:
                self.missing[symbol] += state["missed_volume"]
                self.dangling[symbol] += state["missed_volume"]  # until the record that showed it
                self.reasons[state["reason"], state.get("cause")] += 1

    def said(self, symbol):
        return self.missing[symbol] - self.dangling[symbol]


def audit(box, lines):
    """What snap-audit says of these lines: members by symbol."""
    done = subprocess.run([box.tool("snap-audit"), "--format", "ndjson"], input=b"".join(lines), capture_output=True)
    expect(done.returncode == 0, "snap-audit: %s" % done.stderr[-300:])
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["symbol"]: line for line in said if line["audit"] == "subject" and line["feed"] == "trades"}


def start(box, market, watchlist, *words):
    return box.run([OBSERVER, "run", "--dir", box.archive, "--watchlist", watchlist, "--feed", "trades",
                    *market.words, *words], env=market.env, start_new_session=True)


def grown(box, run, more):
    goal = (os.path.getsize(box.data) if os.path.exists(box.data) else 0) + more
    run.until(lambda: os.path.exists(box.data) and os.path.getsize(box.data) > goal, "records in the archive", 60)


def lines_of(box):
    with open(box.data, "rb") as file:
        return file.readlines()


def lost(stats, symbol):
    """Shares that the simulator has not sent: lost on purpose, or while nobody listened."""
    entry = stats["trades"]["KRX"][symbol]
    return sum(entry[fate]["shares"] for fate in ("lost", "unheard"))


@case("M1", "20,000 trades a second, lost, doubled, taken back, late; reconnects, kill -9, restart",
      "gap records, metrics, snap-audit and the pages say what was done, to the share")
def missing(box):
    return trial(box, KINDS)


def trial(box, kinds, stage="snap-guard", size=40_000_000, words=()):
    """One day: two runs of `size` bytes between a cut and the next; kill -9 of a stage ends the first, or SIGTERM."""
    market = Market(box, "--ticks-per-second", "20000", "--bundle", "20", "--books-per-second", "0", *kinds)
    watchlist = box.path("watchlist")
    with open(watchlist, "w") as file:
        file.write("".join(symbol + "\n" for symbol in SYMBOLS))
    # The first run: two lost connections, then a stage is killed.
    run = start(box, market, watchlist, *words)
    for session in (1, 2, 3):
        market.until(lambda stats, n=session: stats["ws"]["subscribes"] == n * len(SYMBOLS), "registrations")
        grown(box, run, size)
        if session < 3:
            market.fault("cut")
    if stage:
        os.kill(stage_pids(box.archive)[stage], signal.SIGKILL)
    else:
        run.kill(signal.SIGTERM)
    expect(run.wait(40) == (137 if stage else 0), "the end of a pipeline: %s" % run.err[-300:])
    box.sink("--quiet", stdin=None).wait()
    one = lines_of(box)
    # The second run, later on the same day: a lost connection, and an end in order once nothing more is traded.
    before = market.stats()
    run = start(box, market, watchlist, *words)
    market.until(lambda stats: stats["ws"]["subscribes"] == 4 * len(SYMBOLS), "registrations")
    grown(box, run, size)
    market.fault("cut")
    market.until(lambda stats: stats["ws"]["subscribes"] == 5 * len(SYMBOLS), "registrations")
    grown(box, run, size)
    for symbol in SYMBOLS:
        market.fault("halt", symbol=symbol)
    wait_until_quiet(box)
    run.kill(signal.SIGTERM)
    expect(run.wait(40) == 0, run.err[-300:])
    after = market.stats()
    everything = lines_of(box)
    two = everything[len(one):]
    verified(box, box.archive, "none")
    return judge(box, one, two, before, after, stage)


@case("M3", "three random days, replayed", "gap records, snap-audit and the report say what was done", quick=True)
def replay(box):
    said = replayed.run("quick", 3, box.folder)
    expect(not said.wrong and said.days == 3, "; ".join(said.wrong[:5]))
    return "%d records of %d subjects, %s trades lost" % (said.records, said.subjects, said.sums["lost, trades"])


@case("M4", "lines out of their place, totals that begin anew", "snap-audit says what is here and what is missing", quick=True)
def out_of_place(box):
    number, wrong = small.run()
    expect(not wrong, "%d numbers of small archives differ: %s" % (len(wrong), "; ".join(wrong[:5])))
    sums = collections.Counter()
    for run in (moved.run, anew.run):
        for seed in ("quick.4", "quick.7"):
            counts, wrong = run(seed, box.folder)
            expect(not wrong, "%d numbers differ: %s" % (len(wrong), "; ".join(wrong[:5])))
            sums.update(counts)
    return "%d small archives; %d records of 4 days, %d lines taken, begun anew %d times" % (
        number, sums["records"], sums["taken"], sums["anew"])


def wait_until_quiet(box):
    """Waits until the archive has stopped growing for a second."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 1:
        now = os.path.getsize(box.data)
        if now != size:
            size, since = now, time.monotonic()
        time.sleep(0.05)


def judge(box, one, two, before, after, stage):
    stories, audits = (Story(one), Story(two)), (audit(box, one), audit(box, two))
    whole = audit(box, one + two)
    shares = trades = 0
    for symbol in SYMBOLS:
        for story, said in zip(stories, audits):
            expect(said[symbol]["channel"] == "trusted" and said[symbol]["unverifiable"] == 0, "%s" % said[symbol])
            expect(said[symbol]["missed_shares"] == story.said(symbol), "%s: live %d, audit %d" % (
                symbol, story.said(symbol), said[symbol]["missed_shares"]))
        hole = stories[1].first[symbol] - stories[0].last[symbol]
        total = sum(story.said(symbol) for story in stories) + hole - stories[0].unsettled[symbol]
        expect(whole[symbol]["missed_shares"] == total, "%s: runs and hole %d, audit of all %d" % (
            symbol, total, whole[symbol]["missed_shares"]))
        # What the second run missed is what the simulator did meanwhile, but for what it did before the first record and
        # after the last one.
        totals = [stats["trades"]["KRX"][symbol] for stats in (before, after)]
        edges = stories[1].first[symbol] - totals[0]["now"]["volume"]
        edges += totals[1]["now"]["volume"] - stories[1].last[symbol]
        done = lost(after, symbol) - lost(before, symbol)
        expect(stories[1].said(symbol) - stories[1].unsettled[symbol] == done - edges, "%s: the simulator lost %d, %d of it at the edges; live %d" % (
            symbol, done, edges, stories[1].said(symbol)))
        shares += stories[1].said(symbol)
        trades += audits[1][symbol]["missed_trades"]
    sums = {name: metric(box.archive, "kis-fetch", "observer_%s_total" % name) for name in (
        "missed_shares", "missed_trades", "duplicate_trades", "reversed_trades")}
    late = sum(said["late"] for said in audits[1].values())
    back, withdrawn = taken_back(box, "came_late"), taken_back(box, "withdrawn")
    net = [sums["missed_" + unit] - 2 * (back[unit] + withdrawn[unit]) for unit in ("shares", "trades")]
    expect(net == [shares, trades], "metrics %s, late %s, withdrawn %s; said %d shares of %d trades" % (
        sums, back, withdrawn, shares, trades))
    # What came late before the channel had proved itself was never told as missing, and is not taken back.
    expect(0 <= late - back["trades"] <= 3, "%s late by the metrics, %d by the audit" % (back, late))
    expect(sums["duplicate_trades"] == sum(said["duplicates"] for said in audits[1].values()), "duplicates %s" % sums)
    expect(sums["reversed_trades"] == stories[1].falls, "reversals %s, the totals fell %d times" % (sums, stories[1].falls))
    shown(box, one + two, whole, None if stage else audits)
    reasons = sum((story.reasons for story in stories), collections.Counter())
    return "%d records; live and audit agree; the second run missed %d trades, %d shares; %s" % (
        len(one) + len(two), trades, shares, ", ".join("%s %s %d" % (*key, n) for key, n in sorted(
            reasons.items(), key=str)))


def shown(box, lines, whole, runs):
    """The report shows what the audit of all says; the live page what `runs` saw, where nothing was lost in a pipe."""
    done = subprocess.run([box.tool("snap-audit"), "--format", "html", "--lang", "en"], input=b"".join(lines),
                          capture_output=True)
    report = Report(done.stdout.decode())
    live = board(live_page(box))
    for symbol in SYMBOLS:
        said, shown_here = whole[symbol], report.subjects["KRX", symbol]
        numbers = (said["shares"], said["shares"] + said["missed_shares"], said["missed_trades"], said["missed_shares"])
        expect(shown_here == numbers, "%s: report %s, audit %s" % (symbol, shown_here, numbers))
        if runs:
            seen = tuple(sum(run[symbol][name] for run in runs) for name in ("trades", "missed_trades"))
            expect(live["KRX", symbol] == seen, "%s: live page %s, both runs %s" % (symbol, live["KRX", symbol], seen))


def live_page(box):
    """The page of observer-health, in English."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = "127.0.0.1:%d" % free.getsockname()[1]
    run = box.run([box.tool("observer-health"), "serve", "--dir", box.archive, "--listen", address],
                  env=dict(os.environ, LANG="C.UTF-8"))
    page = []

    def answers():
        with contextlib.suppress(OSError), urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                urllib.request.Request("http://%s/" % address, headers={"Accept-Language": "en"}), timeout=10) as answer:
            page.append(answer.read().decode())
        return bool(page)

    run.until(answers, "the live page", 30)
    run.kill(signal.SIGTERM)
    run.wait(10)
    return page[0]


def taken_back(box, cause):
    """What the metrics say was told as missing and is not."""
    with open(os.path.join(box.archive, ".run/kis-fetch.prom")) as file:
        lines = [line.split() for line in file if 'cause="%s"' % cause in line]
    return {unit: sum(float(words[-1]) for words in lines if words[0].startswith("observer_missed_%s_total" % unit))
            for unit in ("trades", "shares")}
