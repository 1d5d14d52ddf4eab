"""Records a second at 1, 2 and 4 partitions, beside one machine's pipe."""
import os
import subprocess
import time

from .one import expect

LINES = 1_500_000


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
    rows = []
    for name, command in (("filters", f"{pipe} >{place.new()}"), ("audit", f"{place.bin}/snap-audit --jobs 1 {big} >/dev/null")):
        began = time.monotonic()
        subprocess.run(["bash", "-c", "set -o pipefail; " + command], env=place.env, check=True, stderr=subprocess.DEVNULL)
        rows.append((name, "one machine's pipe" if name == "filters" else "one snap-audit", "", time.monotonic() - began))
        for partitions in (1, 2, 4):
            to = place.new()
            words = ["--audit"] if name == "audit" else ["--unwrap"]
            began = time.monotonic()
            accounts, _ = place.spark(*words, "--split", str(-(-size // partitions)), big, to=to)
            whole = time.monotonic() - began
            expect(accounts[-1]["partitions"] == partitions, f"{accounts[-1]}")
            expect(accounts[-1].get("records", lines) == lines, f"{accounts[-1]}")
            rows.append((name, f"{partitions} partitions", max(row["seconds"] for row in accounts[:-1]), whole))
            subprocess.run(["rm", "-rf", to], check=True)
    print(f"{'':8} {'':20} {'slowest task':>13} {'whole job':>10} {'records/s in tasks':>19}")
    for name, what, task, whole in rows:
        print(f"{name:8} {what:20} {f'{task:.1f} s' if task else '':>13} {whole:>8.1f} s {lines / (task or whole):>19,.0f}", flush=True)
