"""The list of cases: number, fault, what is expected, and whether a quick run takes it."""
CASES = []


class Case:
    def __init__(self, number, fault, expected, quick, check):
        self.number, self.fault, self.expected, self.quick, self.check = number, fault, expected, quick, check


def case(number, fault, expected, quick=False):
    """Registers a function of one Box; it returns what was seen, or raises Deviation or Skip."""
    def register(check):
        CASES.append(Case(number, fault, expected, quick, check))
        return check
    return register
