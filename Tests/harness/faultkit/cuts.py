"""seal, prune and restore: every state that a power cut may leave of a folder (C3), and each of their syncs taken out (C4)."""
import collections
import concurrent.futures
import copy
import glob
import json
import os
import re
import shutil

from . import crash, seals
from .box import ROOT, bin_dir, log, need
from .cases import case
from .oracle import Deviation, expect, record
from .prune import FRESH, LATE, NEWEST, clean, lines_of, put
from .seals import PRUNE, RESTORE, SEAL

MANIFEST = "manifest.ndjson"
SYNC = re.compile(r"\bsync -- [^\s;&|]+")
PARTIAL = re.compile(r"(\.packed|\.packed\.tmp|\.zst\.tmp|\.removed)$|^\.")


class Scene:
    """A folder, what its windows hold, the command that is cut there, and those that are run next. The second half of the
    files in `lost` was not synced before. It and the next runs but the last end with one of `statuses`; no file that it writes
    is larger than `limit`."""

    def __init__(self, name, before, texts, command, after, lost=(), statuses=(0,), limit=None):
        self.name, self.before, self.texts, self.command, self.after, self.lost = name, before, texts, command, after, lost
        self.statuses, self.limit = statuses, limit

    def play(self, folder, scripts=os.path.dirname(SEAL)):
        """Runs it, with other scripts; keeps the states that a cut may leave, and what is not on the disk at its end."""
        crash.write(self.before, folder)
        if not self.before:
            os.rmdir(folder)
        disk = crash.Disk(folder, self.lost)
        words = [] if self.limit is None else ["prlimit", "--fsize=%d" % self.limit]
        words += [os.path.join(scripts, os.path.basename(self.command[0])), "--dir", folder, *self.command[1:]]
        status, err, calls = crash.record(words, folder, dict(os.environ, OBSERVER_BIN_DIR=bin_dir()))
        expect(status in self.statuses, "%s ends with %d: %s" % (self.name, status, err))
        self.states, self.unsynced = crash.play(disk, calls)
        self.appeared = disk.appeared
        return self

    def glance(self, state):
        """Raises where something is lost in a state."""
        for name, (data, _) in state.items():
            expect(PARTIAL.search(name) or name in self.lost or data in self.appeared[name], "%s is torn" % name)
        expect(MANIFEST in state or MANIFEST not in self.before, "the manifest is gone")
        known = [json.loads(line) for line in state.get(MANIFEST, (b"", 0))[0].splitlines()]
        known = {line["name"]: line for line in known if "name" in line}
        if MANIFEST in state and self.command[0] != SEAL:
            expect(known.keys() == self.texts.keys(), "the manifest has forgotten %s" % sorted(self.texts.keys() - known.keys()))
        for name, line in known.items():
            if self.command[0] != SEAL or name in self.lost:
                expect(line["removed"] is not None or name + ".removed" in state or name in state and seals.sha256(state[name][0]) == line["sha256"],
                       "%s is not what its line in the manifest says" % name)

    def judge(self, state, folder):
        """Raises where the next runs do not bring a state to its end."""
        crash.write(state, folder)
        for number, words in enumerate(self.after, 1):
            clean(words[0], "--dir", folder, *words[1:], statuses=self.statuses if number < len(self.after) else (0,))
        expect(not seals.untrue(folder), "; ".join(seals.untrue(folder)))
        for name, data in self.texts.items():
            expected = state[name][0] if name in self.lost else data
            found = lines_of(folder, name)
            expect(found == expected, "%s holds %d bytes after the next run, not %d" % (name, len(found), len(expected)))
        left = [name for name in os.listdir(folder) if PARTIAL.search(name)]
        expect(not left, "left over by the next run: %s" % left)

    def losses(self, box, known=()):
        """The first loss in a state that is not known; nothing when there is none."""
        states = [found for key, found in self.states.items() if key not in known]

        def look(check, *words):
            state, where = words[0]
            try:
                check(state, *words[1:])
                return None
            except Deviation as deviation:
                return "%s, cut after %s: %s" % (self.name, where, deviation)

        for found in states:
            loss = look(self.glance, found)
            if loss:
                return loss
        if self.unsynced:
            return "%s: its end is not on the disk when it has ended" % self.name
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            folders = [box.path("after-%d" % number) for number in range(len(states))]
            for loss in pool.map(lambda found, folder: look(self.judge, found, folder), states, folders):
                if loss:
                    pool.shutdown(cancel_futures=True)
                    return loss
        return None


def windows(folder, *days):
    os.mkdir(folder)
    texts = {}
    for day in days:
        name = "observer_202607%02d_0000.jsonl" % day
        texts[name] = b"".join(record(100 * day + index) for index in range(20))
        put(folder, name, texts[name])
        os.utime(os.path.join(folder, name), (1_600_000_000, 1_600_000_000))
    return texts


