"""What scripts say: on an archive that is new, and where nobody can be told."""
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OBSERVER = os.path.join(ROOT, "scripts/observer")
RECORD = ('{"meta":{"timestamp_ms":1795482000000},"context":{"source":"market","symbol":"005930","market":"KRX","product":"stock",'
          '"feed":"trades"},"observation":{"inputs":{"price":1,"trade_size":1,"volume":1,"raw":{}}}}\n')
PAGES = ("", "seal", "prune", "restore", "export", "report", "spark", "symbols")


class Spoken(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="spoken-")
        self.addCleanup(shutil.rmtree, self.dir)

    def put(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_observer(self, *words, redirection="", **env):
        """A run; the redirection is the shell's."""
        return subprocess.run(["bash", "-c", 'exec "$0" "$@" ' + redirection, OBSERVER, *words], capture_output=True, text=True, timeout=60,
                              cwd=self.dir, env={**os.environ, **env})

    def test_the_year_of_a_new_archive(self):
        for days in ((), ("observer.jsonl",), ("observer_20261125_0000.jsonl",)):
            for name in days:
                self.put(name, RECORD)
            run = self.run_observer("report", "--calendar", "--dir", self.dir)
            self.assertEqual((run.returncode, run.stdout), (0, self.dir + "/reports/calendar.html\n"), run.stderr)

    def test_what_cannot_be_told_is_74(self):
        self.put("observer_20260720_0000.jsonl", RECORD)
        self.put("observer_20260721_0000.jsonl", RECORD)
        calls = [word.split() + [option] for word in PAGES for option in ("--help", "--version")]
        calls += [["report", "2026-07-20", "--dir", self.dir], ["status", "--dir", self.dir], ["prune", "--keep", "9", "--dir", self.dir],
                  ["seal", "--dir", self.dir], ["run", "--help"], ["logs", "--dir", self.dir]]
        os.makedirs(self.dir + "/.run/log")
        self.put(".run/log/observer.log", "a line\n")
        for redirection in (">/dev/full", ">&-"):
            for words in calls:
                run = self.run_observer(*words, redirection=redirection)
                said = [line for line in run.stderr.splitlines() if "holidays.jsonl" not in line and "not sealed" not in line]
                self.assertEqual((run.returncode, len(said)), (74, 1), (words, redirection, run.stderr))
                # (the lines of a log are tail's, and so are its words)
                self.assertRegex(said[0], "^tail: " if words[0] == "logs" else "cannot write standard output")
            # The work was done all the same.
            self.assertTrue(os.path.exists(self.dir + "/manifest.ndjson"))
            for name in ("manifest.ndjson", "SHA256SUMS"):
                os.remove(os.path.join(self.dir, name))
            self.assertTrue(os.path.exists(self.dir + "/reports/2026-07-20.html"))

    def test_an_archive_of_one_file_has_nothing_to_seal(self):
        self.put("observer.jsonl", RECORD)
        for command in ("seal", "prune"):
            run = self.run_observer(command, "--dir", self.dir, *(["--keep", "1"] if command == "prune" else []))
            self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
            self.assertIn("then mv observer.jsonl observer_YYYYMMDD_0000.jsonl", run.stderr)

    def test_the_configuration_says_where_the_logs_of_a_start_are(self):
        logs = os.path.join(self.dir, "logs")
        self.put("configuration", '{"environment":{"OBSERVER_LOG_DIR":"%s"}}' % logs)
        run = self.run_observer("start", "--dir", self.dir + "/archive", "--watchlist", "/none", KIS_APP_KEY="k", KIS_APP_SECRET="s",
                                OBSERVER_CONFIG_FILE=self.dir + "/configuration")
        self.assertEqual(run.returncode, 78, run.stderr)
        self.assertIn(f"see {logs}/observer.log", run.stderr)
        self.assertTrue(os.path.getsize(logs + "/observer.log"))

    def test_a_reader_that_leaves_is_no_error(self):
        run = self.run_observer("seal", "--help", redirection="| true; exit ${PIPESTATUS[0]}")
        self.assertIn((run.returncode, run.stderr), ((0, ""), (141, "")))


if __name__ == "__main__":
    unittest.main()
