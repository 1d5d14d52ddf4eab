"""What happens by the clock: sessions that change, prints that auctions lead to, VI, halts, windows without data."""

import heapq
import math

from .day import LAST, STOPPED

LATEST_PRINT = 30  # seconds of the clock from an auction's end to its print


class Timeline:
    """Knows when something happens next, and does it. Times are real seconds since the start."""

    def __init__(self, server, feed):
        self.server, self.feed = server, feed
        self.change_at = 0.0
        self.prints = []  # a heap of (when, venue, symbol): auctions that are over

    def next(self):
        """When something happens next; infinite when nothing will."""
        first = self.prints[0][0] if self.prints else math.inf
        return min(self.change_at, first, self.feed.windows.change_at)

    def happen(self, now):
        """Does what is due at `now`, which is also what the clock says."""
        if now >= self.feed.windows.change_at:
            self.feed.windows.turn()
            self.feed.recount()
        if now >= self.change_at:
            self._change()
        while self.prints and self.prints[0][0] <= now:
            self._print(*heapq.heappop(self.prints)[1:])

    def _change(self):
        """Brings every stock into its phase, and tells about VI and halts that begin or end."""
        schedule = self.server.market.schedule
        for stock in list(self.server.market.stocks.values()):
            old, stock.phase = stock.phase, schedule.phase(stock)
            told = old is not stock.phase and STOPPED in (old, stock.phase)
            if not schedule.begun(stock.venue) and stock.volume:
                stock.morning(closes=True)
            elif stock.phase.auction and not stock.phase.trades and not old.auction:
                stock.expected = 0
            elif old is not stock.phase and old.auction and not old.trades:
                self._await_print(stock)
            if stock.code in schedule.halting and stock.halted != schedule.halted(stock.code):
                stock.halted = not stock.halted
                told = True
            if told:
                self.feed.tell(stock)
        self.change_at = schedule.next_change()
        self.feed.recount()

    def _await_print(self, stock):
        """An auction has ended: its print comes within half a minute, and no trade before it."""
        stock.waiting = True
        clock = self.server.clock
        when = clock.elapsed() + self.feed.rng.random() * LATEST_PRINT / clock.speed
        heapq.heappush(self.prints, (when, stock.venue, stock.code))

    def _print(self, venue, code):
        """The print that an auction leads to."""
        stock = self.server.market.stocks[code, venue]
        stock.waiting = False
        if not stock.halted:
            now = stock.phase
            stock.phase = now if now.trades else LAST
            self.feed.auction(stock)
            stock.phase = now
            stock.expected *= not now.auction  # another one has begun
        self.feed.recount()
