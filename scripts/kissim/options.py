"""The command line of kis-sim: options, their limits, and what they become."""

import argparse
import os
import sys

from . import given
from .clock import Clock
from .day import FIXED, open_day
from .faults import CATALOGUE, Fault, Faults
from .given import number, pattern

DEFAULT_KEY = "PSIM" * 9
DEFAULT_SECRET = "simsecret=" * 18

EPILOG = """\
default credentials: app key "PSIM" nine times (36 characters), app secret "simsecret=" eighteen
times (180 characters); KIS_APP_KEY and KIS_APP_SECRET in the environment take their place.

endpoints: POST /oauth2/tokenP /oauth2/Approval /oauth2/revokeP; GET inquire-price,
intstock-multprice, chk-holiday under /uapi/domestic-stock/v1/quotations/; WebSocket /tryitout;
           GET /common/master/NAME.zip (no key needed).
controls:  GET /sim/stats; POST /sim/fault {"name":"cut","after":100}; DELETE /sim/fault[?name=N].
           {"name":"clear"} disarms all. Parameters: n (times, -1 always), skip (events to pass
           first), seconds (strike for so long), path (REST faults; default /uapi, "/oauth2" for
           oauth calls), and the one in brackets below.

faults (--fault NAME[=ARG][@N], ARG in brackets, @N lets N events pass first):
%s
channels:  every market-data channel of KIS that has not ended (kissim/channels.jsonl says keys and columns).

T is a moment: seconds since the start (12.5), or HH:MM[:SS] of the simulator's clock.
exit status: 0 stopped by a signal or its parent's end, 1 cannot listen or write, 2 usage.
"""


def _rate(text):
    return 1e9 if text == "max" else number(0, 1e9, float)(text)


def _fault(text):
    try:
        return Faults.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parser():
    """The argument parser."""
    lines = ["  %-20s [%s] %s" % (name, c[1], c[4]) for name, c in CATALOGUE.items()]
    p = argparse.ArgumentParser(
        prog="kis-sim", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="A local server that looks like the KIS Open API (REST and WebSocket), for tests "
        "and trials.\nEverything it sends is made up.",
        epilog=EPILOG % "\n".join(lines),
    )
    a = p.add_argument
    port, seconds = number(0, 65535), number(0, 1e9, float)
    a("--http-port", type=port, default=0, metavar="N", help="REST port (0: a free one)")
    a("--ws-port", type=port, default=0, metavar="N", help="WebSocket port (0: a free one)")
    a("--proxy", type=port, metavar="PORT", help="also a forward proxy (CONNECT and plain) that leads here only, counted")
    a("--masters", metavar="DIR", help="write small symbol masters here; they are served under /common/master/ anyway")
    a("--announce", choices=("json", "shell"), help="what is said when it listens: a JSON line, or `export` lines to use "
      "in a shell (on a terminal)")
    a("--ready-file", metavar="FILE", help="write the addresses here when listening")
    a("--exit-with-parent", action="store_true", help="stop when the starting process ends")
    a("--env", choices=("real", "mock"), default="real", help="mock refuses what KIS's mock lacks")
    a("--app-key", metavar="KEY", help="accepted app key")
    a("--app-secret", metavar="SECRET", help="its secret")
    a("--also-accept", action="append", default=[], metavar="KEY:SECRET", help="a further pair")
    a("--token-floor", type=seconds, default=60.0, metavar="S", help="seconds between issues (60)")
    a("--token-same", type=seconds, default=21600.0, metavar="S", help="same token within (21600)")
    a("--token-life", type=seconds, default=86400.0, metavar="S", help="life of a token (86400)")
    a("--rate", type=number(0, 1000000), metavar="N", help="calls a second (18; mock 1; 0: no limit)")
    a("--max-registrations", type=number(1, 100000), default=41, metavar="N", help="a session (41)")
    a("--hold-session", type=seconds, default=0.0, metavar="S", help="a dropped session keeps its key (0)")
    a("--kick-first", action="store_true", help="a second session ends the first instead of 8996")
    a("--drop-unsolicited", action="store_true", help="drop a client that sends an unasked pong")
    a("--pingpong", type=seconds, default=10.0, metavar="S", help="PINGPONG after idle S (10; 0: never)")
    a("--pingpong-timeout", type=seconds, default=100.0, metavar="S", help="drop if unanswered (100)")
    a("--stall", type=seconds, default=60.0, metavar="S", help="drop a client that reads nothing for S (60)")
    a("--ticks-per-second", dest="ticks", type=_rate, default=50.0, metavar="N", help="trades (50; or max)")
    a("--books-per-second", dest="books", type=_rate, metavar="N", help="books (half the trades, at most 500)")
    a("--others-per-second", dest="others", type=number(0, 1000, float), metavar="N", help="records of each registration of "
      "the other channels (1; none without trades)")
    a("--printed", action="store_true", help="channels whose printed example has another length use it")
    a("--subscribed", action="store_true", help="the account pays for CME and SGX (else OPSP0009)")
    a("--count", type=number(0, 10**12), default=0, metavar="N", help="trades in all, then idle (no end)")
    a("--bundle", type=number(1, 999), default=3, metavar="N", help="most records a frame (3)")
    a("--trade-fields", type=number(46, 120), default=47, metavar="N", help="fields of a trade (47)")
    a("--stamp", action="store_true", help="a last field with the time it was sent (us)")
    a("--book-fields", type=number(59, 120), default=63, metavar="N", help="fields of a KRX book (63)")
    a("--phase", choices=[*sorted(FIXED), "day"], help="session codes in the data (regular); day: sessions, auctions "
      "and pauses of KRX, NXT and UN follow the clock")
    a("--seed", default="1", help="same seed, same walk (1)")
    a("--clock-at", metavar="YYYYMMDDTHHMMSS", help="start the clock here (KST)",
      type=pattern(r"\d{8}T\d{6}", "YYYYMMDDTHHMMSS"))
    a("--clock-from", metavar="HH:MM[:SS]", type=given.time_of_day, help="start the clock here, today or on the next "
      "day that is open, with --phase day")
    a("--speed", type=number(0.01, 3600, float), default=1.0, metavar="X", help="the clock runs so many times as fast (1)")
    a("--vi", action="append", default=[], type=given.list_later, metavar="SYMBOL@T",
      help="a volatility interruption: a call auction of two minutes")
    a("--halt", action="append", default=[], type=given.halt, metavar="SYMBOL@A-B", help="halted from A to B")
    a("--unknown", action="append", default=[], metavar="CODE", help="a symbol without data")
    a("--unknown-row", choices=("code", "blank"), default="code", help="multprice row: code or empty")
    a("--closed", action="append", default=[], metavar="YYYYMMDD", help="a further market holiday",
      type=pattern(r"\d{8}", "YYYYMMDD"))
    a("--record-sent", metavar="FILE", help="a line per record sent: symbol, time, ACML_VOL, TR")
    a("--record-sessions", metavar="FILE", help="a line per ended session: times (ms), registrations")
    a("--rest-odd", action="append", default=[], type=given.rest_odd, metavar="SYMBOL=KIND",
      help="REST calls with this symbol answer rt:CODE (rt_cd 1, HTTP 200) or output null, list, empty, absent")
    a("--maintenance", type=given.maintenance, metavar="N:STATUS", help="a page for the first N REST calls")
    a("--bad-bytes", action="append", default=[], type=given.bad_bytes, metavar="SYMBOL[=cut]",
      help="its REST name is CP949, or its last character is cut")
    a("--layout", action="append", default=[], type=given.layout, metavar="TR:KIND@T",
      help="from T on each record of that TR has a changed layout: remove:INDEX, insert:INDEX or prefix")
    a("--mute-registrations", type=number(0, 10**9), default=0, metavar="N",
      help="the first N registrations of the run are neither answered nor served")
    a("--list-later", action="append", default=[], type=given.list_later, metavar="SYMBOL@T",
      help="unknown until T: OPSQ2001, a row of zeros, OPSP8992")
    a("--echo-secrets", action="store_true", help="texts of errors repeat keys, secret and token")
    a("--withhold", action="append", default=[], type=given.window, metavar="A-B",
      help="the market goes on and nothing of it is sent from A to B")
    share = number(0, 1, float)
    a("--lose", type=share, default=0.0, metavar="RATE", help="this share of the trades is not sent")
    a("--double", type=share, default=0.0, metavar="RATE", help="sent twice")
    a("--reverse", type=share, default=0.0, metavar="RATE", help="sent, then taken back by a record whose totals fall")
    a("--swap", type=share, default=0.0, metavar="RATE", help="sent after the symbol's next trade")
    a("--stats-file", metavar="FILE", help="write what GET /sim/stats says here at the end")
    a("--fault", action="append", default=[], type=_fault, metavar="F", help="misbehave, see below")
    return p


