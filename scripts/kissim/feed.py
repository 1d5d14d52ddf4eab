"""Paces trades and books, follows the day's phases, and keeps the account of what was sent."""

import asyncio
import heapq
import math
import random
import time

from .day import LAST, STOPPED
from .losses import Losses
from .records import CHANNELS, Record
from .withhold import Windows

SHORTEST_NAP = 0.004  # seconds; sets the batch at high rates and keeps the idle cost low
MOST_AT_ONCE = 4000  # records rendered before the loop lets others run
TRADES_OF = {venue: tr for tr, (kind, venue) in CHANNELS.items() if kind == "trade"}


class Feed:
    """What is sent to whom and when."""

    def __init__(self, server, hub, options):
        self.server, self.hub, self.options = server, hub, options
        self.trades_sent = 0
        self.finished = False
        self.wake = asyncio.Event()
        self.rng = random.Random("feed/%s" % server.seed)
        self.trade_keys, self.book_keys = [], []
        self.trade_groups, self.whole = {}, {}  # TR -> symbols that trade; TR -> all registered
        self.seen = {}  # (TR, symbol) -> when it was first registered, in seconds since the start
        self.losses = Losses(server.seed, options.lose, options.double, options.reverse, options.swap)
        self.windows = Windows(server.clock, options.withhold)
        self.change_at = 0.0
        self.prints = []  # a heap of (when, venue, symbol): auctions that are over

    # --- who trades ----------------------------------------------------------------------------

    def registered(self, tr, code):
        """Notes a registration. A symbol seen before has traded on while nobody listened."""
        kind, venue = CHANNELS[tr]
        if (tr, code) in self.seen and kind == "trade":
            self.server.market.advance(code, venue, 3)
        self.seen.setdefault((tr, code), self.server.clock.elapsed())
        self.recount()

    def listening(self, code, venue):
        """True when a session gets the trades of this symbol."""
        return any(CHANNELS[tr][1] == venue and code in codes for tr, codes in self.trade_groups.items())

    def recount(self):
        """Works out anew which symbols trade and which have a book."""
        self.whole = {}
        for session in self.hub.sessions:
            for tr, code in session.registered:
                self.whole.setdefault(tr, set()).add(code)
        keys = {(tr, code) for tr, codes in self.whole.items() for code in codes}
        if self.windows.inside:
            keys.update(key for key in self.seen if CHANNELS[key[0]][0] == "trade")  # the market goes on
        self.trade_keys, self.book_keys, self.trade_groups = [], [], {}
        for tr, code in sorted(keys):
            kind, venue = CHANNELS[tr]
            stock = self.server.market.stock(code, venue)
            if stock is None or stock.halted:
                continue
            if kind == "trade" and stock.active():
                self.trade_keys.append((tr, code))
                self.trade_groups.setdefault(tr, []).append(code)
            elif kind == "book" and stock.phase.books:
                self.book_keys.append((tr, code))
        if self.trade_keys or self.book_keys:
            self.wake.set()
        else:
            self.wake.clear()

    def halt(self, code):
        """Tells the H0STMKO0 listeners about a halt, a VI, or the end of one."""
        stock = self.server.market.stock(code)
        if stock is not None:
            text = self.server.renderer.halt(stock)
            self._send("H0STMKO0", [Record(code, stock.volume, self.server.clock.hms(), text)])
            self.hub.flush()
        self.recount()

    # --- the day -------------------------------------------------------------------------------

    def _change(self):
        """Brings every stock into its phase, and tells about VI and halts that begin or end."""
        schedule = self.server.market.schedule
        for stock in list(self.server.market.stocks.values()):
            old, stock.phase = stock.phase, schedule.phase(stock)
            told = stock.venue == "KRX" and old is not stock.phase and STOPPED in (old, stock.phase)
            if not schedule.begun(stock.venue) and stock.volume:
                stock.morning(closes=True)
            elif stock.phase.auction and not stock.phase.trades and not old.auction:
                stock.expected = 0
            elif old is not stock.phase and old.auction and not old.trades:
                self._await_print(stock)
            if stock.code in schedule.halting and stock.halted != schedule.halted(stock.code):
                stock.halted = not stock.halted
                told = stock.venue == "KRX"
            if told:
                self.halt(stock.code)
        self.change_at = schedule.next_change()
        self.recount()

    def _await_print(self, stock):
        """An auction has ended: its print comes within half a minute, and no trade before it."""
        stock.waiting = True
        clock = self.server.clock
        when = clock.elapsed() + self.rng.random() * 30 / clock.speed
        heapq.heappush(self.prints, (when, stock.venue, stock.code))

    def _print(self, venue, code):
        """The print that an auction leads to."""
        stock = self.server.market.stocks[code, venue]
        stock.waiting = False
        if not stock.halted:
            now = stock.phase
            stock.phase = now if now.trades else LAST
            stock.auction(self.server.clock.hms())
            self._send(TRADES_OF[venue], [self._record(stock)])
            stock.phase = now
            stock.expected *= not now.auction  # another one has begun
        self.recount()

    def _next_event(self):
        """Real seconds since the start of whatever comes without a client's doing."""
        first = self.prints[0][0] if self.prints else math.inf
        return min(self.change_at, first, self.windows.change_at)

    def _happen(self):
        """Does what the clock asks for."""
        now = self.server.clock.elapsed()
        if now >= self.windows.change_at:
            self.windows.turn()
            self.recount()
        if now >= self.change_at:
            self._change()
        while self.prints and self.prints[0][0] <= now:
            self._print(*heapq.heappop(self.prints)[1:])

    # --- the pace ------------------------------------------------------------------------------

    async def run(self):
        """Sends trades and books at their rates for as long as the server runs."""
        o = self.options
        owed_trades = owed_books = 0.0
        burst = self._burst()
        last = time.monotonic()
        while True:
            if not self.wake.is_set() or self.finished:
                await self._sleep_until_needed()
                last = time.monotonic()
                owed_trades = owed_books = 0.0
            self.server.clock.hold()
            self._happen()
            now = time.monotonic()
            passed, last = now - last, now
            trade_rate = o.ticks if self.trade_keys else 0.0
            book_rate = o.books if self.book_keys else 0.0
            owed_trades = min(owed_trades + passed * trade_rate, max(trade_rate, o.bundle), MOST_AT_ONCE)
            owed_books = min(owed_books + passed * book_rate, max(book_rate, 1.0), MOST_AT_ONCE)
            while owed_trades >= burst and not self.finished and self.trade_keys:
                owed_trades -= self._trades(burst)
                burst = self._burst()
            while owed_books >= 1 and not self.finished and self.book_keys:
                self._book()
                owed_books -= 1
            self.server.clock.release()
            self.hub.flush()
            await self.hub.drain()
            await asyncio.sleep(self._nap(owed_trades, trade_rate, burst, owed_books, book_rate))

    async def _sleep_until_needed(self):
        if self.finished:
            await asyncio.Event().wait()  # the count is reached: idle for good
        wait = self._next_event() - self.server.clock.elapsed()
        try:
            await asyncio.wait_for(self.wake.wait(), None if wait == math.inf else max(0, wait))
        except asyncio.TimeoutError:
            pass  # something happens by itself

    def _nap(self, owed_trades, trade_rate, burst, owed_books, book_rate):
        waits = [0.5, self._next_event() - self.server.clock.elapsed()]
        if trade_rate:
            waits.append((burst - owed_trades) / trade_rate)
        if book_rate:
            waits.append((1 - owed_books) / book_rate)
        wait = min(waits)
        return 0 if wait <= 0 else max(wait, SHORTEST_NAP)

    def _burst(self):
        return self.rng.randint(1, self.options.bundle)

    # --- trades and books ----------------------------------------------------------------------

    def _record(self, stock, moves=False):
        """The record of a stock's last trade; `moves`: of the next one."""
        hms = self.server.clock.hms()
        if moves:
            stock.trade(hms)
        text = self.server.renderer.trade(stock)
        return Record(stock.code, stock.volume, hms, text, stock.quantity, stock.price)

    def _trades(self, wanted):
        """Sends one frame of trades of one channel; returns how many records it took."""
        market = self.server.market
        if self.options.count:
            wanted = min(wanted, self.options.count - self.trades_sent)
        tr = self.trade_keys[int(self.rng.random() * len(self.trade_keys))][0]
        codes, venue = self.trade_groups[tr], CHANNELS[tr][1]
        pick, many = self.rng.random, len(codes)
        disturbed = self.losses.active and not self.windows.inside
        made, fates = [], []
        for _ in range(wanted):
            stock = market.stocks[codes[int(pick() * many)], venue]
            if disturbed:
                for record, fate in self.losses.make(stock, self._record):
                    made.append(record)
                    fates.append(fate)
            else:
                made.append(self._record(stock, True))
        self._send(tr, made, fates or None)
        return wanted

    def _book(self):
        tr, code = self.book_keys[int(self.rng.random() * len(self.book_keys))]
        venue = CHANNELS[tr][1]
        stock = self.server.market.stocks[code, venue]
        stock.refresh_book()
        text = self.server.renderer.book(stock, venue)
        self._send(tr, [Record(code, stock.volume, self.server.clock.hms(), text)])

    def _send(self, tr, records, fates=None):
        """Gives each session the records of its own symbols, unless they are lost or withheld."""
        kind, venue = CHANNELS[tr]
        heard = set()
        if not self.windows.inside:
            going = records if fates is None else [r for r, fate in zip(records, fates) if fate != "lost"]
            going = self.server.layouts.apply(tr, going)
            for session in list(self.hub.sessions):
                codes = session.codes.get(tr)
                if not codes:
                    continue
                mine = going if codes == self.whole.get(tr) else [r for r in going if r.code in codes]
                if mine and session.data(tr, mine):
                    heard.update(r.code for r in mine)
        if kind == "trade":
            self._account(venue, records, fates, heard)

    def _account(self, venue, records, fates, heard):
        """Writes into the ledger what became of each trade."""
        add = self.server.ledger.add
        for index, record in enumerate(records):
            fate = fates[index] if fates is not None else "sent"
            if self.windows.inside:
                fate = "withheld"
            elif record.code in heard and fate != "lost":
                self.trades_sent += 1
                if fate == "swapped":
                    add(record.code, venue, "sent", record)
            elif fate not in ("lost", "reversed"):
                continue  # unheard
            add(record.code, venue, fate, record)
        if self.options.count and self.trades_sent >= self.options.count:
            self.finished = True

    def withheld_seconds(self, code, venue):
        """How long a symbol's trades were withheld, from its first registration on."""
        since = [t for (tr, c), t in self.seen.items() if c == code and CHANNELS[tr] == ("trade", venue)]
        return self.windows.seconds(min(since)) if since else 0.0
