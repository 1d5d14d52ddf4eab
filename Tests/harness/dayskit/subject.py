"""A random day of one symbol: what is traded, what of it is sent, in which frames, and the truth about it."""
import dataclasses

from .exchange import Tape
from .truth import Truth

FAULTS = ("lost", "doubled", "taken back", "shown before", "late", "frame again", "frame later")


@dataclasses.dataclass
class Manner:
    """How a venue behaves on a day."""

    trades: int = 250
    clean: int = 12  # trades between two faults, on the average; 0: no faults
    bundle: int = 8  # most records of a frame
    blind: tuple = ()  # seconds from, to: no kis-fetch runs
    unit: int = 1  # of the value that is shown: with another than 1 it does not add up
    faults: tuple = FAULTS


class Subject:
    """Makes the day: `frames` are (part, millisecond of the day, records), `truth` what must be found."""

    def __init__(self, rng, date, symbol, venue, manner):
        self.rng, self.manner, self.venue = rng, manner, venue
        self.frames, self.waiting, self.millisecond = [], [], 0
        self.pairs, self.broken = [0, 0], [0, 0]  # neighbours inside one frame, before and after the blind time
        self.told = [[0, 0, 0], [0, 0, 0]]  # missing trades, shares, value, in the same parts
        self.part = 0
        self.truth = Truth()
        self.begins = rng.choice(("open", "open", "open", "late", "unheard")) if manner.clean else "open"
        self.tape = Tape(rng, date, symbol, venue, started=self.begins == "late")
        self.second = {"KRX": 32_400, "NXT": 28_800, "UN": 28_800}[venue] + (9_000 if self.begins == "late" else 0)
        self.pending = []  # trades that came late, until the next record
        self.unsettled = [0, 0, 0]  # of them, when a run ended: told as missing, and no record took it back
        self.sent, self.highest = None, 0  # the trade of the last record, and the most shares of one
        self.last = None  # the last trade that counts, was sent, and was not late
        self.trade_all()

    # What is sent.

    def send(self, trade, apart=False):
        """Shows a trade, in a frame of its own where `apart`."""
        self.pending = []
        if apart or len(self.waiting) >= self.room:
            self.flush()
        if not self.waiting:
            self.room = self.rng.randint(1, self.manner.bundle)
        elif self.highest == self.sent.shares < trade.shares:  # neighbours, neither sent again, nor late, nor taken back
            self.pairs[self.part] += 1
            self.broken[self.part] += trade.shares - self.sent.shares != trade.size
        self.sent, self.highest = trade, max(self.highest, trade.shares)
        self.waiting.append(self.tape.record(trade._replace(value=trade.value // self.manner.unit)))
        self.truth.records += 1

    room = 1

    def flush(self):
        if self.waiting:
            self.millisecond = max(self.millisecond + 1, self.second * 1000 + self.rng.randrange(900))
            self.frames.append((self.part, self.millisecond, self.waiting))
            self.waiting = []

    def next(self, auction=False):
        return self.tape.trade(self.second, auction)

    def show(self, trade, apart=False, follows=True):
        """Sends a trade that counts; `follows`: the record before it is the trade before it."""
        self.send(trade, apart)
        self.truth.verified += follows
        self.last = trade

    def count(self, trade):
        self.truth.trades += 1
        self.truth.shares += trade.size

    def plain(self, auction=False):
        trade = self.next(auction)
        self.show(trade)
        self.count(trade)

    # What happens.

    def trade_all(self):
        rng, manner = self.rng, self.manner
        self.open()
        step = (55_000 if self.venue == "KRX" else 60_000) - self.second
        step = max(1, step // manner.trades)
        close = self.venue == "KRX"
        until_fault = self.pause()
        for number in range(manner.trades):
            self.second += rng.randrange(2 * step)
            if manner.blind and manner.blind[0] <= self.second and self.part == 0:
                self.be_blind()
            if close and self.second >= 55_800:  # the closing auction, then the after-market
                self.second = max(self.second, 57_600)
                self.flush()
                self.plain(auction=True)
                close = False
            if until_fault == 0 and number < manner.trades - 2:
                getattr(self, rng.choice(manner.faults).replace(" ", "_"))()
                until_fault = self.pause()
            else:
                self.plain()
                until_fault -= 1
        self.second = max(self.second, 54_900)  # trading goes on until the close: an end before it would be one of the recording
        self.plain()  # nothing is lost at the end: no record would show it
        self.plain()
        self.flush()
        truth = self.truth
        truth.reported = self.tape.shares

    def pause(self):
        """Trades until the next fault."""
        return 2 + self.rng.randrange(2 * self.manner.clean) if self.manner.clean else -1

    def open(self):
        """The first record: an opening print, a first trade, or one in the middle of the day."""
        tape, truth = self.tape, self.truth
        if self.venue == "KRX" and self.begins != "late":
            tape.before_opening(self.rng.choice((0, self.rng.randrange(400))))
            truth.before_start = tape.shares
            first = self.next(auction=True)
        else:
            truth.before_start = tape.shares
            first = self.next()
        if self.begins == "unheard":  # the first record of the day is lost: nothing shows how much was lost with it
            truth.before_start = tape.shares
            first = self.next()
        truth.start_proven = self.begins == "open"
        self.show(first, follows=False)
        self.count(first)

    def be_blind(self):
        """kis-fetch ends and starts again: trades in between are in no recording."""
        self.unsettled = [len(self.pending), sum(trade.size for trade in self.pending),
                          sum(trade.size * trade.price for trade in self.pending)]
        lost, now = [], self.second
        self.second = min(now, self.manner.blind[0] - 1)
        self.flush()
        self.second = now
        while self.second < self.manner.blind[1]:
            lost.append(self.next())
            self.second += self.rng.randrange(1, 120)
        self.truth.hole(lost, between_runs=True)
        self.part = 1
        trade = self.next()
        self.show(trade, follows=not lost)
        self.count(trade)

    def apart(self):
        """Most faults are at the edge of a frame, as those of a line are; some are inside."""
        return self.rng.random() < 0.99

    def lost(self):
        self.lose(self.rng.choice((1, 1, 1, 2, 3, self.rng.randrange(4, 30))), self.apart())

    def lost_inside(self):
        self.lose(self.rng.randrange(1, 4), False)

    def lose(self, many, apart):
        lost = [self.next() for _ in range(many)]
        self.truth.hole(lost)
        told = self.told[self.part]
        told[0] += many
        told[1] += sum(trade.size for trade in lost)
        told[2] += sum(trade.size * trade.price for trade in lost)
        trade = self.next()
        self.show(trade, apart, follows=False)
        self.count(trade)

    def doubled(self):
        trade = self.next()
        self.show(trade)
        self.count(trade)
        for _ in range(self.rng.choice((1, 1, 2))):
            self.send(trade, self.apart())
            self.truth.duplicates += 1

    def taken_back(self):
        """The trade is shown again with the totals before it."""
        trade = self.next()
        self.show(trade)
        self.tape.take_back(trade)
        self.send(self.tape.totals(trade), self.apart())
        self.truth.reversals += 1

    def shown_before(self):
        """After a trade that is taken back, the record before it is shown again."""
        before, trade = self.last, self.next()
        self.show(trade)
        self.tape.take_back(trade)
        self.send(self.tape.totals(before), self.apart())
        self.last = before
        self.truth.reversals += 1

    def late(self):
        """One to three trades come after one to three later ones."""
        trades = [self.next() for _ in range(self.rng.choice((1, 1, 1, 2, 3)))]
        later = [self.next() for _ in range(self.rng.randrange(1, 4))]
        self.show(later[0], self.apart(), follows=False)
        for other in later[1:]:
            self.show(other)
        for place, trade in enumerate(trades):
            self.send(trade, place == 0 and self.apart())
        self.truth.late += len(trades)
        for each in (*trades, *later):
            self.count(each)
        self.last = later[-1]
        self.pending = trades

    def frame_again(self):
        """A frame comes twice, now and then with a hole inside."""
        self.flush()
        for number in range(self.rng.randint(1, self.manner.bundle)):
            if number and self.rng.random() < 0.01:
                self.lost_inside()
            else:
                self.plain()
            self.room = self.manner.bundle
        again = list(self.waiting)
        self.flush()
        self.waiting = again
        self.flush()
        self.truth.records += len(again)
        self.truth.duplicates += len(again)

    def frame_later(self):
        """A frame comes again when others have come since."""
        self.flush()
        for _ in range(self.rng.randint(1, self.manner.bundle)):
            self.plain()
            self.room = self.manner.bundle
        again = list(self.waiting)
        self.flush()
        for _ in range(self.rng.randrange(1, 30)):
            self.plain()
        self.flush()
        self.waiting = again
        self.flush()
        self.truth.records += len(again)
        self.truth.duplicates += len(again)
        self.plain()  # it goes on from the trade before the repetition, which shows what that was
