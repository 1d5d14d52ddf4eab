"""Random days through `kis-fetch --replay` and the pipeline: what was done beside what each program says of it."""
import collections
import datetime
import os
import random
import re
import shutil
import tempfile

from . import programs
from .exchange import message, midnight
from .pages import Report
from .subject import Manner, Subject

SYMBOLS = "005930 000660 035420 005380 069500 105560 055550 068270 035720 051910".split()
ENOUGH = 100  # neighbours that prove a channel, 99 % of them (DESIGN 8)


def trading_days(rng, count):
    """Dates of days in a row on which KRX trades, none of them near a holiday."""
    day = datetime.date(2026, 3, 3) + datetime.timedelta(rng.randrange(40))
    found = []
    while len(found) < count:
        if day.weekday() < 5 and (day.month, day.day) not in ((5, 1), (5, 5), (5, 25)):
            found.append(day.isoformat())
        day += datetime.timedelta(1)
    return found


class Batch:
    """Some days in a row, recorded in one piece, or in two where kis-fetch is started again in the middle of one."""

    def __init__(self, seed, days):
        self.rng = rng = random.Random("days/%s" % seed)
        self.dates = trading_days(rng, days)
        self.broken_day = rng.choice(self.dates) if rng.random() < 0.7 else None
        self.subjects = {}
        self.standing = {}  # of (date, venue): for the whole day, and for each part of it
        for date in self.dates:
            blind = ()
            if date == self.broken_day:
                start = rng.randrange(43_200, 46_800)
                blind = (start, start + rng.randrange(1, 3600))
            self.trade(date, blind)

    def trade(self, date, blind):
        rng = self.rng
        quiet = rng.random() < 0.25
        for venue in rng.sample(("KRX", "NXT", "UN"), rng.randint(1, 3)):
            chance = 1 if quiet else rng.random()
            manner = Manner(trades=rng.randint(200, 500), clean=0 if quiet else rng.choice((6, 12, 40, 150)),
                            bundle=1 if chance < 0.08 else rng.choice((5, 8, 20)), blind=blind,
                            unit=1000 if 0.08 < chance < 0.16 else 1)
            here = [Subject(rng, date, symbol, venue, manner) for symbol in rng.sample(SYMBOLS, rng.randint(1, 3))]
            self.subjects.update(((date, venue, subject.tape.symbol), subject) for subject in here)
            self.standing[date, venue] = [standing(here, parts, manner) for parts in ((0, 1), (0,), (1,))]

    def record(self, folder):
        """Writes the recordings; their paths."""
        parts = [[], []]
        for (date, venue, _), subject in self.subjects.items():
            start = midnight(date)
            for part, moment, records in subject.frames:
                after = part if date == self.broken_day else self.broken_day is not None and date > self.broken_day
                parts[after].append((start + moment, len(parts[after]), venue, records))
        paths = []
        for number, frames in enumerate(parts):
            paths.append(os.path.join(folder, "recording.%d" % number))
            with open(paths[-1], "w") as file:
                file.writelines(message(0, moment, venue, records) for moment, _, venue, records in sorted(frames))
        return [path for path in paths if os.path.getsize(path)]


def standing(subjects, parts, manner):
    """What may be claimed of a channel (DESIGN 8)."""
    pairs = sum(subject.pairs[part] for subject in subjects for part in parts)
    broken = sum(subject.broken[part] for subject in subjects for part in parts)
    if pairs < ENOUGH:
        return "learning"
    return "unfit" if manner.unit != 1 or (pairs - broken) * 100 < pairs * 99 else "trusted"


