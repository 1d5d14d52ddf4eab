"""Days whose lines of trades stand elsewhere in the archive than they came: behind others, in a later file, twice, or nowhere.

Where a line stands changes nothing but what is said of its place: late, sent again, verified, silent.
"""
import bisect
import collections
import fractions
import os
import random
import shutil
import tempfile

from . import programs
from .exchange import message, midnight
from .lines import by_subject, expected, neighbours, read, starts_with_its_first
from .replayed import SYMBOLS, trading_days
from .subject import FAULTS, Manner, Subject

# A trade that is taken back leaves a stretch that others cover again: its symbol's lines stay where they are.
KEPT = tuple(fault for fault in FAULTS if fault not in ("taken back", "shown before"))
STRETCHES = 1024  # missing ones that are known of a symbol and day; the smallest of more are forgotten
KINDS = ("stay", "all", "some", "none")  # of the lines that are taken out of their place, those that are given back


class Day:
    """A day of some symbols at one to three venues, in an archive."""

    def __init__(self, rng, folder):
        self.rng, self.subjects, self.groups = rng, {}, {}
        self.date, = trading_days(rng, 1)
        for venue in rng.sample(("KRX", "NXT", "UN"), rng.randint(1, 3)):
            manners = [Manner(trades=rng.randint(300, 500), clean=40, bundle=20, faults=KEPT)]  # proves the channel
            manners += [Manner(trades=rng.randint(100, 500), clean=rng.choice((0, 6, 12, 40)), bundle=rng.choice((1, 1, 2, 5)),
                               faults=rng.choice((KEPT, KEPT, KEPT, FAULTS))) for _ in range(rng.randint(1, 3))]
            if rng.random() < 0.15:  # every second line is taken: about as many missing stretches as are known, or more
                manners.append(Manner(trades=rng.choice((1800, 2000, 2600)), clean=0, bundle=1, faults=KEPT))
            for symbol, manner in zip(rng.sample(SYMBOLS, len(manners)), manners):
                self.subjects[self.date, venue, symbol] = Subject(rng, self.date, symbol, venue, manner)
        recording, archive = os.path.join(folder, "recording"), os.path.join(folder, "archive")
        frames = sorted((moment, n, key[1], records) for n, (key, subject) in enumerate(self.subjects.items())
                        for _, moment, records in subject.frames)
        with open(recording, "w") as file:
            file.writelines(message(midnight(self.date), moment, venue, records) for moment, _, venue, records in frames)
        programs.archive(recording, archive)
        with open(os.path.join(archive, "observer_%s_0000.jsonl" % self.date.replace("-", "")), "rb") as file:
            self.lines = [read(text) for text in file]

    def take(self):
        """Numbers of lines, at random: single ones, runs, neighbours, the first ones, nearly all; never a symbol's last."""
        rng, taken = self.rng, set()
        places = collections.defaultdict(list)
        for number, line in enumerate(self.lines):
            if line.subject:
                places[line.subject].append(number)
        for key, here in places.items():
            manner = self.subjects[key].manner
            if manner.faults != KEPT or rng.random() < 0.2:
                continue
            chosen = set(rng.sample(here, rng.randint(1, 6)))
            for _ in range(rng.randrange(4)):  # runs, and lines that have one between them
                start, step = rng.randrange(len(here)), rng.choice((1, 1, 2))
                chosen.update(here[start:start + rng.randint(2, 40):step])
            if rng.random() < 0.4:  # from the first on
                chosen.update(here[:rng.choice((1, 1, 2, 5, 30))])
            if rng.random() < 0.2:
                chosen.update(rng.sample(here, len(here) * rng.choice((3, 5, 9)) // 10))
            if manner.trades > 1000:
                chosen = set(here[1::2])
            chosen = self.together(chosen, here)
            # Without those that came before them in their capture, lines would come late to a symbol in order of capture.
            taken |= chosen if starts_with_its_first(self.lines[n] for n in here if n not in chosen) else set()
        return self.leave_proven(taken)

    def together(self, chosen, here):
        """Of a symbol's lines those that are taken: with what belongs to them, without what settles what others are.

        What a record behind the highest total is, the next one shows, which goes on from the one before: both stay, as the
        last one does. Trades that the exchange sent late in a row are one group, and so is a record with its copies; only a
        copy may go alone.
        """
        highest, is_behind, was_late, stay, groups, firsts = 0, False, False, set(), {}, set()
        for number in here:
            shares = self.lines[number].shares
            if shares > highest and is_behind:
                stay |= {highest, shares}
            is_late = shares < highest and shares not in groups
            if shares not in groups:
                groups[shares] = group if is_late and was_late else shares
                firsts.add(number)
            group = self.groups[number] = groups[shares]
            is_behind = shares < highest or is_behind and shares == highest
            was_late, highest = is_late, max(highest, shares)
        stay.add(highest)
        whole = {self.groups[number] for number in chosen & firsts}
        return {number for number in here if (number in chosen or self.groups[number] in whole)
                and self.lines[number].shares not in stay}

    def leave_proven(self, taken):
        """Leaves so many neighbours in frames that what stays proves the channel (DESIGN 8), with room to spare."""
        def group(number):
            return self.lines[number].subject, self.groups[number]

        for venue in sorted({key[1] for key in self.subjects}):
            while True:
                here = {number for number in taken if self.lines[number].subject[1] == venue}
                pairs, broken = neighbours(line for number, line in enumerate(self.lines) if number not in taken and
                                           line.subject and line.subject[1] == venue)
                if pairs >= 120 and len(broken) * 1000 <= pairs * 8 or not here:
                    break
                framed = {group(n) for n in here if self.subjects[self.lines[n].subject].manner.bundle > 1}
                inside = {(subject, number) for subject, number in framed if any(
                    left.subject == subject and left.shares < number < right.shares for left, right in broken)}
                framed = inside or framed
                back = set(self.rng.sample(sorted(framed), -(-len(framed) // 3)))
                taken = {n for n in taken if group(n) not in back} if back else taken - here
            for key in [key for key in self.subjects if key[1] == venue]:  # as some were put back
                stays = [line for n, line in enumerate(self.lines) if n not in taken and line.subject == key]
                if not starts_with_its_first(stays):
                    taken = {number for number in taken if self.lines[number].subject != key}
        return taken

    def place(self, taken, given):
        """The files that are read one after the other: what stays, in windows, and each line that is given behind its place."""
        rng, count = self.rng, len(self.lines)
        edges = [0, *sorted(rng.sample(range(1, count), rng.choice((0, 0, 2, 6))))]  # where windows begin
        ends = [edge - 0.5 for edge in [*edges[1:], count]]
        manner = rng.choice(("anywhere", "own window", "end", "another file", "one place"))
        one = rng.uniform(max(given, default=0), count)
        spots = [(number, 0, number) for number in range(count) if number not in taken]
        for number in given:
            for _ in range(1 if rng.random() < 0.9 else 2):
                spots.append(({"anywhere": lambda n: rng.uniform(n, count), "end": lambda _: ends[-1],
                               "own window": lambda n: ends[bisect.bisect(edges, n) - 1], "one place": lambda _: one,
                               "another file": lambda _: count}[manner](number), 1, number))
        order = {"shuffled": lambda _: rng.random(), "in order": lambda n: n, "backwards": lambda n: -n}[
            rng.choice(("shuffled", "shuffled", "in order", "backwards"))]
        files = [[] for _ in [*edges, count]]
        for spot, _, number in sorted((spot, kind and order(number) + 1e9, number) for spot, kind, number in spots):
            files[bisect.bisect([*edges, count], spot) - 1].append(self.lines[number])
        return files


def venues_unclear(everything, moved):
    """Venues where a moved line was captured with, or after, all that is read of its symbol before it: nothing shows that it
    is not in its place, and beside it a live repetition, or a frame with a hole, looks the same."""
    unclear = set()
    for key, lines in everything.items():
        latest = 0
        for line in lines:
            if line.text in moved and line.at >= latest:
                unclear.add(key[1])
            latest = max(latest, line.at)
    return unclear


class Judge:
    """One day, with all its lines in place, with some elsewhere, and without them."""

    def __init__(self, seed, folder):
        self.rng, self.folder, self.seed = random.Random("moved/%s" % seed), folder, seed
        self.wrong, self.counts = [], collections.Counter(days=1)
        self.day = Day(self.rng, folder)
        taken = self.day.take()
        self.before = None
        for kind in KINDS:
            self.judge(kind, taken if kind != "stay" else set())
        self.counts["taken"] += len(taken)

    def judge(self, kind, taken):
        files = self.day.place(taken, self.given(kind, sorted(taken)))
        paths = []
        for number, lines in enumerate(files):
            paths.append(os.path.join(self.folder, "%s.%d.jsonl" % (kind, number)))
            with open(paths[-1], "wb") as file:
                file.writelines(line.text for line in lines)
        said, days = programs.numbers(programs.audit(paths, "--format", "ndjson"))
        everything = by_subject(line for lines in files for line in lines)
        if kind == "stay":
            self.before, self.day_before = said, days[self.day.date]
        if set(said) != set(everything):
            self.wrong.append("%s %s: subjects %s" % (self.seed, kind, sorted(said)))
            return
        unclear = venues_unclear(everything, {self.day.lines[number].text for number in taken})
        self.counts["unclear"] += len(unclear)
        self.counts["venues"] += len({key[1] for key in everything})
        for key, lines in everything.items():
            if key[1] in unclear:
                continue
            self.judge_subject("%s %s %s" % (self.seed, kind, " ".join(key)), kind, key, lines, said[key])
        self.counts["records"] += sum(map(len, everything.values()))
        if not unclear and kind == "all" and len({line.text for lines in files for line in lines}) == len(self.day.lines):
            may = ("verified", "records", "duplicates")
            self.same("%s all, the day" % self.seed, {name: number for name, number in self.day_before.items()
                                                      if name not in may}, days[self.day.date])

    def given(self, kind, taken):
        """Of a symbol with more missing stretches than are known, only lines of the largest: its smallest are forgotten."""
        if kind in ("stay", "none"):
            return []
        chosen = [number for number in taken if kind == "all" or self.rng.random() < 0.5]
        lines = self.day.lines
        for key, subject in self.day.subjects.items():
            here = sorted((n for n in taken if lines[n].subject == key), key=lambda n: lines[n].size)
            if subject.manner.trades > 1000 and len(here) > STRETCHES:
                small = set(here[:len(here) - STRETCHES * 9 // 10])
                chosen = [number for number in chosen if number not in small]
        return chosen

    def judge_subject(self, where, kind, key, lines, line):
        before, truth = self.before[key], self.day.subjects[key].truth
        if self.day.subjects[key].manner.faults != KEPT:  # beside the others, with all its lines in place
            self.same(where, before, line)
            return
        wanted = expected(lines)
        if kind == "stay":  # this reading beside what was done
            done = vars(truth)
            self.same(where + ", by what was done", {name: done[name] for name in wanted if name in done}, wanted)
        for name in ("trades", "missed_shares", "late"):
            self.counts["%s, %s" % (name, kind)] += wanted[name]
        # Neighbours that came in order are verified; whether one is that came late is not said.
        most = min(before["verified"], wanted["trades"] - 1) if kind == "all" else wanted["trades"] - 1
        least, vwap = wanted.pop("verified"), wanted.pop("vwap")
        self.same(where, wanted, line)
        if not least <= line["verified"] <= (least if kind in ("stay", "none") else most):
            self.wrong.append("%s: verified %d to %d, said %s" % (where, least, most, line["verified"]))
        if abs(vwap - fractions.Fraction(str(line["vwap"]))) > fractions.Fraction(6, 1000):
            self.wrong.append("%s: vwap %.3f, said %s" % (where, vwap, line["vwap"]))
        if kind == "all" and wanted["trades"] == before["trades"]:
            may = {"late", "verified", "duplicates", "records", "longest_silence_s"}
            if before["late"] or before["duplicates"]:  # which of two copies is timed is not said
                may |= {"capture_p50_ms", "capture_p99_ms"}
            if wanted["records"] != before["records"]:  # given twice: both have their time to capture, and their layout
                may |= {"layouts", "capture_p50_ms", "capture_p99_ms"}
            self.same(where + ", as in its place", {name: before[name] for name in before if name not in may}, line)
            if (line["longest_silence_s"] or 0) < (before["longest_silence_s"] or 0):
                self.wrong.append("%s: silence %s, was %s" % (where, line["longest_silence_s"], before["longest_silence_s"]))

    def same(self, where, wanted, line):
        self.wrong += ["%s: %s is %.200s, said %.200s" % (where, name, number, line.get(name))
                       for name, number in wanted.items() if line.get(name) != number]


def table(counts):
    """What had to be said of all days, by what became of the lines that were taken."""
    yield "| lines taken | trades here | shares missing | late |"
    yield "| --- | --- | --- | --- |"
    for kind, words in zip(KINDS, ("none", "all given back", "some given back", "none given back")):
        yield "| %s | %s |" % (words, " | ".join("{:,}".format(counts["%s, %s" % (name, kind)])
                                                for name in ("trades", "missed_shares", "late")))


def run(seed, keep=""):
    """One day: counts, and what does not agree."""
    folder, wrong = tempfile.mkdtemp(prefix="moved-", dir=keep or None), None
    try:
        judge = Judge(seed, folder)
        wrong = judge.wrong
        return judge.counts, wrong
    finally:
        if not (keep and wrong):
            shutil.rmtree(folder)