def options_of(arguments):
    """Parsed and completed options."""
    p = parser()
    o = p.parse_args(arguments)
    o.parent = os.getppid()
    key = o.app_key or os.environ.get("KIS_APP_KEY") or DEFAULT_KEY
    secret = o.app_secret or os.environ.get("KIS_APP_SECRET") or DEFAULT_SECRET
    o.pairs = [(key, secret)]
    o.made_up = o.pairs[0] if o.pairs[0] == (DEFAULT_KEY, DEFAULT_SECRET) else None  # what may be shown
    o.announce = o.announce or ("shell" if sys.stdout.isatty() else "json")
    for pair in o.also_accept:
        name, colon, word = pair.partition(":")
        if not colon or not name or not word:
            p.error("--also-accept needs KEY:SECRET")
        o.pairs.append((name, word))
    if o.rate is None:
        o.rate = 1 if o.env == "mock" else 18
    if o.others is None:
        o.others = min(o.ticks, 1.0)
    if o.books is None:
        o.books = min(o.ticks / 2, 500.0)
    if o.mute_registrations:
        o.fault.insert(0, Fault("no-subscribe-answer", {"n": o.mute_registrations}))
    o.unknown = ["999999"] + [u for item in o.unknown for u in item.split(",")]
    if o.lose + o.double + o.reverse + o.swap > 1:
        p.error("--lose, --double, --reverse and --swap add up to more than 1")
    if o.clock_from:
        if o.clock_at:
            p.error("--clock-at and --clock-from exclude each other")
        o.clock_at = "%sT%s" % (open_day(Clock().date(), o.closed), o.clock_from)
        o.phase = o.phase or "day"
    o.phase = o.phase or "regular"
    if o.clock_at:
        try:
            Clock(o.clock_at)
        except ValueError:
            p.error("--clock-at: no such moment: " + o.clock_at)
    return o
