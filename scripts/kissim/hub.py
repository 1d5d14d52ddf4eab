"""All WebSocket sessions and the feed that paces trades and books to them."""

import asyncio
import random
import time

from .control import Desk
from .limits import Window
from .records import CHANNELS, Record
from .session import Session, full
from .upgrade import handshake

SHORTEST_NAP = 0.004  # seconds; sets the batch at high rates and keeps the idle cost low
MOST_AT_ONCE = 4000  # records rendered before the loop lets others run


class Hub:
    """Sessions, registrations, and the pace of data."""

    def __init__(self, server, options):
        self.server = server
        self.options = options
        self.sessions = []
        self.connects = Window(60.0)
        self.control = Desk(server, self)
        self.held = {}  # app key -> until when a dropped session still occupies it
        self.trades_sent = 0
        self.finished = False
        self.wake = asyncio.Event()
        self.rng = random.Random("feed/%s" % server.seed)
        self.trade_keys, self.book_keys = [], []
        self.trade_groups, self.whole = {}, {}  # TR -> symbols that trade; TR -> all registered
        self.counted = False
        self.seen = set()

    # --- sessions ------------------------------------------------------------------------------

    async def connection(self, reader, writer):
        """One TCP connection to the WebSocket port."""
        session = None
        try:
            self.connects.add(time.monotonic())
            if full(self) or not await handshake(reader, writer, self.server.faults.strikes("upgrade")):
                return
            session = Session(self.server, self, reader, writer)
            self.sessions.append(session)
            self.server.stats.ws_connects += 1
            self.server.stats.max_sessions = max(self.server.stats.max_sessions, len(self.sessions))
            await session.run()
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # the client has gone, or the server stops
        finally:
            if session is not None:
                self.leave(session)
            writer.close()  # what was written before still leaves

    def occupied(self, app_key, newcomer):
        """True when another session (or its ghost) owns the app key."""
        if self.held.get(app_key, 0) > time.monotonic():
            return True
        owners = [s for s in self.sessions if s.app_key == app_key and s is not newcomer]
        if owners and self.options.kick_first:
            for owner in owners:
                owner.cut(False)
            return False
        return bool(owners)

    def leave(self, session, unclean=False):
        """Forgets a session; a second call does nothing."""
        if session not in self.sessions:
            return
        self.sessions.remove(session)
        self.server.record_session(session)
        if unclean and session.app_key and self.options.hold_session:
            self.held[session.app_key] = time.monotonic() + self.options.hold_session
        self._recount()

    def register(self, session, tr, code):
        """Adds a registration. A symbol seen before has traded on while nobody listened."""
        if (tr, code) in self.seen:
            self.advance(tr, code, 3)
        self.seen.add((tr, code))
        session.registered.add((tr, code))
        session.codes.setdefault(tr, set()).add(code)
        total = sum(len(s.registered) for s in self.sessions)
        self.server.stats.max_registrations = max(self.server.stats.max_registrations, total)
        self._recount()

    def unregister(self, session, tr, code):
        """Removes a registration."""
        session.registered.discard((tr, code))
        session.codes[tr].discard(code)
        self._recount()

    def advance(self, tr, code, trades):
        """Unseen trades of a trade channel's symbol, unless someone else is listening to it."""
        kind, venue = CHANNELS[tr]
        if kind == "trade":
            self.server.market.advance(code, venue, trades)

    def listening(self, code, venue):
        """True when a session gets the trades of this symbol."""
        return any(k[1] == code and CHANNELS[k[0]][1] == venue for k in self.trade_keys)

    def _recount(self):
        self.whole = {}
        for session in self.sessions:
            for tr, code in session.registered:
                self.whole.setdefault(tr, set()).add(code)
        keys = [(tr, c) for tr in sorted(self.whole) for c in sorted(self.whole[tr])]
        lively = [k for k in keys if self._stock(k) is not None and not self._stock(k).halted]
        self.trade_keys = [k for k in lively if CHANNELS[k[0]][0] == "trade"]
        self.book_keys = [k for k in lively if CHANNELS[k[0]][0] == "book"]
        self.trade_groups = {}
        for tr, code in self.trade_keys:
            self.trade_groups.setdefault(tr, []).append(code)
        if self.trade_keys or self.book_keys:
            self.wake.set()
        else:
            self.wake.clear()

    def _stock(self, key):
        return self.server.market.stock(key[1], CHANNELS[key[0]][1])

    def halt(self, code):
        """Tells the H0STMKO0 listeners about a halt or its end."""
        stock = self.server.market.stock(code)
        if stock is not None:
            record = Record(code, stock.volume, self.server.clock.hms(), self.server.renderer.halt(stock))
            self._send("H0STMKO0", [record])
            self._flush()
        self._recount()

    # --- feed ----------------------------------------------------------------------------------

    async def feed(self):
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
            self._flush()
            await self._drain()
            await asyncio.sleep(self._nap(owed_trades, trade_rate, burst, owed_books, book_rate))

    async def _sleep_until_needed(self):
        if self.finished:
            await asyncio.Event().wait()  # the count is reached: idle for good
        await self.wake.wait()

    def _nap(self, owed_trades, trade_rate, burst, owed_books, book_rate):
        waits = [0.5]
        if trade_rate:
            waits.append((burst - owed_trades) / trade_rate)
        if book_rate:
            waits.append((1 - owed_books) / book_rate)
        wait = min(waits)
        return 0 if wait <= 0 else max(wait, SHORTEST_NAP)

    def _burst(self):
        return self.rng.randint(1, self.options.bundle)

    def _trades(self, wanted):
        """Sends one frame of trades of one channel; returns how many records it took."""
        market, clock, render = self.server.market, self.server.clock, self.server.renderer.trade
        if self.options.count:
            wanted = min(wanted, self.options.count - self.trades_sent)
        tr = self.trade_keys[int(self.rng.random() * len(self.trade_keys))][0]
        codes, venue = self.trade_groups[tr], CHANNELS[tr][1]
        hms, pick, many = clock.hms(), self.rng.random, len(codes)
        records = []
        for _ in range(wanted):
            code = codes[int(pick() * many)]
            stock = market.stocks[code, venue]
            stock.trade(hms)
            records.append(Record(code, stock.volume, hms, render(stock), stock.quantity, stock.price))
        self._send(tr, records)
        return wanted

    def _book(self):
        tr, code = self.book_keys[int(self.rng.random() * len(self.book_keys))]
        venue = CHANNELS[tr][1]
        stock = self.server.market.stocks[code, venue]
        stock.refresh_book()
        text = self.server.renderer.book(stock, venue)
        self._send(tr, [Record(code, stock.volume, self.server.clock.hms(), text)])

    def _send(self, tr, records):
        """Gives each session the records of its own symbols."""
        self.counted = False
        records = self.server.layouts.apply(tr, records)
        for session in list(self.sessions):
            codes = session.codes.get(tr)
            if not codes:
                continue
            mine = records if codes == self.whole.get(tr) else [r for r in records if r.code in codes]
            if mine:
                session.data(tr, mine)

    def delivered(self, tr, records):
        """Counts trades that went to at least one session."""
        if CHANNELS[tr][0] == "trade" and not self.counted:
            self.counted = True
            self.trades_sent += records
            if self.options.count and self.trades_sent >= self.options.count:
                self.finished = True

    def _flush(self):
        for session in list(self.sessions):
            session.flush()
        self.server.flush_record()

    async def _drain(self):
        """Waits for a slow reader instead of losing records; gives up on it after a while."""
        for session in list(self.sessions):
            until = time.monotonic() + self.options.stall
            while session.pending() > 1 << 20:
                if time.monotonic() > until:
                    self.server.stats.slow_consumers += 1
                    session.cut(True)
                    break
                await asyncio.sleep(0.01)

    async def keep_alive(self):
        """Sends PINGPONG to idle sessions and ends those that do not answer."""
        every, timeout = self.options.pingpong, self.options.pingpong_timeout
        nap = min(1.0, max(0.05, min(every or 4.0, timeout) / 4))
        while True:
            await asyncio.sleep(nap)
            now = time.monotonic()
            for session in list(self.sessions):
                session.tend(now, every, timeout)
