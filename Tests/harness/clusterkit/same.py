"""Nothing goes wrong: the same bytes as one machine's."""
import subprocess

from .one import BAD, DAYS, expect, hold_against_one_machine


def records(place):
    """Snapshots, good and bad, cut in many pieces."""
    source = place.snapshots()
    for split in ("97K", "1M", "1G"):
        to = place.new()
        rows, said = place.spark("--split", split, source, to=to)
        lines = hold_against_one_machine(place, to, rows)
        total = rows[-1]["stages"]["snap-validate"]
        refused = sum(not bad.isspace() for bad in BAD) * 40 * len(DAYS)
        expect(total["rejected"] == refused and total["blank"] == (len(BAD) * 40 * len(DAYS) - refused), f"{total}")
        hosts = {row["attempt"] for row in rows[:-1]}
        expect(hosts == {0} and not said, f"attempts {hosts}: {said}")
        print(f"same bytes, rejects and counts as observer replay: {len(rows) - 1} partitions, {lines:,} lines,"
              f" {total['rejected']:,} refused, {total['blank']:,} blank", flush=True)
    rows, _ = place.spark("--strict", source, to=place.new(), status=65)
    expect(rows[-1]["stages"]["snap-validate"]["rejected"] > 0, "--strict did not say what was refused")


def audit(place):
    """The archive of these days by snap-audit: days in one piece, in several, and those without records."""
    archive, _ = place.replayed()
    whole = subprocess.run([place.bin / "snap-audit", "--format", "ndjson", archive, *sorted(place.snapshots().glob("*_*"))],
                           env=place.env, stdout=subprocess.PIPE)
    expect(whole.returncode == 65, f"snap-audit ended with {whole.returncode}")  # the bad lines
    to = place.new()
    rows, said = place.spark("--audit", "--split", "3M", archive, *sorted(place.snapshots().glob("*_*")), to=to, status=65)
    expect((to / "audit.jsonl").read_bytes() == whole.stdout, "the audit is not that of one machine")
    expect(rows[-1]["read_twice"] > 0 and "observer_20261124_0000.jsonl" in said, f"{rows[-1]} {said}")
    to = place.new()
    place.spark("--audit", "--strict", "--split", "3M", archive, to=to, status=1)
    one = subprocess.run([place.bin / "snap-audit", "--format", "ndjson", "--strict", archive], env=place.env, stdout=subprocess.PIPE)
    expect((one.returncode, one.stdout) == (1, (to / "audit.jsonl").read_bytes()), "the audit of a file is not that of one machine")
    print(f"same audit as snap-audit: {rows[-1]['partitions']} partitions, {rows[-1]['records']:,} records,"
          f" {rows[-1]['days']} days, {rows[-1]['read_twice']} of them read again as a whole", flush=True)
