"""A name that another file has taken between two steps: what stands there is left, what was to be it is said, whatever mv -n says of it."""
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import test_seal  # noqa: E402
from test_seal import NAMES  # noqa: E402

PACK = os.path.join(ROOT, "scripts/observer-pack")
# mv -n beside another program: that has made TO by now, which coreutils up to 9.1 pass over with 0, and later ones with 1.
# With LATE also one that writes to FROM, a data file that is about to be removed.
MV = """#!/bin/bash
if [[ $1 == -n* ]]; then
  [[ $WHAT != gone ]] || { printf 'mv: cannot move: Input/output error\\n' >&2; exit 1; }
  printf 'another\\n' >"${@: -1}"
  [[ $WHAT == old ]] || { printf "mv: not replacing '%s'\\n" "${@: -1}" >&2; exit 1; }
  exit 0
fi
[[ -z $LATE || ${@: -1} != *.packed ]] || printf 'late\\n' >>"${@: -2:1}"
exec REAL "$@"
"""


class Rename(test_seal.Archive):
    def setUp(self):
        super().setUp()
        bin = os.path.join(self.top, "bin")
        os.mkdir(bin)
        with open(os.path.join(bin, "mv"), "w") as file:
            file.write(MV.replace("REAL", shutil.which("mv")))
        os.chmod(os.path.join(bin, "mv"), 0o755)
        self.env = {"PATH": bin + ":" + os.environ["PATH"], "LATE": ""}

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def pack(self, name, what, late=""):
        run = subprocess.run(["bash", "-c", 'if [[ -e $1 ]]; then exec 8<"$1"; fi; exec "$0" "$1" 3', PACK, self.path(name)],
                             capture_output=True, text=True, env=dict(os.environ, **self.env, WHAT=what) | {"LATE": late})
        self.assertEqual((run.returncode, run.stderr.count("\n")), (74, 1), run.stderr)
        return run.stderr

    def test_restore(self):
        self.seal()
        copy = os.path.join(self.top, "copy")
        shutil.copytree(self.dir, copy)
        for what in ("old", "new"):
            os.remove(self.path(NAMES[1]))
            run = self.restore("--from", copy, status=65, env=dict(self.env, WHAT=what))
            self.assertIn("%s has come meanwhile: it is left as it is" % self.path(NAMES[1]), run.stderr)
            self.assertEqual(self.read(NAMES[1]), b"another\n")
            self.assertEqual(self.files(), NAMES)
        os.remove(self.path(NAMES[1]))
        os.remove(self.path(NAMES[2]))
        run = self.restore("--from", copy, status=74, env=dict(self.env, WHAT="gone"))
        self.assertEqual(run.stderr.count("cannot rename"), 2, run.stderr)
        self.restore("--from", copy)
        self.is_true()

    def test_a_compressed_file_that_has_come(self):
        for what in ("old", "new"):
            self.assertIn(".zst was there after all: nothing was changed", self.pack(NAMES[0], what))
            self.assertEqual((self.read(NAMES[0]), self.read(NAMES[0] + ".zst")), (self.texts[NAMES[0]], b"another\n"))
            os.remove(self.path(NAMES[0] + ".zst"))
        self.assertIn("cannot rename", self.pack(NAMES[0], "gone"))

    def test_a_file_that_was_written_to_without_a_lock(self):
        for what in ("old", "new"):
            self.put(NAMES[0], self.texts[NAMES[0]])
            # (the window is compressed, and what is left is to remove it)
            subprocess.run(["zstd", "-qf", self.path(NAMES[0])], check=True)
            said = self.pack(NAMES[0], what, late="1")
            self.assertIn("is another file by now", said)
            self.assertEqual((self.read(NAMES[0]), self.read(NAMES[0] + ".packed")),
                             (b"another\n", self.texts[NAMES[0]] + b"late\n"))
            os.remove(self.path(NAMES[0] + ".packed"))

    def test_lines_that_were_about_to_be_removed(self):
        for what in ("old", "new"):
            os.rename(self.path(NAMES[0]), self.path(NAMES[0] + ".packed"))
            self.assertIn("has come meanwhile: move", self.pack(NAMES[0], what))
            self.assertEqual((self.read(NAMES[0]), self.read(NAMES[0] + ".packed")), (b"another\n", self.texts[NAMES[0]]))
            os.rename(self.path(NAMES[0] + ".packed"), self.path(NAMES[0]))


if __name__ == "__main__":
    unittest.main()
