"""kis-sim: what it says to a shell, installed by make; the user's own keys are never shown."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from kis_client import HERE, KEY, SECRET, SIM

ROOT = os.path.join(HERE, "..", "..")


def said(command, **environment):
    """What the simulator says to a shell."""
    env = dict({k: v for k, v in os.environ.items() if not k.startswith("KIS_")}, **environment)
    with subprocess.Popen(command + ["--announce", "shell"], stdout=subprocess.PIPE, env=env, text=True) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        process.terminate()
    return "".join(lines)


class Announcement(unittest.TestCase):
    def test_a_shell_takes_it(self):
        text = said([sys.executable, SIM])
        names = ("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_REST_URL", "KIS_WS_URL", "OBSERVER_MODE")
        script = text + 'for name in %s; do printf "%%s\\n" "${!name}"; done; [[ -d $KIS_TOKEN_CACHE_DIR ]] && ' \
            'rmdir -- "$KIS_TOKEN_CACHE_DIR" && printf "%%s\\n" "${REAL_APP_KEY-unset}"' % " ".join(names)
        run = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, env=dict(os.environ, REAL_APP_KEY="r"))
        self.assertEqual(run.stderr, "")
        key, secret, rest, ws, mode, real = run.stdout.splitlines()
        self.assertEqual((key, secret, mode, real), (KEY, SECRET, "SIM", "unset"))
        self.assertRegex(rest + " " + ws, r"^http://127\.0\.0\.1:\d+ ws://127\.0\.0\.1:\d+$")

    def test_own_keys_are_not_shown(self):
        text = said([sys.executable, SIM], KIS_APP_KEY="OWNKEY" * 6, KIS_APP_SECRET="ownsecret" * 20)
        self.assertNotRegex(text, "OWNKEY|ownsecret|PSIM|simsecret")
        self.assertIn("those that kis-sim was given", text)

    @unittest.skipUnless(shutil.which("make"), "make is not installed")
    def test_installed(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["make", "-s", "-C", ROOT, "install-sim", "DESTDIR=" + folder, "PREFIX=/usr"], check=True)
            tool = os.path.join(folder, "usr", "bin", "kis-sim")
            self.assertIn("export KIS_REST_URL=", said([tool]))
            self.assertEqual(os.listdir(os.path.dirname(tool)), ["kis-sim"])


if __name__ == "__main__":
    unittest.main()
