"""A full disk: prune, which is to make room, finds the room for what it has to say."""
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness"))

import test_seal  # noqa: E402
from faultkit import seals  # noqa: E402
from faultkit.shims import Shims  # noqa: E402
from test_seal import NAMES  # noqa: E402

LONG = os.environ.get("OBSERVER_LONG_TESTS")


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("mount"), "mounts a small disk")
class Full(test_seal.Archive):
    def setUp(self):
        super().setUp()
        self.seal()
        self.copy, self.dir = self.dir, os.path.join(self.top, "small")
        os.mkdir(self.dir)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", self.dir], capture_output=True).returncode:
            self.skipTest("no mount")
        self.addCleanup(subprocess.run, ["umount", "-l", self.dir])
        self.fresh()

    def fresh(self):
        """The copy's files, and not a byte of room."""
        for name in os.listdir(self.dir):
            os.remove(self.path(name))
        for name in os.listdir(self.copy):
            shutil.copy2(os.path.join(self.copy, name), self.path(name))
        self.fill()

    def fill(self):
        with open(self.path("fill"), "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def left(self):
        return sorted(set(self.files()) - {"fill"})

    def test_prune_frees_a_full_disk(self):
        for words in (["--keep", "1"], ["--min-free", "2M"]):
            with self.subTest(words=words):
                self.fresh()
                # (bash's own files have no room either)
                run = self.prune(*words, "--copied-to", self.copy, "--yes", env={"TMPDIR": self.dir})
                gone = [name for name in NAMES if name not in self.left()]
                self.assertEqual((gone[:2], self.left()), (NAMES[:2], [name for name in NAMES if name not in gone]))
                self.assertEqual(run.stdout.count("removed "), len(gone))
                self.is_true()
                files = seals.manifest(self.dir)[0]
                self.assertEqual([name for name in NAMES if files[name]["removed"]], gone)
                os.remove(self.path("fill"))
                self.restore("--from", self.copy)
                self.is_true()

    def test_what_may_not_go_stays(self):
        os.remove(os.path.join(self.copy, NAMES[0]))
        os.truncate(os.path.join(self.copy, NAMES[1]), 7)
        self.prune("--keep", "1", "--copied-to", self.copy, "--yes", status=1)
        self.assertEqual(self.left(), [NAMES[0], NAMES[1], NAMES[3]])
        self.is_true()

    def test_where_nothing_may_go_a_way_out_is_named(self):
        os.utime(self.path(NAMES[0]))
        run = self.run_script(seals.SEAL)
        self.assertEqual((run.returncode, run.stderr.count("\n")), (74, 1), run.stderr)
        self.assertIn("old logs in .run/log may go", run.stderr)

    def test_killed_at_any_step(self):
        shims, number = Shims(os.path.join(self.top, "shims")), 0
        seen = set()
        while True:
            number += 1 if LONG else 7
            self.fresh()
            subprocess.run([seals.PRUNE, "--dir", self.dir, "--keep", "1", "--yes"], capture_output=True, start_new_session=True,
                           env=dict(os.environ, **shims.env(number)))
            done = shims.done
            self.fill()
            left = self.left()
            seen.add(tuple(name[-8:] for name in left if name.endswith(".removed")))
            # Whoever comes next knows what is gone; on a full disk that can only be prune.
            if number // 7 % 2:
                self.assertEqual(self.prune("--keep", "1", "--yes").stderr, "", done)
            else:
                os.remove(self.path("fill"))
                self.assertEqual(self.seal().stderr, "", (done, left))
                self.assertEqual(self.left(), [name for name in left if name in NAMES], done)
                self.is_true()
                self.prune("--keep", "1", "--yes")
            self.assertEqual(self.left(), NAMES[3:], done)
            self.is_true()
            if not done:
                break
        self.assertGreater(number, 20)
        self.assertEqual(seen, {(), (".removed",)})


if __name__ == "__main__":
    unittest.main()
