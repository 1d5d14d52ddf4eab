"""One batch of lines through the tools, compared with the oracle."""
import base64
import json
import os
import re
import subprocess
import tempfile

from fuzzkit.contract import decide, find_non_finite, record, validate
from fuzzkit.text import Obj, judge, parse


class Difference(Exception):
    """What the tool did and what the contract says."""


def expect(got, wanted, what):
    if got != wanted or type(got) is not type(wanted):
        raise Difference("%s\n   got: %.2000r\nwanted: %.2000r" % (what, got, wanted))


class Rejects:
    """A rejects file, by line number."""

    def __init__(self, path):
        self.by_line = {}
        with open(path, "rb") as file:
            for raw in file.read().split(b"\n")[:-1]:
                entry = json.loads(raw)
                self.by_line[entry["line"]] = (entry, raw)
        os.unlink(path)

    def check(self, number, line):
        entry, raw = self.by_line.pop(number)
        if "input_text" in entry:
            kept = entry["input_text"].encode()
        elif "input_base64" in entry:
            kept = base64.b64decode(entry["input_base64"], validate=True)
        else:
            kept = raw[raw.index(b',"input":') + len(b',"input":'):-1] if b',"input":' in raw else None
            if kept is not None and not raw.endswith(b',"input":' + line + b"}"):
                kept = None
            else:
                kept = line
        expect(kept, line, "reject keeps its line")
        return entry


class Session:
    """One batch through all tools."""

    def __init__(self, binaries, lines):
        self.bin = binaries
        self.lines = lines
        self.current = None

    def tool(self, name, arguments, lines):
        handle, path = tempfile.mkstemp(prefix="fuzz-rejects-")
        os.close(handle)
        data = b"\n".join(lines) + b"\n"
        done = subprocess.run([os.path.join(self.bin, name), *arguments, "--rejects", path], input=data,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              env={"PATH": os.environ.get("PATH", "")})
        if done.returncode != 0:
            os.unlink(path)
            raise Difference("%s ended with %d: %s" % (name, done.returncode, done.stderr[-500:]))
        summary = re.search(rb"in=(\d+) out=(\d+) rejected=(\d+) blank=(\d+)", done.stderr)
        counts = [int(number) for number in summary.groups()]
        expect(counts[0], sum(counts[1:]), name + ": in = out + rejected + blank")
        expect(counts[0], len(lines), name + ": lines read")
        rejects = Rejects(path)
        expect(counts[2], len(rejects.by_line), name + ": rejects kept")
        return done.stdout.split(b"\n")[:-1], rejects

    def check(self):
        judged = []
        for line in self.lines:
            text = line[:-1] if line.endswith(b"\r") else line
            if text.strip(b" \t\r") == b"":
                judged.append((text, None, "blank"))
            else:
                judged.append((text, *judge(text)))
        annotated = self.check_validate(judged)
        self.check_guard(annotated)
        self.check_enrich(judged)

    def unreadable(self, number, text, problem, rejects):
        """Whether the line is none that a stage can take; checks how it was refused."""
        if problem == "blank":
            return True
        if problem is None:
            return False
        if number not in rejects.by_line:
            raise Difference("taken, but: " + problem)
        errors = rejects.check(number, text)["verdict"]["errors"]
        match = re.fullmatch(problem, errors[0]) if len(errors) == 1 else None
        if not match:
            raise Difference("refused with %r, but: %s" % (errors, problem))
        if match.groups() and match.group(1) and int(match.group(1)) > len(text):
            raise Difference("offset behind the line: %r" % errors)
        return True

    def check_validate(self, judged):
        out, rejects = self.tool("snap-validate", ["--emit", "all"], self.lines)
        plain, _ = self.tool("snap-validate", ["--plain"], self.lines)
        out, plain = iter(out), iter(plain)
        annotated = []
        for number, (text, tree, problem) in enumerate(judged, 1):
            self.current = text
            if self.unreadable(number, text, problem, rejects):
                continue
            wanted = validate(tree)
            got = next(out)
            if wanted["severity"] == "BLOCK":
                if number not in rejects.by_line:
                    raise Difference("passed, but: %r" % wanted)
                expect(rejects.check(number, text)["verdict"], wanted, "verdict in the rejects file")
            else:
                if number in rejects.by_line:
                    raise Difference("refused, but good: %r" % rejects.by_line[number][0]["verdict"])
                expect(next(plain, None), text, "--plain")
            self.check_annotation(text, tree, got, "validation", wanted)
            if not find_non_finite(tree):
                annotated.append(got)
        expect(list(out), [], "more output than lines")
        expect(list(plain), [], "more plain output than lines")
        return annotated

    def check_annotation(self, text, tree, got, name, wanted):
        verdict = json.dumps(wanted, ensure_ascii=False, separators=(",", ":")).encode()
        core = text.strip(b" \t\r")
        kept = Obj(pair for pair in tree if pair[0] != name)
        if len(kept) == len(tree):
            start = core[:-1] + (b"," if tree else b"") + b'"' + name.encode() + b'":'
            expect(got[:len(start)], start, "bytes before the verdict")
        parsed = parse(got.decode())
        expect(parsed[-1][0], name, "last member")
        expect(Obj(parsed[:-1]), kept, "members beside the verdict")
        if not got.endswith(verdict + b"}"):
            expect(json.loads(got)[name], wanted, "verdict")

    def check_guard(self, lines):
        if not lines:
            return
        out, rejects = self.tool("snap-guard", ["--emit", "all"], lines)
        for number, (line, got) in enumerate(zip(lines, out, strict=True), 1):
            self.current = line
            tree = parse(line.decode())
            wanted = decide(tree)
            expect(number in rejects.by_line, wanted["action"] == "BLOCK", "guard's decision")
            if wanted["action"] == "BLOCK":
                expect(rejects.check(number, line)["verdict"], wanted, "guard's verdict")
            self.check_annotation(line, tree, got, "guard", wanted)

    def check_enrich(self, judged):
        out, rejects = self.tool("snap-enrich", ["--clock", "event"], self.lines)
        out = iter(out)
        for number, (text, tree, problem) in enumerate(judged, 1):
            self.current = text
            if self.unreadable(number, text, problem, rejects):
                continue
            found = find_non_finite(tree)
            if found:
                count = sum(len(paths) for paths in found.values())
                verdict = rejects.check(number, text)["verdict"]
                expect(verdict["errors"], ["non-finite numbers detected in snapshot: %d" % count], "enrich refuses")
                continue
            got = next(out)
            kept = Obj(pair for pair in tree if pair[0] not in ("validation", "guard"))
            if len(kept) == len(tree):
                start = b'{"snapshot":' + text.strip(b" \t\r") + b',"regime_tags":{},"condition_tags":[],'
                expect(got[:len(start)], start, "the snapshot's bytes")
            parsed = parse(got.decode())
            expect([name for name, _ in parsed],
                   ["snapshot", "regime_tags", "condition_tags", "outcome_labels", "metadata"], "the record's members")
            expect(parsed.last("snapshot"), kept, "the record's snapshot")
            expect(parsed.last("metadata"), record(tree), "the record's metadata")
        expect(list(out), [], "more records than lines")
