"""Paces trades and books, follows the day's phases, and keeps the account of what was sent."""

import asyncio
import math
import random

from .losses import Losses
from .records import CHANNELS, STATUS_OF, Record
from .timeline import Timeline
from .withhold import Windows

SHORTEST_NAP = 0.004  # seconds; sets the batch at high rates and keeps the idle cost low
SHORTEST_STAMPED_NAP = 0.001  # with --stamp: whoever measures wants little of the delay to be ours
MOST_AT_ONCE = 4000  # records rendered before the loop lets others run
SLICE = 20.0  # seconds of the clock that records share at most, when the loop is late
TRADES_OF = {venue: tr for tr, (kind, venue) in CHANNELS.items() if kind == "trade"}


class Feed:
    """What is sent to whom and when."""

    def __init__(self, server, hub, options):
        self.server, self.hub, self.options = server, hub, options
        self.trades_sent = 0
        self.finished = False
        self.wake = asyncio.Event()
        self.rng = random.Random("feed/%s" % server.seed)
        self.burst = self._burst()
        self.trade_keys, self.book_keys, self.other_keys = [], [], []
        self.trade_groups, self.whole = {}, {}  # TR -> symbols that trade; TR -> all registered
        self.seen = {}  # (TR, symbol) -> when it was first registered, in seconds since the start
        self.losses = Losses(server.seed, options.lose, options.double, options.reverse, options.swap)
        self.windows = Windows(server.clock, options.withhold)
        self.turn = 0  # whose record of the other channels came last
        self.timeline = Timeline(server, self)
        self.owed = [0.0, 0.0, 0.0]  # trades, books, others

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
        self.trade_keys, self.book_keys, self.other_keys, self.trade_groups = [], [], [], {}
        for tr, code in sorted(keys):
            kind, venue = CHANNELS[tr]
            if kind == "other":
                if code not in self.server.market.unknown:
                    self.other_keys.append((tr, code))
                continue
            stock = self.server.market.stock(code, venue)
            if stock is None or stock.halted:
                continue
            if kind == "trade" and stock.active():
                self.trade_keys.append((tr, code))
                self.trade_groups.setdefault(tr, []).append(code)
            elif kind == "book" and stock.phase.books:
                self.book_keys.append((tr, code))
        if self.trade_keys or self.book_keys or self.other_keys:
            self.wake.set()
        else:
            self.wake.clear()

    def halt(self, code):
        """Tells the listeners of each venue's status channel about a halt or its end."""
        for venue in STATUS_OF:
            stock = self.server.market.stocks.get((code, venue))
            if stock is not None:
                self.tell(stock)
        self.hub.flush()
        self.recount()

    def tell(self, stock):
        """Sends what a stock's status is now to those who asked for it."""
        tr, text = STATUS_OF[stock.venue], self.server.renderer.halt(stock)
        self._send(tr, [Record(stock.code, stock.volume, self.server.clock.hms(), text)])

    # --- the pace ------------------------------------------------------------------------------

    async def run(self):
        """Sends trades and books at their rates for as long as the server runs."""
        clock, slice_ = self.server.clock, SLICE / self.server.clock.speed
        at = clock.elapsed()
        while True:
            if not self.wake.is_set() or self.finished:
                await self._sleep_until_needed()
                at = self._begin()
            now = clock.elapsed()
            while at < now:  # a pass that is late still has everything at its time
                then, at = at, min(now, at + slice_, self.timeline.next())
                clock.hold(at)
                self.timeline.happen(at)
                self._pass(at - then)
            clock.release()
            self.hub.flush()
            await self.hub.drain()
            anybody = self.wake.is_set()
            await asyncio.sleep(self._nap())
            if not anybody:
                at = self._begin()

    def _begin(self):
        """Since when records are due: nothing is owed from before anybody listened."""
        self.owed = [0.0, 0.0, 0.0]
        return min(self.server.clock.elapsed(), self.timeline.next())

    def _pass(self, passed):
        """Sends what is due after so many real seconds."""
        o, owed = self.options, self.owed
        trade_rate = o.ticks if self.trade_keys else 0.0
        book_rate = o.books if self.book_keys else 0.0
        owed[0] = min(owed[0] + passed * trade_rate, max(trade_rate, o.bundle), MOST_AT_ONCE)
        owed[1] = min(owed[1] + passed * book_rate, max(book_rate, 1.0), MOST_AT_ONCE)
        owed[2] = min(owed[2] + passed * o.others * len(self.other_keys), MOST_AT_ONCE)
        while owed[0] >= self.burst and not self.finished and self.trade_keys:
            owed[0] -= self._trades(self.burst)
            self.burst = self._burst()
        while owed[1] >= 1 and not self.finished and self.book_keys:
            self._book()
            owed[1] -= 1
        while owed[2] >= 1 and not self.finished and self.other_keys:
            self._other()
            owed[2] -= 1

    async def _sleep_until_needed(self):
        if self.finished:
            await asyncio.Event().wait()  # the count is reached: idle for good
        wait = self.timeline.next() - self.server.clock.elapsed()
        try:
            await asyncio.wait_for(self.wake.wait(), None if wait == math.inf else max(0, wait))
        except asyncio.TimeoutError:
            pass  # something happens by itself

    def _nap(self):
        o = self.options
        waits = [0.5, self.timeline.next() - self.server.clock.elapsed()]
        if o.ticks and self.trade_keys:
            waits.append((self.burst - self.owed[0]) / o.ticks)
        if o.books and self.book_keys:
            waits.append((1 - self.owed[1]) / o.books)
        if o.others and self.other_keys:
            waits.append((1 - self.owed[2]) / (o.others * len(self.other_keys)))
        wait = min(waits)
        return 0 if wait <= 0 else max(wait, SHORTEST_STAMPED_NAP if o.stamp else SHORTEST_NAP)

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

    def auction(self, stock):
        """Sends the print of an auction; it is nobody's when nobody ever asked for the symbol."""
        stock.auction(self.server.clock.hms())
        if (TRADES_OF[stock.venue], stock.code) in self.seen:
            self._send(TRADES_OF[stock.venue], [self._record(stock)])

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

    def _other(self):
        """The next record of a registration that is not of a stock's trades or book, one after the other."""
        self.turn = (self.turn + 1) % len(self.other_keys)
        tr, key = self.other_keys[self.turn]
        if self.server.others.open(tr, key):
            self._send(tr, [self.server.others.record(tr, key)])

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
                mine = [r for r in going if r.code in codes]
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
