"""What would end a pipeline at once is found before the one that runs is stopped (observer restart)."""
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness"))

from benchmark.live import simulator  # noqa: E402

BIN = os.environ.get("OBSERVER_BIN_DIR", os.path.join(ROOT, ".build/release"))
OBSERVER = os.path.join(ROOT, "scripts/observer")


class Restart(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="restart-")
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.dir = os.path.join(self.top, "archive")

    def put(self, name, text, mode=0o644):
        path = os.path.join(self.top, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def observer(self, *words, **variables):
        return subprocess.run([OBSERVER, *words, "--dir", self.dir], capture_output=True, text=True, cwd=self.top,
                              stdin=subprocess.DEVNULL, env={**self.env, **variables})

    def pid(self):
        with open(os.path.join(self.dir, ".run/pipeline.lock")) as file:
            return file.readline().strip()

    def test_a_pid_that_cannot_be_told_is_not_printed(self):
        """What holds the lock does so on another descriptor than the script: as seen from another container."""
        os.makedirs(os.path.join(self.dir, ".run"))
        lock = os.path.join(self.dir, ".run/observer.pid")
        self.env = {**os.environ, "OBSERVER_BIN_DIR": BIN, "OBSERVER_STARTED_BY": "foreground"}
        with open(lock, "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            run = self.observer("run")
        self.assertEqual(run.returncode, 75, run.stderr)
        self.assertIn("a pipeline runs for %s already, a process that cannot be seen from here" % self.dir, run.stderr)

    def stops_nothing(self, status, said, *words, **variables):
        with self.subTest(said=said, words=words):
            before = self.pid()
            outcome = self.observer("restart", *words, **variables)
            self.assertEqual(outcome.returncode, status, outcome.stderr)
            self.assertIn("nothing was stopped: ", outcome.stderr)
            self.assertIn(said, outcome.stderr)
            self.assertEqual(self.pid(), before)
            os.kill(int(before.split()[1]), 0)

    def test_nothing_is_stopped_for_what_can_be_seen(self):
        with open(os.path.join(ROOT, "config/deployment_config.json")) as file:
            good = json.load(file)
        good["watchlist"] = "/none"  # (the variable goes before)
        keys = "KIS_APP_KEY=%s\nKIS_APP_SECRET=%s\n"
        with simulator(self.top, "--ticks-per-second", "50") as (_, env):
            config = self.put("config.json", json.dumps(good))
            watchlist = self.put("watchlist", "\ufeff# mine\n005930\n")
            secrets = keys % (env["KIS_APP_KEY"], env["KIS_APP_SECRET"])
            file = self.put("keys.env", secrets, 0o600)
            own = {name: env.pop(name) for name in ("KIS_APP_KEY", "KIS_APP_SECRET")}
            self.env = {**env, "OBSERVER_BIN_DIR": BIN, "OBSERVER_CONFIG_FILE": config, "OBSERVER_WATCHLIST": watchlist,
                        "OBSERVER_STARTED_BY": "foreground"}
            started = self.observer("start", "--credentials", "keys.env")
            self.addCleanup(lambda: self.observer("stop"))
            self.assertEqual(started.returncode, 0, started.stderr)

            for mode in (0o644, 0o640):
                os.chmod(file, mode)
                self.stops_nothing(77, "keys.env can be read or written by others; run: chmod 600")
            os.chmod(file, 0o600)
            self.put("keys.env", "", 0o600)
            self.stops_nothing(77, "credentials missing: KIS_APP_KEY and KIS_APP_SECRET not found in keys.env")
            os.remove(file)
            self.stops_nothing(77, "cannot open keys.env")
            # What is given instead is looked at, and nothing else.
            self.stops_nothing(77, "cannot open other.env", "--feed", "trades", "--credentials=other.env")
            self.stops_nothing(77, "not found in the environment", "--feed", "trades")
            file = self.put("keys.env", secrets, 0o600)

            for change, said in (
                    ({"mode": 5}, "mode must be a string"),
                    ({"guard": {"rules": "x"}}, "guard.rules must be one of off, market"),
                    ({"sink": {"sync": "x"}}, "sink.sync must be one of interval, each, none"),
                    ({"fetch": {"feeds": ["tradez"]}}, "not 'tradez'"),
                    ({"fetch": {"ws_url": "x"}}, "cannot be used")):
                self.put("config.json", json.dumps({**good, **change}))
                variables = {"KIS_WS_URL": ""} if "fetch" in change else {}
                self.stops_nothing(78, said, **variables)
                # With keys in the environment, too, it is this that is said.
                self.stops_nothing(78, said, "--no-raw", **own, **variables)
            self.put("config.json", "{")
            self.stops_nothing(78, "config.json:1:2: unexpected end")
            self.put("config.json", json.dumps(good))

            for text in ("", "\n \n", "# 005930\n", "\ufeff# 005930\n", '{"name":"x"}\n'):
                self.put("watchlist", text)
                self.stops_nothing(78, "names no symbol: give it one a line, as 005930")
            os.remove(watchlist)
            self.stops_nothing(78, "there is no watchlist '%s'" % watchlist)
            os.mkdir(watchlist)
            self.stops_nothing(78, "is a folder")
            os.rmdir(watchlist)
            self.put("watchlist", '\ufeff{"symbol":"005930"}\n')

            before = self.pid()
            restarted = self.observer("restart")
            self.assertEqual((restarted.returncode, restarted.stderr), (0, ""))
            self.assertNotEqual(self.pid(), before)
            self.assertRegex(self.observer("status").stdout, r"^running, pid \d+\n")


if __name__ == "__main__":
    unittest.main()
