"""Whole trading days on a virtual clock, through `observer start --until` and with the doctor asked every minute
(cases D1 to D10)."""
import collections
import contextlib
import datetime
import json
import os
import signal
import struct
import subprocess
import sys

from . import box as boxes
from .box import need
from .cases import case
from .chain import OBSERVER, verified
from .oracle import expect
from .simulated import environment

KST = datetime.timezone(datetime.timedelta(hours=9))
HERE = os.path.join(boxes.ROOT, "Tests/harness/virtualtime")
SHARES = "005930 000660 373220 207940 005380 000270 068270 035420".split()
FUNDS = ["069500", "114800"]
VENUES = {"ST": "KRX", "NX": "NXT", "UN": "UN"}
FEEDS = {"CNT0": ("trades", "stck_cntg_hour"), "ASP0": ("book", "bsop_hour")}
ROWS = {"FHKST11300006": "multi", "FHKST01010100": "price"}
# Every minute while anything may change, and now and then through the night until cron starts the next one.
WHOLE = [["07:51", "20:15", 60], ["21:00", "31:45", 2700]]


class Day:
    """One day: what is watched, how, and what the exchange does."""

    def __init__(self, box, date, symbols, *options, first="07:49:30", starts=("07:50",), until="20:05", ask=None, sim=(),
                 faults=(), looks=()):
        need("cc")
        self.box, self.symbols = box, symbols
        self.sent = box.path("sent")
        programs = os.path.dirname(box.dynamic("jsonl-sink"))
        with open(box.path("watchlist"), "w") as file:
            file.writelines(map(self.watched, symbols))
        plan = {
            "folder": box.folder, "archive": box.archive, "watchlist": box.path("watchlist"), "observer": OBSERVER,
            "sim": os.path.join(boxes.ROOT, "scripts/kis-sim"), "sim_options": ["--record-sent", self.sent, *sim],
            "starts": list(starts), "ask": ask or WHOLE, "faults": list(faults),
            "looks": list(looks),
            "options": ["--until", until, *options],
            "env": {"OBSERVER_BIN_DIR": programs, "OBSERVER_MODE": "SIM", "OBSERVER_EPHEMERAL": "1"},
        }
        with open(box.path("plan.json"), "w") as file:
            json.dump(plan, file)
        self.began = datetime.datetime.strptime(date + first, "%Y-%m-%d%H:%M:%S").replace(tzinfo=KST)
        self.watch()

    def watched(self, symbol):
        """A symbol's line of the watchlist. It has a name, or KIS would be asked for it, which is no row of the archive."""
        product = "etf" if symbol in FUNDS else "stock"
        return '{"symbol":"%s","product":"%s","name":"N%s"}\n' % (symbol, product, symbol)

    def build(self, name, *words):
        path = self.box.path(name)
        subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", path, *words], check=True)
        return path

    def watch(self):
        """Lets the day pass."""
        box = self.box
        shim = self.build("preload.so", "-shared", "-fPIC", os.path.join(HERE, "preload.c"), "-ldl")
        governor = self.build("governor", os.path.join(HERE, "governor.c"))
        run = box.run([governor, box.path("time"), "%d" % self.began.timestamp(),
                       "env", "LD_PRELOAD=" + shim, "VIRTUAL_TIME=" + box.path("time"), sys.executable,
                       os.path.join(HERE, "watch-day"), box.path("plan.json"), box.path("result.json")],
                      env=environment(box.path("tokens")))
        try:
            status = self.pass_by(run)
        finally:
            run.kill()
            self.end_all()
        expect(status == 0, "the day ended with %d: %s" % (status, run.err[-1500:]))
        with open(box.path("result.json")) as file:
            self.told = json.load(file)
        expect(all(status == 0 for status, _ in self.told["started"]), "start: %s" % self.told["started"])

    def pass_by(self, run):
        """Waits for the end of the day; its status."""
        return run.wait(300 if self.box.quick else 3600)

    def end_all(self):
        """Ends what takes part still: without the governor it would wait for ever."""
        path = self.box.path("time")
        with open(path, "rb") as file:
            pids = struct.unpack("=512i", file.read(16 + 2048)[16:])  # shared.h
        for pid in filter(None, pids):
            with contextlib.suppress(OSError), open("/proc/%d/environ" % pid, "rb") as file:
                if b"VIRTUAL_TIME=" + path.encode() in file.read().split(b"\0"):
                    os.kill(pid, signal.SIGKILL)

    def alarms(self):
        """The minutes at which doctor found something broken, with what it said."""
        return [(answer["at"], answer["text"]) for answer in self.told["asked"] if answer["status"] != 0]

    def expect_no_alarm(self):
        alarms = self.alarms()
        expect(not alarms, "%d false alarms of %d, at %s: %s" % (
            len(alarms), len(self.told["asked"]), ", ".join(at[11:] for at, _ in alarms[:10]),
            alarms and alarms[0][1][-700:]))
        return "%d times asked, 0 alarms" % len(self.told["asked"])

    def records(self):
        """The snapshots of the archive, as Python's own json reads them."""
        for name in sorted(os.listdir(self.box.archive)):
            if name.endswith(".jsonl"):
                with open(os.path.join(self.box.archive, name)) as file:
                    for line in file:
                        yield json.loads(line)["snapshot"]

    def expect_complete(self, gaps=0):
        """What the simulator wrote down is what the archive holds: each trade and book, and every share of them."""
        wanted, found, rows = collections.Counter(), collections.Counter(), collections.Counter()
        with open(self.sent) as file:
            for line in file:
                code, hms, volume, tr = line.split()
                wanted[VENUES[tr[2:4]], FEEDS[tr[4:]][0], code, hms, volume] += 1
        traded = collections.defaultdict(lambda: [0, 0, 0])
        self.gaps = []
        for record in self.records():
            context, inputs = record["context"], record["observation"]["inputs"]
            if context["source"] == "system":
                self.gaps.append(record)
            elif record["meta"]["tick_source"] == "websocket":
                feed, raw = context["feed"], inputs["raw"]
                hour = raw[dict(FEEDS.values())[feed]]
                found[context["market"], feed, context["symbol"], hour, raw["acml_vol"]] += 1
                if feed == "trades":
                    sums = traded[context["market"], context["symbol"]]
                    sums[0] += 1
                    sums[1] += inputs["trade_size"]
                    sums[2] += inputs["trade_size"] * inputs["price"]
            else:
                rows[context["feed"], context["symbol"]] += 1
        lost, strange = wanted - found, found - wanted
        expect(not lost and not strange, "%d of %d records are not in the archive, %d were never sent: %s" % (
            sum(lost.values()), sum(wanted.values()), sum(strange.values()), (list(lost) + list(strange))[:5]))
        for venue, symbols in self.told["stats"]["trades"].items():
            for symbol, book in symbols.items():
                sent = [book["sent"][name] for name in ("trades", "shares", "value")]
                expect(traded[venue, symbol] == sent, "%s %s: sent %s, archived %s" % (
                    venue, symbol, sent, traded[venue, symbol]))
        answered = {(ROWS[tr], symbol): count for tr, symbols in self.told["stats"]["rows"].items()
                    for symbol, count in symbols.items()}
        expect(rows == answered, "answered %s, archived %s" % (answered, dict(rows)))
        expect(gaps is None or len(self.gaps) == gaps, "%d gaps: %s" % (len(self.gaps), self.gaps[:3]))
        if found or rows:
            verified(self.box, self.box.archive)
        return "%d of %d trades and books and %d of %d rows archived" % (
            sum(found.values()), sum(wanted.values()), sum(rows.values()), sum(answered.values()))


