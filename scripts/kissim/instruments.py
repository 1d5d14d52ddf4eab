"""What is traded besides stocks: a seeded walk in whole steps, with the totals and the clock of its kind."""

import datetime
import random
import typing

from . import symbols
from .channels import TABLE
from .clock import KST
from .columns import Moment, record
from .day import is_open
from .records import Record


class Kind(typing.NamedTuple):
    """What instruments of one product have in common. Prices are whole numbers of 10^-digits."""

    base: int
    step: int
    digits: int
    unit: int = 1  # what ACML_TR_PBMN counts is price times size times `unit`
    opens: str = "0900"  # session in Korean time; one that ends before it opens crosses midnight
    closes: str = "1530"


KINDS = {
    "stock": Kind(72000, 100, 0),
    "etf": Kind(4821500, 500, 2),
    "elw": Kind(265, 5, 0),
    "index": Kind(271245, 1, 2),
    "index-future": Kind(36730, 5, 2, 250, "0845", "1545"),  # won in thousands: 250,000 a point
    "index-option": Kind(298, 1, 2, 250, "0845", "1545"),
    "night-future": Kind(36730, 5, 2, 250, "1800", "0600"),
    "night-option": Kind(298, 1, 2, 250, "1800", "0600"),
    "stock-future": Kind(77900, 100, 0, 10, "0845", "1545"),
    "stock-option": Kind(106000, 1000, 2, 10, "0845", "1545"),
    "commodity-future": Kind(10437, 1, 2, 1000, "0845", "1545"),
    "bond": Kind(1057500, 50, 2),
    "bond-index": Kind(1187342, 7, 4),
    "overseas-stock": Kind(1699200, 100, 4, 1, "2330", "0600"),
    "overseas-derivative": Kind(561250, 25, 2, 1, "0800", "0700"),
}
# Sessions of Asian exchanges in Korean time, and how many hours their clocks are ahead of the Korean one.
ASIA = {"HKS": ("1030", "1700", -1), "TSE": ("0900", "1530", 0), "HNX": ("1100", "1700", -2), "HSX": ("1100", "1700", -2),
        **dict.fromkeys(("SHS", "SZS", "SHI", "SZI"), ("1030", "1600", -1))}
AUCTIONS = (("083000", "090000"), ("152000", "153000"))
MINI = ("105", "A05")  # futures on a fifth of an index point
LEVELS = 10


def new_york_is_ahead(day):
    """True under daylight saving there: from the second Sunday of March to the first Sunday of November."""
    march = datetime.date(day.year, 3, 14)
    november = datetime.date(day.year, 11, 7)
    start = march - datetime.timedelta(days=(march.weekday() + 1) % 7)
    end = november - datetime.timedelta(days=(november.weekday() + 1) % 7)
    return start <= day < end


