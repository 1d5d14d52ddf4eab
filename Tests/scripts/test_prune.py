"""Retention and compression: what goes, what stays, and what a kill in between leaves."""
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PRUNE = os.path.join(ROOT, "scripts/observer-prune")
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
        return sorted(os.listdir(self.dir))

    def prune(self, *words, env=None, **options):
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
        for words in ([], ["--keep", "0"], ["--older-than", "30"], ["--min-free", "x"], ["--bogus"], ["--keep"],
                      ["--keep", "1", "--base-name", "../x"]):
            self.assertEqual(self.prune(*words).returncode, 64, words)
        self.assertEqual(self.prune("--keep", "1", "--dir", self.dir + "/none").returncode, 73)

    @unittest.skipUnless(shutil.which("zstd"), "zstd is not installed")
    def test_compress(self):
        before = {name: self.plain(name) for name in NAMES}
        run = self.prune("--compress", "--yes")
        self.assertEqual(run.returncode, 0, run.stderr)
        for name in NAMES[:-1]:
            self.assertNotIn(name, self.files())
            self.assertEqual(self.content(name + ".zst"), before[name])
            self.assertLess(os.path.getmtime(self.path(name + ".zst")), time.time() - 100 * DAY)
        self.assertIn(NAMES[-1], self.files())
        # Lines that came into an old window later follow those that were there.
        self.put(NAMES[0], '{"late":1}\n')
        self.assertEqual(self.prune("--compress", "--yes").returncode, 0)
        self.assertEqual(self.content(NAMES[0] + ".zst"), before[NAMES[0]] + '{"late":1}\n')

    @unittest.skipUnless(shutil.which("zstd"), "zstd is not installed")
    def test_killed_between_rename_and_removal(self):
        name = NAMES[0]
        subprocess.run(["zstd", "-q", self.path(name)], check=True)
        self.assertEqual(self.prune("--compress", "--yes").returncode, 0)
        self.assertNotIn(name, self.files())
        self.assertEqual(self.content(name + ".zst"), '{"name":"%s"}\n' % name)

    @unittest.skipUnless(shutil.which("zstd"), "zstd is not installed")
    def test_killed_anywhere_nothing_is_lost(self):
        before = {}
        for number, name in enumerate(NAMES):
            text = "".join('{"n":%d,"t":"%s"}\n' % (index, os.urandom(200).hex()) for index in range(2000))
            self.put(name, text)
            before[name] = text
        for delay in range(5, 125, 10):
            child = subprocess.Popen([PRUNE, "--dir", self.dir, "--compress", "--yes"], start_new_session=True,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay / 1000)
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            for name in NAMES:
                plain = os.path.exists(self.path(name))
                text = self.plain(name) if plain else self.content(name + ".zst")
                self.assertEqual(text, before[name])
        run = self.prune("--compress", "--yes")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([name for name in self.files() if name.endswith(".tmp")], [])
        for name in NAMES[:-1]:
            self.assertEqual(self.content(name + ".zst"), before[name])


if __name__ == "__main__":
    unittest.main()
