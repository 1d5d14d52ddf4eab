"""Seals as `observer seal` writes them, by another hand: the manifest's lines of windows that hold no trades, and the sums."""
import hashlib
import json
import os
import re
import subprocess

from .box import ROOT

SEAL, PRUNE, RESTORE = (os.path.join(ROOT, "scripts/observer-" + word) for word in ("seal", "prune", "restore"))
WINDOW = re.compile(r"[A-Za-z0-9._-]+_\d{8}_\d{4}(\d\d)?\.jsonl(\.zst)?$")


def content(path):
    """What a data file holds, compressed or not."""
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    with open(path, "rb") as file:
        return file.read()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def line_of(path, removed=None):
    """A file's line, without what snap-audit would say of it."""
    status = os.stat(path)
    with open(path, "rb") as file:
        whole = file.read()
    data = content(path)
    return {"name": os.path.basename(path), "sha256": sha256(whole), "bytes": len(whole),
            "mtime": "%d.%09d" % (status.st_mtime_ns // 10**9, status.st_mtime_ns % 10**9), "removed": removed,
            "content_sha256": sha256(data), "content_bytes": len(data), "lines": data.count(b"\n"), "first": None,
            "last": None, "feeds": [], "symbols": [], "days": [], "sealed": "2026-08-01T00:00:00+09:00"}


def seal(folder):
    """Seals each window as it is now."""
    lines = [line_of(os.path.join(folder, name)) for name in os.listdir(folder)
             if WINDOW.match(name) and os.path.isfile(os.path.join(folder, name)) and not os.path.islink(os.path.join(folder, name))]
    write(folder, lines)


def write(folder, lines):
    texts = sorted(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    for name, text in (("manifest.ndjson", "".join(texts)),
                       ("SHA256SUMS", "".join("%s  %s\n" % (line["sha256"], line["name"]) for line in sorted(lines, key=lambda line: line.get("name", ""))
                                              if "name" in line and line["removed"] is None))):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def manifest(folder):
    """The lines of files by name, and those of days by date."""
    files, days = {}, {}
    with open(os.path.join(folder, "manifest.ndjson")) as file:
        for text in file:
            line = json.loads(text)
            if "name" in line:
                files[line["name"]] = line
            else:
                days[line["date"]] = line
    return files, days


def untrue(folder):
    """What of manifest and sums is not so: an empty list is what it should be."""
    found = []
    files, _ = manifest(folder)
    with open(os.path.join(folder, "SHA256SUMS")) as file:
        sums = dict(reversed(text.rstrip("\n").split("  ")) for text in file)
    here = {name: line for name, line in files.items() if line["removed"] is None}
    if sums != {name: line["sha256"] for name, line in here.items()}:
        found.append("SHA256SUMS is not that of the manifest")
    for name, line in here.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            found.append(name + " is sealed and not here")
            continue
        true = line_of(path)
        for key in ("sha256", "bytes", "mtime", "content_sha256", "content_bytes", "lines"):
            if true[key] != line[key]:
                found.append("%s: %s is %s, not %s" % (name, key, true[key], line[key]))
    return found