@case("D1", "a whole day: ten symbols of KRX, all feeds", "no false alarm, archive complete")
def krx(box):
    day = Day(box, "2026-11-26", SHARES + FUNDS, "--feed", "trades", "--feed", "book", "--feed", "multi",
              "--interval", "60", sim=["--ticks-per-second", "0.5", "--books-per-second", "0.5"])
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


@case("D2", "a whole day: ten symbols of both venues as one (UN)", "no false alarm, archive complete")
def unified(box):
    day = Day(box, "2026-11-26", SHARES + FUNDS, "--venue", "UN", "--feed", "trades", "--feed", "book",
              sim=["--ticks-per-second", "0.5", "--books-per-second", "0.2"])
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


@case("D3", "a whole day: NXT, prices asked for", "no false alarm, archive complete")
def nxt(box):
    day = Day(box, "2026-11-26", SHARES, "--venue", "NXT", "--feed", "trades", "--feed", "price", "--interval", "60",
              sim=["--ticks-per-second", "0.3", "--books-per-second", "0"])
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


@case("D4", "a whole day: one share that trades now and then", "no false alarm, archive complete")
def illiquid(box):
    day = Day(box, "2026-11-26", ["035720"], "--feed", "trades", "--feed", "price", "--interval", "300",
              sim=["--ticks-per-second", "0.0007", "--books-per-second", "0", "--bundle", "2"])
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


