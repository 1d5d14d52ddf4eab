"""Days on which nothing goes wrong: all of it is verified, nothing is missing, and the day is available."""
import random
import re
import subprocess
import tempfile
import threading
import time

from .exchange import Tape, message, midnight
from .programs import FILTERS, Failed, environment, numbers, tool

DATE = "2026-11-25"
OPENING, CLOSING, AFTER, END = 32_400, 55_800, 57_600, 72_000
SYMBOLS = ["%06d" % (5930 + 70 * number) for number in range(20)]


class Share:
    """A share's day: an opening print, trades, a closing print, trades of the after-market.

    `stops` are (from, to) in seconds without a trade; each ends with the one print of a call auction (VI: two minutes).
    """

    def __init__(self, rng, symbol, stops=()):
        self.rng, self.tape = rng, Tape(rng, DATE, symbol, "KRX")
        self.prints = {OPENING, CLOSING, *(end for _, end in stops)}
        self.silent = [*stops, (55_200, CLOSING), (CLOSING + 1, AFTER)]
        self.trades = self.shares = 0

    def records(self, second, most):
        """What is printed in a second."""
        tape, trades = self.tape, []
        if second == OPENING:
            tape.before_opening(self.rng.randrange(1, 400))
        if second in self.prints:
            trades.append(tape.trade(second, auction=True))
        elif not any(start <= second < end for start, end in self.silent):
            trades += [tape.trade(second, most=40) for _ in range(self.rng.randint(0, most))]
        self.trades += len(trades)
        self.shares += sum(trade.size for trade in trades)
        return [tape.record(trade) for trade in trades]


def lines(shares, most):
    """The recording of the day, line by line."""
    start = midnight(DATE)
    for second in range(OPENING, END):
        for place, share in enumerate(shares):
            found = share.records(second, most)
            if found:
                yield message(start, second * 1000 + 40 * place + 7, "KRX", found)


def play(source):
    """Through kis-fetch and the filters into the audit: kis-fetch's last word, and the audit's lines."""
    env, stages, taken = environment(), [], subprocess.PIPE
    with tempfile.TemporaryFile() as log:
        for words in (["kis-fetch", "--replay", "-", "--speed", "max"], *FILTERS, ["snap-audit", "--format", "ndjson"]):
            stages.append(subprocess.Popen([tool(words[0]), *words[1:]], stdin=taken, stdout=subprocess.PIPE, env=env,
                                           stderr=log))
            if taken != subprocess.PIPE:
                taken.close()
            taken = stages[-1].stdout
        threading.Thread(target=feed, args=(stages[0].stdin, source), daemon=True).start()
        said = taken.read()
        ends = [stage.wait() for stage in stages]
        log.seek(0)
        words = log.read().decode()
    if any(ends):
        raise Failed("ends %s: %s" % (ends, words[-600:]))
    return re.search(r"Finished \| (.*)", words)[1], numbers(said)


def feed(pipe, source):
    with pipe:
        for line in source:
            pipe.write(line.encode())


def judge(name, shares, most):
    begin = time.monotonic()
    word, (subjects, days) = play(lines(shares, most))
    trades = sum(share.trades for share in shares)
    wrong = []
    for share in shares:
        line = subjects[DATE, "KRX", share.tape.symbol]
        wanted = {"trades": share.trades, "records": share.trades, "verified": share.trades - 1, "missed_trades": 0,
                  "missed_shares": 0, "unverifiable": 0, "duplicates": 0, "reversals": 0, "late": 0, "gaps": {},
                  "start_proven": True, "channel": "trusted", "shares": share.shares, "reported_shares": share.tape.shares,
                  "reported_value": share.tape.value, "before_start": share.tape.shares - share.shares}
        wrong += ["%s: %s is %s, said %s" % (share.tape.symbol, key, number, line[key])
                  for key, number in wanted.items() if line[key] != number]
    day = days[DATE]
    if day["condition"] != "available" or day["reasons"] or "gaps=0" not in word or len(subjects) != len(shares):
        wrong.append("%s; %s" % (day, word))
    print("%s: %d trades of %d symbols, %d verified and %d proven starts, %d missing, %s; %s; %.0f s" % (
        name, trades, len(shares), day["verified"], len(shares), day["missed_trades"], day["condition"], word,
        time.monotonic() - begin))
    for line in wrong[:20]:
        print("differs: " + line)
    return not wrong


def run(trades):
    rng = random.Random(13)
    shares = [Share(rng, symbol) for symbol in SYMBOLS]
    most = max(2, -(-2 * trades // (len(shares) * (55_200 - OPENING + END - AFTER))))  # at random, half of it
    is_right = judge("a healthy day", shares, most)
    # VI at 10:15, 10:40 and 14:50: two minutes each; halted from 11:00 to 11:40.
    stops = [(36_900, 37_020), (38_400, 38_520), (39_600, 42_000), (53_400, 53_520)]
    return judge("auctions, three VI and a halt", [Share(rng, "005930", stops)], 4) and is_right
