"""What happens to clusters: a worker that dies, a task that runs twice, a partition that always fails, a driver that dies."""
import os
import signal
import subprocess
import time

from .one import ROOT, expect, hold_against_one_machine

WAIT = 300  # seconds; a limit for what should be there in a few

# The executor of the first attempt that comes here dies in the middle of a line.
DIES_ONCE = """
if mkdir '{mark}' 2>/dev/null; then
  '{real}' "$@" | head -c 100000
  jvm=$(ps -o ppid= -p "$(ps -o ppid= -p "$PPID")")
  [[ $(ps -ww -o args= -p "$jvm") == *CoarseGrainedExecutorBackend* ]] && kill -9 "$jvm"
  exit 74
fi
exec '{real}' "$@"
"""

# The first attempt at partition 0 writes everything, and does not end before the second has.
RUNS_TWICE = """
[[ "$*" == *attempts/0-* ]] || exec '{real}' "$@"
if mkdir '{mark}' 2>/dev/null; then
  '{real}' "$@"
  for ((n = 0; n < 3000; n++)); do [[ ! -e '{mark}/done' ]] || exit 0; sleep 0.1; done
  exit 74
fi
'{real}' "$@"
echo "$*" >'{mark}/done'
"""

FAILS = """
[[ "$*" != *attempts/1-* ]] || {{ echo 'no room on this worker' >&2 && exit 74; }}
exec '{real}' "$@"
"""

STANDS = """
[[ "$*" != *attempts/1-* || -e '{mark}/go' ]] || {{ mkdir '{mark}' && sleep 600; }}
exec '{real}' "$@"
"""


def programs(place, text):
    """A folder of the programs in which snap-enrich does what `text` says, and the mark that it leaves."""
    folder, mark = place.new("bin"), place.new("mark")
    folder.mkdir()
    for program in place.bin.iterdir():
        if os.access(program, os.X_OK) and program.is_file() and program.name != "snap-enrich":
            (folder / program.name).symlink_to(program)
    shim = folder / "snap-enrich"
    shim.write_text("#!/usr/bin/env bash\n" + text.format(real=place.bin / "snap-enrich", mark=mark))
    shim.chmod(0o755)
    return str(folder), mark


def worker_dies(place):
    """kill -9 of an executor while it writes."""
    folder, mark = programs(place, DIES_ONCE)
    to = place.new()
    rows, _ = place.spark("--split", "3M", place.snapshots(), to=to, OBSERVER_BIN_DIR=folder)
    again = sum(row["attempt"] > 0 for row in rows[:-1])
    expect(mark.exists() and again > 0, "no attempt was repeated")
    hold_against_one_machine(place, to, rows)
    print(f"an executor killed while it wrote: {again} partitions came from a second attempt, same bytes", flush=True)


def task_runs_twice(place):
    """Two attempts at one partition write all of it (speculation)."""
    folder, mark = programs(place, RUNS_TWICE)
    to = place.new()
    wanted = {"spark.speculation": "true", "spark.speculation.interval": "100ms", "spark.speculation.quantile": "0.5",
              "spark.speculation.multiplier": "1.1", "spark.speculation.minTaskRuntime": "100ms"}
    words = [word for name, value in wanted.items() for word in ("--conf", f"{name}={value}")]
    rows, _ = place.spark("--split", "3M", *words, place.snapshots(), to=to, OBSERVER_BIN_DIR=folder)
    expect((mark / "done").exists(), "no task ran twice")
    hold_against_one_machine(place, to, rows)
    print("a partition that two attempts wrote whole: taken once, same bytes", flush=True)


def partition_fails(place):
    """A program that always fails on one partition."""
    folder, _ = programs(place, FAILS)
    to = place.new()
    rows, said = place.spark("--split", "3M", place.snapshots(), to=to, status=74, OBSERVER_BIN_DIR=folder)
    source = place.snapshots() / "observer.jsonl"
    named = f"partition 1 ({source}, bytes 3145728-6291456): snap-enrich ended with status 74 on "
    expect(named in said and "no room on this worker" in said and not rows and not to.exists(), f"it said {said!r}")
    print(f"a partition that fails: status 74, nothing published: {said.splitlines()[0]}", flush=True)


def file_is_corrupt(place):
    """A compressed file that ends in the middle."""
    folder, to = place.new("files"), place.new()
    folder.mkdir()
    whole = place.snapshots() / "observer_20261125_0000.jsonl.zst"
    (folder / whole.name).write_bytes(whole.read_bytes()[:-1000])
    (folder / "observer_20261124_0000.jsonl").symlink_to(place.snapshots() / "observer_20261124_0000.jsonl")
    for words in ((), ("--audit",)):
        _, said = place.spark(*words, folder, to=to, status=65)
        expect(f"({folder / whole.name}): " in said and "is corrupt" in said and not to.exists(), f"it said {said!r}")
    print(f"a corrupt file: status 65, nothing published: {said.splitlines()[0]}", flush=True)


def driver_dies(place):
    """kill -9 of the driver: the target is not there, and the next run removes what was left."""
    folder, mark = programs(place, STANDS)
    to = place.new()
    words = [ROOT / "scripts/observer", "spark", "--to", to, "--master", place.master, "--split", "3M", place.snapshots()]
    driver = subprocess.Popen(words, env={**place.env, "OBSERVER_BIN_DIR": folder}, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    until = time.monotonic() + WAIT
    while not mark.exists():
        expect(driver.poll() is None and time.monotonic() < until, "the job did not begin")
        time.sleep(0.05)
    second = subprocess.run(words, env=place.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    expect(second.returncode == 75 and "another job writes" in second.stderr, f"two jobs at once: {second.stderr!r}")
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    left = list(to.parent.glob(f".{to.name}.job-*"))
    expect(len(left) == 1 and not to.exists(), f"it left {left}, and {to.exists()}")
    (mark / "go").touch()
    rows, _ = place.spark("--split", "3M", place.snapshots(), to=to)
    hold_against_one_machine(place, to, rows)
    print("a driver killed: nothing under the target's name, the next run cleans up, same bytes; a second job beside it: 75",
          flush=True)


def all_of_them(place):
    """Every fault."""
    worker_dies(place)
    task_runs_twice(place)
    partition_fails(place)
    file_is_corrupt(place)
    driver_dies(place)
