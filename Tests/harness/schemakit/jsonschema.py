"""JSON Schema (2020-12) of a line: a PatternRecord whose snapshot holds what its feed can have."""

import json

from .tables import CONTEXT, GAP, META, QUOTES, _merged, members

VERSION = "https://json-schema.org/draft/2020-12/schema"
TYPES = {"decimal": "number", "integer": "integer", "boolean": "boolean", "text": "string", "time": "string"}
REQUIRED_META = ["timestamp", "timestamp_ms", "session_id", "run_id", "mode", "observer_version"]


def value(kind, nullable=True):
    """A value of a kind, or null."""
    schema = {"type": [TYPES[kind], "null"] if nullable else TYPES[kind]}
    if kind == "time":
        schema["format"] = "date-time"
    return schema


def member(entry):
    """A member of `inputs`."""
    one = value(entry.type)
    return {"type": ["array", "null"], "items": one} if entry.array else one


def inputs(channels, feed):
    """`inputs` of a feed, over all of its products."""
    own = [row for row in channels if row["feed"] == feed]
    known = {name: member(entry) for name, entry in _merged(own).items()}
    for row in own:
        for entry in row["members"]:
            if "words" in entry and len({tuple(other.get("words", ())) for channel in own for other in channel["members"]
                                         if other["name"] == entry["name"]}) == 1:
                known[entry["name"]] = {"enum": entry["words"] + [None]}
    # The names in raw were capitals before context.feed; the exchange may add fields any day.
    texts = {} if feed in QUOTES else {"additionalProperties": {"type": "string"}}
    known["raw"] = {"type": "object", **texts}
    return {"type": "object", "properties": known}


def text(channels):
    """config/schema/record.schema.json."""
    feeds = list(dict.fromkeys(row["feed"] for row in channels))
    gap = {name: value(kind) for name, kind in GAP}
    gap["event"] = {"const": "gap"}
    meta = {name: value(kind, name not in REQUIRED_META) for name, kind in META}
    context = {name: value(kind, name not in ("source", "stage")) for name, kind in CONTEXT}
    products = sorted({row["product"] for row in channels})
    context["source"] = {"enum": ["market", "broker", "system", "external"]}
    context["stage"] = {"enum": ["raw", "computed", "state"]}
    section = {"type": "object"}
    market = {"properties": {"source": {"const": "market"}}, "required": ["source"]}
    snapshot = {
        "type": "object", "required": ["meta", "context", "observation"],
        "properties": {
            "meta": {"type": "object", "required": REQUIRED_META, "properties": meta},
            "context": {"type": "object", "required": ["source", "stage"], "properties": context},
            "observation": {"type": "object", "required": ["inputs", "computed", "state"],
                            "properties": {"inputs": section, "computed": section, "state": section}},
        },
        "allOf": [{
            "if": {"properties": {"context": {**market, "properties": {**market["properties"], "feed": {"const": feed}},
                                              "required": ["source", "feed"]}}},
            "then": {"properties": {"observation": {"properties": {"inputs": {"$ref": f"#/$defs/{feed}"}}}}},
        } for feed in feeds] + [{
            "if": {"properties": {"context": {"not": {"required": ["feed"]}}}},
            "then": {"properties": {"observation": {"properties": {"inputs": {"$ref": "#/$defs/older"}}}}},
        }, {
            "if": {"properties": {"observation": {"properties": {"state": {
                "properties": {"event": {"const": "gap"}}, "required": ["event"]}}}}},
            "then": {"properties": {"observation": {"properties": {"state": {"$ref": "#/$defs/gap"}}}}},
        }],
    }
    schema = {
        "$schema": VERSION, "title": "PatternRecord v1.1.0",
        "description": "A line of an Observer archive. Made by `make schema` from the feed table. Products: "
                       + ", ".join(products) + ".",
        "type": "object", "required": ["snapshot", "metadata"],
        "properties": {"snapshot": snapshot, "regime_tags": section, "condition_tags": {"type": "array"},
                       "outcome_labels": section, "metadata": {"$ref": "#/$defs/metadata"}},
        "$defs": {
            **{feed: inputs(channels, feed) for feed in feeds},
            # Before context.feed a line could be of any.
            "older": {"type": "object", "properties": {entry.name: member(entry) for entry in members(channels)}},
            "gap": {"type": "object", "required": ["event", "reason", "from", "to", "seconds", "severity"],
                    "properties": gap},
            "metadata": {
                "type": "object", "required": ["validation", "guard", "_schema", "_quality", "_interpretation"],
                "properties": {
                    "generated_at": value("time", False), "quality_flags": {"type": "array", "items": {"type": "string"}},
                    "quality": {"enum": ["normal", "degraded", "gap", "rejected"]},
                    "validation": {"type": "object", "required": ["severity"]},
                    "guard": {"type": "object", "required": ["action", "reason"]},
                    "_quality": {"type": "object", "properties": {"flags": {
                        "type": "array", "items": {"type": "string"}}}},
                }},
        },
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