class Instrument:
    """One contract, index or share. `step(hms)` moves it by one trade; the rest reads it."""

    def __init__(self, product, key, seed):
        self.product, self.key = product, key
        self.kind = KINDS[product]
        if product in ("stock", "etf"):
            scale = 10**self.kind.digits
            close = symbols.facts(key)[1]
            self.kind = self.kind._replace(base=close * scale, step=symbols.step(close) * scale)
        if key.startswith(MINI):
            self.kind = self.kind._replace(unit=self.kind.unit // 5)
        self.rng = random.Random("%s/%s/%s" % (seed, product, key))
        spread = 1 + self.rng.randrange(40) / 100 if product not in ("stock", "etf") else 1
        self.close = self._grid(self.kind.base * spread)
        self.price = self.open = self.high = self.low = self._grid(self.close * (0.99 + self.rng.random() * 0.02))
        self.quantity, self.side = 1, 1
        self.volume = 1000 + self.rng.randrange(9000)
        self.exact = self.volume * self.price * self.kind.unit  # of ACML_TR_PBMN, in 10^-digits
        self.sells, self.buys = self.volume // 7 + 3, self.volume // 6 + 5
        self.sold = self.volume * 47 // 100
        self.bought = self.volume - self.sold
        self.previous_volume = 4 * self.volume
        self.before = self.price  # of the trade before
        self.high_hms = self.low_hms = self.open_hms = "090009"
        self.sizes = []
        self.refresh()

    def _grid(self, price):
        return max(self.kind.step, int(price) // self.kind.step * self.kind.step)

    def refresh(self):
        """New sizes of the book's levels: asks, bids, orders of asks, orders of bids."""
        self.sizes = [[1 + (self.rng.getrandbits(12) >> (self.rng.getrandbits(3) & 7)) for _ in range(LEVELS)]
                      for _ in range(4)]

    def step(self, hms):
        """One trade at the next step up, down, or the same price."""
        self.before = self.price
        move = self.rng.choice((-1, 0, 0, 1)) if abs(self.price - self.close) * 20 < self.close else (
            -1 if self.price > self.close else 1)
        self.price = max(self.kind.step, self.price + move * self.kind.step)
        self.side = 1 if self.rng.getrandbits(1) else 5
        self.quantity = 1 + (self.rng.getrandbits(8) >> (self.rng.getrandbits(3) & 7))
        self.volume += self.quantity
        self.exact += self.quantity * self.price * self.kind.unit
        if self.side == 1:
            self.buys += 1
            self.bought += self.quantity
        else:
            self.sells += 1
            self.sold += self.quantity
        if self.price > self.high:
            self.high, self.high_hms = self.price, hms
        if self.price < self.low:
            self.low, self.low_hms = self.price, hms

    @property
    def value(self):
        """ACML_TR_PBMN, whole."""
        return self.exact // 10**self.kind.digits

    def ask(self, level=1):
        """Price of a level of the book; 0 where there is none."""
        return self.price + level * self.kind.step

    def bid(self, level=1):
        """Likewise of the bids; the best bid is the price."""
        return max(0, self.price - (level - 1) * self.kind.step)

    def text(self, price, digits=None):
        """A price as the exchange writes it."""
        places = self.kind.digits if digits is None else digits
        if not places:
            return str(price)
        whole, part = divmod(abs(price), 10**places)
        return "%s%d.%0*d" % ("-" if price < 0 else "", whole, places, part)

    def hours(self, clock):
        """True while it is traded; a session that crosses midnight belongs to the day on which it opened."""
        opens, closes = self.kind.opens, self.kind.closes
        if self.product == "overseas-stock" and self.key[1:4] in ASIA:
            opens, closes, _ = ASIA[self.key[1:4]]
        now = clock.hms()[:4]
        return opens <= now < closes if opens < closes else not closes <= now < opens

    def local(self, clock):
        """(YYYYMMDD, HHMMSS) at the exchange."""
        moment = datetime.datetime.fromtimestamp(clock.now(), KST)
        if self.product == "overseas-stock" and self.key[1:4] in ASIA:
            moment += datetime.timedelta(hours=ASIA[self.key[1:4]][2])
        elif self.product.startswith("overseas"):
            moment -= datetime.timedelta(hours=13 if new_york_is_ahead(moment.date()) else 14)
        return moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")


class Others:
    """The instruments of the channels that the market of stocks does not make; one for each product and key."""

    def __init__(self, clock, seed, printed, by_clock):
        self.clock, self.seed, self.printed, self.by_clock = clock, seed, printed, by_clock
        self.held = {}

    def of(self, tr, key):
        """The instrument behind a registration; trades and book of a contract are one."""
        place = TABLE[tr].product, TABLE[tr].feed == "expected", key  # what is only expected trades nothing
        found = self.held.get(place)
        if found is None:
            found = self.held[place] = Instrument(TABLE[tr].product, key, self.seed)
        return found

    def open(self, tr, key):
        """True when there is something to send now."""
        if not self.by_clock:
            return True
        if not is_open(self.clock.date()):
            return False
        auction = any(start <= self.clock.hms() < end for start, end in AUCTIONS)
        if TABLE[tr].feed == "expected" and TABLE[tr].product in ("stock", "elw", "index"):
            return auction
        if TABLE[tr].feed == "trades" and TABLE[tr].product == "elw" and auction:
            return False  # orders gather, as for shares
        return self.of(tr, key).hours(self.clock)

    def record(self, tr, key):
        """The next record of a registration."""
        channel, thing = TABLE[tr], self.of(tr, key)
        hms = self.clock.hms()
        if channel.feed in ("book", "members", "program"):
            thing.refresh()
        else:
            thing.step(hms)
        text = record(channel, Moment(thing, self.clock, channel.feed == "expected"), self.printed)
        return Record(key, thing.volume, hms, text, thing.quantity, thing.price)