@case("D5", "a whole day: KRX opens at ten (exam), ETFs only", "no false alarm, archive complete")
def exam(box):
    day = Day(box, "2026-11-19", FUNDS, "--feed", "trades", "--feed", "book",
              sim=["--ticks-per-second", "0.5", "--books-per-second", "0.3"])
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


@case("D6", "a whole Sunday", "no false alarm, nothing archived")
def sunday(box):
    day = Day(box, "2026-11-29", SHARES, "--feed", "trades", "--feed", "multi", "--interval", "60")
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


def expect_sound(gaps):
    """Each gap is told once for all; those of one symbol's feed do not overlap, so that their sum is the truth."""
    final, told = {}, collections.defaultdict(list)
    for record in gaps:
        state, context = record["observation"]["state"], record["context"]
        span = [datetime.datetime.fromisoformat(state[name]).timestamp() for name in ("from", "to")]
        expect(state["gap_id"] not in final, "a word after the last one: %s" % record)
        if state["final"]:
            final[state["gap_id"]] = span
            # (A loss lies between two records that were observed: it is trades, not time.)
            if state["reason"] != "missed_trades":
                told[context["market"], context["symbol"], context["feed"]].append(span)
        expect(abs(span[1] - span[0] - state["seconds"]) <= 1, "seconds: %s" % record)
    open_ones = {record["observation"]["state"]["gap_id"] for record in gaps} - set(final)
    expect(not open_ones, "gaps without their last word: %s" % sorted(open_ones)[:5])
    for subject, spans in told.items():
        spans.sort()
        for one, other in zip(spans, spans[1:]):
            expect(other[0] >= one[1], "two gaps of %s overlap: %s, %s" % (subject, one, other))
    return {subject: sum(end - begin for begin, end in spans) for subject, spans in told.items()}


@case("D9", "Thursday afternoon to Friday morning, started by cron twice", "no false alarm, archive complete")
def overnight(box):
    day = Day(box, "2026-11-26", SHARES + FUNDS, "--feed", "trades", "--feed", "book", "--feed", "multi",
              "--interval", "60", first="14:59:30", starts=["15:00", "31:50"],
              ask=[["15:01", "20:15", 60], ["21:00", "31:45", 2700], ["31:51", "33:15", 60]],
              sim=["--ticks-per-second", "0.5", "--books-per-second", "0.3"])
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


@case("D10", "a morning of one share: two VI and a halt of forty minutes", "no false alarm, archive complete")
def halted(box):
    day = Day(box, "2026-11-26", ["005930"], "--feed", "trades", first="08:49:30", starts=["08:50"], until="12:30",
              ask=[["08:51", "12:31", 30]],
              sim=["--ticks-per-second", "1", "--books-per-second", "0", "--vi", "005930@10:15", "--vi", "005930@10:40",
                   "--halt", "005930@11:00-11:40"])
    return "%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"])


