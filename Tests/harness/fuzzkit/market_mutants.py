"""How sharp the generated lines are: each comparison of the reading is changed alone, and some line must show it."""
import inspect
import re

from fuzzkit import judge as reading
from fuzzkit.market import DECODER
from fuzzkit.market_lines import MarketLines

CHANGES = ((" > ", " >= "), (" >= ", " > "), (" < ", " <= "), (" <= ", " < "), (" and ", " or "), (" or ", " and "),
           ("not ", ""), (" == ", " != "))


def mutants():
    """(what was changed, the changed module) for each place of each change."""
    lines = inspect.getsource(reading).split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith("class Judge"))
    for number, line in enumerate(lines):
        if number <= first or line.strip().startswith(('"""', "#")):
            continue
        for before, after in CHANGES:
            for found in re.finditer(re.escape(before), line):
                changed = line[:found.start()] + after + line[found.end():]
                module = {"__name__": "mutant"}
                try:
                    exec("\n".join([*lines[:number], changed, *lines[number + 1:]]), module)  # noqa: S102 (our own text)
                except SyntaxError:
                    continue
                yield "%d: %s" % (number + 1, changed.strip()), module


def shown(module, batches, hours, now):
    """The number of lines until a verdict differs; None if none does."""
    count = 0
    for batch in batches:
        try:
            judge = module["Judge"](hours, now)
            for tree, wanted in batch:
                count += 1
                if judge.verdict(tree) != wanted:
                    return count
        except Exception:  # a change that cannot even run shows
            return count
    return None


def survey(hours, now, seeds=40, size=500):
    """([lines until each change shows], [changes that no line shows])."""
    batches = [[(DECODER.decode(line.decode()), verdict)
                for line, verdict in MarketLines(seed, reading.Judge(hours, now)).lines(size)] for seed in range(seeds)]
    counts, hidden = [], []
    for name, module in mutants():
        count = shown(module, batches, hours, now)
        if count is None:
            hidden.append(name)
        else:
            counts.append(count)
    return sorted(counts), hidden
