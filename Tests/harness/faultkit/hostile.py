"""kis-fetch under hostile peers (cases H1 and H2): one long run through every fault, then keys of every type."""
import json
import time

from .box import log
from .cases import case
from .observed import Observed
from .oracle import expect
from .simulated import Simulator, Watched, fetch_once

SYMBOLS = ("005930", "000660")
SCALE = 0.001
# A minute, which KIS wants between two tokens, on the shortened clock; less what the clocks' steps may cost.
TOKEN_FLOOR = 60 * SCALE - 0.002
CALLS, REGISTRATIONS = 18, 41
# Memory may grow by so much from the first third of the run to the last, KiB: an answer of the largest size, 4 MiB, may
# be in it at the moment of looking. And processor time of a quiet second, in which REST answers are late, s.
GROWTH, QUIET = 4096, 0.05
# A debug build beside other tests: a loop that does not wait takes all of the second.
QUICK_QUIET = 0.2
RECONNECTS, QUICK_RECONNECTS = 1000, 40
ROUNDS = 7
# In a round: connections cut inside a frame, and answers of which one field has an unexpected type. All rounds
# together cut a frame of trades and one of the book at every byte, and go through every field and every type.
CUTS = (("H0STCNT0", 44), ("H0STASP0", 54))
VARIATIONS = {"inquire-price": 125, "intstock-multprice": 51}
ANSWERS, PINGPONGS = 18, 6

# Faults that end a session at once, or at the next frame.
ENDS = [("cut", {}), ("cut", {"rst": True}), ("close", {"code": 1000}), ("close", {"code": 1011, "reason": "bye"}),
        ("close", {"code": 1006}), ("half-dead", {}), ("big-frame", {}), ("masked-server-frame", {}),
        ("reserved-bits", {}), ("unknown-opcode", {}), ("long-control", {}), ("fragmented-ping", {}),
        ("lonely-continuation", {})]
# Those that strike when the next session begins.
BEGINNINGS = [("bad-upgrade", {"kind": "accept"}), ("bad-upgrade", {"kind": "500"}),
              ("bad-upgrade", {"kind": "endless"}), ("refuse", {"seconds": 0.2, "target": "ws"}),
              ("resource", {}), ("bad-approval", {}), ("in-use", {}), ("internal-error", {}), ("reply", {}),
              ("no-subscribe-answer", {}), ("max-subscribe", {"at": 2})]
# These take seconds each: a quick run leaves them out, and asks for tokens and keys only in two ways.
SLOW = ("no-subscribe-answer", "slow-loris", "endless-body", "half-dead")
# Messages that are of no use, or odd but right, and cost nothing else.
ODDITIES = [("bad-utf8", {}), ("bad-json", {}), ("wrong-count", {}), ("negative-count", {}), ("huge-count", {}),
            ("short-frame", {}), ("foreign-symbol", {}), ("encrypted", {}), ("empty-field", {}), ("odd-bytes", {}),
            ("duplicate", {}), ("lose", {}), ("ping", {}), ("pingpong", {}), ("fragment", {"size": 20}),
            ("split", {"most": 3}), ("halt", {"symbol": "005930"}), ("halt", {"symbol": "005930", "on": False})]
REST = [("http-500", {"n": 3}), ("garbage-body", {"n": 2}), ("code", {}), ("slow", {"delay": 0.3, "n": 3}),
        ("slow-loris", {"delay": 0.001}), ("endless-body", {}), ("hang-up", {"n": 3}),
        ("cut-answer", {"at": 20, "n": 3}),
        ("refuse", {"seconds": 0.2, "target": "rest"}), ("expired-token", {"n": 1}), ("expired-token", {"n": -1})]
OAUTH = ("http-500", "garbage-body", "hang-up", "cut-answer", "endless-body", "slow-loris", "typed-field")


