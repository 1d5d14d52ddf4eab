"""Closed windows are compressed while the pipeline runs, and nothing of that is in its way (scripts/observer-compress)."""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness"))

from benchmark.live import simulator  # noqa: E402
from faultkit import seals  # noqa: E402
from faultkit.seals import SEAL  # noqa: E402

BIN = os.environ.get("OBSERVER_BIN_DIR", os.path.join(ROOT, ".build/release"))
OBSERVER, COMPRESS = (os.path.join(ROOT, "scripts", name) for name in ("observer", "observer-compress"))
FIRST, SECOND = "observer_20260720_0900.jsonl", "observer_20260720_1000.jsonl"


def lines(first, count):
    return b"".join(b'{"n":%d,"t":"%s"}\n' % (number, os.urandom(20).hex().encode()) for number in range(first, first + count))


def today(hour):
    return time.strftime("observer_%%Y%%m%%d_%02d00.jsonl" % hour, time.gmtime(time.time() + 9 * 3600))


@unittest.skipUnless(shutil.which("zstd") and shutil.which("flock"), "zstd or flock is not installed")
class Compress(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="compress-")
        self.addCleanup(shutil.rmtree, self.top)
        self.dir = os.path.join(self.top, "archive")
        os.makedirs(os.path.join(self.dir, ".run"))
        self.running = []
        self.addCleanup(self.end)

    def end(self):
        for process in self.running:
            if process.poll() is None:
                process.terminate()
                process.wait(30)

    def path(self, name):
        return os.path.join(self.dir, name)

    def put(self, name, data, mode="wb"):
        with open(self.path(name), mode) as file:
            file.write(data)

    def files(self):
        return sorted(name for name in os.listdir(self.dir) if name.startswith("observer_"))

    def until(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "waited in vain for %s; there is %s; %s" % (what, self.files(), self.said()))
            time.sleep(0.02)

    def start(self, *command, env=None):
        self.log = os.path.join(self.top, "log")
        with open(self.log, "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                                       env={**os.environ, **(env or {}), "OBSERVER_BIN_DIR": BIN})
        self.running.append(process)
        return process

    def said(self):
        with open(self.log) as file:
            return file.read()

    def compressor(self, *words, env=None):
        return self.start(COMPRESS, self.dir, "observer", *words, env=env)

    def stand_in(self, name, text):
        """A folder for PATH with another program in the place of `name`."""
        folder = os.path.join(self.top, "bin")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w") as file:
            file.write("#!/bin/bash\n" + text)
        os.chmod(os.path.join(folder, name), 0o755)
        return {"PATH": folder + ":" + os.environ["PATH"]}

    def hanging(self):
        """zstd that does not end, and says which process it is."""
        note = os.path.join(self.top, "zstd.pid")
        env = self.stand_in("zstd", 'echo $$ >"%s.new"; mv "%s.new" "%s"; exec sleep 600\n' % (note, note, note))
        return env, note

    def test_while_the_pipeline_runs(self):
        """Every record once, in files that every tool reads while they change; the window in use stays as it is."""
        with simulator(self.top, "--ticks-per-second", "200") as (_, env):
            words = [OBSERVER, "run", "--dir", self.dir, "--watchlist", os.path.join(ROOT, "config/watchlist.jsonl"),
                     "--feed", "trades", "--rotate", "2s"]
            pipeline = self.start(*words, env=dict(env, OBSERVER_LOG_LEVEL="info"))
            self.until(lambda: len([name for name in self.files() if name.endswith(".zst")]) >= 2, "two compressed windows")
            audit = subprocess.run([os.path.join(BIN, "snap-audit"), "--log-level", "error", self.dir], capture_output=True, text=True)
            self.assertIn(audit.returncode, (0, 65), audit.stderr)
            doctor = subprocess.run([OBSERVER, "doctor", "--dir", self.dir, "--market", "open", "--format", "table", "--sample", "0"],
                                    capture_output=True, text=True, env=dict(env, OBSERVER_BIN_DIR=BIN))
            self.assertRegex(doctor.stdout, r"compression +closed windows that wait for it: \d")
            pipeline.terminate()
            self.assertEqual(pipeline.wait(60), 0, self.said())
            durable = int(re.search(r'"durable":(\d+)', self.said()).group(1))
            found = collections.Counter()
            # A stop may come in the moment in which a window's lines are in both files: that is taken up by the next run.
            subprocess.run([SEAL, "--compress", "--dir", self.dir], check=True, capture_output=True, env=dict(env, OBSERVER_BIN_DIR=BIN))
            for name in self.files():
                for line in seals.content(self.path(name)).splitlines():
                    found[json.loads(line)["snapshot"]["meta"]["run_id"]] += 1
            self.assertEqual((sum(found.values()), set(found.values())), (durable, {1}))
            verify = subprocess.run([os.path.join(BIN, "jsonl-verify"), self.dir], capture_output=True, text=True)
            self.assertEqual(verify.returncode, 0, verify.stdout)
            self.assertEqual(seals.untrue(self.dir), [])
            before = self.files()
            quiet = self.start(*words, "--no-compress", "--duration", "2", env=env)
            self.assertEqual(quiet.wait(60), 0, self.said())
            self.assertEqual([name for name in self.files() if name in before], before)

    def test_windows_that_are_over(self):
        """A later one has begun, its day is past, or its time where that is known; not the one that is under way."""
        self.put(FIRST, lines(0, 10))
        hour = time.gmtime(time.time() + 9 * 3600).tm_hour
        self.put(today(hour), lines(10, 10))
        self.compressor()
        self.until(lambda: self.files() == [FIRST + ".zst", today(hour)], "the first window")
        self.end()
        os.remove(self.path(today(hour)))
        midnight = today(0).replace("_0000.", "_000000.")
        self.put(midnight, lines(20, 10))
        self.compressor("1s")
        self.until(lambda: self.files() == [FIRST + ".zst", midnight + ".zst"], "the second after midnight")
        self.until(lambda: not seals.untrue(self.dir), "its seal")

    def test_late_lines(self):
        """A window that is opened again once it is compressed: both parts are read, and become one."""
        early, late = lines(0, 10), lines(10, 5)
        self.put(FIRST, early)
        self.put(SECOND, lines(20, 1))
        self.compressor("1s")
        self.until(lambda: self.files() == [FIRST + ".zst", SECOND + ".zst"], "both windows")
        self.put(FIRST, late)
        read = subprocess.run([os.path.join(BIN, "jsonl-verify"), self.dir], capture_output=True, text=True)
        self.assertIn('"lines":16,', read.stdout)
        self.until(lambda: self.files() == [FIRST + ".zst", SECOND + ".zst"], "the late lines")
        self.assertEqual(seals.content(self.path(FIRST + ".zst")), early + late)
        self.until(lambda: not seals.untrue(self.dir), "its seal")

    def test_in_the_way_is_said_once(self):
        """Without zstd nothing changes; it is tried again."""
        data = lines(0, 10)
        self.put(FIRST, data)
        self.put(SECOND, data[:-1])
        before = os.path.join(self.top, "bin")
        env = self.stand_in("zstd", "echo 'zstd: no room on this device' >&2; exit 1\n")
        self.compressor(env=env)
        self.until(lambda: self.said().count("could not compress") >= 1, "a word")
        self.until(lambda: not [name for name in self.files() if name.endswith(".tmp")], "the end of the try")
        self.assertEqual(seals.content(self.path(FIRST)), data)
        os.remove(os.path.join(before, "zstd"))
        self.until(lambda: FIRST + ".zst" in self.files() and FIRST not in self.files(), "the next try")
        self.until(lambda: "the last line of %s has no end" % self.path(SECOND) in self.said(), "the other window")
        self.assertEqual(self.said().count("could not compress"), 1)
        self.assertEqual(seals.content(self.path(SECOND)), data[:-1])

    def test_a_lock_that_cannot_be_opened(self):
        """It is named once, in one line, and tried again ever more rarely; so is a folder for notes."""
        self.put(FIRST, lines(0, 10))
        self.put(SECOND, lines(10, 1))
        lock, notes = self.path(".run/compress.lock"), os.path.join(self.top, "pauses")
        os.mkdir(lock)
        env = self.stand_in("sleep", 'printf "%%s\\n" "$1" >>"%s"; exec /bin/sleep 0.05\n' % notes)

        def pauses():
            with open(notes) as file:
                return file.read().split()

        self.compressor("1d", env=env)
        self.until(lambda: os.path.exists(notes) and len(pauses()) > 9, "tries")
        self.assertEqual(pauses()[:10], ["3", "10", "20", "40", "80", "160", "320", "600", "600", "600"])
        self.assertRegex(self.said(), r"\A[^\n]* \| WARNING \| observer \| closed windows are not compressed: cannot open "
                         + re.escape(lock) + r": Is a directory: remove it, or give this user access\n\Z")
        os.rmdir(lock)
        os.symlink("elsewhere", lock)
        self.until(lambda: lock + " is a symbolic link: remove it" in self.said(), "the link's name")
        self.assertFalse(os.path.lexists(self.path(".run/elsewhere")))
        os.remove(lock)
        self.until(lambda: self.files() == [FIRST + ".zst", SECOND + ".zst"], "both windows")
        self.assertEqual(self.said().count("WARNING"), 2, self.said())

    def test_no_folder_for_notes(self):
        self.put(FIRST, lines(0, 10))
        self.put(SECOND, lines(10, 1))
        place = os.path.join(self.top, "tmp")
        self.compressor("1d", env={**self.stand_in("sleep", "exec /bin/sleep 0.05\n"), "TMPDIR": place})
        self.until(lambda: "cannot create a file in %s: make room there, or set TMPDIR" % place in self.said(), "a word")
        os.mkdir(place)
        self.until(lambda: self.files() == [FIRST + ".zst", SECOND + ".zst"], "both windows")
        self.assertEqual(self.said().count("cannot create"), 1, self.said())

    def test_a_stop_in_the_middle(self):
        """It does not wait, loses nothing and leaves no process; manual runs wait; all of it is of idle priority."""
        data = lines(0, 10)
        self.put(FIRST, data)
        self.put(SECOND, data)
        env, note = self.hanging()
        compressor = self.compressor(env=env)
        self.until(lambda: os.path.exists(note), "zstd")
        with open(note) as file:
            zstd = int(file.read())
        with open("/proc/%d/stat" % zstd) as file:
            self.assertEqual(file.read().rpartition(")")[2].split()[16], "19")
        self.assertEqual(os.sched_getscheduler(zstd), os.SCHED_IDLE)
        seal = self.start(SEAL, "--dir", self.dir, "--compress")
        self.until(lambda: subprocess.run(["pgrep", "-P", str(seal.pid), "flock"], capture_output=True).returncode == 0, "the wait")
        began = time.monotonic()
        compressor.terminate()
        self.assertEqual(compressor.wait(30), 0)
        self.assertLess(time.monotonic() - began, 10)
        self.until(lambda: not os.path.exists("/proc/%d" % zstd), "the end of zstd, which is idle")
        self.assertEqual(seal.wait(60), 0, self.said())
        self.assertEqual(self.files(), [FIRST + ".zst", SECOND + ".zst"])
        self.assertEqual(seals.content(self.path(FIRST + ".zst")), data)

    def test_readers_are_waited_for(self):
        """What a replay has listed stays as it is until it is read."""
        self.put(FIRST, lines(0, 10))
        self.put(SECOND, lines(10, 1))
        self.put(".run/compress.lock", b"")
        self.log = os.path.join(self.top, "log")
        with open(self.log, "ab") as log:
            replay = subprocess.Popen([OBSERVER, "replay", "--dir", os.path.join(self.top, "again"), "-", self.dir],
                                      stdin=subprocess.PIPE, stderr=log, env={**os.environ, "OBSERVER_BIN_DIR": BIN})
        self.until(lambda: "Observer started" in self.said(), "the replay")
        compressor = self.compressor("1s")
        self.until(lambda: subprocess.run(["pgrep", "-P", str(compressor.pid), "-x", "sleep"], capture_output=True).stdout, "its first look")
        first = subprocess.run(["pgrep", "-P", str(compressor.pid), "-x", "sleep"], capture_output=True).stdout
        self.until(lambda: subprocess.run(["pgrep", "-P", str(compressor.pid), "-x", "sleep"],
                                          capture_output=True).stdout not in (b"", first), "its second look")
        self.assertEqual(self.files(), [FIRST, SECOND])
        replay.stdin.close()
        self.assertEqual(replay.wait(60), 0, self.said())
        self.assertIn("snap-validate | in=11 ", self.said())
        self.until(lambda: self.files() == [FIRST + ".zst", SECOND + ".zst"], "both windows")

    def test_a_name_whose_file_was_compressed_meanwhile(self):
        """It is listed while it is plain, and read when it is not any more."""
        self.put(FIRST, lines(0, 10))
        fifo = os.path.join(self.top, "fifo")
        os.mkfifo(fifo)
        for place in (self.path(FIRST), self.dir):
            reader = subprocess.Popen([os.path.join(BIN, "jsonl-verify"), fifo, place], stdout=subprocess.PIPE, text=True)
            writer = os.open(fifo, os.O_WRONLY)
            if os.path.exists(self.path(FIRST)):
                subprocess.run([SEAL, "--dir", self.dir, "--compress"], check=True, capture_output=True)
                self.assertEqual(self.files(), [FIRST + ".zst"])
            os.write(writer, lines(10, 1))
            os.close(writer)
            out, _ = reader.communicate(timeout=30)
            self.assertIn('"lines":11,', out)


if __name__ == "__main__":
    unittest.main()
