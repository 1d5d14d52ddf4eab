"""A seeded random walk for each symbol: trades, totals of the day and a ten-level book."""

import random

from . import symbols

LEVELS = 10


class Stock:
    """One symbol's day. `trade()` moves it by one trade; everything else reads it.

    A symbol has its own generator, so the n-th trade of a symbol is the same for one seed
    whatever the other symbols do.
    """

    def __init__(self, code, seed, venue="KRX"):
        self.code = code
        self.rng = random.Random("%s/%s/%s" % (seed, venue, code))
        rng = self.rng
        self.name, self.close, self.listed, self.market = symbols.facts(code)
        self.upper = symbols.on_grid(self.close * 13 // 10)
        floor = -(-self.close * 7 // 10)
        self.lower = floor + -floor % symbols.step(floor)
        if self.lower >= self.close:
            self.lower = max(1, self.close - 1)
        if self.upper <= self.close:
            self.upper = self.close + 2
        self.halted = False
        start = symbols.on_grid(self.close * (0.97 + rng.random() * 0.06))
        start = min(max(start, self.lower), self.upper)
        self.open = self.high = self.low = self.price = start
        self.side = 1
        self.quantity = 1
        self.bid = start
        self.ask = start + symbols.step(start)
        self.volume = self.listed // 1000 + rng.randrange(1000)
        self.value = self.volume * start
        self.sells = self.volume // 700 + 3
        self.buys = self.volume // 650 + 5
        self.sold = self.volume * 47 // 100
        self.bought = self.volume - self.sold
        self.previous_volume = self.listed // 300 + 1
        self.ask_sizes = [self._size() for _ in range(LEVELS)]
        self.bid_sizes = [self._size() for _ in range(LEVELS)]
        self.open_time = "090014"
        self.high_time = self.low_time = self.open_time

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
        self.price = price
        self.quantity = quantity
        self.side = 1 if buying else 5
        self.volume += quantity
        self.value += price * quantity
        if buying:
            self.buys += 1
            self.bought += quantity
            self.ask_sizes[0] = max(1, self.ask_sizes[0] - quantity)
        else:
            self.sells += 1
            self.sold += quantity
            self.bid_sizes[0] = max(1, self.bid_sizes[0] - quantity)
        if price > self.high:
            self.high = price
            self.high_time = hms
        if price < self.low:
            self.low = price
            self.low_time = hms

    def _drift(self, bits):
        """Moves bid and ask by one step in one trade of four, drawn back to the open price."""
        if (bits >> 22) & 3:
            return
        pull = 8 if self.bid == self.open else (6 if self.bid > self.open else 10)
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
        """Changes the size of one level on each side, as new orders do."""
        bits = self.rng.getrandbits(16)
        self.ask_sizes[(bits & 255) % LEVELS] = self._size()
        self.bid_sizes[(bits >> 8) % LEVELS] = self._size()

    def ladders(self):
        """(ask prices, ask sizes, bid prices, bid sizes); 0 where no level exists."""
        asks, bids = [], []
        price = self.ask
        for _ in range(LEVELS):
            asks.append(price if price and price <= self.upper else 0)
            price = price + symbols.step(price)
        price = self.bid
        for _ in range(LEVELS):
            bids.append(price if price >= self.lower else 0)
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

    def __init__(self, clock, seed, unknown, later=()):
        self.clock = clock
        self.seed = seed
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
        return found

    def advance(self, code, venue, trades):
        """Lets a symbol trade unseen, as it does while nobody listens."""
        stock = self.stock(code, venue)
        if stock is not None and not stock.halted:
            hms = self.clock.hms()
            for _ in range(trades):
                stock.trade(hms)