class Judgement:
    """Sums by kind, and what does not agree."""

    def __init__(self):
        self.sums = {}  # kind: done, live, audit, page
        self.days = self.subjects = self.records = 0
        self.conditions = collections.Counter()
        self.wrong = []

    def add(self, where, kind, done, live=None, audit=None, page=None):
        """Notes a number, and that it is one; None: it is not said there."""
        self.count(kind, (done, live, audit, page))
        if any(number not in (None, done) for number in (live, audit, page)):
            self.wrong.append("%s: %s: done %s, live %s, audit %s, page %s" % (where, kind, done, live, audit, page))

    def count(self, kind, numbers):
        sums = self.sums.get(kind, [0] * len(numbers))
        self.sums[kind] = [None if number is None else known + number for known, number in zip(sums, numbers)]

    def merge(self, other):
        for kind, numbers in other.sums.items():
            self.count(kind, numbers)
        self.days += other.days
        self.subjects += other.subjects
        self.records += other.records
        self.conditions += other.conditions
        self.wrong += other.wrong

    def table(self):
        yield "| kind | done | live | snap-audit | page |"
        yield "| --- | --- | --- | --- | --- |"
        for kind, numbers in self.sums.items():
            yield "| %s | %s |" % (kind, " | ".join("" if n is None else "{:,}".format(n) for n in numbers))


def run(seed, days, keep=""):
    """One batch through the programs."""
    said = Judgement()
    folder = tempfile.mkdtemp(prefix="days-", dir=keep or None)
    try:
        batch = Batch(seed, days)
        archive = os.path.join(folder, "archive")
        for path in batch.record(folder):
            programs.archive(path, archive)
        judge(batch, archive, seed, said)
    finally:
        if not (keep and said.wrong):
            shutil.rmtree(folder)
    return said


def judge(batch, archive, seed, said):
    names = ["observer_%s_0000.jsonl" % date.replace("-", "") for date in batch.dates]
    files = [os.path.join(archive, name) for name in names]
    whole = programs.numbers(programs.audit(files, "--format", "ndjson"))
    for date, path in zip(batch.dates, files):
        lines_path = path + ".lines"
        page = programs.audit([path], "--format", "html", "--lang", "en", "--date", date, "--lines", lines_path)
        with open(lines_path, "rb") as file:
            subjects, days = programs.numbers(file.read())
        with open(path, "rb") as file:
            live, counts = programs.said_live(file)
        if days[date] != whole[1][date] or any(whole[0][key] != line for key, line in subjects.items()):
            said.wrong.append("%s %s: the day alone is not the day among others" % (seed, date))
        day = Day(batch, date, seed)
        day.judge(subjects, days[date], live, Report(page.decode()), said)
        said.records += sum(counts.values())


