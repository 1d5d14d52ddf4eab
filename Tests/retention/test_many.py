"""Two years of an archive: 10,000 files, 2 TB. It is listed, pruned and reported without a process for each file."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness"))

from faultkit import seals  # noqa: E402
from faultkit.seals import PRUNE, SEAL  # noqa: E402
from faultkit.shims import Shims  # noqa: E402

REPORT = os.path.join(ROOT, "scripts/observer-report")
FILES = 10_000 if os.environ.get("OBSERVER_LONG_TESTS") else 2_000
BYTES, BEGIN = 200_000_000, time.time() - 740 * 86400
KEEP = FILES * 2 // 5
SYMBOLS = ["%06d" % number for number in range(80)]
DAY = ('{"audit":"day","date":"%s","condition":"available","reasons":[],"symbols":80,"records":1,"trades":1,"shares":1,'
       '"reported_shares":1,"before_start":0,"verified":1,"missed_trades":0,"missed_shares":0,"unverifiable":0,"duplicates":0,'
       '"reversals":0,"rejects":0}')


class Many(unittest.TestCase):
    def make(self, folder):
        lines, dates = [], set()
        for number in range(FILES):
            begin = BEGIN + number * 740 * 86400 / FILES
            name = time.strftime("observer_%Y%m%d_%H%M%S.jsonl.zst", time.gmtime(begin + 9 * 3600))
            date = time.strftime("%Y-%m-%d", time.gmtime(begin + 9 * 3600))
            dates.add(date)
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.truncate(BYTES)  # (a hole: it takes no room)
            os.utime(path, (int(begin), int(begin)))
            lines.append({"name": name, "sha256": "0" * 64, "bytes": BYTES, "mtime": "%d.000000000" % begin, "removed": None,
                          "content_sha256": "1" * 64, "content_bytes": 20 * BYTES, "lines": 1, "first": None, "last": None,
                          "feeds": ["trades"], "symbols": SYMBOLS, "days": [date], "sealed": "2026-01-01T00:00:00+09:00"})
        # The last may not be over, and is no zstd: left out.
        os.remove(os.path.join(folder, lines.pop()["name"]))
        seals.write(folder, lines + [json.loads(DAY % date) for date in sorted(dates)])

    def test_no_process_for_each_file(self):
        with tempfile.TemporaryDirectory() as top:
            folder = os.path.join(top, "archive")
            os.mkdir(folder)
            self.make(folder)
            shims = Shims(os.path.join(top, "shims"))
            told = []
            for words, calls, says in (
                    ([SEAL], 80, ""), ([PRUNE, "--keep", str(KEEP)], 60, "would remove"), ([PRUNE, "--older-than", "365d"], 60, "would remove"),
                    ([PRUNE, "--compress"], 60, "nothing to do"), ([REPORT, "--calendar"], 100, "calendar.html"),
                    ([PRUNE, "--keep", str(KEEP), "--yes"], 80 + FILES // 60, "removed")):
                for shimmed in (True,) if "--yes" in words else (False, True):
                    begin, used = time.monotonic(), os.times()
                    run = subprocess.run(words + ["--dir", folder], capture_output=True, text=True,
                                         env=dict(os.environ, **(shims.env() if shimmed else {})))
                    seconds, after = time.monotonic() - begin, os.times()
                    used = after.children_user + after.children_system - used.children_user - used.children_system
                    self.assertEqual((run.returncode, run.stderr), (0, ""), words)
                    self.assertIn(says, run.stdout)
                    if not shimmed or "--yes" in words:
                        told.append("%s %.2f s, %.2f s of processor time"
                                    % (" ".join(os.path.basename(word) for word in words), seconds, used))
                    if shimmed:
                        told[-1] += ", %d processes" % shims.calls
                        self.assertLess(shims.calls, calls, words)
            files, days = seals.manifest(folder)
            self.assertEqual(sum(line["removed"] is None for line in files.values()), KEEP)
            if os.environ.get("OBSERVER_LONG_TESTS"):
                print("%d files, %.1f TB: %s" % (FILES, FILES * BYTES / 1e12, "; ".join(told)), file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