class Siege:
    """One kis-fetch, one simulator, and every fault in turn."""

    def __init__(self, box):
        self.quick = box.quick
        self.sessions_file = box.path("sessions.jsonl")
        self.sim = Simulator(box, "--ticks-per-second", "100", "--books-per-second", "60",
                             "--token-floor", str(TOKEN_FLOOR), "--record-sessions", self.sessions_file)
        words = ["--feed", "trades", "--feed", "book", "--feed", "multi", "--feed", "price", "--interval", "0.2",
                 "--watchdog", "0.5", "--log-level", "debug"]
        self.fetch = Watched(box, self.sim, *words, symbols=SYMBOLS)
        self.settle(0)

    def chosen(self, faults):
        return [fault for fault in faults if not (self.quick and fault[0] in SLOW)]

    def fired(self, stats, name):
        return stats["faults_fired"].get(name, 0)

    def settle(self, sessions, least=1):
        """Waits for data of a later session than number `sessions`; the statistics."""
        least = min(least, 1) if self.quick else least
        def is_there(stats):
            return stats["ws"]["sessions_total"] > sessions and stats["ws"]["registrations_now"] >= least

        records = self.sim.until(is_there, "session %d" % (sessions + 1))["trade_records"]
        stats = self.sim.until(
            lambda s: s["trade_records"] > records or s["ws"]["sessions_total"] > sessions + 1, "data")
        self.fetch.look()
        return stats

    def strike(self, name, params, cut=False, ends=False, least=2):
        """Arms a fault and waits until it has struck; `cut`: it takes a new session to do so."""
        before = self.sim.stats()
        self.sim.fault(name, **params)
        if cut:
            self.sim.fault("cut")
        stats = self.sim.until(lambda s: self.fired(s, name) > self.fired(before, name), name)
        if cut or ends:
            stats = self.settle(before["ws"]["sessions_total"], least)
        self.fetch.look()
        return stats

    def round(self):
        """Every fault of the catalogue, or nearly."""
        for name, params in self.chosen(ENDS):
            self.strike(name, params, ends=True)
        for name, params in self.chosen(BEGINNINGS):
            self.strike(name, params, cut=True)
            if name == "max-subscribe":
                self.sim.clear(name)
        for name, params in ODDITIES:
            self.strike(name, params)
            if name in ("fragment", "split"):
                self.sim.clear(name)
        binary = self.sim.stats()["trade_records"]
        self.sim.fault("binary")
        self.sim.until(lambda s: s["trade_records"] > binary + 5, "binary frames")
        self.sim.clear("binary")
        for name, params in self.chosen(REST):
            self.strike(name, params)
            if name == "expired-token":
                self.accepted()  # two refusals without a success between them would rightly end the run
        self.refused_symbol()
        for name in ("cut-answer", "typed-field") if self.quick else OAUTH:
            self.strike_oauth(name)

    def accepted(self):
        """Waits for quotations that are answered and not refused for their token."""
        mark = [None, 0]

        def held(stats):
            made = sum(count for name, count in stats["calls"].items() if name.startswith("FHKST"))
            trouble = stats["error_codes"].get("EGW00123", 0), stats["token_calls"]
            if mark[0] != trouble:
                mark[:] = [trouble, made]
            return made - mark[1] >= 4

        self.sim.until(held, "quotations")

    def strike_oauth(self, name):
        """The same faults in the answers that hold a token and an approval key."""
        params = {"n": 1, "delay": 0.001} if name == "slow-loris" else {"n": 1}
        before = self.sim.stats()
        self.sim.fault(name, path="/oauth2/tokenP", **params)
        self.sim.fault("expired-token")
        self.sim.until(lambda s: self.fired(s, name) > self.fired(before, name)
                       and s["tokens_issued"] > before["tokens_issued"], "tokenP " + name)
        self.accepted()
        if name == "typed-field":
            return  # of the approval key in case H2: one that is wrong may end the run, as it should
        self.sim.fault(name, path="/oauth2/Approval", **params)
        self.sim.fault("forget-approvals")
        self.sim.fault("cut")
        self.sim.until(lambda s: self.fired(s, name) > self.fired(before, name) + 1, "Approval " + name)
        self.settle(before["ws"]["sessions_total"], least=2)

    def refused_symbol(self):
        """A symbol that comes while the run goes on, is refused, and leaves again."""
        before = self.fired(self.sim.stats(), "bad-key")
        self.sim.fault("bad-key", symbol="035720", n=2)
        self.fetch.tell("035720\n")
        self.sim.until(lambda s: self.fired(s, "bad-key") >= before + 2, "the refusals")
        self.fetch.tell('{"symbol":"035720","op":"remove"}\n')

    def vary(self, share):
        """A share of the REST answers' variations: fields of unexpected types."""
        before = self.sim.stats()["variations"]
        for path, count in share.items():
            self.sim.fault("typed-field", path="/uapi/domestic-stock/v1/quotations/" + path, n=count)
        self.sim.until(lambda s: "typed-field" not in s["faults_armed"], "variations of %s" % before, 120)
        self.fetch.look()

    def vary_control(self, answers, pingpongs):
        """The same for answers to registrations, one a session, and for PINGPONG."""
        for _ in range(answers):
            self.strike("typed-control", {}, cut=True, least=1)
        self.sim.fault("cut")
        self.settle(self.sim.stats()["ws"]["sessions_total"] - 1, least=4)
        for _ in range(pingpongs):
            self.sim.fault("typed-control")
            self.strike("pingpong", {})

    def cut_inside(self, share):
        """Connections cut inside a frame, a byte later each time."""
        for tr, count in share:
            offset = self.sim.stats()["cut_offsets"].get(tr, [0])[0]
            self.sim.fault("cut-inside", tr=tr, at=offset, n=count)
            self.sim.until(lambda s: "cut-inside" not in s["faults_armed"], "the cuts", 240)
            self.settle(self.sim.stats()["ws"]["sessions_total"] - 1)

    def quiet(self, seconds):
        """Processor time of a second in which nothing arrives: no trade, no book, and every REST answer is late."""
        for symbol in SYMBOLS:
            self.sim.fault("halt", symbol=symbol)
        self.sim.fault("slow", delay=seconds + 2)
        time.sleep(0.3)  # what is on its way arrives
        before = self.fetch.cpu()
        time.sleep(seconds)
        return (self.fetch.cpu() - before) / seconds

    def sessions(self):
        with open(self.sessions_file) as file:
            return [json.loads(line) for line in file]


