"""A verdict of the market rules."""
from fractions import Fraction

from fuzzkit.market import ORDER


class Verdict:
    """Flags in the contract's order, and the first rule that blocks with its value and limit."""

    def __init__(self):
        self.said, self.blocks = set(), {}

    def flag(self, name):
        self.said.add(name)

    def block(self, name, value, limit):
        self.said.add(name)
        self.blocks[name] = (value, limit)

    @property
    def flags(self):
        return [name for name in ORDER if name in self.said]

    @property
    def rule(self):
        return next((name for name in ORDER if name in self.blocks), None)

    def fields(self):
        """The guard member, its value and limit as fractions."""
        if self.rule is None:
            return {"action": "PASS", "reason": "OK", "flags": self.flags}
        value, limit = self.blocks[self.rule]
        return {"action": "BLOCK", "reason": "Market rule " + self.rule, "flags": self.flags, "rule": self.rule,
                "value": Fraction(value), "limit": Fraction(limit)}


def cut(value, digits):
    """`value` with so many decimals, the others cut off."""
    scaled = value * 10**digits
    return Fraction(scaled.numerator // scaled.denominator, 10**digits)