def scenes(box):
    """One after another, each played."""
    play = box.path("archive")
    folder = box.path("first")
    texts = windows(folder, 1, 2)
    yield Scene("the first seal", crash.read(folder), texts, [SEAL], [[SEAL]], lost=sorted(texts)[:1]).play(play)
    # Lines come late into a compressed window, and say what its last ones say.
    folder, compress = box.path("late"), [SEAL, "--compress"]
    texts = {**windows(folder), LATE: b"".join(record(index) for index in range(20)), NEWEST: record(9)}
    for name, data in texts.items():
        put(folder, name, data)
    clean(compress[0], "--dir", folder, *compress[1:])
    put(folder, LATE, texts[LATE][-400:])
    texts[LATE] += texts[LATE][-400:]
    texts[FRESH] = b"".join(record(index) for index in range(100, 120))
    put(folder, FRESH, texts[FRESH])
    first = Scene("seal --compress", crash.read(folder), texts, compress, [compress]).play(play)
    yield first
    # What a cut leaves of a compression is itself cut at.
    shapes = {}
    for state, where in first.states.values():
        shape = frozenset(name for name in state if name[0] != ".")
        if any(map(PARTIAL.search, shape)):
            shapes.setdefault(shape, (state, where))
    for state, where in shapes.values():
        yield Scene("seal --compress after a cut after %s" % where, state, texts, compress, [compress]).play(play)
    # What another program left: a note whose window is gone, and a window that has the note's name.
    folder = box.path("note")
    texts = {**windows(folder), LATE: texts[LATE], NEWEST: record(9)}
    for name, data in texts.items():
        put(folder, name, data)
    clean(compress[0], "--dir", folder, *compress[1:])
    put(folder, LATE + ".packed", b"packed 0 400\n")
    yield Scene("seal, a note alone", crash.read(folder), texts, [SEAL], [[SEAL]]).play(play)
    folder = box.path("named")
    texts = windows(folder, 1, 2)
    clean(SEAL, "--dir", folder)
    os.rename(os.path.join(folder, min(texts)), os.path.join(folder, min(texts) + ".packed"))
    yield Scene("seal, a window with a note's name", crash.read(folder), texts, [SEAL], [[SEAL]]).play(play)
    folder, elsewhere = box.path("days"), box.path("copy")
    texts = windows(folder, 1, 2, 3)
    clean(SEAL, "--dir", folder)
    shutil.copytree(folder, elsewhere, copy_function=shutil.copy2)
    remove, restore = [PRUNE, "--keep", "1", "--copied-to", elsewhere, "--yes"], [RESTORE, "--from", elsewhere]
    yield Scene("prune", crash.read(folder), texts, remove, [[SEAL], remove, restore]).play(play)
    # On a full disk, here one that has room for the manifest once, files go before it.
    yield Scene("prune on a full disk", crash.read(folder), texts, remove, [[SEAL], remove, restore],
                limit=os.path.getsize(os.path.join(folder, MANIFEST)) * 3 // 2).play(play)
    clean(remove[0], "--dir", folder, *remove[1:])
    late = box.path("late line")
    shutil.copytree(folder, late, copy_function=shutil.copy2)
    put(late, min(texts), record(7))
    own = {max(texts): texts[max(texts)], min(texts).replace("_0000.", "_000001."): record(7)}
    yield Scene("seal, a line for a window that was removed", crash.read(late), own, [SEAL], [[SEAL], [SEAL]], statuses=(0, 65)).play(play)
    yield Scene("restore", crash.read(folder), texts, restore, [[SEAL], restore]).play(play)
    yield Scene("restore into a new folder", {}, texts, restore, [[SEAL], restore]).play(play)


def label(scene):
    return scene.name.split(" after")[0]


@case("C3", "every state that a power cut may leave of seal, prune, restore", "no file lost, torn or forgotten; the next run completes")
def every_state(box):
    need("strace", "zstd", "flock")
    known = collections.defaultdict(set)
    for scene in scenes(box):
        loss = scene.losses(box, known[label(scene)])
        expect(not loss, loss)
        known[label(scene)] |= scene.states.keys()
    return "%s: no loss, every next run complete" % ", ".join("%d of %s" % (len(states), what) for what, states in known.items())


def mutants(folder):
    """Copies of the scripts, each without one of their syncs: (what is missing, the copy)."""
    for path in sorted(glob.glob(os.path.join(ROOT, "scripts/observer-*"))):
        with open(path) as file:
            text = file.read()
        for sync in SYNC.finditer(text):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(os.path.join(ROOT, "scripts"), folder)
            with open(os.path.join(folder, os.path.basename(path)), "w") as file:
                file.write(text[:sync.start()] + ":" + text[sync.end():])
            yield "%s:%d %s" % (os.path.basename(path), text.count("\n", 0, sync.start()) + 1, sync.group()), folder


@case("C4", "each sync of seal, prune, restore taken out", "C3 finds a loss")
def each_sync(box):
    need("strace", "zstd", "flock")
    found, blunt = [], []
    known = list(scenes(box))
    for missing, scripts in mutants(box.path("scripts")):
        for scene in known:
            loss = copy.copy(scene).play(box.path("archive"), scripts).losses(box, scene.states)
            if loss:
                break
        (found if loss else blunt).append(missing)
        log("%s: %s" % (missing, loss or "NOTHING"))
    expect(found and not blunt, "not missed: %s" % "; ".join(blunt))
    return "%d of %d are missed" % (len(found), len(found))
