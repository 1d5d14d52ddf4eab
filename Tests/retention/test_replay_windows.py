"""Refused lines that are replayed into their archive stand in the windows of their own time, and their day is whole again."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("OBSERVER_BIN_DIR", os.path.join(ROOT, ".build/release"))
OBSERVER = os.path.join(ROOT, "scripts/observer")
DAY = "2026-11-25"


def run(*words, **options):
    return subprocess.run(words, capture_output=True, check=True, stdin=None if "input" in options else subprocess.DEVNULL, **options).stdout


@unittest.skipUnless(shutil.which("zstd"), "zstd is not installed")
class ReplayWindows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = run(os.path.join(ROOT, "Tests/harness/make-day"), "--symbols", "2", "--bundles", "1", "--books", "0")
        record = run(os.path.join(BIN, "snap-enrich"), "--clock", "event", "--log-level", "error", input=made)
        cls.snapshots, cls.records = made.splitlines(keepends=True), record.splitlines(keepends=True)
        cls.late = [at for at, line in enumerate(cls.snapshots) if "T11:30" <= json.loads(line)["meta"]["timestamp"][10:16] < "T13:00"]
        assert len(cls.late) > 50 and 0 not in cls.late and len(cls.records) == len(cls.snapshots)

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="replay-")
        self.addCleanup(shutil.rmtree, self.top)
        self.dir = os.path.join(self.top, "archive")
        os.mkdir(self.dir)
        self.env = {**os.environ, "OBSERVER_BIN_DIR": BIN}

    def path(self, name):
        return os.path.join(self.dir, name)

    def archive(self, window):
        """All records but the late ones, each in the file that `window` makes of the time of its capture."""
        late = set(self.late)
        for at, line in enumerate(self.records):
            if at not in late:
                time = json.loads(line)["snapshot"]["meta"]["timestamp"]
                with open(self.path(window(time)), "ab") as file:
                    file.write(line)

    def compress(self):
        for name in os.listdir(self.dir):
            run("zstd", "-q", "--rm", self.path(name))

    def replay(self):
        with open(os.path.join(self.top, "again.jsonl"), "wb") as file:
            file.writelines(self.snapshots[at] for at in self.late)
        run(OBSERVER, "replay", "--dir", self.dir, file.name, env=self.env)

    def condition(self):
        """What the audit says of the day, by all files and by those that the report of the day reads."""
        audit = run(os.path.join(BIN, "snap-audit"), "--log-level", "error", self.dir)
        run(OBSERVER, "report", DAY, "--dir", self.dir, env=self.env)
        with open(self.path("reports/%s.ndjson" % DAY), "rb") as file:
            texts = [audit, file.read()]
        return [(day["condition"], day["records"]) for text in texts for day in map(json.loads, text.splitlines()) if day.get("audit") == "day"]

    def is_whole(self, *names):
        self.assertEqual(sorted(name for name in os.listdir(self.dir) if ".jsonl" in name), sorted(names))
        self.assertEqual(self.condition(), [("available", len(self.records))] * 2)

    def test_days(self):
        self.archive(lambda time: "observer_20261125_0000.jsonl")
        self.replay()
        self.is_whole("observer_20261125_0000.jsonl")

    def test_a_window_that_is_compressed(self):
        self.archive(lambda time: "observer_20261125_0000.jsonl")
        run(OBSERVER, "seal", "--compress", "--rotate", "1d", "--dir", self.dir, env=self.env)
        self.replay()
        self.is_whole("observer_20261125_0000.jsonl", "observer_20261125_0000.jsonl.zst")
        run(OBSERVER, "seal", "--compress", "--rotate", "1d", "--dir", self.dir, env=self.env)
        self.is_whole("observer_20261125_0000.jsonl.zst")

    def test_windows_of_several_lengths(self):
        """Half hours, and a day before them; of 11:30 to 13:00 nothing was archived."""
        self.archive(lambda time: "observer_20261125_%s%s.jsonl" % (time[11:13], "00" if time[14:16] < "30" else "30"))
        before = set(os.listdir(self.dir))
        self.assertIn("observer_20261125_1100.jsonl", before)
        self.compress()
        with open(self.path("observer_20261124_0000.jsonl"), "w"):
            pass
        self.replay()
        self.is_whole("observer_20261124_0000.jsonl", *(name + ".zst" for name in before), *("observer_20261125_%s.jsonl" % time for time in ("1130", "1200", "1230")))

    def test_lines_that_came_late_once_before(self):
        """The name that seal gave them says nothing of how long windows are."""
        self.archive(lambda time: "observer_20261125_0000.jsonl")
        for name in ("observer_20261120_0000.jsonl", "observer_20261120_000001.jsonl"):
            with open(self.path(name), "w"):
                pass
        self.replay()
        self.is_whole("observer_20261120_0000.jsonl", "observer_20261120_000001.jsonl", "observer_20261125_0000.jsonl")

    def test_the_window_was_pruned(self):
        """Its lines are all that is here of it; the newest window stays, and says how long windows are."""
        with open(self.path("observer_20261126_0000.jsonl"), "w"):
            pass
        self.replay()
        self.assertEqual(sorted(name for name in os.listdir(self.dir) if ".jsonl" in name),
                         ["observer_20261125_0000.jsonl", "observer_20261126_0000.jsonl"])

    def test_rotation_by_the_configuration(self):
        """By the clock, which is not the lines' own."""
        config = os.path.join(self.top, "config.json")
        with open(config, "w") as file:
            json.dump({"rotation": {"enabled": True, "window_ms": 3600000, "by": "clock"}}, file)
        self.env["OBSERVER_CONFIG_FILE"] = config
        self.archive(lambda time: "observer_20261125_%s00.jsonl" % time[11:13])
        before = set(os.listdir(self.dir))
        self.replay()
        self.is_whole(*before, "observer_20261125_1200.jsonl")

    def test_all_was_refused(self):
        """There is no window: the words of the last run tell."""
        os.mkdir(self.path(".run"))
        for words, names in ((("--rotate", "off"), ["observer.jsonl"]),
                             (("--feed", "trades", "--rotate", "1h"), ["observer_20261125_1100.jsonl", "observer_20261125_1200.jsonl"])):
            with open(self.path(".run/pipeline.args"), "w") as file:
                file.write("".join(word + "\0" for word in (self.top, *words)))
            self.replay()
            self.assertEqual(sorted(name for name in os.listdir(self.dir) if ".jsonl" in name), names)
            for name in names:
                os.remove(self.path(name))

    def test_an_archive_of_one_file(self):
        self.archive(lambda time: "observer.jsonl")
        self.replay()
        self.is_whole("observer.jsonl")


if __name__ == "__main__":
    unittest.main()
