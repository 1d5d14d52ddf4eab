"""Records a second at 1, 2 and 4 partitions, beside one machine's pipe."""
import os
import subprocess
import time

from .one import expect

LINES = 800_000


def tell(name, what, task, whole, lines):
    """A row: the slowest task, all of it with the start of Spark, and records a second in tasks."""
    print(f"{name:8} {what:20} {f'{task:.1f} s' if task else '':>13} {whole:>8.1f} s {lines / (task or whole):>19,.0f}", flush=True)


def table(place):
    """Filters and audit over one file."""
    archive, _ = place.replayed()
    text = archive.read_bytes()
    times = -(-LINES // text.count(b"\n"))
    big = place.folder / "big.jsonl"
    with open(big, "wb") as out:
        for _ in range(times):
            out.write(text)
    size, lines = big.stat().st_size, times * text.count(b"\n")
    print(f"{lines:,} records, {size / 1e6:,.0f} MB, {os.cpu_count()} cores", flush=True)
    pipe = " | ".join(str(place.bin / words) for words in (
        f"snap-validate --unwrap <{big}", "snap-guard --require-validation", "snap-enrich --clock event"))
    print(f"{'':8} {'':20} {'slowest task':>13} {'whole job':>10} {'records/s in tasks':>19}")
    for name, command in (("filters", f"{pipe} >{place.new()}"), ("audit", f"{place.bin}/snap-audit --jobs 1 {big} >/dev/null")):
        began = time.monotonic()
        subprocess.run(["bash", "-c", "set -o pipefail; " + command], env=place.env, check=True, stderr=subprocess.DEVNULL)
        tell(name, "one machine's pipe" if name == "filters" else "one snap-audit", None, time.monotonic() - began, lines)
        for partitions in (1, 2, 4):
            to = place.new()
            words = ["--audit"] if name == "audit" else ["--unwrap"]
            began = time.monotonic()
            accounts, _ = place.spark(*words, "--split", str(-(-size // partitions)), big, to=to)
            whole = time.monotonic() - began
            expect(accounts[-1]["partitions"] == partitions, f"{accounts[-1]}")
            tell(name, f"{partitions} partitions", max(row["seconds"] for row in accounts[:-1]), whole, lines)
            subprocess.run(["rm", "-rf", to], check=True)
