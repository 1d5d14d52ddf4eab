"""The JSON Schema against real lines, and the queries of config/README.md."""

import copy
import json
import pathlib
import re
import subprocess
import time

from .archives import ROOT, SYMBOLS, Maker, lines, program

CHECK = pathlib.Path(__file__).with_name("in_venv.py")


def inside(python, *words, data=None):
    """A check that needs packages; what it says, line by line."""
    run = subprocess.run([python, CHECK, *map(str, words)], input=data, stdout=subprocess.PIPE, text=True)
    said = run.stdout.strip().splitlines()
    return said if run.returncode == 0 else [*said, f"{words[0]} ended with {run.returncode}"]


def damaged(line):
    """Changes of a line that must be refused: a name for each."""
    snapshot = line["snapshot"]
    inputs = snapshot["observation"]["inputs"]
    for name in ("price", "bid_prices", "side", "trade_time", "halted"):
        if name in inputs:
            changed = copy.deepcopy(line)
            changed["snapshot"]["observation"]["inputs"][name] = {"wrong": 1}
            yield f"inputs.{name}", changed
    for part, name in (("meta", "run_id"), ("context", "source"), ("observation", "state")):
        changed = copy.deepcopy(line)
        del changed["snapshot"][part][name]
        yield f"{part}.{name}", changed


def schema(python, skipped, kinds, truths, folder):
    """Real lines pass, and have no member that the schema does not know; damaged ones do not pass."""
    if "jsonschema" in skipped:
        return []
    chosen, good, bad = {}, [], []
    for pattern in kinds.values():
        for line in lines(pattern):
            record = json.loads(line)
            context, inputs = record["snapshot"]["context"], record["snapshot"]["observation"]["inputs"]
            shape = (context.get("product"), context.get("feed"), *(key for key, value in inputs.items() if value is not None))
            chosen[shape] = chosen.get(shape, 0) + 1
            if chosen[shape] <= 5:
                good.append(json.dumps(record))
                if chosen[shape] == 1:
                    bad += [json.dumps([name, changed]) for name, changed in damaged(record)]
    begin = time.monotonic()
    faults = inside(python, "schema", ROOT / "config/schema/record.schema.json", data="\n".join([*good, "--", *bad]))
    print(f"\nJSON Schema: {len(good):,} real lines of {len(chosen)} shapes pass, {len(bad)} damaged ones are refused"
          f" ({time.monotonic() - begin:.0f} s)")
    return faults


def recipes():
    """The queries of config/README.md: title to text."""
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    section = text.split("## Reading it back", 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"^    -- (.+)\n((?:    .+\n)+)", section, re.M)
    return {title: re.sub(r"^    ", "", body, flags=re.M).strip().rstrip(";") for title, body in found}


def queries(python, skipped, kinds, truths, folder):
    """Each query runs, and says what Python says of the same lines."""
    if "duckdb" in skipped:
        return []
    known = recipes()
    if len(known) < 7:
        return [f"config/README.md has {len(known)} queries"]
    data = json.dumps({"recipes": known, "patterns": [kinds["trades+book"], kinds["with gaps"]]})
    return inside(python, "queries", ROOT / "config/schema/duckdb.sql", data=data)


def bars(python, skipped, kinds, truths, folder):
    """Bars of trades of which some came again, late, or never, are what snap-audit says of the day."""
    if "duckdb" in skipped:
        return []
    pattern = Maker(folder).live("bars", SYMBOLS, 8, ["--feed", "trades"],
                                 ["--ticks-per-second", "1000", "--double", "0.004", "--swap", "0.004", "--lose", "0.001"])
    run = subprocess.run([program("snap-audit"), pattern], stdout=subprocess.PIPE, text=True, check=True)
    audit = [row for row in map(json.loads, run.stdout.splitlines()) if row["audit"] == "subject" and row["feed"] == "trades"]
    again, late = (sum(row[name] for row in audit) for name in ("duplicates", "late"))
    print(f"bars: {len(audit)} symbols, {again} trades that came again, {late} late ones", flush=True)
    faults = inside(python, "bars", ROOT / "config/schema/duckdb.sql", data=json.dumps({"pattern": str(pattern), "audit": audit}))
    return faults if again and late else [*faults, "no trade came again, or none late"]
