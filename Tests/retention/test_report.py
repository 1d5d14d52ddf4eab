"""Pages of days whose files come and go: a good page is not written over, and no calendar shows what is not so any more."""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness"))

import test_seal  # noqa: E402
from test_seal import DAYS, NAMES  # noqa: E402

REPORT = os.path.join(ROOT, "scripts/observer-report")


class Report(test_seal.Archive):
    def setUp(self):
        super().setUp()
        self.copy = os.path.join(self.top, "copy")

    def report(self, *words, status=0, **options):
        run = self.run_script(REPORT, *words, **options)
        self.assertEqual(run.returncode, status, run.stderr)
        return run

    def pages(self):
        found = {}
        for name in os.listdir(self.path("reports")):
            with open(self.path("reports/" + name), "rb") as file:
                found[name] = file.read()
        return found

    def condition(self, date):
        with open(self.path("reports/%s.ndjson" % date)) as file:
            return next(line["condition"] for line in map(json.loads, file) if line["audit"] == "day")

    def square(self, date):
        """What the calendar says of a day: the words of its square."""
        self.report("--calendar", "--lang", "en")
        with open(self.path("reports/calendar.html")) as file:
            return re.search(date + ": ([a-z]+)", file.read()).group(1)

    def test_the_page_of_a_day_that_was_removed_stays(self):
        self.report(DAYS[0])
        self.assertEqual(self.condition(DAYS[0]), "available")
        self.seal()
        shutil.copytree(self.dir, self.copy, copy_function=shutil.copy2)
        self.prune("--keep", "1", "--copied-to", self.copy, "--yes")
        before = self.pages()
        told = "%s of %s was removed" % (NAMES[0], DAYS[0])
        for late in (False, True):
            if late:  # a part of it is here, under a name of its own
                self.put(NAMES[0], self.texts[NAMES[0]].splitlines(True)[-1])
                self.assertIn(told, self.report(DAYS[0], status=69).stderr)
                self.seal(status=65)
            run = self.report(DAYS[0], status=69)
            self.assertIn(told, run.stderr)
            self.assertIn("observer restore --from PLACE --date " + DAYS[0], run.stderr)
            self.assertEqual((run.stdout, self.pages()), ("", before))
        self.report(DAYS[3])
        self.restore("--from", self.copy, "--date", DAYS[0])
        self.report(DAYS[0])
        self.assertEqual(self.condition(DAYS[0]), "available")

    def test_a_page_that_was_never_made_is_not_made_without_the_files(self):
        self.seal()
        self.prune("--keep", "1", "--yes")
        self.report(DAYS[1], status=69)
        self.assertFalse(os.path.exists(self.path("reports")))

    def test_a_calendar_sees_what_came_into_a_file_without_a_date(self):
        lines = self.texts[NAMES[0]].splitlines(True)
        for name in NAMES:
            os.remove(self.path(name))
        self.put("observer.jsonl", b"".join(lines[:len(lines) // 3]))
        self.report(DAYS[0])
        self.assertEqual((self.condition(DAYS[0]), self.square(DAYS[0])), ("degraded", "degraded"))
        self.put("observer.jsonl", b"".join(lines[len(lines) // 3:]), "ab")
        self.assertEqual(self.square(DAYS[0]), "available")
        # What began after the day has nothing of it: what was said of a day that was moved away stays.
        os.rename(self.path("observer.jsonl"), os.path.join(self.top, "moved"))
        self.put("observer.jsonl", self.texts[NAMES[3]])
        self.assertEqual(self.square(DAYS[0]), "degraded")
        self.put("observer.jsonl", b"{}\n" + self.texts[NAMES[3]])
        self.report("--calendar", status=65)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("mount"), "mounts a small disk")
    def test_a_full_disk_is_74(self):
        small = os.path.join(self.top, "small")
        os.mkdir(small)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small], capture_output=True).returncode:
            self.skipTest("no mount")
        self.addCleanup(subprocess.run, ["umount", small])
        shutil.copy(self.path(NAMES[0]), small)
        self.dir = small
        self.report(DAYS[0])
        page = self.pages()
        for free in range(0, 48, 8):
            room = os.statvfs(small)
            with open(self.path("fill"), "wb") as file:
                file.write(bytes(room.f_bavail * room.f_frsize - free * 1024))
            for words in ([DAYS[0]], ["--calendar"]):
                run = self.run_script(REPORT, *words)
                if run.returncode:
                    self.assertEqual((run.returncode, run.stderr.count("\n")), (74, 1), run.stderr)
                else:
                    self.assertLess(0, free)
                kept = self.pages()
                self.assertTrue({name: kept[name] for name in page} == page, (free, words))
            os.remove(self.path("fill"))


if __name__ == "__main__":
    unittest.main()
