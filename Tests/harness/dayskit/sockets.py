"""Days of the simulator over real sockets, at 20,000 trades a second, each with faults, cuts and a restart of its own."""
import random

from faultkit import box as boxes
from faultkit import missing
from faultkit.oracle import Deviation

STAGES = (None, "kis-fetch", "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink")


def run(seed, number):
    """(what was found, whether it is right) of one day."""
    rng = random.Random("sockets/%s/%d" % (seed, number))
    kinds = ["--seed", str(rng.randrange(1 << 30))]
    for name, most in (("--lose", 0.002), ("--double", 0.004), ("--reverse", 0.001), ("--swap", 0.001)):
        kinds += [name, "%.5f" % (most * rng.random())]
    stage = STAGES[number % len(STAGES)]
    try:
        with boxes.Box(True) as box:
            found = missing.trial(box, kinds, stage, rng.randrange(4, 9) * 1_000_000, ("--time-scale", "0.02"))
    except Deviation as deviation:
        return "day %d (%s, %s): %s" % (number, " ".join(kinds), stage, deviation), False
    return "day %d, %s: %s" % (number, stage or "SIGTERM", found), True
