"""Lines that come into a window after its file was removed: the file's last copy stays, and both can be read again."""
import fcntl
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
NAME = NAMES[0]
OWN = [NAME.replace("_0000.", "_00000%d." % number) for number in range(1, 4)]


class Late(test_seal.Archive):
    def setUp(self):
        super().setUp()
        self.copy = os.path.join(self.top, "copy")
        self.late = self.texts[NAME].splitlines(True)[-1]

    def copy_all(self):
        """As rclone copy and rsync -a: what differs is written over."""
        shutil.copytree(self.dir, self.copy, copy_function=shutil.copy2, dirs_exist_ok=True)

    def removed(self, *words):
        """Sealed, copied, and all but the newest removed."""
        self.seal(*words)
        self.copy_all()
        self.prune("--keep", "1", "--copied-to", self.copy, "--yes")

    def content(self, name):
        return seals.content(self.path(name))

    def test_a_late_line_leaves_the_last_copy(self):
        for words, end in ((["--compress"], ".zst"), ([], "")):
            with self.subTest(end=end):
                shutil.rmtree(self.dir)
                shutil.rmtree(self.copy, ignore_errors=True)
                os.mkdir(self.dir)
                for name, text in self.texts.items():
                    self.put(name, text)
                self.removed(*words)
                was = seals.manifest(self.dir)[0][NAME + end]
                for own in OWN[:2]:
                    self.put(NAME, self.late)
                    # What the operator is told meanwhile, and what prune does with it.
                    told = self.restore("--from", self.copy, "--date", "2026-07-20", status=65).stderr
                    self.assertIn("observer seal first", told)
                    run = self.seal(*words, status=65)
                    self.assertIn("%d bytes came into %s after it was removed: they are %s now" % (len(self.late), self.path(NAME), self.path(own)),
                                  run.stderr)
                    self.assertEqual(self.seal(*words).stderr, "")
                    self.is_true()
                    self.copy_all()
                    files = seals.manifest(self.dir)[0]
                    self.assertEqual((files[NAME + end], files[own + end]["lines"]), (was, 1))
                    self.assertEqual(seals.content(os.path.join(self.copy, NAME + end)), self.texts[NAME])
                    self.prune("--keep", "1", "--copied-to", self.copy, "--yes")
                self.restore("--from", self.copy)
                self.assertEqual(self.files(), sorted(name + end for name in NAMES + OWN[:2]))
                self.assertEqual((self.content(NAME + end), self.content(OWN[1] + end)), (self.texts[NAME], self.late))
                self.is_true()
                self.seal("--compress")
                self.assertEqual((self.content(NAME + ".zst"), self.content(OWN[0] + ".zst")), (self.texts[NAME], self.late))
                self.is_true()

    def test_late_lines_that_were_sealed_before_their_window_went(self):
        self.seal("--compress")
        self.put(NAME, self.late)
        self.seal()
        self.copy_all()
        old = os.stat(self.path(NAME + ".zst")).st_mtime - 1_000_000
        os.utime(self.path(NAME + ".zst"), (old, old))
        self.seal()
        # The window's file is old, that of its late lines is not.
        run = self.prune("--older-than", "10d", "--copied-to", self.copy, "--compress", "--yes", status=65)
        self.assertIn("%s is not that: not compressed" % self.path(NAME), run.stderr)
        self.assertIn(NAME, self.files())
        self.assertNotIn(NAME + ".zst", self.files())
        self.put(NAME, self.late, "ab")
        self.seal("--compress", status=65)
        self.assertEqual(self.content(OWN[0] + ".zst"), self.late * 2)
        self.is_true()
        self.copy_all()
        self.restore("--from", self.copy)
        self.assertEqual((self.content(NAME + ".zst"), self.content(OWN[0] + ".zst")), (self.texts[NAME], self.late * 2))
        self.assertNotIn(NAME, seals.manifest(self.dir)[0])
        self.is_true()

    def test_a_window_that_is_lost_keeps_its_name_too(self):
        self.seal("--compress")
        self.copy_all()
        os.remove(self.path(NAME + ".zst"))
        self.put(NAME, self.late)
        run = self.seal("--compress", status=65)
        self.assertIn(NAME + ".zst was sealed and is gone", run.stderr)
        self.restore("--from", self.copy)
        self.assertEqual((self.content(NAME + ".zst"), self.content(OWN[0] + ".zst")), (self.texts[NAME], self.late))
        self.seal()
        self.is_true()

    @unittest.skipUnless(shutil.which("rclone"), "rclone is not installed")
    def test_crons_copy_keeps_what_it_replaces(self):
        """A line that comes after seal, before the copy: into a window of which the copy is the last one."""
        with open(os.path.join(ROOT, "config/crontab.example")) as file:
            line = next(line for line in file if " rclone copy " in line)
        command = line[line.index("rclone"):].replace("\\%", "%").replace("/home/observer/observer/config/observer", "'%s'" % self.dir)
        command = command.replace("backup:observer", "'%s'" % self.copy).replace("backup:replaced", self.top + "/replaced")
        self.removed()
        self.put(NAME, self.late)
        subprocess.run(["bash", "-c", command], check=True, capture_output=True, env=dict(os.environ, RCLONE_CONFIG="/dev/null"))
        (day,) = os.listdir(self.top + "/replaced")
        self.assertEqual(seals.content(os.path.join(self.top, "replaced", day, NAME)), self.texts[NAME])

    def test_a_window_that_is_back_is_not_late(self):
        """By hand: what was compressed is there, but plain."""
        self.removed("--compress")
        self.put(NAME, self.texts[NAME])
        self.seal()
        self.is_true()
        self.assertNotIn(NAME + ".zst", seals.manifest(self.dir)[0])
        self.seal("--compress")
        self.assertEqual(self.files(), [NAME + ".zst", NAMES[3] + ".zst"])
        self.is_true()

    def test_a_window_in_use_and_a_name_that_is_taken(self):
        self.removed()
        self.put(NAME, self.late)
        with open(self.path(NAME)) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assertIn("in use", self.seal(status=65).stderr)
        self.assertIn(NAME, self.files())
        self.put(OWN[0], b"another's\n")
        self.put(OWN[1] + ".zst", b"another's\n")
        self.seal(status=65)
        self.assertEqual(self.content(OWN[2]), self.late)

    def test_restore_forgets_nothing(self):
        """The late line was compressed by hand, to the name of what was removed."""
        self.removed("--compress")
        self.put(NAME, self.late)
        manifest = seals.line_of(self.path(NAME))
        files, days = seals.manifest(self.dir)
        seals.write(self.dir, [*files.values(), *days.values(), manifest])
        subprocess.run(["zstd", "-q", "--rm", self.path(NAME)], check=True)
        before = seals.manifest(self.dir)
        run = self.restore("--from", self.copy, "--date", "2026-07-20", status=65)
        self.assertIn("%s holds what was sealed as %s" % (self.path(NAME + ".zst"), NAME), run.stderr)
        self.assertEqual(seals.manifest(self.dir), before)
        # The way out that is named.
        subprocess.run(["zstd", "-dq", "--rm", self.path(NAME + ".zst")], check=True)
        self.seal(status=65)
        self.restore("--from", self.copy, "--date", "2026-07-20")
        self.assertEqual((self.content(NAME + ".zst"), self.content(OWN[0])), (self.texts[NAME], self.late))
        self.is_true()

    def test_killed_at_any_step(self):
        self.removed("--compress")
        self.prune("--keep", "1", "--yes")
        self.put(NAME, self.late)
        # (sealed, so that the manifest has to forget it first)
        files, days = seals.manifest(self.dir)
        seals.write(self.dir, [*files.values(), *days.values(), seals.line_of(self.path(NAME))])
        start = os.path.join(self.top, "start")
        os.rename(self.dir, start)
        shims, number = Shims(os.path.join(self.top, "shims")), 0
        while True:
            number += 1 if LONG else 29
            shutil.rmtree(self.dir, ignore_errors=True)
            shutil.copytree(start, self.dir)
            subprocess.run([seals.SEAL, "--dir", self.dir], capture_output=True, env=dict(os.environ, **shims.env(number)),
                           start_new_session=True)
            self.assertIn(self.run_script(seals.SEAL).returncode, (0, 65))
            run = self.seal()
            self.assertEqual((run.stderr, self.files()), ("", [OWN[0], NAMES[3] + ".zst"]), shims.done)
            self.assertEqual(self.content(OWN[0]), self.late)
            self.assertIsNotNone(seals.manifest(self.dir)[0][NAME + ".zst"]["removed"])
            self.is_true()
            if not shims.done:
                break
        self.assertGreater(number, 40)


if __name__ == "__main__":
    unittest.main()
