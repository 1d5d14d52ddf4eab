"""Sealing: what is true of a file is said once, and a file that is not so any more is named."""
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness"))

from faultkit import seals  # noqa: E402
from faultkit.seals import PRUNE, RESTORE, SEAL  # noqa: E402
from faultkit.shims import Shims  # noqa: E402

DAYS = ["2026-07-%02d" % day for day in range(20, 24)]
NAMES = ["observer_%s_0000.jsonl" % day.replace("-", "") for day in DAYS]


class Archive(unittest.TestCase):
    """Days of trades, as make-day makes them, a file each."""

    @classmethod
    def setUpClass(cls):
        cls.texts = {}
        for day, name in zip(DAYS, NAMES):
            words = ["--gap", "10:00-10:10"] if day == DAYS[1] else []
            made = subprocess.run([os.path.join(ROOT, "Tests/harness/make-day"), "--date", day, "--symbols", "2", "--bundles", "1",
                                   "--books", "1", *words], capture_output=True, check=True)
            cls.texts[name] = made.stdout

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="seal-")
        self.addCleanup(shutil.rmtree, self.top)
        self.dir = os.path.join(self.top, "archive")
        os.mkdir(self.dir)
        for name, text in self.texts.items():
            self.put(name, text)

    def path(self, name):
        return os.path.join(self.dir, name)

    def put(self, name, data, mode="wb"):
        with open(self.path(name), mode) as file:
            file.write(data)

    def run_script(self, script, *words, env=None):
        return subprocess.run([script, "--dir", self.dir, *words], capture_output=True, text=True, timeout=120,
                              env=dict(os.environ, **(env or {})))

    def seal(self, *words, status=0, **options):
        run = self.run_script(SEAL, *words, **options)
        self.assertEqual(run.returncode, status, run.stderr)
        return run

    def prune(self, *words, status=0, **options):
        run = self.run_script(PRUNE, *words, **options)
        self.assertEqual(run.returncode, status, run.stderr)
        return run

    def restore(self, *words, status=0, **options):
        run = self.run_script(RESTORE, *words, **options)
        self.assertEqual(run.returncode, status, run.stderr)
        return run

    def files(self):
        return sorted(set(os.listdir(self.dir)) - {"manifest.ndjson", "SHA256SUMS"})

    def snapshot(self):
        found = {}
        for name in os.listdir(self.dir):
            with open(self.path(name), "rb") as file:
                found[name] = file.read()
        return found

    def is_true(self):
        self.assertEqual(seals.untrue(self.dir), [])
        done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=self.dir, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


