"""Values: the guard's market rules against a second reading of the contract (cases V1 to V3)."""
import collections
import os
import time

from fuzzkit.hours import Hours
from fuzzkit.judge import Judge
from fuzzkit.market_checks import check_quality, check_room, day_table, told_day
from fuzzkit.market_lines import MarketLines
from fuzzkit.market_session import ROOT, Guard, check
from fuzzkit.session import Difference

from .box import bin_dir
from .cases import case
from .oracle import Deviation

QUICK, FULL = 8, 50  # batches of 500 lines; `make values` runs a million


def judge():
    return Judge(Hours(os.path.join(ROOT, "config", "holidays.jsonl")), int(time.time() * 1000))


def agreed(check, *arguments):
    """What the check returns; a difference is a deviation."""
    try:
        return check(*arguments)
    except Difference as difference:
        raise Deviation(str(difference)) from None


def batches(count):
    """Verdicts of generated lines: whole, split by symbol, and with restarts."""
    guard, counts = Guard(bin_dir()), collections.Counter()
    for seed in range(count):
        counts += check(guard, MarketLines(seed, judge()).lines(500), seed, seed % 4 == 0)
    return counts


@case("V1", "market rules, generated lines", "each verdict is that of the second reading", quick=True)
def generated(box):
    counts = agreed(batches, QUICK if box.quick else FULL)
    return "%d flags and blocks as read" % sum(counts.values())


@case("V2", "market rules, a simulated day", "no false block, the flags and the quality that it calls for", quick=True)
def simulated(box):
    day, verdicts = told_day(Guard(bin_dir()))
    rows = agreed(day_table, day, verdicts)
    quality = agreed(check_quality, bin_dir(), day, verdicts)
    return "%d flags, %d blocks, quality %s" % (sum(row[2] for row in rows), sum(row[4] for row in rows), dict(quality))


@case("V3", "more subjects than there is room for", "the first keep their state, the others say WARMING_UP")
def full(box):
    return "%d lines warming up" % agreed(check_room, Guard(bin_dir()), judge())["WARMING_UP"]
