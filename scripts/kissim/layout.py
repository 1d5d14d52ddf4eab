"""Record layouts that change while the simulator runs, as the exchange's did on 2026-09-14."""


class Layouts:
    """The changes of --layout: for each TR what happens to a record, and from which moment on."""

    def __init__(self, clock, changes):
        self.clock = clock
        self.changes = {}
        for tr, kind, index, moment in changes:
            self.changes.setdefault(tr, []).append((kind, index, moment))

    def apply(self, tr, records):
        """The records as they are sent now."""
        changes = self.changes.get(tr)
        if not changes:
            return records
        now = [c for c in changes if self.clock.reached(c[2])]
        return [record._replace(text=changed(record.text, now)) for record in records] if now else records


def changed(text, changes):
    """A record's text with each change (kind, index, …) made in turn."""
    fields = text.split("^")
    for kind, index, _ in changes:
        if kind == "remove":
            del fields[index : index + 1]
        else:
            fields.insert(index, "1")
    return "^".join(fields)
