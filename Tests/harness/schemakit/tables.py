"""The tables of an archive: which lines are in each, and the members of each with one type everywhere."""

import json
from dataclasses import dataclass

# What is asked for over REST is one table: a symbol as it stood.
QUOTES = ("price", "multi")
# In the order in which they are worth reading.
ORDER = ("trades", "book", "quotes", "gaps", "expected", "status", "members", "program", "nav")
# `observation.state` of a gap (contract, section 3); the amounts of a loss are there where trades are missing.
GAP = (("event", "text"), ("reason", "text"), ("from", "time"), ("to", "time"), ("seconds", "decimal"),
       ("severity", "text"), ("gap_id", "text"), ("final", "boolean"), ("detail", "text"),
       ("missed_trades", "integer"), ("missed_volume", "integer"), ("missed_value", "decimal"),
       ("cause", "text"))
# `meta` and `context` (contract, section 2).
META = (("timestamp", "time"), ("timestamp_ms", "integer"), ("session_id", "text"), ("run_id", "text"),
        ("mode", "text"), ("observer_version", "text"), ("iteration_id", "integer"), ("loop_interval_ms", "decimal"),
        ("latency_ms", "decimal"), ("tick_source", "text"))
CONTEXT = (("source", "text"), ("stage", "text"), ("symbol", "text"), ("market", "text"), ("product", "text"),
           ("feed", "text"))


@dataclass(frozen=True)
class Member:
    """One member of `inputs`, or of the state of a gap."""
    name: str
    type: str
    array: bool = False


@dataclass(frozen=True)
class Table:
    """The lines of one kind. `older` says which lines are of it that were written before `context.feed`."""
    name: str
    feeds: tuple
    members: tuple


def rows(text):
    """The rows of the feed table."""
    return [json.loads(line) for line in text.splitlines()]


def _merged(channels):
    """Members by name, in the order in which they come; whole numbers only where they are so everywhere."""
    merged = {}
    for row in channels:
        for entry in row["members"]:
            if entry["type"] is None:
                continue  # this channel has it as null always
            member = Member(entry["name"], entry["type"], entry.get("array", False))
            known = merged.setdefault(member.name, member)
            if known != member:
                assert known.array == member.array and {known.type, member.type} == {"decimal", "integer"}, member
                merged[member.name] = Member(member.name, "decimal", member.array)
    return merged


def members(channels):
    """Every member of `inputs`."""
    return tuple(_merged(channels).values())


def tables(channels):
    """The tables of all feeds."""
    every = _merged(channels)
    made = {"gaps": Table("gaps", (), tuple(Member(*entry) for entry in GAP if entry[0] != "event"))}
    for name in {"quotes" if row["feed"] in QUOTES else row["feed"] for row in channels}:
        feeds = QUOTES if name == "quotes" else (name,)
        own = _merged(row for row in channels if row["feed"] in feeds)
        made[name] = Table(name, feeds, tuple(every[key] for key in own))
    assert set(made) == set(ORDER), set(made)
    return [made[name] for name in ORDER]
