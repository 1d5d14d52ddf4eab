"""The oracle: verdicts and records, written from the contract."""
import re

from fuzzkit.text import ABSENT, NonFinite, Num, Obj

META = ["timestamp", "timestamp_ms", "session_id", "run_id", "mode", "observer_version"]
CONTEXT = ["source", "stage"]
SECTIONS = ["inputs", "computed", "state"]


def missing(value):
    return value is ABSENT or value is None


def join(path, name):
    return path + "." + name if path else name


def non_finite(value, path, place, found):
    """Collects paths by place: a section's name, or 'snapshot'."""
    if isinstance(value, NonFinite):
        found.setdefault(place, []).append(path)
    elif isinstance(value, Obj):
        for name, child in value:
            non_finite(child, join(path, name), place, found)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            non_finite(child, "%s[%d]" % (path, index), place, found)


def find_non_finite(tree):
    found = {}
    sectioned = isinstance(tree.last("observation"), Obj)
    for name, value in tree:
        if name == "observation" and sectioned and isinstance(value, Obj):
            for inner, child in value:
                place = inner if inner in SECTIONS else "snapshot"
                non_finite(child, join(name, inner), place, found)
        else:
            non_finite(value, name, "snapshot", found)
    return found


def check_members(tree, parent, names, errors):
    value = tree.last(parent)
    if missing(value):
        errors.append("snapshot.%s missing" % parent)
    elif not isinstance(value, Obj):
        errors.append("snapshot.%s must be dict" % parent)
    else:
        for name in names:
            child = value.last(name)
            if missing(child) or (child == "" and not isinstance(child, Num)):
                errors.append("snapshot.%s.%s missing/empty" % (parent, name))
        return value
    return None


def duplicates(tree):
    out = [name for name in ("meta", "context", "observation") if tree.count(name) > 1]
    for parent, names in (("meta", META), ("context", CONTEXT), ("observation", SECTIONS)):
        value = tree.last(parent)
        if isinstance(value, Obj):
            out += ["%s.%s" % (parent, name) for name in names if value.count(name) > 1]
    observation = tree.last("observation")
    inputs = observation.last("inputs") if isinstance(observation, Obj) else None
    if isinstance(inputs, Obj):
        out += ["observation.inputs." + name for name in ("price", "volume") if inputs.count(name) > 1]
    return ["snapshot.%s duplicated" % path for path in out]


def validate(tree):
    errors, details = [], {}
    found = find_non_finite(tree)

    def report(place):
        if place in found:
            errors.append("non-finite numbers detected in %s: %d" % (place, len(found[place])))
            details["non_finite_" + place] = found[place][:50]

    meta = check_members(tree, "meta", META, errors)
    if meta is not None:
        stamp = meta.last("timestamp_ms")
        if not missing(stamp) and not (isinstance(stamp, (Num, NonFinite)) and re.fullmatch(r"-?\d+", stamp)):
            errors.append("snapshot.meta.timestamp_ms must be int")
    check_members(tree, "context", CONTEXT, errors)
    observation = tree.last("observation")
    if missing(observation):
        errors.append("snapshot.observation missing")
    elif not isinstance(observation, Obj):
        errors.append("snapshot.observation must be dict")
    else:
        for name in SECTIONS:
            section = observation.last(name)
            if missing(section):
                errors.append("snapshot.observation.%s missing" % name)
            elif not isinstance(section, Obj):
                errors.append("snapshot.observation.%s must be dict" % name)
            report(name)
    report("snapshot")
    errors += duplicates(tree)
    if not errors:
        return {"severity": "INFO"}
    return {"severity": "BLOCK", "errors": errors, "details": details}


def member(tree, *names):
    for name in names:
        if not isinstance(tree, Obj):
            return ABSENT
        tree = tree.last(name)
    return tree


def decide(tree):
    """snap-guard's verdict."""
    if member(tree, "validation", "severity") == "BLOCK":
        return {"action": "BLOCK", "reason": "Validation failed"}
    stage = member(tree, "context", "stage")
    if missing(stage) or (stage == "" and not isinstance(stage, Num)):
        return {"action": "BLOCK", "reason": "Invalid context.stage"}
    return {"action": "PASS", "reason": "OK"}


def is_number(value):
    return isinstance(value, (Num, NonFinite))


def record(tree):
    """The metadata that snap-enrich --clock event makes of a snapshot, as pairs."""

    def value(*names):
        found = member(tree, *names)
        return None if found is ABSENT else found

    def members(name):
        found = member(tree, "observation", name)
        return len(found) if isinstance(found, Obj) else 0

    counts = {name: members(name) for name in SECTIONS}
    price, volume = (member(tree, "observation", "inputs", name) for name in ("price", "volume"))
    flags = [flag for flag, holds in (
        ("EMPTY_INPUTS", not counts["inputs"]), ("NO_COMPUTED", not counts["computed"]),
        ("NO_STATE", not counts["state"]),
        ("PRICE_NOT_NUMERIC", price is not ABSENT and not is_number(price)),
        ("VOLUME_NOT_NUMERIC", volume is not ABSENT and not is_number(volume))) if holds]
    hints = [hint for hint, holds in (
        ("HAS_PRICE", price is not ABSENT), ("HAS_VOLUME", volume is not ABSENT),
        ("HAS_COMPUTED", counts["computed"]), ("HAS_STATE", counts["state"])) if holds]
    stamp = [("generated_at", value("meta", "timestamp")), ("session_id", value("meta", "session_id")),
             ("mode", value("meta", "mode"))]
    validation, guard = value("validation"), value("guard")
    summary = Obj((name, value("context", name)) for name in ("source", "stage", "symbol", "market"))
    summary += [(name, found) for name, found in (("price", price), ("volume", volume)) if found is not ABSENT]
    return Obj([
        ("schema_version", "v1.0.0"), ("dataset_version", "v1.0.0"), ("build_id", "observer_core_v1"), *stamp,
        ("quality_flags", []),
        ("validation", Obj([("severity", "SKIPPED")]) if validation is None else validation),
        ("guard", Obj([("action", "SKIPPED"), ("reason", "stage not run")]) if guard is None else guard),
        ("_schema", Obj([
            ("record_schema_name", "PatternRecord"), ("record_schema_version", "v1.1.0"),
            ("compat_min_version", "v1.0.0"), ("producer", "observer_core"), ("build_id", "observer_core_v1"),
            ("dataset_version", "v1.0.0"), *stamp])),
        ("_quality", Obj([
            ("flags", flags),
            ("stats", Obj([
                *((name + "_count", Num(counts[name])) for name in SECTIONS),
                ("timestamp_ms", value("meta", "timestamp_ms")), ("timestamp_iso", value("meta", "timestamp")),
                ("time_resolution", "ms"), ("has_price", price is not ABSENT),
                ("has_volume", volume is not ABSENT)]))])),
        ("_interpretation", Obj([("summary", summary), ("hints", hints)])),
    ])
