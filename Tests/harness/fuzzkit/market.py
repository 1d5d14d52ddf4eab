"""A second reading of the market rules of snap-guard (DESIGN 10), line by line, exact.

Numbers are integers of millionths, times milliseconds. Nothing here was taken from the Swift code.
"""
import datetime
import json
import re
from decimal import Decimal
from fractions import Fraction

MICRO = 10**6
FEEDS = ("trades", "book", "price", "multi", "expected", "status", "members", "program", "nav")
ALL_FEEDS = frozenset((*FEEDS, ""))  # "": every other name
MAX_SUBJECTS, MAX_KEY = 65536, 128
PRICES = ("bid_price", "ask_price", "open", "high", "low", "prev_close", "expected_price")
SIZES = ("trade_size", "volume", "value", "bid_size", "ask_size", "total_bid_size", "total_ask_size")
ORDER = ("SYMBOL_FORM", "NOT_POSITIVE", "NEGATIVE_SIZE", "RANGE", "CROSSED", "SPREAD", "DAY_LIMIT", "STEP", "TIME_BACK",
         "SESSION", "FUTURE", "VOLUME_BURST", "REVERSAL", "STALE", "HALTED", "AFTER_GAP", "WARMING_UP", "GAP")
LIMITS = {"spread_percent": 10, "day_flag_percent": 30, "day_block_percent": 50, "fund_day_flag_percent": 60,
          "fund_day_block_percent": 100, "step_flag_percent": 5, "step_block_percent": 10, "time_back_ignore_s": 1,
          "time_back_block_s": 10, "future_s": 5, "burst_times": 10, "burst_trades": 20, "stale_s": 60,
          "stale_trades": 10}
NUMBER, LARGE = 12, 15  # digits before the point, of amounts and of the day's money; behind it are 6
STAMP = re.compile(r"\d{1,14}")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
DATES = {}


class Num(str):
    """A number as it was written."""


DECODER = json.JSONDecoder(parse_int=Num, parse_float=Num, parse_constant=Num)


def millionths(text, digits):
    """Exact, or None; below zero what is not exact is the next number away from zero."""
    most = 10**(digits + 6) - 1
    sign, figures, exponent = Decimal(text).as_tuple()
    figures = "".join(map(str, figures)).lstrip("0")
    power = exponent + 6
    if not figures:
        return 0
    if len(figures) + power > digits + 6:
        return -most if sign else None
    whole, rest = (figures + "0" * power, "") if power >= 0 else (figures[:power], figures[power:])
    value = int(whole or "0")
    if not rest.strip("0"):
        return -value if sign else value
    return -min(value + 1, most) if sign else None


def moment(text):
    """Milliseconds of an ISO time with zone, or None."""
    found = TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second = int(found[4]), int(found[5]), int(found[6])
    date = text[:10]
    if date not in DATES:
        try:
            year = int(found[1]) or 400  # the year 0 is like the year 400
            DATES[date] = (datetime.date(year, int(found[2]), int(found[3])) - datetime.date(1970, 1, 1)).days
            DATES[date] -= 0 if int(found[1]) else 146_097
        except ValueError:
            DATES[date] = None
    zone = 0
    if found[8]:
        if int(found[9]) > 23 or int(found[10]) > 59:
            return None
        zone = (int(found[9]) * 60 + int(found[10])) * (-1 if found[8] == "-" else 1)
    if DATES[date] is None or hour > 23 or minute > 59 or second > 59:
        return None
    part = int((found[7] or "0").ljust(3, "0")[:3])
    return ((DATES[date] * 24 + hour) * 60 + minute - zone) * 60_000 + second * 1000 + part


def member(tree, name):
    return tree.get(name) if isinstance(tree, dict) else None


def text(tree, name):
    value = member(tree, name)
    return value if isinstance(value, str) and not isinstance(value, Num) else None


class Line:
    """What the rules ask of a line; what is not there is None."""

    def __init__(self, tree):
        context, observation = member(tree, "context"), member(tree, "observation")
        self.inputs, self.state = member(observation, "inputs"), member(observation, "state")
        self.source, self.given_feed = text(context, "source"), text(context, "feed")
        self.product = self.default(context, "product", "stock")
        self.market = self.default(context, "market", "KRX")
        self.symbol = text(context, "symbol")
        self.feed = "price" if self.given_feed is None else self.given_feed
        stamp = member(member(tree, "meta"), "timestamp_ms")
        self.received = int(stamp) if isinstance(stamp, Num) and STAMP.fullmatch(stamp) else None
        name = {"trades": "trade_time", "book": "quote_time"}.get(self.feed)
        told = text(self.inputs, name) if name else None
        self.told = moment(told) if told is not None else None
        self.time = self.received if self.told is None else self.told
        halted = member(self.inputs, "halted")
        self.halted = halted if isinstance(halted, bool) else None

    @staticmethod
    def default(context, name, otherwise):
        value = text(context, name)
        return otherwise if value is None else value

    @property
    def is_trade(self):
        return self.feed == "trades"

    @property
    def is_book(self):
        return self.feed == "book"

    @property
    def slot(self):
        return self.feed if self.feed in FEEDS else ""

    @property
    def key(self):
        """Product, market and symbol, or None for a line that cannot have state."""
        key = (self.product, self.market, self.symbol)
        if not self.symbol or sum(len(part.encode()) for part in key) > MAX_KEY:
            return None
        return key

    def number(self, name):
        value = member(self.inputs, name)
        return millionths(value, LARGE if name == "value" else NUMBER) if isinstance(value, Num) else None

    def numbers(self, *names):
        return [self.number(name) for name in names]


class Subject:
    """What is remembered of a product, market and symbol."""

    def __init__(self):
        self.marks, self.halted = set(), False
        self.latest_told, self.latest_received = {}, {}
        self.day = None
        self.begin()

    def begin(self):
        """A new day."""
        self.trades = self.books = self.sized = self.sizes = 0
        self.price = self.candidate = self.volume = self.value = None
        self.settled = self.vi = False
        self.vi_price = self.session = self.phases = None
        self.stopped = self.halted
        self.quote = None  # (bid, ask, sizes), when first received, trades until then


def symbol_fits(product, symbol):
    if product in ("stock", "etf", "etn"):
        form = "Q?[0-9A-Z]{6}"
    elif product == "elw":
        form = "[0-9A-Z]{6}"
    elif product == "index":
        form = "[0-9]{4}"
    elif ("future" in product or "option" in product) and not product.startswith("overseas"):
        form = "[0-9A-Z]{6,9}"
    elif product == "bond":
        form = "KR[0-9A-Z]{10}"
    else:
        form = "[!-~]{1,32}"
    return re.fullmatch(form, symbol) is not None


def may_be_negative(product):
    return (product == "overseas-derivative" or product.startswith(("overseas-future", "overseas-option"))
            or "spread" in product)


def percent(price, base):
    return Fraction(abs(price - base) * 100, base)


def policy(tree):
    """The plain policy's reason to block, or None."""
    if text(member(tree, "validation"), "severity") == "BLOCK":
        return "Validation failed"
    stage = member(member(tree, "context"), "stage")
    return "Invalid context.stage" if stage is None or (stage == "" and not isinstance(stage, Num)) else None