# When, what, how long it lasts, which links may be named, within how many seconds (README, Tests/README.md), and how
# many seconds after its end all is well again.
OUTAGES = [
    ("10:30:00", [{"name": "half-dead"}], 0, {"socket", "snapshots"}, 15, 150),
    ("10:45:00", [{"name": "cut"}, {"name": "refuse", "target": "both", "seconds": 60}], 60, {"socket", "requests"}, 6, 75),
    ("11:00:00", [{"name": "http-500", "seconds": 90}], 90, {"requests"}, 21, 75),
    ("11:30:00", [{"name": "no-subscribe-answer", "n": 4}, {"name": "cut"}], 0, {"subscriptions", "socket"}, 20, 150),
    ("11:45:00", [{"stage": "jsonl-sink", "signal": signal.SIGSTOP}], 60, {"jsonl-sink"}, 31, 10),
    ("11:46:00", [{"stage": "jsonl-sink", "signal": signal.SIGCONT}], 0, set(), 0, 10),
]


def seconds(text):
    """Seconds of the day of HH:MM:SS."""
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


def clock(second):
    return "%02d:%02d:%02d" % (second // 3600, second // 60 % 60, second % 60)


@case("D8", "six outages of a morning", "each is named in time, and nothing else; every trade sent is archived")
def outages(box):
    ask = [["10:01", "12:20", 60]]
    for when, _, lasting, links, most, _ in OUTAGES:
        if links:
            ask.append([clock(seconds(when) + 1), clock(seconds(when) + most + 5), 2])
    withheld = ("12:00:00", None, 300, {"snapshots"}, 75, 15)
    ask.append(["12:00:02", "12:01:30", 5])
    day = Day(box, "2026-11-26", SHARES + FUNDS, "--feed", "trades", "--feed", "book", "--feed", "multi",
              "--interval", "10", first="09:59:30", starts=["10:00"], until="12:20", ask=ask,
              sim=["--ticks-per-second", "8", "--books-per-second", "2", "--withhold", "12:00-12:05"],
              faults=[(when, body) for when, bodies, *_ in OUTAGES for body in bodies])
    wrong, named = [], []
    spans = [(seconds(when), lasting, links, most, after) for when, _, lasting, links, most, after in [*OUTAGES, withheld]]
    alarms = {seconds(at[11:]): json.loads(text.splitlines()[-1]) for at, text in day.alarms()}
    for start, lasting, links, most, after in spans:
        if links:
            first = min((at for at, told in alarms.items() if start <= at <= start + max(lasting, most) + after
                         and told["first"] in links), default=None)
            if first is None or first - start > most + 2:
                wrong.append("%s at %s was named at %s" % ("/".join(sorted(links)), clock(start), first and clock(first)))
            else:
                named.append("%s after %d s" % (alarms[first]["first"], first - start))
    for at, told in alarms.items():
        if not any(start <= at <= start + max(lasting, most) + after for start, lasting, _, most, after in spans):
            wrong.append("%s: %s" % (clock(at), told["detail"]))
    expect(not wrong, "; ".join(wrong))
    complete = day.expect_complete(None)
    sums = expect_sound(day.gaps)
    shortest, longest = (end(span for (_, _, feed), span in sums.items() if feed == "trades") for end in (min, max))
    return "%s; %d times asked; %s; %d gap records, final ones of trades %.0f to %.0f s a symbol; %.0f s" % (
        ", ".join(named), len(day.told["asked"]), complete, len(day.gaps), shortest, longest, day.told["seconds"])


@case("D7", "08:56 to 09:02 and 15:18 to 15:32, both auctions", "no false alarm, archive complete", quick=True)
def auctions(box):
    seen = []
    for first, start, asked, until in (("08:55:50", "08:56", "08:57", "09:02"), ("15:17:50", "15:18", "15:19", "15:32")):
        with boxes.Box(box.quick) as inner:
            day = Day(inner, "2026-11-26", SHARES[:4] + FUNDS[:1], "--feed", "trades", "--feed", "book",
                      first=first, starts=[start], until=until, ask=[[asked, until, 60]],
                      sim=["--ticks-per-second", "1", "--books-per-second", "1"])
            seen.append("%s; %s; %.0f s" % (day.expect_no_alarm(), day.expect_complete(), day.told["seconds"]))
    return "; ".join(seen)
