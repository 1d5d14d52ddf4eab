"""JSON messages in which one field has a type nobody expects: every field in turn, every type in turn."""

import json

# What stands in a field's place, as JSON text; None: the field is missing.
KINDS = {
    "null": "null", "true": "true", "number": "7", "string": '"seven"', "object": '{"a":{"b":[]}}',
    "array": '[7,[],{}]', "huge": "9" * 400, "overflow": "1e999", "deep": "[" * 100000 + "]" * 100000,
    "missing": None,
}
_MARK = "\x00the field\x00"


def places(value, path=()):
    """Every field of a message, the message itself first; of an array the first element."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, member in inner:
        yield from places(member, path + (name,))


def vary(message, step):
    """(the message with variation number `step`, how many there are)."""
    chosen = list(places(message))
    kinds = list(KINDS.values())
    place, kind = chosen[step // len(kinds) % len(chosen)], kinds[step % len(kinds)]
    changed = _replaced(message, place, kind)
    text = json.dumps(changed, ensure_ascii=False, separators=(",", ":")) if changed is not None else ""
    return text.replace(json.dumps(_MARK), kind or "").encode("utf-8", "replace"), len(chosen) * len(kinds)


def _replaced(value, place, kind):
    """`value` with a mark at `place`, or without that member."""
    if not place:
        return None if kind is None else _MARK
    name, rest = place[0], place[1:]
    if isinstance(value, list):
        head = _replaced(value[0], rest, kind)
        return ([] if head is None else [head]) + value[1:]
    head = _replaced(value[name], rest, kind)
    return {n: head if n == name else v for n, v in value.items() if n != name or head is not None}


class Progress:
    """How far each kind of message has come; the variations of all of them are counted for the statistics."""

    def __init__(self):
        self.steps, self.sizes = {}, {}

    def next(self, shape, payload, step=None):
        """The next variation of a message of this shape, or number `step`."""
        step = self.steps.get(shape, 0) if step is None else int(step)
        changed, self.sizes[shape] = vary(json.loads(payload), step)
        self.steps[shape] = step + 1
        return changed

    def report(self):
        """shape: [variations sent, variations there are]."""
        return {shape: [self.steps[shape], self.sizes[shape]] for shape in self.steps}
