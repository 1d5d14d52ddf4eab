"""Judges what kis-fetch wrote: form, values that the exchange sent, and a gap for each lost connection."""
import collections
import datetime
import json
from decimal import Decimal, InvalidOperation

from .oracle import Deviation, expect

META = ("timestamp", "timestamp_ms", "session_id", "run_id", "mode", "observer_version")
REASONS = ("ws_disconnect", "ws_timeout", "api_error", "rate_limit", "no_data", "unreadable", "silent",
           "missed_trades")
FEEDS = ("price", "multi", "trades", "book")


def parse(line):
    """One line as an object, numbers as Decimal; NaN and the like are no JSON."""
    def refuse(word):
        raise ValueError("%s is no JSON" % word)

    record = json.loads(line, parse_constant=refuse, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(record, dict):
        raise ValueError("no object")
    return record


def number(value):
    """A number as the exchange writes one, as text or as a number; else None."""
    try:
        found = Decimal(value.strip()) if isinstance(value, str) else value
    except InvalidOperation:
        return None
    return found if isinstance(found, Decimal) and found.is_finite() else None


def invented(inputs):
    """Names of numbers in `inputs` that do not follow from the exchange's own fields."""
    raw = {name: number(value) for name, value in inputs["raw"].items()}
    known = {abs(value) for value in raw.values() if value is not None}
    price = number(inputs.get("price"))
    for name in ("prdy_vrss", "inter2_prdy_vrss"):
        if price is not None and raw.get(name) is not None:
            known |= {price - raw[name], price + raw[name]}  # the previous close

    def leaves(name, value):
        if isinstance(value, list):
            return [leaf for member in value for leaf in leaves(name, member)]
        return [(name, value)] if isinstance(value, Decimal) else []

    return [name for field, value in inputs.items() if field != "raw"
            for name, leaf in leaves(field, value) if abs(leaf) not in known and leaf != 0]


class Observed:
    """All lines of a run."""

    def __init__(self, data, symbols):
        self.symbols, self.count, self.reasons = set(symbols), 0, collections.Counter()
        self.snapshots = collections.Counter()
        self.gaps = collections.defaultdict(dict)  # of the real-time feeds, by symbol: gap_id to (from, latest `to`)
        self.owners, self.final = {}, set()  # gap_id: symbol, feed and begin; those that are over
        for line in data.split(b"\n")[:-1]:
            self.count += 1
            try:
                self.take(parse(line))
            except (ValueError, KeyError, TypeError, AttributeError, Deviation) as wrong:
                raise Deviation("line %d, %s: %r" % (self.count, repr(wrong)[:200], line[:1500])) from None
        expect(data.endswith(b"\n") or not data, "the last line has no end")

    def take(self, record):
        meta, context, observation = record["meta"], record["context"], record["observation"]
        expect(all(meta[name] for name in META), "meta %s" % meta)
        expect(context["symbol"] in self.symbols, "a symbol that was never asked for")
        expect(context["product"] == "stock" and context["feed"] in FEEDS, "context %s" % context)
        expect(all(isinstance(observation[part], dict) for part in ("inputs", "computed", "state")), "sections")
        if context["source"] == "system":
            expect(context["stage"] == "state", "stage of a gap")
            return self.gap(context, meta["tick_source"], observation["state"])
        expect((context["source"], context["stage"]) == ("market", "raw"), "context %s" % context)
        inputs = observation["inputs"]
        main = inputs["price"] if "price" in inputs else inputs["bid_price"]
        expect(isinstance(main, Decimal) and main > 0, "price %s" % main)
        wrong = invented(inputs)
        expect(not wrong, "values from nowhere: %s" % wrong)
        self.snapshots[meta["tick_source"]] += 1

    def gap(self, context, source, state):
        symbol, name = context["symbol"], state["gap_id"]
        begin, end = (round(datetime.datetime.fromisoformat(state[name]).timestamp() * 1000) for name in ("from", "to"))
        expect(state["event"] == "gap" and state["reason"] in REASONS and begin <= end, "gap %s" % state)
        self.reasons[state["reason"]] += 1
        owner = (symbol, context["feed"], begin)
        expect(self.owners.setdefault(name, owner) == owner and name not in self.final, "gap %s" % state)
        if state["final"] is True:
            self.final.add(name)
        if source == "websocket" and state["reason"] != "missed_trades":
            self.gaps[symbol][name] = (begin, end)

    def account(self, sessions):
        """At the moment a session replaces a lost one, nobody observes: every symbol has to be in a gap then."""
        expect(self.final == set(self.owners), "a gap without its final record")
        for session in sessions[1:]:
            moment = session["opened"]
            for symbol in self.symbols:
                covered = any(begin <= moment + 1 and moment - 1 <= end for begin, end in self.gaps[symbol].values())
                expect(covered, "no gap of %s around %d, when a lost session was replaced" % (symbol, moment))

    @property
    def distinct(self):
        """Gaps of the real-time feeds, reports of one counted once."""
        return sum(map(len, self.gaps.values()))
