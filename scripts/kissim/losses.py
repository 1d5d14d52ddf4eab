"""Trades that go wrong on their way: lost, doubled, taken back, or out of order, each at its rate."""

import random


class Losses:
    """Decides the fate of each trade; rates are shares of all trades and add up to at most 1."""

    def __init__(self, seed, lose=0.0, double=0.0, reverse=0.0, swap=0.0):
        self.rng = random.Random("losses/%s" % seed)
        self.active = lose + double + reverse + swap > 0
        self.bounds = (lose, lose + double, lose + double + reverse, lose + double + reverse + swap)

    def make(self, stock, record):
        """[(record, fate)] of one trade (two when swapped), in the order of sending.

        `record(stock, True)` makes the next trade of the stock; `record(stock)` shows what it is now.
        """
        chance = self.rng.random()
        lose, double, reverse, swap = self.bounds
        first = record(stock, True)
        if chance < lose:
            return [(first, "lost")]
        if chance < double:
            return [(first, "sent"), (first, "doubled")]
        if chance < reverse:
            stock.take_back()
            return [(first, "sent"), (record(stock), "reversed")]
        if chance < swap:
            return [(record(stock, True), "sent"), (first, "swapped")]
        return [(first, "sent")]
