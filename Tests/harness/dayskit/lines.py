"""Lines of trades in an archive, and what must be said of them wherever they stand: worked out from the lines alone.

A trade of q shares, after which the exchange has counted V, covers the stretch (V - q, V] of its symbol's day; what no line
covers is missing.
"""
import collections
import fractions
import json
import typing


class Line(typing.NamedTuple):
    """A line of the archive, and the trade in it; of a gap `subject` is None."""

    text: bytes
    at: int = 0  # captured, ms
    subject: tuple = None  # date, venue, symbol
    price: int = 0
    size: int = 0
    shares: int = 0  # the day's totals after it: shares, value, trades with a side
    value: int = 0
    count: int = 0
    sided: int = 0  # 1, or 0 for the print of a call auction, which is not counted

    @property
    def begin(self):
        return self.shares - self.size

    def is_print_of_opening(self):
        return not self.sided and self.count == 0


def read(text):
    snapshot = json.loads(text)["snapshot"]
    context, meta = snapshot["context"], snapshot["meta"]
    if context["source"] != "market":
        return Line(text)
    raw = snapshot["observation"]["inputs"]["raw"]
    side = raw.get("ccld_dvsn") or raw.get("cntg_cls_code")  # as the channels name it
    return Line(text, meta["timestamp_ms"], (meta["timestamp"][:10], context["market"], context["symbol"]),
                int(raw["stck_prpr"]), int(raw["cntg_vol"]), int(raw["acml_vol"]), int(raw["acml_tr_pbmn"]),
                int(raw["seln_cntg_csnu"]) + int(raw["shnu_cntg_csnu"]), int(side in ("1", "5")))


def by_subject(lines):
    found = collections.defaultdict(list)
    for line in lines:
        if line.subject:
            found[line.subject].append(line)
    return found


def expected(lines):
    """What must be said of one symbol's lines, in the order in which they are read, none of them taken back."""
    known, late, verified, highest = {}, 0, 0, None
    for line in lines:
        if line.shares not in known:
            late += highest is not None and line.shares <= highest
            verified += line.begin == highest
            known[line.shares] = line
            highest = max(highest or 0, line.shares)
    trades = [known[shares] for shares in sorted(known)]
    lost = [0, 0, 0]
    for left, right in zip(trades, trades[1:]):
        between = right.begin - left.shares
        assert between >= 0, "shares are covered twice: %s, %s" % (left[1:], right[1:])
        if between:
            lost[0] += max(1, right.count - right.sided - left.count)
            lost[1] += between
            lost[2] += right.value - right.price * right.size - left.value
    first, last = trades[0], trades[-1]
    shares, prices = sum(line.size for line in trades), [line.price for line in trades]
    return {
        "records": len(lines), "trades": len(trades), "shares": shares, "late": late, "duplicates": len(lines) - len(trades),
        "missed_trades": lost[0], "missed_shares": lost[1], "missed_value": lost[2], "reversals": 0, "unverifiable": 0,
        "before_start": first.begin, "start_proven": first.begin == 0 or first.is_print_of_opening(),
        "reported_shares": last.shares, "reported_value": last.value, "channel": "trusted", "verified": verified,
        "coverage": shares * 1_000_000 // (last.shares - first.begin) / 1_000_000, "open": first.price, "close": last.price,
        "high": max(prices), "low": min(prices),
        "vwap": fractions.Fraction(sum(line.price * line.size for line in trades), shares)}


def starts_with_its_first(lines):
    """Whether no line that is captured in order is of shares before the first line's: it would be no late line."""
    first = None
    for line in lines:
        first = line.begin if first is None else first
        if line.shares <= first:
            return False
    return True


def neighbours(lines):
    """How many pairs are inside frames of each symbol's lines, and those that do not keep the identities."""
    pairs, broken = 0, []
    for here in by_subject(lines).values():
        highest = 0
        for before, line in zip(here, here[1:]):
            highest = max(highest, before.shares)
            if before.at == line.at and highest == before.shares < line.shares:
                pairs += 1
                broken += [(before, line)] if line.begin != before.shares else []
    return pairs, broken
