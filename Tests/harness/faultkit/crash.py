"""What a power cut may leave of a folder: a run's calls are recorded, and a disk is modelled that keeps what was synced.

Of what was not synced, each change of a name (made, renamed, removed) is on the disk or not whatever the others are, and a
file holds what it held at its last sync, half of what came since, or all of it. A file's sync keeps its bytes and its time,
and not its name; a folder's sync keeps its names. A rename is one change. POSIX promises hardly more; most file systems do.
"""
import hashlib
import itertools
import os
import re
import shutil
import subprocess

from .box import need
from .oracle import expect

CALLS = ("open,openat,creat,write,pwrite64,writev,copy_file_range,sendfile,splice,rename,renameat,renameat2,link,linkat,symlink,"
         "symlinkat,unlink,unlinkat,mkdir,mkdirat,truncate,ftruncate,fallocate,fsync,fdatasync,sync,syncfs,utimensat,ioctl")
CALL = re.compile(r"^(\w+)\((.*)\)\s+= (\d+)")
WORD = re.compile(r'(?:AT_FDCWD|\b\d+)<((?:\\x..)*)>|"((?:\\x..)*)"')
SEALED_AT = re.compile(rb'"sealed":"[^"]*"')


def record(command, folder, env=None):
    """Runs it under strace; its status, what it said on stderr, and its calls that changed or synced something in the folder:
    (call, paths or bytes in the order of its arguments, the arguments' text)."""
    need("strace")
    trace = folder + ".trace"
    # (copies within the kernel show no bytes: cp falls back to write)
    words = ["strace", "-f", "-qq", "-y", "-xx", "-s", "100000000", "--seccomp-bpf", "-o", trace, "-e", "trace=" + CALLS, "-e", "signal=none",
             "-e", "inject=copy_file_range,sendfile,splice:error=ENOSYS", "-e", "inject=ioctl:error=ENOTTY"]
    done = subprocess.run(words + command, capture_output=True, text=True, env=env)
    with open(trace) as file:
        return done.returncode, done.stderr, list(calls_in(file, folder))


def calls_in(lines, folder):
    begun = {}
    for line in lines:
        pid, text = line.rstrip("\n").split(None, 1)
        if text.endswith("<unfinished ...>"):
            begun[pid] = text[:-len("<unfinished ...>")]
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", text)
        if resumed:
            text = begun.pop(pid) + resumed.group(1)
        call = CALL.match(text)
        if call is None:
            continue
        name, arguments, _ = call.groups()
        found = [bytes.fromhex((path or word).replace("\\x", "")) for path, word in WORD.findall(arguments)]
        if name == "sync" or any((word + b"/").startswith(folder.encode() + b"/") or word == os.path.dirname(folder).encode() for word in found[:4]):
            yield name, found, arguments


