"""The table reader × archive kind, and the bytes of a trade."""

import json
import pathlib
import subprocess

PROBE = pathlib.Path(__file__).with_name("probe.py")
READERS = {"duckdb": "duckdb", "polars": "polars", "pyarrow": "pyarrow", "pandas": "pandas", "spark": "pyspark"}


def ask(python, reader, mode, pattern):
    """What a reader says of an archive."""
    run = subprocess.run([python, PROBE, reader, mode, pattern], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    last = run.stdout.strip().splitlines()
    return json.loads(last[-1]) if last else {"error": f"ended with {run.returncode}", "seconds": 0, "mb": 0}


def near(one, other):
    """Whether two sums of doubles are the same."""
    return one is not None and abs(float(one) - float(other)) <= 1e-9 * max(1.0, abs(float(other)))


def plainly(said, truth):
    """The verdict on a reader alone."""
    if "error" in said:
        return "refuses"
    if said["rows"] != truth.lines:
        return f"{said['rows']:,} of {truth.lines:,} lines"
    if not near(said["sums"][0], truth.price):
        return f"WRONG by {abs(float(said['sums'][0] or 0) - float(truth.price)):,.2f}"
    return "right"


def typed(said, truth):
    """The verdict on a reader with config/schema."""
    if "error" in said:
        return said["error"]
    rows = {name: count for name, count in said["rows"].items() if count}
    if rows != truth.rows:
        return f"rows {rows} instead of {truth.rows}"
    price, traded = truth.sums.get("trades", (0, 0))
    if not (near(said["sums"][0] or 0, price) and int(said["sums"][1] or 0) == traded):
        return f"sums {said['sums']} instead of {price} {traded}"
    return "right"


def readers(python, skipped, kinds, truths, folder):
    """Prints the table; what is not right with the schema is a fault, what is not right without it is told."""
    faults, causes = [], {}
    print("\n| archive | reader | alone | s | MB | with config/schema | s | MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind, pattern in kinds.items():
        for reader, package in READERS.items():
            if package in skipped:
                continue
            alone, schema = (ask(python, reader, mode, pattern) for mode in ("plain", "typed"))
            verdict = typed(schema, truths[kind])
            first = plainly(alone, truths[kind])
            print(f"| {kind} | {reader} | {first} | {alone['seconds']} | {alone['mb']} | {verdict} | {schema['seconds']} |"
                  f" {schema['mb']} |", flush=True)
            if first == "refuses":
                causes[f"{reader}, {kind}"] = alone["error"]
            if verdict != "right":
                faults.append(f"{reader} of {kind}: {verdict}")
    for place, cause in causes.items():
        print(f"{place}: {cause}")
    return faults
