"""What observer replay, export and spark are given to read: missing, forbidden, compressed meanwhile; and what replay may write into."""
import fcntl
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OBSERVER = os.path.join(ROOT, "scripts/observer")


def may_run_as_another():
    return os.geteuid() == 0 and subprocess.run([OBSERVER, "prune", "--version"], user=65534, capture_output=True).returncode == 0


class Inputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = subprocess.run([os.path.join(ROOT, "Tests/harness/make-day"), "--symbols", "1", "--bundles", "1", "--books", "1"],
                              capture_output=True, check=True)
        cls.lines = made.stdout.splitlines(keepends=True)[:20]

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="inputs-")
        self.addCleanup(shutil.rmtree, self.dir)
        os.chmod(self.dir, 0o777)

    def path(self, name):
        return os.path.join(self.dir, name)

    def put(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def run_observer(self, *words, **options):
        return subprocess.run([OBSERVER, *words], capture_output=True, text=True, timeout=60, cwd=self.dir, stdin=subprocess.DEVNULL, **options)

    def replay(self, *words, **options):
        return self.run_observer("replay", "--dir", self.path("archive"), *words, **options)

    def archived(self):
        with open(self.path("archive/observer.jsonl"), "rb") as file:
            return len(file.readlines())

    def test_an_input_that_is_not_there_takes_no_other_with_it(self):
        good = self.put("good.jsonl", b"".join(self.lines))
        run = self.replay(good, "none.jsonl", good)
        self.assertEqual((run.returncode, self.archived()), (74, 40), run.stderr)
        self.assertIn("cannot read none.jsonl: there is none", run.stderr)

    def test_nothing_that_can_be_read(self):
        for words in (("replay", "--dir", self.path("to")), ("export", "--to", self.path("to")), ("spark", "--to", self.path("to"))):
            run = self.run_observer(*words, "none.jsonl")
            self.assertEqual((run.returncode, run.stderr.count("\n")), (74, 1), run.stderr)
            self.assertIn("cannot read none.jsonl: there is none", run.stderr)
            self.assertFalse(os.path.exists(self.path("to")))

    def test_a_folder_without_permission(self):
        if not may_run_as_another():
            self.skipTest("no other user may run the scripts here")
        os.mkdir(self.path("closed"))
        self.put("closed/observer.jsonl", b"".join(self.lines))
        closed = self.put("closed.jsonl", b"".join(self.lines))
        os.chmod(closed, 0)
        other = {"user": 65534, "group": 65534, "extra_groups": []}
        for mode in (0o700, 0o744):
            os.chmod(self.path("closed"), mode)
            for words in (("replay", "--dir", self.path("to")), ("export", "--to", self.path("to")), ("spark", "--to", self.path("to"))):
                for given, why in ((self.path("closed"), "no permission to read this folder"), (closed, "no permission")):
                    run = self.run_observer(*words, given, **other)
                    self.assertEqual((run.returncode, run.stderr.count("\n")), (74, 1), run.stderr)
                    self.assertIn(f"cannot read {given}: {why}", run.stderr)

    def test_a_file_that_was_compressed_meanwhile(self):
        file = self.put("observer_20261124_0000.jsonl", b"".join(self.lines))
        subprocess.run(["zstd", "-q", "--rm", file], check=True)
        run = self.replay(file)
        self.assertEqual((run.returncode, self.archived()), (0, 20), run.stderr)

    def test_an_archive_in_use_is_not_touched(self):
        os.makedirs(self.path("archive"))
        bad = self.put("bad.jsonl", b"{}\n")
        with open(self.put("archive/observer.lock", b""), "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            run = self.replay(bad)
        self.assertEqual((run.returncode, run.stderr.count("\n")), (75, 1), run.stderr)
        self.assertIn("is in use", run.stderr)
        self.assertEqual(os.listdir(self.path("archive")), ["observer.lock"])
        self.assertEqual(self.replay(bad).returncode, 0)
        self.assertTrue(os.path.getsize(self.path("archive/rejects/snap-validate.jsonl")))

    def test_a_replay_has_one_name(self):
        run = self.replay(self.put("good.jsonl", b"".join(self.lines)))
        self.assertEqual(run.returncode, 0, run.stderr)
        for word in ("started", "stopped"):
            self.assertIn(f"Observer {word} | session_id=replay | ", run.stderr)


if __name__ == "__main__":
    unittest.main()
