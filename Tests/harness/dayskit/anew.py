"""Random days on which a symbol's totals begin anew, once or twice, with losses, copies and late trades before and after."""
import collections
import os
import random
import shutil
import tempfile

from . import programs
from .exchange import message, midnight
from .replayed import SYMBOLS, trading_days
from .subject import FAULTS, Manner, Subject

SAID = ("records", "trades", "shares", "missed_trades", "missed_shares", "missed_value", "duplicates", "reversals", "late",
        "unverifiable", "before_start", "start_proven")


class Anew(Subject):
    """A day of one symbol: at times the exchange counts from zero again."""

    reported = value = times = 0  # what was counted before, shares and won, and how often it began anew
    is_over = False  # it will not begin anew again

    def anew(self):
        """Counts from zero: the first record starts there, or trades before it are lost.

        Where they were, a later start at zero would be where shares are missing, as one of these trades that comes late.
        """
        self.plain()
        if self.is_over or self.tape.shares < 1000:
            return
        before, last = self.tape.shares, self.tape.value
        self.flush()
        self.to_zero()
        lost = [self.next() for _ in range(self.rng.choice((0, 0, 1, 3, 12)))]
        trade = self.next()
        if lost and (self.times or trade.shares > self.truth.before_start):  # it can be taken back: only zero tells
            self.to_zero()
            lost, trade = [], self.next()
        self.reported, self.value, self.times = self.reported + before, self.value + last, self.times + 1
        self.is_over = self.times == 2 or bool(lost)
        self.truth.hole(lost)
        self.truth.reversals += 1
        self.show(trade, follows=False)
        self.count(trade)
        for _ in range(3):
            self.plain()

    def to_zero(self):
        self.tape.shares = self.tape.value = self.highest = 0
        self.tape.counts, self.tape.sums = [0, 0], [0, 0]


class Day:
    """A day of some symbols at a venue; the first one's totals go on, and prove the channel."""

    def __init__(self, rng, folder):
        self.subjects = {}
        date, = trading_days(rng, 1)
        venue = rng.choice(("KRX", "NXT", "UN"))
        manners = [Manner(trades=400, clean=40, bundle=20)]
        manners += [Manner(trades=rng.randint(100, 500), clean=rng.choice((6, 12, 40)), bundle=rng.choice((1, 2, 8)),
                           faults=(*FAULTS, "anew", "anew")) for _ in range(rng.randint(1, 4))]
        for symbol, manner in zip(rng.sample(SYMBOLS, len(manners)), manners):
            self.subjects[date, venue, symbol] = Anew(rng, date, symbol, venue, manner)
        recording, archive = os.path.join(folder, "recording"), os.path.join(folder, "archive")
        frames = sorted((moment, n, records) for n, subject in enumerate(self.subjects.values())
                        for _, moment, records in subject.frames)
        with open(recording, "w") as file:
            file.writelines(message(midnight(date), moment, venue, records) for moment, _, records in frames)
        programs.archive(recording, archive)
        self.path = os.path.join(archive, "observer_%s_0000.jsonl" % date.replace("-", ""))


def judge(seed, day):
    """What was done beside what is said: how often totals began anew, and what does not agree."""
    said, _ = programs.numbers(programs.audit([day.path], "--format", "ndjson"))
    wrong, counts = [], collections.Counter(days=1)
    if set(said) != set(day.subjects):
        return counts, ["%s: subjects %s" % (seed, sorted(said))]
    for key, subject in day.subjects.items():
        line, truth = said[key], subject.truth
        wanted = {name: getattr(truth, name) for name in SAID}
        wanted["reported_shares"] = subject.reported + truth.reported
        wanted["reported_value"] = subject.value + subject.tape.value
        counted = wanted["reported_shares"] - truth.before_start
        wanted["coverage"] = truth.shares * 1_000_000 // counted / 1_000_000
        wanted["channel"], wanted["close"] = "trusted", subject.last.price
        where = "%s %s" % (seed, " ".join(key))
        wrong += ["%s: %s is %s, said %s" % (where, name, number, line[name]) for name, number in wanted.items()
                  if line[name] != number]
        # Whether the first record verifies itself where it starts at zero is not said.
        if not truth.verified <= line["verified"] <= truth.verified + subject.times:
            wrong.append("%s: verified %d, said %s" % (where, truth.verified, line["verified"]))
        wrong += ["%s: %s is %s" % (where, name, number) for name, number in line.items()
                  if isinstance(number, (int, float)) and not 0 <= number <= (1 if name == "coverage" else number)]
        counts += collections.Counter(anew=subject.times, records=truth.records)
    return counts, wrong


def run(seed, keep=""):
    """One day: counts, and what does not agree."""
    folder, wrong = tempfile.mkdtemp(prefix="anew-", dir=keep or None), None
    try:
        counts, wrong = judge(seed, Day(random.Random("anew/%s" % seed), folder))
        return counts, wrong
    finally:
        if not (keep and wrong):
            shutil.rmtree(folder)