class Day:
    """One day: its truth beside what is said."""

    def __init__(self, batch, date, seed):
        self.batch, self.date, self.seed = batch, date, seed
        self.truths = {key: subject for key, subject in batch.subjects.items() if key[0] == date}

    def judge(self, lines, day, live, report, said):
        if set(lines) != set(self.truths):
            said.wrong.append("%s %s: subjects %s" % (self.seed, self.date, sorted(lines)))
            return
        said.days += 1
        for key, subject in self.truths.items():
            said.subjects += 1
            self.judge_subject(key, subject, lines[key], live[key], report.subjects.get(key[1:]), said)
        self.judge_page(day, report, said)
        wanted = self.condition()
        said.conditions[wanted] += 1
        if not wanted == day["condition"] == report.condition:
            said.wrong.append("%s %s: condition %s, said %s, page %s: %s" % (
                self.seed, self.date, wanted, day["condition"], report.condition, day["reasons"]))

    def judge_subject(self, key, subject, line, live, shown, said):
        truth, where = subject.truth, "%s %s" % (self.seed, " ".join(key))
        whole, *parts = self.batch.standing[key[:2]]
        if parts[0] == "trusted":
            live = [number - late for number, late in zip(live, subject.unsettled)]
        if line["channel"] != whole:
            said.wrong.append("%s: channel %s, said %s" % (where, whole, line["channel"]))
            return
        told = [sum(part[place] for part, state in zip(subject.told, parts) if state == "trusted") for place in range(3)]
        if "trusted" != parts[0] and subject.part == 0:  # the day has one part
            told = [0, 0, 0]
        claims = whole == "trusted"
        hole = [truth.hole_trades, truth.hole_shares, truth.hole_value]
        lost = [truth.missed_trades - hole[0], truth.missed_shares - hole[1], truth.missed_value - hole[2]]
        names = ("missed_trades", "missed_shares", "missed_value")
        if claims and told == lost:
            for place, unit in enumerate(("trades", "shares", "won")):
                said.add(where, "lost, " + unit, lost[place], live[place], line[names[place]] - hole[place],
                         shown[2 + place] - hole[place] if place < 2 else None)
            said.add(where, "between two runs, shares", hole[1], None, line["missed_shares"] - lost[1],
                     shown[3] - lost[1])
        elif claims:  # one of two runs was too short to be sure
            said.add(where, "lost in too short a run, shares", truth.missed_shares, None, line["missed_shares"], shown[3])
            if live != told:
                said.wrong.append("%s: live %s, of a run to be told %s" % (where, live, told))
        else:
            if live != told and any(live):
                said.wrong.append("%s: live %s on a channel that is %s" % (where, live, whole))
            said.add(where, "claimed on unproven channels", 0, None, line["missed_trades"], shown[2])
            if whole == "learning":
                said.add(where, "suspected on unproven channels, shares", truth.missed_shares, None,
                         line.get("suspected_shares", 0))
            else:
                said.add(where, "records of channels that do not add up", truth.records, None, line["unverifiable"])
                return
        said.add(where, "sent twice", truth.duplicates, None, line["duplicates"])
        said.add(where, "taken back", truth.reversals, None, line["reversals"])
        said.add(where, "late", truth.late, None, line["late"])
        said.add(where, "shares before the start", truth.before_start, None, line["before_start"])
        said.add(where, "start proven", int(truth.start_proven), None, int(line["start_proven"]))
        said.add(where, "verified", truth.verified, None, line["verified"])
        said.add(where, "not verifiable", 0, None, line["unverifiable"])
        said.add(where, "records", truth.records, None, line["records"])
        said.add(where, "trades archived", truth.trades, None, line["trades"])
        said.add(where, "shares archived", truth.shares, None, line["shares"], shown[0])
        said.add(where, "shares reported", truth.reported, None, line["reported_shares"],
                 shown[1] + truth.before_start)

    def judge_page(self, day, report, said):
        """The page's sentence and its list are the sums of its rows."""
        claimed = [subject.truth for key, subject in self.truths.items() if self.batch.standing[key[:2]][0] == "trusted"]
        sums = tuple(sum(getattr(truth, name) for truth in claimed)
                     for name in ("missed_trades", "missed_shares", "missed_value"))
        where = "%s %s" % (self.seed, self.date)
        for place, unit in enumerate(("trades", "shares")):
            said.add(where, "lost in a day, " + unit, sums[place], None, day["missed_" + unit], report.missed[place])
        if not re.search(r"and [\d,]+ more", report.event_text):
            listed = tuple(sum(event[place] for event in report.events) for place in range(3))
            said.add(where, "listed one by one, won", sums[2], None, None, listed[2])
            if listed != sums:
                said.wrong.append("%s: missing %s, listed %s" % (where, sums, listed))

    def condition(self):
        """available: every symbol has 99.9 % of its shares, by its totals, from its start on."""
        for key, subject in self.truths.items():
            truth, channel = subject.truth, self.batch.standing[key[:2]][0]
            if channel == "unfit" or channel == "learning" and truth.missed_shares:
                return "degraded"
            if not truth.start_proven and truth.before_start * 1000 > truth.reported:
                return "degraded"
            if truth.missed_shares * 1000 > truth.shares + truth.missed_shares:
                return "degraded"
        return "available"
