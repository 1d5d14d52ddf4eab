"""Archives with good and bad lines, what one machine makes of them, and runs of observer spark."""
import filecmp
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
DAYS = ("2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25")
STAGES = ("snap-validate", "snap-guard", "snap-enrich")
# What filters refuse: no JSON, no object, no meta, not finite, no UTF-8, nested too deep; and lines that count as blank.
BAD = (b"{\n", b"[1]\n", b'{"context":{}}\n', b'{"meta":NaN}\n', b'{"a":"\xff"}\n', b"[" * 600 + b"]" * 600 + b"\n", b"\n", b"\r\n")


class Wrong(Exception):
    """What is not as it should be."""


def expect(is_so, text):
    if not is_so:
        raise Wrong(text)


class Place:
    """A folder with archives, made once, and the programs."""

    def __init__(self, folder, python):
        self.folder, self.python = folder, python
        self.bin = pathlib.Path(os.environ.get("OBSERVER_BIN_DIR") or ROOT / ".build/release").resolve()
        self.master = os.environ.get("CLUSTER_MASTER") or "local-cluster[2,1,1024]"
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("KIS_", "OBSERVER_", "SPARK_"))}
        self.env = {**kept, "OBSERVER_BIN_DIR": str(self.bin), "OBSERVER_PYTHON": python, "OBSERVER_LOG_LEVEL": "error",
                    "OBSERVER_CONFIG_FILE": str(ROOT / "config/deployment_config.json")}
        self.number = 0

    def snapshots(self):
        """Snapshots of four days with bad lines among them: a plain file of two days, windows of .zst, .gz and plain; the
        last line of the first has no line feed."""
        target = self.folder / "snapshots"
        if target.exists():
            return target
        target.mkdir()
        days = []
        for number, day in enumerate(DAYS):
            made = subprocess.run([ROOT / "Tests/harness/make-day", "--date", day, "--symbols", "6", "--bundles", "3", "--seed",
                                   str(number), "--lose", "0.001", "--gap", "10:00-10:20"], stdout=subprocess.PIPE, check=True)
            lines = made.stdout.splitlines(keepends=True)
            for place, bad in enumerate(BAD * 40):
                lines.insert((place * 7919 + number) % len(lines), bad)
            days.append(b"".join(lines))
        (target / "observer.jsonl").write_bytes((days[0] + days[1])[:-1])
        (target / "observer_20261124_0000.jsonl").write_bytes(days[2])
        for program, ending in (("zstd", "zst"), ("gzip", "gz")):
            half = days[3].index(b"\n", len(days[3]) // 2) + 1
            start = 0 if ending == "zst" else half
            text = days[3][start:half] if ending == "zst" else days[3][half:]
            name = "observer_20261125_0000" if ending == "zst" else "observer_20261125_1200"
            packed = subprocess.run([program, "-qc"], input=text, stdout=subprocess.PIPE, check=True)
            (target / f"{name}.jsonl.{ending}").write_bytes(packed.stdout)
        return target

    def replayed(self):
        """What one machine makes of them: the archive's file and the folder of rejects."""
        target = self.folder / "replayed"
        if not target.exists():
            run = subprocess.run([ROOT / "scripts/observer", "replay", "--dir", target, self.snapshots()], env=self.env,
                                 stderr=subprocess.PIPE, text=True)
            expect(run.returncode == 0, f"observer replay ended with {run.returncode}: {run.stderr}")
        return target / "observer.jsonl", target / "rejects"

    def new(self, name="out"):
        self.number += 1
        return self.folder / f"{name}{self.number}"

    def spark(self, *words, to, status=0, **variables):
        """A run of observer spark: its accounts and what it said."""
        run = subprocess.run([ROOT / "scripts/observer", "spark", "--to", to, "--master", self.master, *words],
                             env={**self.env, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = "".join(line for line in run.stderr.splitlines(True) if line.startswith("observer spark: "))
        expect(run.returncode == status, f"status {run.returncode}, not {status}: {run.stderr[-2000:]}")
        left = list(to.parent.glob(f".{to.name}.job-*"))
        expect(not left, f"it left {left}")
        return [json.loads(line) for line in run.stdout.splitlines()], said


def joined(folder, target):
    """The parts, one after the other."""
    with open(target, "wb") as out:
        for part in sorted(folder.glob("part-*.jsonl")):
            out.write(part.read_bytes())
    return target


def hold_against_one_machine(place, to, rows):
    """The parts, the rejects and the counts of a run are those of one machine."""
    archive, rejects = place.replayed()
    expect(filecmp.cmp(joined(to, place.new("joined")), archive, shallow=False), "the parts are not what one machine archives")
    for stage in STAGES:
        ours, theirs = to / "rejects" / f"{stage}.jsonl", rejects / f"{stage}.jsonl"
        expect(ours.exists() == theirs.exists() and (not ours.exists() or filecmp.cmp(ours, theirs, shallow=False)),
               f"the rejects of {stage} are not those of one machine")
    *partitions, total = rows
    for stage in STAGES:
        for name, value in total["stages"][stage].items():
            expect(value == sum(row["stages"][stage][name] for row in partitions), f"{stage}: {name} does not add up")
    lines = sum(1 for _ in open(archive, "rb"))
    expect(total["stages"]["snap-enrich"]["out"] == lines, f"{lines} lines are archived, and counted {total}")
    expect((to / "accounts.jsonl").read_text(encoding="utf-8").splitlines() == [json.dumps(row, ensure_ascii=False) for row in rows],
           "accounts.jsonl is not what was printed")
    return lines


