"""What is removed is elsewhere, and comes back as it was."""
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
from test_seal import NAMES  # noqa: E402

# ssh's part, without a host: the words behind the host are for its shell.
SSH = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\n[ "$2" = host ] || exit 255\ncd / && exec /bin/sh -c "$3"\n'


class Copies(test_seal.Archive):
    def setUp(self):
        super().setUp()
        self.copy = os.path.join(self.top, "a 'copy'")
        self.seal()
        shutil.copytree(self.dir, self.copy, copy_function=shutil.copy2)
        self.env = {}

    def in_copy(self, name):
        return os.path.join(self.copy, name)

    def removes_and_restores(self, place):
        """One copy is damaged, one is not there: both stay, the other goes and comes back."""
        with open(self.in_copy(NAMES[0]), "r+b") as file:
            file.seek(100)
            file.write(b"x")
        os.remove(self.in_copy(NAMES[1]))
        dry = self.prune("--keep", "1", "--copied-to", place, status=1, env=self.env)
        self.assertEqual((dry.stdout.count("would remove"), self.files()), (1, NAMES))
        run = self.prune("--keep", "1", "--copied-to", place, "--yes", status=1, env=self.env)
        self.assertIn("another file is there: " + self.path(NAMES[0]), run.stderr)
        self.assertIn("not there: " + self.path(NAMES[1]), run.stderr)
        self.assertEqual(self.files(), NAMES[:2] + NAMES[3:])
        self.is_true()
        self.assertEqual(seals.manifest(self.dir)[0][NAMES[2]]["removed"] is None, False)
        self.seal()
        self.restore("--from", place, "--date", "2026-07-22", env=self.env)
        self.assertEqual(self.files(), NAMES)
        self.is_true()
        self.assertEqual(self.restore("--from", place, env=self.env).stdout, "nothing to do: all of it is here\n")

    def test_a_folder(self):
        self.removes_and_restores(self.copy)

    def test_a_host(self):
        bin = os.path.join(self.top, "bin")
        os.mkdir(bin)
        with open(os.path.join(bin, "ssh"), "w") as file:
            file.write(SSH)
        os.chmod(os.path.join(bin, "ssh"), 0o755)
        self.env = {"PATH": bin + ":" + os.environ["PATH"], "RCLONE_CONFIG": "/dev/null"}
        self.prune("--keep", "1", "--copied-to", "elsewhere:" + self.copy, "--yes", status=69, env=self.env)
        self.prune("--keep", "1", "--copied-to", "host:/no/such", "--yes", status=69, env=self.env)
        self.prune("--keep", "1", "--copied-to", "host:" + self.dir, "--yes", status=64, env=self.env)
        self.assertEqual(self.files(), NAMES)
        self.removes_and_restores("host:" + self.copy)

    @unittest.skipUnless(shutil.which("rclone"), "rclone is not installed")
    def test_a_remote(self):
        config = os.path.join(self.top, "rclone.conf")
        with open(config, "w") as file:
            file.write("[copy]\ntype = alias\nremote = %s\n[packed]\ntype = crypt\nremote = %s\npassword = %s\n"
                       "filename_encryption = off\ndirectory_name_encryption = false\n"
                       % (self.top, self.top + "/crypt", subprocess.run(["rclone", "obscure", "word"], capture_output=True, text=True).stdout.strip()))
        self.env = {"RCLONE_CONFIG": config}
        self.prune("--keep", "1", "--copied-to", "copy:none", "--yes", status=69, env=self.env)
        self.prune("--keep", "1", "--copied-to", "copy:archive", "--yes", status=64, env=self.env)
        self.assertEqual(self.files(), NAMES)
        self.removes_and_restores("copy:" + os.path.basename(self.copy))
        # A remote that has no sums of its own: the copies are read.
        subprocess.run(["rclone", "copy", self.dir, "packed:"], check=True, env=dict(os.environ, **self.env))
        self.prune("--keep", "1", "--copied-to", "packed:", "--yes", env=self.env)
        self.assertEqual(self.files(), NAMES[3:])
        self.restore("--from", "packed:", env=self.env)
        self.assertEqual(self.files(), NAMES)
        self.is_true()

    def test_no_copy_is_the_file_itself(self):
        os.remove(self.in_copy(NAMES[0]))
        os.link(self.path(NAMES[0]), self.in_copy(NAMES[0]))
        os.remove(self.in_copy(NAMES[1]))
        os.symlink(self.path(NAMES[1]), self.in_copy(NAMES[1]))
        run = self.prune("--keep", "1", "--copied-to", self.copy, "--yes", status=1)
        self.assertEqual(run.stderr.count("is no copy, but the file itself"), 2)
        self.assertEqual(self.files(), NAMES[:2] + NAMES[3:])
        self.prune("--keep", "1", "--copied-to", self.dir + "/", "--yes", status=64)
        self.prune("--keep", "1", "--copied-to", self.top + "/none", "--yes", status=73)

    def test_a_plain_copy_of_what_was_compressed(self):
        self.seal("--compress")
        self.prune("--keep", "1", "--copied-to", self.copy, "--yes")
        self.assertEqual(self.files(), [NAMES[3] + ".zst"])
        self.restore("--from", self.copy)
        self.assertEqual(self.files(), NAMES[:3] + [NAMES[3] + ".zst"])
        self.is_true()
        self.seal("--compress")
        self.is_true()

    def test_a_new_disk(self):
        """The copy's own manifest, of which nothing is forgotten, though one day came back only."""
        shutil.rmtree(self.dir)
        subprocess.run([test_seal.SEAL, "--dir", self.copy, "--compress"], check=True, capture_output=True)
        self.restore("--from", self.copy, "--date", "2026-07-21")
        self.assertEqual(self.files(), [NAMES[1] + ".zst"])
        self.is_true()
        files, days = seals.manifest(self.dir)
        self.assertEqual((len(files), len(days)), (4, 4))
        self.seal()
        self.restore("--from", self.copy)
        self.assertEqual(seals.content(self.path(NAMES[0] + ".zst")), self.texts[NAMES[0]])
        self.is_true()
        # The disk of the manifest, not the files.
        os.remove(self.in_copy("manifest.ndjson"))
        os.remove(self.path(NAMES[0] + ".zst"))
        self.restore("--from", self.copy)
        self.is_true()
        shutil.rmtree(self.dir)
        self.assertIn("nothing to hold the files against", self.restore("--from", self.copy, status=65).stderr)

    def test_nothing_is_written_over(self):
        self.put(NAMES[0], b'{"mine":1}\n')
        os.remove(self.path(NAMES[1]))
        os.remove(self.path(NAMES[2]))
        with open(self.in_copy(NAMES[2]), "ab") as file:
            file.write(b"x")
        run = self.restore("--from", self.copy, status=65)
        self.assertIn(self.path(NAMES[0]) + " is not what was sealed, and is left as it is", run.stderr)
        self.assertIn(NAMES[2] + " is not what was sealed in", run.stderr)
        with open(self.path(NAMES[0])) as file:
            self.assertEqual(file.read(), '{"mine":1}\n')
        self.assertEqual(self.files(), [NAMES[0], NAMES[1], NAMES[3]])
        self.assertIn("nothing of 2020-01-01 was ever sealed", self.restore("--from", self.copy, "--date", "2020-01-01", status=65).stderr)
        for words in ([], ["--from"], ["--from", self.copy, "--date", "2026-02-30"], ["--from", self.copy, "x"], ["--from", self.dir]):
            self.restore(*words, status=64)

    def test_late_lines_and_their_window_both_come_back(self):
        self.seal("--compress")
        self.put(NAMES[1], b'{"late":1}\n')
        self.seal()
        shutil.rmtree(self.copy)
        shutil.copytree(self.dir, self.copy, copy_function=shutil.copy2)
        for name in (NAMES[1], NAMES[1] + ".zst"):
            os.remove(self.path(name))
            self.restore("--from", self.copy)
            self.is_true()
        self.prune("--keep", "1", "--copied-to", self.copy, "--yes")
        self.restore("--from", self.copy)
        self.assertEqual(self.files(), sorted([name + ".zst" for name in NAMES] + [NAMES[1]]))


if __name__ == "__main__":
    unittest.main()