class File:
    """Its bytes and time as a program sees them, and as the disk has them."""

    def __init__(self, data=b"", time=None, synced=None):
        self.data, self.time = data, time
        self.synced = (b"", None) if synced is None else synced

    def versions(self):
        """What may be left of it: what is there, what was synced, and half of the way."""
        now = (self.data, self.time)
        if now == self.synced:
            return [now]
        half = len(self.synced[0]) if self.data.startswith(self.synced[0]) else 0
        half = (self.data[:half + (len(self.data) - half) // 2], self.time)
        return [now, self.synced] + ([half] if half not in (now, self.synced) else [])


class Disk:
    """A folder without folders in it, all of it on the disk but for the second half of the files in `lost`; it may be missing
    yet. What a file held when it took its name, or at the start, is in `appeared`."""

    def __init__(self, folder, lost=()):
        self.folder, self.pending, self.homeless = folder, [], False
        self.names = {name: File(data, time, (data[:len(data) // 2] if name in lost else data, time)) for name, (data, time) in read(folder).items()}
        self.appeared = {name: {file.data} for name, file in self.names.items()}
        self.kept = dict(self.names)

    def name(self, *words):
        """The name in the folder of a path, told in parts; "." is the folder itself, ".." the one it is in, nothing what is
        elsewhere."""
        path = os.path.join(*words).decode()
        folder, name = os.path.split(path)
        return {self.folder: ".", os.path.dirname(self.folder): ".."}.get(path) or (name if folder == self.folder else None)

    def change(self, *what):
        self.pending.append(what)
        put(self.names, *what)

    def apply(self, call, found, arguments):
        """One call; whether it changed anything."""
        name = self.name(*found[:2]) if call in ("openat", "unlinkat", "renameat", "renameat2") else self.name(found[0]) if found else "."
        if name is None and call not in ("renameat", "renameat2") or name == ".." and call != "fsync":
            return False
        if call == "openat":
            if name not in self.names and "O_CREAT" in arguments:
                self.change("made", name, File())
            elif name in self.names and "O_TRUNC" in arguments:
                self.names[name].data = b""
            else:
                return False
        elif call == "write":
            self.names[name].data += found[1]
        elif call == "utimensat":
            seconds, part = re.findall(r"tv_sec=(\d+), tv_nsec=(\d+)", arguments)[1]
            self.names[name].time = int(seconds) * 10**9 + int(part)
        elif call in ("renameat", "renameat2"):
            new = self.name(*found[2:4])
            self.appeared.setdefault(new, set()).add(self.names[name].data)
            self.change("renamed", name, new, self.names[name])
        elif call == "unlinkat":
            self.change("removed", name)
        elif call == "mkdir" and name == ".":
            self.homeless = True
        elif call in ("fsync", "fdatasync"):
            self.sync(name)
        elif call in ("sync", "syncfs"):
            for each in ["..", ".", *self.names]:
                self.sync(each)
        else:
            expect(call == "ioctl", "the model of a disk does not know %s(%s)" % (call, arguments[:200]))
            return False
        return True

    def sync(self, name):
        if name == "..":
            self.homeless = False
        elif name == ".":
            self.kept, self.pending = dict(self.names), []
        elif name in self.names:
            self.names[name].synced = (self.names[name].data, self.names[name].time)

    def states(self):
        """What a power cut may leave now, each state {name: (bytes, time)}."""
        if self.homeless:
            yield {}
        for chosen in subsets(len(self.pending)):
            names = dict(self.kept)
            for index in chosen:
                put(names, *self.pending[index])
            yield from choices({name: file.versions() for name, file in names.items()})


def put(names, what, name, *rest):
    """A change of names, on a disk that may not have those before it."""
    if what == "made":
        names[name] = rest[0]
    elif what == "removed":
        names.pop(name, None)
    else:
        if names.get(name) is rest[1]:
            del names[name]
        names[rest[0]] = rest[1]


def subsets(count):
    """Which of so many changes are on the disk: any of a few; of many all, none, one alone, all but one, first and last ones."""
    every = range(count)
    if count <= 6:
        return itertools.chain.from_iterable(itertools.combinations(every, size) for size in range(count + 1))
    lone = [(index,) for index in every] + [tuple(other for other in every if other != index) for index in every]
    return [tuple(every[:index]) for index in range(count + 1)] + [tuple(every[index:]) for index in every] + lone


def choices(versions):
    """All files as they are, all as synced, all half; and each alone otherwise."""
    open_ones = [name for name, those in versions.items() if len(those) > 1]
    for rank in range(max(len(those) for those in versions.values()) if versions else 1):
        yield {name: those[min(rank, len(those) - 1)] for name, those in versions.items()}
    for name in open_ones if len(open_ones) > 1 else ():
        for other in versions[name][1:]:
            yield {**{each: those[0] for each, those in versions.items()}, name: other}


def key(state):
    """Two states of one key differ in nothing but the moment at which something was sealed, and times that nobody looks at."""
    return frozenset((name, hashlib.sha256(SEALED_AT.sub(b"", data)).digest(), time if ".jsonl" in name else None)
                     for name, (data, time) in state.items())


def play(disk, calls):
    """Every state that a cut in the run may leave, by its key: (state, the call that it came after); and those of a cut when
    it has ended."""
    seen = {key(state): (state, "its start") for state in disk.states()}
    for call, found, arguments in calls:
        if disk.apply(call, found, arguments):
            where = " ".join([call] + [os.path.basename(word.decode()) for word in found if word.startswith(disk.folder.encode() + b"/")])
            for state in disk.states():
                seen.setdefault(key(state), (state, where))
    now = {name: (file.data, file.time) for name, file in disk.names.items()}
    there = read(disk.folder)
    expect(now == {name: (data, time if name in now and now[name][1] else None) for name, (data, time) in there.items()},
           "the model of the disk is not what is there: %s, %s" % (sorted(now), sorted(there)))
    return seen, {key(state) for state in disk.states()} - {key(now)}


def read(folder):
    """A folder's files: {name: (bytes, time)}."""
    state = {}
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            state[name] = (file.read(), os.stat(path).st_mtime_ns)
    return state


def write(state, folder):
    """Makes a folder of such files."""
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for name, (data, time) in state.items():
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(data)
        if time is not None:
            os.utime(path, ns=(time, time))