def limits(stats):
    """What the server allows, as it counted."""
    ws, fired = stats["ws"], stats["faults_fired"]
    expect(stats["max_calls_in_1s"] <= CALLS, "%d calls in a second" % stats["max_calls_in_1s"])
    expect(stats["egw00201"] == fired.get("rate-limit", 0), "calls refused for their number")
    expect(stats["token_refusals"] == 0, "%d tokens asked for within a minute" % stats["token_refusals"])
    expect(ws["registrations_max"] <= REGISTRATIONS, "%d registrations" % ws["registrations_max"])
    expect(ws["sessions_max"] == 1, "%d sessions at a time" % ws["sessions_max"])
    expect(ws["repeated_subscribes"] == 0, "%d registrations asked for twice" % ws["repeated_subscribes"])
    expect(ws["in_use_refusals"] == fired["in-use"], "sessions refused because another was open")
    expect(not ws["violations"], "violations of the protocol: %s" % ws["violations"])


@case("H1", "every fault of the exchange, one kis-fetch", "same process, memory flat, idle when nothing comes, a gap "
      "for each lost session, the server's limits kept, exit 0", quick=True)
def siege(box):
    target = QUICK_RECONNECTS if box.quick else RECONNECTS
    begin = time.monotonic()
    siege = Siege(box)
    rounds, made = 0, 0
    while made < target:
        siege.round()
        siege.vary({path: 5 for path in VARIATIONS} if box.quick else VARIATIONS)
        siege.vary_control(*(2, 1) if box.quick else (ANSWERS, PINGPONGS))
        siege.cut_inside([(tr, 8) for tr, _ in CUTS] if box.quick else CUTS)
        rounds, made = rounds + 1, siege.sim.stats()["ws"]["sessions_total"] - 1
        if not box.quick:
            log("  round %d: %d reconnects, %d KiB" % (rounds, made, siege.fetch.memory[-1]))
    # Frames differ in length by a few bytes, and a cut beyond the end of a short one is none: these are the last bytes.
    for _ in range(0 if box.quick else 10):
        missing = [tr for tr, (cut, size) in siege.sim.stats()["cut_offsets"].items() if cut < size]
        siege.cut_inside([(tr, 4) for tr in missing])
    siege.strike("rate-limit", {"n": 2})  # last, because the own rate is a fraction for a while after it
    quiet = siege.quiet(1 if box.quick else 5)
    stats, cpu, peak = siege.sim.stats(), siege.fetch.cpu(), siege.fetch.status("VmHWM")
    wall = time.monotonic() - begin
    expect(siege.fetch.stop() == 0, "SIGTERM: %s" % siege.fetch.run.err[-400:])
    siege.fetch.expect_no_secret()
    limits(stats)
    seen = Observed(box.read(siege.fetch.out), SYMBOLS + ("035720",))
    seen.symbols = set(SYMBOLS)
    seen.account(siege.sessions()[:stats["ws"]["sessions_total"]])
    reconnects = stats["ws"]["sessions_total"] - 1
    third = len(siege.fetch.memory) // 3
    first, last = max(siege.fetch.memory[:third]), max(siege.fetch.memory[-third:])
    expect(last - first <= GROWTH, "memory grew from %d to %d KiB" % (first, last))
    expect(quiet <= (QUICK_QUIET if box.quick else QUIET), "%.3f s of processor time in a quiet second" % quiet)
    if rounds >= ROUNDS:
        shapes = (*VARIATIONS, "OPSP0000", "PINGPONG")
        whole = [stats["variations"][shape] for shape in shapes] + list(stats["cut_offsets"].values())
        expect(all(done >= size for done, size in whole), "not every byte and field: %s" % whole)
    return ("%d reconnects, %d gaps in %d lines, memory %d then %d KiB (peak %d), %.1f s of processor time in %.0f s, "
            "%.3f in a quiet second, cuts %s, variations %s" % (
                reconnects, seen.distinct, seen.count, first, last, peak, cpu, wall, quiet, stats["cut_offsets"],
                {shape: done for shape, (done, _) in stats["variations"].items()}))


@case("H2", "tokenP and Approval with fields of every type", "an answer, a gap, or 69 or 77 with one line", quick=True)
def oauth_fields(box):
    sim = Simulator(box, "--token-floor", "0", "--ticks-per-second", "100")
    ended, runs = {}, 0
    for path, words in (("tokenP", ("--once", "--feed", "price")), ("Approval", ("--feed", "trades", "--count", "1"))):
        step, many = 0, 1
        while step < many:
            sim.fault("typed-field", path="/oauth2/" + path, step=step)
            name = "cache-%d" % runs
            status, out, err = fetch_once(box, sim, words, "005930\n", name, scale="0.001")
            what = "%s, variation %d: %d %s" % (path, step, status, err[-600:])
            expect(status in (0, 69, 77), what)
            expect(err.count("| ERROR |") == (status != 0), what)
            seen = Observed(out, ("005930",))
            expect(status != 0 or sum(seen.snapshots.values()) == 1, what)
            ended[status] = ended.get(status, 0) + 1
            many = sim.stats()["variations"][path][1]
            step += 7 if box.quick else 1
            runs += 1
    return "%d runs, by status %s" % (runs, ended)
