"""Archives of every kind, made by kis-sim, kis-fetch, the filters and the sink; and the truth about them, by Python's json."""

import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal

ROOT = pathlib.Path(__file__).resolve().parents[3]
SYMBOLS = [f"{number:06}" for number in range(100000, 100045)]
DAY = 86_400_000
TABLES = {"price": "quotes", "multi": "quotes"}
KEYS = {"KIS_APP_KEY": "PSIM" * 9, "KIS_APP_SECRET": "simsecret=" * 18}


def program(name):
    """An executable of the build."""
    return str(pathlib.Path(os.environ.get("OBSERVER_BIN_DIR") or ROOT / ".build/release") / name)


def watch_all():
    """A watchlist with one key of every channel."""
    for line in (ROOT / "scripts/kissim/channels.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        place = {} if row["venue"] == "overseas" else {"market": row["venue"]}
        yield json.dumps({"symbol": row["keys"][0], "product": row["product"], "feeds": [row["feed"]], **place})


class Maker:
    """Makes archives below a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("KIS_", "OBSERVER_", "REAL_"))}
        self.env = {**kept, **KEYS, "KIS_TOKEN_CACHE_DIR": str(self.folder / "tokens"), "OBSERVER_MODE": "SIM"}

    def pipeline(self, source, archive, stdin=None):
        """The stages behind a source, to the end."""
        log = open(self.folder / "log", "ab")
        last = subprocess.Popen(source, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=log, env=self.env)
        first = last
        for words in (["snap-validate"], ["snap-guard"], ["snap-enrich"],
                      ["jsonl-sink", "--quiet", "--dir", str(archive)]):
            stage = subprocess.Popen([program(words[0]), *words[1:]], stdin=last.stdout, stdout=subprocess.PIPE,
                                     stderr=log, env=self.env)
            last.stdout.close()
            last = stage
        if stdin:
            first.stdin.write(stdin.encode())
            first.stdin.close()
        last.stdout.read()
        assert last.wait() == 0 and first.wait() == 0, f"the pipeline failed: see {log.name}"

    def live(self, name, watch, seconds, fetch, simulator=()):
        """A run against the simulator; the archive's file. The wire is kept beside it."""
        ready = self.folder / f"{name}.ready"
        sim = subprocess.Popen([sys.executable, str(ROOT / "scripts/kis-sim"), "--ready-file", str(ready),
                                "--exit-with-parent", "--max-registrations", "200", "--subscribed", "--rate", "0",
                                "--others-per-second", "20", "--ticks-per-second", "3000", *simulator],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 60
            while not (ready.exists() and ready.stat().st_size):
                assert sim.poll() is None and time.monotonic() < until, "the simulator does not start"
                time.sleep(0.02)
            address = json.loads(ready.read_text())
            source = [program("kis-fetch"), "--rest-url", address["rest_url"], "--ws-url", address["ws_url"], "--rate", "1000",
                      "--max-registrations", "200", "--duration", str(seconds), "--record", str(self.wire(name)), *fetch]
            self.pipeline(source, self.folder / name, "".join(line + "\n" for line in watch))
        finally:
            sim.send_signal(signal.SIGTERM)
            sim.wait()
        return self.folder / name / "observer.jsonl"

    def wire(self, name):
        """Where the recording of a live run is."""
        return self.folder / f"{name}.wire"

    def replay(self, name, wire, days=0, halves=False):
        """A recording again, so many days earlier; with half prices in the last third. Appends to the archive."""
        edited = self.folder / f"{name}.edited"
        lines = wire.read_text(encoding="utf-8").splitlines(keepends=True)
        with open(edited, "w", encoding="utf-8") as file:
            for place, line in enumerate(lines):
                line = re.sub(r'"t":(\d+)', lambda found: f'"t":{int(found[1]) - days * DAY}', line, count=1)
                if halves and place > len(lines) * 2 // 3 and place % 7 == 0:
                    line = re.sub(r'("0\|H0STCNT0\|\d+\|[^^]*\^[^^]*\^\d+)\^', r"\1.5^", line)
                file.write(line)
        self.pipeline([program("kis-fetch"), "--replay", str(edited), "--speed", "max"], self.folder / name)
        edited.unlink()
        return self.folder / name / "observer.jsonl"


def older(source, target, days, capitals=True):
    """An archive of the first version: no feed, no product, no identity of gaps; names of raw in capitals."""
    def capital(found):
        return found[0].upper()

    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as file:
        for line in lines:
            line = re.sub(r',"product":"[^"]*","feed":"[^"]*"', "", line)
            line = re.sub(r',"gap_id":"[^"]*","final":(true|false)', "", line)
            stamp = re.search(r'"timestamp_ms":(\d+)', line)[1]
            moved = int(stamp) - days * DAY
            line = line.replace(stamp, str(moved))
            old, new = (time.strftime("%Y-%m-%d", time.gmtime(int(number) / 1000 + 32400)) for number in (stamp, moved))
            line = line.replace(old, new)
            if capitals and '"tick_source":"rest"' not in line:
                start = line.find('"raw":{')
                end = line.find("}", start)
                if start > 0:
                    line = line[:start + 7] + re.sub(r'"[a-z][a-z0-9_]*":', capital, line[start + 7:end]) + line[end:]
            file.write(line)


def pack(path, program_name):
    """A compressed file instead of a plain one."""
    if program_name == "zstd":
        subprocess.run(["zstd", "-q", "--rm", str(path)], check=True)
    else:
        with open(path, "rb") as plain, gzip.open(f"{path}.gz", "wb", compresslevel=1) as packed:
            shutil.copyfileobj(plain, packed)
        path.unlink()


def make_all(folder):
    """The kinds: name to a path or glob, and how many days lie in it."""
    maker = Maker(folder)
    every = [word for feed in ("trades", "book", "expected", "status", "members", "program", "nav")
             for word in ("--feed", feed)]
    made = {}
    live = maker.live("live-trades", SYMBOLS, 10, ["--feed", "trades"])
    made["trades"] = maker.replay("trades", maker.wire("live-trades"), halves=True)
    made["trades+book"] = maker.live("book", SYMBOLS, 10, ["--feed", "trades", "--feed", "book", "--feed", "price",
                                                           "--feed", "multi"])
    both = maker.live("channels", watch_all(), 8, every)
    maker.replay("all", maker.wire("live-trades"), days=1, halves=True)
    made["all feeds"] = maker.replay("all", maker.wire("channels"))
    made["with gaps"] = maker.live("gaps", SYMBOLS, 12, ["--feed", "trades", "--feed", "price", "--time-scale", "0.02"],
                                   ["--fault", "cut@300", "--fault", "cut@3000", "--unknown", SYMBOLS[3]])
    years = maker.folder / "years"
    years.mkdir()
    older(live, years / "observer_20241203_0000.jsonl", 723)
    pack(years / "observer_20241203_0000.jsonl", "gzip")
    older(made["with gaps"], years / "observer_20251110_0000.jsonl", 381, capitals=False)
    older(made["trades+book"], years / "observer_20251111_0000.jsonl", 380)
    pack(years / "observer_20251111_0000.jsonl", "zstd")
    shutil.copy(both, years / "observer.jsonl")
    made["two years"] = years / "observer*"
    return {name: str(path) for name, path in made.items()}


def files(pattern):
    """The files of a path or glob, in order."""
    path = pathlib.Path(pattern)
    return sorted(path.parent.glob(path.name))


def lines(pattern):
    """The lines, plain or compressed, as bytes."""
    for path in files(pattern):
        tool = {".zst": ["zstd", "-dcq"], ".gz": ["gzip", "-dc"]}.get(path.suffix, ["cat"])
        with subprocess.Popen([*tool, str(path)], stdout=subprocess.PIPE) as process:
            yield from process.stdout


class Truth:
    """What an archive holds, counted line by line."""

    def __init__(self, pattern):
        self.lines = 0
        self.price = Decimal(0)
        self.bytes = sum(path.stat().st_size for path in files(pattern))
        # table to rows; table to sums of the two members that are added up everywhere.
        self.rows, self.sums = {}, {}
        self.days = set()
        for line in lines(pattern):
            snapshot = json.loads(line, parse_float=Decimal)["snapshot"]
            inputs = snapshot["observation"]["inputs"]
            state = snapshot["observation"]["state"]
            self.lines += 1
            self.price += inputs.get("price") or 0
            table = self.table(snapshot["context"], snapshot["meta"], inputs, state)
            day = time.strftime("%Y-%m-%d", time.gmtime(snapshot["meta"]["timestamp_ms"] / 1000 + 32400))
            self.days.add(day)
            self.rows[table] = self.rows.get(table, 0) + 1
            own = self.sums.setdefault(table, [Decimal(0), Decimal(0)])
            own[0] += state["seconds"] if table == "gaps" else inputs.get("bid_price" if table == "book" else "price") or 0
            own[1] += inputs.get("total_bid_size" if table == "book" else "trade_size") or 0

    @staticmethod
    def table(context, meta, inputs, state):
        """By what the contract says of a line, and for older ones by what it holds."""
        if state.get("event") == "gap":
            return "gaps"
        if "feed" in context:
            return TABLES.get(context["feed"], context["feed"])
        if "bid_prices" in inputs:
            return "book"
        return "quotes" if meta["tick_source"] == "rest" else "trades"
