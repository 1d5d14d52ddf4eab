"""A seeded random walk for each symbol: trades, auction prints, totals of the day and a ten-level book."""

import random

from . import symbols
from .day import REGULAR
from .ledger import Tally

LEVELS = 10


class Stock:
    """One symbol's day at one venue. `trade()` moves it by one trade; everything else reads it.

    A symbol has its own generator, so the n-th trade of a symbol is the same for one seed
    whatever the other symbols do. The totals keep the identities of KIS.md 0.1: a trade raises `volume`
    by its size, `value` by price times size, and the count and sum of its side; an auction print
    raises the first two only.
    """

    def __init__(self, code, seed, venue="KRX"):
        self.code, self.venue = code, venue
        self.rng = random.Random("%s/%s/%s" % (seed, venue, code))
        self.name, self.close, self.listed, self.market = symbols.facts(code)
        self.fund = symbols.is_fund(code)
        self.halted = False
        self.phase = REGULAR
        self.waiting = False  # an auction is over and its print has not come
        self.traded = Tally()
        self.unprinted = 0  # shares in ACML_VOL that no record showed
        self._limits()
        start = symbols.on_grid(self.close * (0.97 + self.rng.random() * 0.06))
        self._day(min(max(start, self.lower), self.upper))
        self.open = self.high = self.low = self.price
        self.volume = self.listed // 1000 + self.rng.randrange(1000)
        self.value = self.volume * self.price
        self.sells = self.volume // 700 + 3
        self.buys = self.volume // 650 + 5
        self.expected = self.volume * 4 // 100  # of the opening auction; some more was traded before it
        sided = self.volume - self.expected - self.rng.randrange(200)
        self.sold = sided * 47 // 100
        self.bought = sided - self.sold
        self.first = self.totals()

    def _limits(self):
        self.upper = symbols.on_grid(self.close * 13 // 10)
        floor = -(-self.close * 7 // 10)
        self.lower = floor + -floor % symbols.step(floor)
        if self.lower >= self.close:
            self.lower = max(1, self.close - 1)
        if self.upper <= self.close:
            self.upper = self.close + 2

    def _day(self, price):
        """A day that starts at `price`, nothing traded yet."""
        self.open = self.high = self.low = 0
        self.open_time = self.high_time = self.low_time = "090014"
        self.price = self.anchor = self.bid = price
        self.ask = price + symbols.step(price)
        self.volume = self.value = self.sells = self.buys = self.sold = self.bought = self.expected = 0
        self.side, self.quantity = 1, 1
        self.previous_volume = self.listed // 300 + 1
        self.ask_sizes = [self._size() for _ in range(LEVELS)]
        self.bid_sizes = [self._size() for _ in range(LEVELS)]

    def morning(self, closes=False):
        """Before the first trade of a day; `closes`: what it cost last is the previous close now."""
        if closes:
            self.close = symbols.on_grid(self.price)
            self._limits()
        self._day(self.close)
        if not closes:
            self.first = self.totals()

    def totals(self):
        """(ACML_VOL, ACML_TR_PBMN, side counts together)."""
        return self.volume, self.value, self.sells + self.buys

    def active(self):
        """True when it trades continuously now."""
        return self.phase.trades and not self.waiting and not self.halted

    def _size(self):
        return 1 + (self.rng.getrandbits(16) >> (self.rng.getrandbits(3) & 7))

    def trade(self, hms):
        """One trade at time `hms`: on the bid, on the ask, or now and then at the midpoint."""
        bits = self.rng.getrandbits(32)
        self._drift(bits)
        buying = bits & 1
        price = self.ask if buying else self.bid
        if (bits >> 1) & 63 == 0 and (self.bid + self.ask) & 1 == 0:
            price = (self.bid + self.ask) >> 1  # KRX midpoint orders print between two steps
        quantity = 1 + ((bits >> 8) & 1023) // (1 + ((bits >> 18) & 15) * 9)
        self.side = 1 if buying else 5
        if buying:
            self.buys += 1
            self.bought += quantity
            self.ask_sizes[0] = max(1, self.ask_sizes[0] - quantity)
        else:
            self.sells += 1
            self.sold += quantity
            self.bid_sizes[0] = max(1, self.bid_sizes[0] - quantity)
        self._print(price, quantity, hms)

    def auction(self, hms):
        """The print that ends a call auction: no side, and at the opening V may exceed its size."""
        if self.open == 0:
            before = self.rng.randrange(400)  # traded before the opening, at the previous close
            self.volume += before
            self.value += before * self.close
            self.unprinted += before
        self.side = ""
        self._print(self.bid, max(1, self.expected), hms)

    def _print(self, price, quantity, hms):
        self.price = price
        self.quantity = quantity
        self.volume += quantity
        self.value += price * quantity
        self.traded.add(quantity, price)
        if self.open == 0:
            self.open = self.high = self.low = price
            self.open_time = self.high_time = self.low_time = hms
        if price > self.high:
            self.high = price
            self.high_time = hms
        if price < self.low:
            self.low = price
            self.low_time = hms

    def take_back(self):
        """The last trade is taken back: the totals are what they were before it."""
        self.volume -= self.quantity
        self.value -= self.price * self.quantity
        if self.side == 1:
            self.buys -= 1
            self.bought -= self.quantity
        elif self.side == 5:
            self.sells -= 1
            self.sold -= self.quantity

    def _drift(self, bits):
        """Moves bid and ask by one step in one trade of four, drawn back to where the day began."""
        if (bits >> 22) & 3:
            return
        pull = 8 if self.bid == self.anchor else (6 if self.bid > self.anchor else 10)
        if (bits >> 24) & 15 < pull:
            if self.ask + symbols.step(self.ask) <= self.upper:
                self.bid = self.ask
                self.ask += symbols.step(self.ask)
                self.ask_sizes = self.ask_sizes[1:] + [self._size()]
                self.bid_sizes = [self._size()] + self.bid_sizes[:-1]
        elif self.bid > self.lower:
            self.ask = self.bid
            self.bid -= symbols.step(self.bid - 1)
            self.bid_sizes = self.bid_sizes[1:] + [self._size()]
            self.ask_sizes = [self._size()] + self.ask_sizes[:-1]

    def refresh_book(self):
        """Changes the size of one level on each side, as new orders do; in an auction more is expected."""
        bits = self.rng.getrandbits(16)
        self.ask_sizes[(bits & 255) % LEVELS] = self._size()
        self.bid_sizes[(bits >> 8) % LEVELS] = self._size()
        if self.phase.auction and not self.phase.trades:
            self._drift(self.rng.getrandbits(32))
            self.expected += self._size()

    def ladders(self):
        """(ask prices, ask sizes, bid prices, bid sizes); 0 where no level exists, and beyond 3 in an auction."""
        shown = 3 if self.phase.auction and not self.phase.trades else LEVELS
        asks, bids = [], []
        price = self.ask
        for level in range(LEVELS):
            asks.append(price if level < shown and price and price <= self.upper else 0)
            price = price + symbols.step(price)
        price = self.bid
        for level in range(LEVELS):
            bids.append(price if level < shown and price >= self.lower else 0)
            price = price - symbols.step(price - 1) if price > 1 else 0
        ask_sizes = [size if price else 0 for price, size in zip(asks, self.ask_sizes)]
        bid_sizes = [size if price else 0 for price, size in zip(bids, self.bid_sizes)]
        return asks, ask_sizes, bids, bid_sizes

    def sign(self, price):
        """PRDY_VRSS_SIGN: 1 upper limit, 2 up, 3 flat, 4 lower limit, 5 down."""
        if price == self.close:
            return "3"
        if price > self.close:
            return "1" if price >= self.upper else "2"
        return "4" if price <= self.lower else "5"


class Market:
    """All stocks, made when first asked for. `unknown` codes never trade and have no price.

    `later`: code -> moment before which it is not listed.
    """

    def __init__(self, clock, seed, unknown, schedule, later=()):
        self.clock = clock
        self.seed = seed
        self.schedule = schedule
        self.unknown = frozenset(unknown)
        self.later = dict(later)
        self.stocks = {}

    def listed(self, code):
        """False for a code whose first day has not come."""
        return code not in self.later or self.clock.reached(self.later[code])

    def stock(self, code, venue="KRX"):
        """The stock as traded at a venue (KRX, NXT, UN), or None for a code without data."""
        if code in self.unknown or not symbols.well_formed(code) or not self.listed(code):
            return None
        found = self.stocks.get((code, venue))
        if found is None:
            if len(self.stocks) >= 20000:
                return None  # a client cannot grow the memory without end
            found = self.stocks[code, venue] = Stock(code, self.seed, venue)
            if not self.schedule.begun(venue):
                found.morning()
            found.phase = self.schedule.phase(found)
            found.halted = self.schedule.halted(code)
        return found

    def advance(self, code, venue, trades):
        """Lets a symbol trade unseen, as it does while nobody listens."""
        stock = self.stock(code, venue)
        if stock is not None and stock.active():
            hms = self.clock.hms()
            for _ in range(trades):
                stock.trade(hms)
