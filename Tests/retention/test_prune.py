"""Retention: what goes and what stays."""
import calendar
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness"))

from faultkit import seals  # noqa: E402
from faultkit.seals import PRUNE  # noqa: E402
from faultkit.shims import Shims  # noqa: E402

DAY = 86400
NAMES = ["observer_202607%02d_0900.jsonl" % day for day in range(20, 30)]


@unittest.skipUnless(shutil.which("flock"), "flock is not installed")
class Prune(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="prune-")
        self.addCleanup(shutil.rmtree, self.dir)
        for name in NAMES + ["observer.jsonl", "observer_recovered_20260701_090000.jsonl", "observer_x.jsonl",
                             "other_20260701_0900.jsonl", "observer.lock"]:
            self.put(name, '{"name":"%s"}\n' % name)

    def path(self, name):
        return os.path.join(self.dir, name)

    def put(self, name, text, age=200 * DAY):
        with open(self.path(name), "w") as file:
            file.write(text)
        then = time.time() - age
        os.utime(self.path(name), (then, then))

    def files(self):
        return sorted(set(os.listdir(self.dir)) - {"manifest.ndjson", "SHA256SUMS"})

    def prune(self, *words, env=None, sealed=True, **options):
        if sealed:
            seals.seal(self.dir)
        return subprocess.run([PRUNE, "--dir", self.dir, *words], capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, **(env or {})), **options)

    def plain(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def content(self, name):
        return subprocess.run(["zstd", "-dcq", self.path(name)], capture_output=True, check=True).stdout.decode()

    def test_dry_run_changes_nothing(self):
        before = self.files()
        run = self.prune("--keep", "1", "--older-than", "1d", "--compress")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.files(), before)
        self.assertEqual(run.stdout.count("would remove"), 9)
        run = self.prune("--keep", "3", "--compress")
        self.assertEqual((run.stdout.count("would remove"), run.stdout.count("would compress")), (7, 2))
        with open(self.path(NAMES[0])) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            run = self.prune("--keep", "1")
        self.assertEqual(run.stdout.count("would remove"), 8)
        self.assertIn("in use", run.stderr)

    def test_keep_counts_windows(self):
        before = self.files()
        run = self.prune("--keep=3", "--yes")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(sorted(set(before) - set(self.files())), NAMES[:7])

    def test_age_needs_name_and_last_change_to_be_old(self):
        self.put(NAMES[0], "{}\n", age=10)
        young = "observer_20990101_0900.jsonl"
        self.put(young, "{}\n")
        run = self.prune("--older-than", "100d", "--yes", env={"TZ": "America/New_York"})
        self.assertEqual(run.returncode, 0, run.stderr)
        # By name they are of July 2026: old only if the clock of this machine says so.
        stays = time.time() - time.mktime((2026, 7, 20, 0, 0, 0, 0, 0, 0)) < 100 * DAY
        self.assertIn(NAMES[0], self.files())
        self.assertIn(young, self.files())
        self.assertEqual(NAMES[1] in self.files(), stays)

    def test_never_the_newest(self):
        self.assertEqual(self.prune("--keep", "1", "--older-than", "0s", "--yes").returncode, 0)
        self.assertIn(NAMES[-1], self.files())
        self.assertIn("observer.jsonl", self.files())
        self.assertNotIn(NAMES[-2], self.files())

    def test_held_files_stay(self):
        with open(self.path(NAMES[0])) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            run = self.prune("--keep", "1", "--compress", "--yes")
        self.assertIn(NAMES[0], self.files())
        self.assertIn("in use", run.stderr)
        self.assertNotIn(NAMES[1], self.files())

    def test_links_stay(self):
        target = self.path("elsewhere")
        with open(target, "w") as file:
            file.write("{}\n")
        link = self.path("observer_20260101_0900.jsonl")
        os.symlink(target, link)
        run = self.prune("--keep", "1", "--compress", "--yes")
        self.assertTrue(os.path.islink(link) and os.path.exists(target))
        self.assertIn("link", run.stderr)

    def test_free_space(self):
        run = self.prune("--min-free", "999999T", "--yes")
        self.assertEqual(run.returncode, 1)
        self.assertEqual([name for name in self.files() if name in NAMES], NAMES[-1:])
        self.assertEqual(self.prune("--min-free", "1K", "--yes").stdout, "")

    def test_one_prune_at_a_time(self):
        folder = os.open(self.dir, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        self.assertEqual(self.prune("--keep", "1").returncode, 75)
        os.close(folder)

    def test_usage(self):
        for words in ([], ["--keep", "1", "--dri", self.dir], ["--keep", "1", "-x"], ["--keep", "1", "file"], ["--keep", "0"], ["--older-than", "30"], ["--min-free", "x"], ["--bogus"], ["--keep"],
                      ["--keep", "1", "--base-name", "../x"]):
            self.assertEqual(self.prune(*words).returncode, 64, words)
        self.assertEqual(self.prune("--keep", "1", "--dir", self.dir + "/none").returncode, 73)
        self.assertIn("usage: observer prune", self.prune("--help").stdout)
        with open(os.path.join(ROOT, "Sources/Plumbing/Version.swift")) as file:
            version = re.search(r'"(.+)"', file.read()).group(1)
        self.assertEqual(self.prune("--version").stdout, "observer prune %s\n" % version)

    def test_windows_of_seconds_are_in_order(self):
        short = ["observer_20260720_0900%02d.jsonl" % second for second in (15, 30)]
        for name in short:
            self.put(name, "{}\n")
        run = self.prune("--keep", "10", "--yes")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotIn(NAMES[0], self.files())
        self.assertNotIn(short[0], self.files())
        self.assertIn(short[1], self.files())

    def test_age_counts_from_the_window_in_korean_time(self):
        for text, name in (("2024-02-29 23:59", "observer_20240229_2359.jsonl"), ("2000-01-01 00:00", "observer_20000101_0000.jsonl")):
            for old in NAMES + ["observer_20991231_0000.jsonl"]:
                if os.path.exists(self.path(old)):
                    os.remove(self.path(old))
            self.put("observer_20991231_0000.jsonl", "{}\n")
            self.put(name, "{}\n", age=100000 * DAY // 8)
            age = int(time.time()) - calendar.timegm(time.strptime(text, "%Y-%m-%d %H:%M")) + 9 * 3600
            self.assertEqual(self.prune("--older-than", "%ds" % (age + 60)).stdout.count("would remove"), 0)
            self.assertEqual(self.prune("--older-than", "%ds" % (age - 60)).stdout.count("would remove"), 1)

    def test_no_process_for_each_file(self):
        for number in range(3000):
            self.put("observer_20260801_%02d%02d%02d.jsonl" % (number // 3600, number // 60 % 60, number % 60), "{}\n")
        with tempfile.TemporaryDirectory() as folder:
            shims = Shims(folder)
            seals.seal(self.dir)
            for words in (["--older-than", "36500d"], ["--keep", "2"], ["--min-free", "999999T"], ["--compress"]):
                run = self.prune(*words, env=shims.env(), sealed=False)
                self.assertIn(run.returncode, (0, 1), run.stderr)
                self.assertLess(shims.calls, 40, words)

    def test_says_why_nothing_is_done(self):
        for name in self.files():
            os.remove(self.path(name))
        run = self.prune("--older-than", "1d", "--compress", "--yes", sealed=False)
        self.assertEqual(run.returncode, 0)
        self.assertIn("there is no observer_YYYYMMDD_HHMM.jsonl in " + self.dir, run.stderr)
        self.put("observer.jsonl", "{}\n", age=800 * DAY)
        run = self.prune("--older-than", "1d", "--compress", "--yes")
        self.assertEqual(run.returncode, 0)
        for words in (self.path("observer.jsonl"), "never finished", "--rotate 1d", "then mv observer.jsonl observer_YYYYMMDD_0000.jsonl"):
            self.assertIn(words, run.stderr)
        self.put(NAMES[0], "{}\n")
        self.assertIn("nothing to do", self.prune("--keep", "1").stdout)
        self.assertEqual(self.prune("--keep", "1", "--yes").stdout, "")


if __name__ == "__main__":
    unittest.main()