class Seal(Archive):
    def test_what_a_file_holds(self):
        self.seal()
        self.is_true()
        files, days = seals.manifest(self.dir)
        self.assertEqual(sorted(files), NAMES)
        for name, line in files.items():
            records = [json.loads(text) for text in self.texts[name].splitlines()]
            seen = [record for record in records if record["context"]["source"] == "market"]
            self.assertEqual(line["lines"], len(records))
            self.assertEqual(line["feeds"], sorted({record["context"]["feed"] for record in seen}))
            self.assertEqual(line["symbols"], sorted({record["context"]["symbol"] for record in seen}))
            self.assertEqual((line["first"], line["last"]), (min(record["meta"]["timestamp"] for record in seen),
                                                             max(record["meta"]["timestamp"] for record in seen)))
        self.assertEqual({date: line["condition"] for date, line in days.items()},
                         dict.fromkeys(DAYS, "available") | {DAYS[1]: "degraded"})
        audit = subprocess.run([os.path.join(os.environ.get("OBSERVER_BIN_DIR", os.path.join(ROOT, ".build/release")), "snap-audit"),
                                "--log-level", "error", self.path(NAMES[1])], capture_output=True, text=True, check=True)
        self.assertEqual(days[DAYS[1]], json.loads(audit.stdout.splitlines()[-1]))

    def test_nothing_is_read_twice(self):
        self.seal()
        before = self.snapshot()
        with tempfile.TemporaryDirectory() as folder:
            shims = Shims(folder)
            run = self.seal(env=shims.env())
            self.assertLess(shims.calls, 60)
        self.assertEqual((run.stdout, run.stderr, self.snapshot()), ("", "", before))
        # The next window is read, no other; a time alone is no change.
        self.put("observer_20260724_0000.jsonl", self.texts[NAMES[0]])
        os.utime(self.path(NAMES[1]), (1_600_000_000, 1_600_000_000))
        self.assertEqual(self.seal().stdout, "sealed %s\n" % self.path("observer_20260724_0000.jsonl"))
        self.is_true()

    def test_windows_of_a_day_are_judged_together(self):
        lines = self.texts[NAMES[0]].splitlines(True)
        for name in NAMES[1:]:
            os.remove(self.path(name))
        os.remove(self.path(NAMES[0]))
        half = len(lines) // 2
        self.put("observer_20260720_0900.jsonl", b"".join(lines[:half]))
        self.put("observer_20260720_1000.jsonl", b"".join(lines[half:]))
        self.seal()
        self.assertEqual(seals.manifest(self.dir)[1][DAYS[0]]["condition"], "available")
        # What is removed later makes a day no worse.
        self.prune("--keep", "1", "--yes")
        self.put("observer_20260720_1000.jsonl", lines[-1], "ab")
        self.seal(status=65)
        self.assertEqual(seals.manifest(self.dir)[1][DAYS[0]]["condition"], "available")

    def test_a_day_whose_session_goes_on_is_judged_later(self):
        bin_dir = os.path.abspath(os.environ.get("OBSERVER_BIN_DIR", os.path.join(ROOT, ".build/release")))
        tools = os.path.join(self.top, "tools")
        os.mkdir(tools)
        for name in os.listdir(bin_dir):
            if name != "snap-audit":
                os.symlink(os.path.join(bin_dir, name), os.path.join(tools, name))
        with open(os.path.join(tools, "snap-audit"), "w") as file:
            file.write("""#!/usr/bin/env bash
set -o pipefail
'%s/snap-audit' "$@" | sed '/"date":"%s"/s/"condition":"[a-z]*"/"condition":"pending"/'
""" % (bin_dir, DAYS[0]))
        os.chmod(os.path.join(tools, "snap-audit"), 0o755)
        for _ in range(2):
            self.assertEqual(self.seal(env={"OBSERVER_BIN_DIR": tools}).stderr, "")
            self.assertEqual(sorted(seals.manifest(self.dir)[1]), DAYS[1:])
        self.seal()
        self.assertEqual(seals.manifest(self.dir)[1][DAYS[0]]["condition"], "available")

    def test_a_report_stands_in_for_reading(self):
        self.seal()
        wanted = seals.manifest(self.dir)[1][DAYS[0]]
        os.remove(self.path("manifest.ndjson"))
        os.remove(self.path("SHA256SUMS"))
        lines = self.texts[NAMES[0]].splitlines(True)
        self.put(NAMES[0], b"".join(lines[:100]))
        self.put("observer_20260720_1000.jsonl", b"".join(lines[100:]))
        os.mkdir(self.path("reports"))
        wanted["records"] = 7
        self.put("reports/%s.ndjson" % DAYS[0], json.dumps(wanted, separators=(",", ":")).encode() + b"\n")
        self.seal()
        self.assertEqual(seals.manifest(self.dir)[1][DAYS[0]], wanted)

    def test_what_is_not_over_or_in_use_waits(self):
        today = time.strftime("observer_%Y%m%d_0000.jsonl", time.gmtime(time.time() + 9 * 3600))
        self.put(today, self.texts[NAMES[0]])
        self.put("observer.jsonl", b"{}\n")
        os.symlink(self.path(NAMES[0]), self.path("observer_20260701_0000.jsonl"))
        with open(self.path(NAMES[1])) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            run = self.seal()
        self.assertIn("in use: " + self.path(NAMES[1]), run.stderr)
        self.assertIn("link", run.stderr)
        self.assertEqual(sorted(seals.manifest(self.dir)[0]), [NAMES[0]] + NAMES[2:])
        self.seal()
        self.assertEqual(sorted(seals.manifest(self.dir)[0]), NAMES)

    def test_a_day_that_is_none_is_over_by_its_text(self):
        past = "observer_20251345_0000.jsonl"
        self.put(past, b"{}\n")
        for other in self.texts:
            os.remove(self.path(other))
        self.seal()
        with open(self.path("manifest.ndjson")) as file:
            self.assertIn(past, file.read())

    def test_a_change_is_named(self):
        self.seal()
        late = self.texts[NAMES[0]].splitlines(True)[-1]
        self.put(NAMES[0], late, "ab")
        run = self.seal(status=65)
        self.assertIn("%d bytes came into %s" % (len(late), self.path(NAMES[0])), run.stderr)
        self.is_true()
        self.seal()
        changed = self.texts[NAMES[1]].replace(b"5", b"6", 1)
        self.put(NAMES[1], changed)
        os.remove(self.path(NAMES[2]))
        before = seals.manifest(self.dir)
        for _ in range(2):
            run = self.seal(status=65)
            self.assertIn(NAMES[1] + " is not what was sealed", run.stderr)
            self.assertIn(NAMES[2] + " was sealed and is gone", run.stderr)
        self.assertEqual(seals.manifest(self.dir), before)
        run = self.prune("--keep", "1", "--yes", status=65)
        self.assertEqual((self.files(), NAMES[1] in run.stderr), ([NAMES[1], NAMES[3]], True))
        # The way out that is named.
        with open(self.path("manifest.ndjson")) as file:
            lines = [line for line in file if NAMES[1] not in line and NAMES[2] not in line]
        self.put("manifest.ndjson", "".join(lines).encode())
        self.seal()
        self.is_true()

    def test_compressed_by_us_and_by_hand(self):
        self.seal()
        before = seals.manifest(self.dir)[0]
        subprocess.run(["zstd", "-q", "--rm", self.path(NAMES[0])], check=True)
        run = self.seal("--compress")
        self.assertIn("sealed as it was compressed", run.stdout)
        self.is_true()
        self.assertEqual(self.files(), [name + ".zst" for name in NAMES])
        after = seals.manifest(self.dir)[0]
        for name in NAMES:
            for key in ("content_sha256", "content_bytes", "lines", "first", "last", "feeds", "symbols", "days"):
                self.assertEqual(after[name + ".zst"][key], before[name][key])
        # Late lines are a file of their own, and then the end of the other.
        self.put(NAMES[1], self.texts[NAMES[1]].splitlines(True)[-1])
        self.seal("--compress")
        self.assertEqual(seals.content(self.path(NAMES[1] + ".zst")), self.texts[NAMES[1]] + self.texts[NAMES[1]].splitlines(True)[-1])
        self.is_true()

    def test_what_decays_is_not_compressed(self):
        self.seal()
        status = os.stat(self.path(NAMES[0]))
        changed = self.texts[NAMES[0]].replace(b"5", b"6", 1)
        self.put(NAMES[0], changed)
        os.utime(self.path(NAMES[0]), ns=(status.st_mtime_ns, status.st_mtime_ns))
        run = self.seal("--compress", status=74)
        self.assertIn("is not what was sealed: nothing was changed", run.stderr)
        self.assertEqual(seals.content(self.path(NAMES[0])), changed)

    def test_files_that_cannot_be_sealed(self):
        subprocess.run(["zstd", "-q", "--rm", self.path(NAMES[0])], check=True)
        with open(self.path(NAMES[0] + ".zst"), "rb+") as file:
            file.truncate(1000)
        self.put(NAMES[1], b'{"half":', "ab")
        run = self.seal(status=65)
        self.assertIn(NAMES[0] + ".zst is corrupt", run.stderr)
        self.assertIn("the last line of %s has no end" % self.path(NAMES[1]), run.stderr)
        self.assertEqual(sorted(seals.manifest(self.dir)[0]), NAMES[2:])

    def test_a_damaged_manifest_changes_nothing(self):
        self.seal()
        with open(self.path("manifest.ndjson"), "a") as file:
            file.write('{"name":"../x","sha256":"')
        before = self.snapshot()
        for script, words in ((SEAL, []), (PRUNE, ["--keep", "1", "--yes"])):
            run = self.run_script(script, *words)
            self.assertEqual((run.returncode, self.snapshot()), (65, before))
            self.assertIn("manifest.ndjson:%d is no line" % (len(DAYS) * 2 + 1), run.stderr)
        os.remove(self.path("manifest.ndjson"))
        self.assertIn("without manifest.ndjson", self.seal(status=65).stderr)

    def test_other_base_names_keep_their_lines(self):
        for name in NAMES:
            shutil.copy(self.path(name), self.path(name.replace("observer", "other")))
        self.seal()
        self.seal("--base-name", "other")
        self.assertEqual(len(seals.manifest(self.dir)[0]), 2 * len(NAMES))
        self.prune("--base-name", "other", "--keep", "1", "--yes")
        self.seal()
        self.is_true()

    def test_usage(self):
        for words in (["--bogus"], ["file"], ["--base-name", "../x"], ["--dir"]):
            self.assertEqual(self.run_script(SEAL, *words).returncode, 64, words)
        self.assertEqual(subprocess.run([SEAL, "--dir", self.dir + "/none"], capture_output=True).returncode, 73)
        folder = os.open(self.dir, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        self.seal(status=75)
        os.close(folder)
        for name in self.files():
            os.remove(self.path(name))
        self.assertIn("there is no observer_YYYYMMDD_HHMM.jsonl", self.seal().stderr)

    def test_no_temporary_folder(self):
        self.seal()
        for script, words in ((SEAL, []), (PRUNE, ["--keep", "1", "--compress", "--yes"]), (RESTORE, ["--from", self.top])):
            run = self.run_script(script, *words, env={"TMPDIR": self.top + "/none"})
            self.assertEqual((run.returncode, run.stderr.count("\n"), self.files()), (74, 1, NAMES), run.stderr)
            self.assertIn("set TMPDIR", run.stderr)


if __name__ == "__main__":
    unittest.main()
