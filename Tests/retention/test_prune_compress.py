"""prune --compress: nothing is lost, doubled or dropped, whatever fails, is killed or comes late."""
import collections
import os
import resource
import shutil
import signal
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

LONG = os.environ.get("OBSERVER_LONG_TESTS")
OLD, NEWEST = "observer_20260720_0900.jsonl", "observer_20260729_0900.jsonl"


def lines(first, count, size=40):
    return "".join('{"n":%d,"t":"%s"}\n' % (number, os.urandom(size).hex()) for number in range(first, first + count))


@unittest.skipUnless(shutil.which("zstd") and shutil.which("flock"), "zstd or flock is not installed")
class Compress(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="prune-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.archive = os.path.join(self.dir, "archive")
        os.mkdir(self.archive)
        self.put(NEWEST, '{"newest":1}\n')

    def path(self, name):
        return os.path.join(self.archive, name)

    def put(self, name, text, mode="w"):
        with open(self.path(name), mode) as file:
            file.write(text)

    def pack(self, name, text):
        """As an earlier run would have left it."""
        self.put(name, text)
        self.assertEqual(self.prune().returncode, 0)
        self.assertFalse(os.path.exists(self.path(name)))

    def prune(self, *words, env=None, sealed=True, **options):
        if sealed:
            seals.seal(self.archive)
        return subprocess.run([PRUNE, "--dir", self.archive, "--compress", "--yes", *words], capture_output=True, text=True,
                              timeout=60, env=dict(os.environ, **(env or {})), **options)

    def packed(self, name):
        if not os.path.exists(self.path(name + ".zst")):
            return ""
        return subprocess.run(["zstd", "-dcq", self.path(name + ".zst")], capture_output=True, check=True).stdout.decode()

    def plain(self, name):
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name)) as file:
            return file.read()

    def files(self):
        return sorted(set(os.listdir(self.archive)) - {NEWEST, "manifest.ndjson", "SHA256SUMS"})

    def seal(self, *words):
        return subprocess.run([SEAL, "--dir", self.archive, *words], capture_output=True, text=True, timeout=60)

    def left_complete(self, name, text):
        """A clean run ends with all of `text`, in order, in the compressed file and nowhere else, and sealed."""
        run = self.prune()
        self.assertEqual((run.returncode, self.packed(name)), (0, text), run.stderr)
        self.assertFalse(os.path.exists(self.path(name)))
        self.assertEqual(seals.untrue(self.archive), [])

    def holds_all(self, name, text, why):
        """Each line is there, as often as it should at least, for whoever reads the window's two files."""
        there = collections.Counter((self.packed(name) + self.plain(name)).splitlines())
        self.assertFalse(collections.Counter(text.splitlines()) - there, why)

    def test_each_window_becomes_one_frame(self):
        texts = {"observer_202607%02d_0900.jsonl" % day: lines(day, 50) for day in range(10, 20)}
        for name, text in texts.items():
            self.put(name, text)
            os.utime(self.path(name), (1_600_000_000, 1_600_000_000))
        os.chmod(self.path("observer_20260710_0900.jsonl"), 0o640)
        run = self.prune()
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.files(), sorted(name + ".zst" for name in texts))
        for name, text in texts.items():
            self.assertEqual(self.packed(name), text)
            self.assertEqual(os.path.getmtime(self.path(name + ".zst")), 1_600_000_000)
        self.assertEqual(os.stat(self.path("observer_20260710_0900.jsonl.zst")).st_mode & 0o777, 0o640)
        # Lines that come late follow those that were there, and no reader misses them for looking at one frame only.
        name, text = next(iter(texts.items()))
        self.put(name, '{"late":1}\n')
        self.left_complete(name, text + '{"late":1}\n')
        frames = subprocess.run(["zstd", "-lv", self.path(name + ".zst")], capture_output=True, text=True).stdout
        self.assertRegex(frames, r"Frames: 1\n")

    def test_late_lines_equal_to_the_tail_are_kept(self):
        text = lines(1, 20)
        last = text.splitlines(True)[-1]
        for late in (last, text[-len(last) * 3:], text):
            os.path.exists(self.path(OLD + ".zst")) and os.remove(self.path(OLD + ".zst"))
            self.pack(OLD, text)
            for times in (1, 2):
                self.put(OLD, late)
                self.left_complete(OLD, text + late * times)

    def test_a_window_of_one_line_twice(self):
        self.pack(OLD, '{"n":1}\n')
        self.put(OLD, '{"n":1}\n')
        self.left_complete(OLD, '{"n":1}\n' * 2)

    def test_what_zstd_made_of_the_file_is_known(self):
        """Nothing says that a run was killed here, but bytes and time of the last change are those of the file."""
        self.put(OLD, '{"n":1}\n')
        subprocess.run(["zstd", "-q", self.path(OLD)], check=True)
        self.left_complete(OLD, '{"n":1}\n')

    def test_a_compressed_file_that_cannot_be_read_is_not_replaced(self):
        text, late = lines(1, 2000), '{"late":1}\n'
        zst = self.path(OLD + ".zst")
        self.pack(OLD, text)
        with open(zst, "rb") as file:
            whole = file.read()

        def damaged(content):
            with open(zst, "wb") as file:
                file.write(content)

        def refused(why, run, status=74):
            self.assertEqual(run.returncode, status, why + run.stderr)
            self.assertIn(OLD, run.stderr)
            self.assertEqual(self.plain(OLD), late, why)
            self.assertEqual(self.files(), [OLD, OLD + ".zst"], why)

        self.put(OLD, late)
        seals.seal(self.archive)
        for why, content in (("cut", whole[:-100]), ("empty", b""), ("changed", whole[:1000] + b"x" + whole[1001:]),
                             ("more", whole + b"garbage"), ("checksum", whole[:-1] + bytes([whole[-1] ^ 1]))):
            damaged(content)
            refused(why, self.prune(sealed=False), 65)
            with open(zst, "rb") as file:
                self.assertEqual(file.read(), content, why)
        damaged(whole)
        os.rename(zst, zst + ".real")
        for why, make in (("link", lambda: os.symlink(zst + ".real", zst)), ("folder", lambda: os.mkdir(zst)),
                          ("pipe", lambda: os.mkfifo(zst))):
            make()
            refused_now = self.prune(sealed=False)
            self.assertEqual((refused_now.returncode, self.plain(OLD)), (74, late), why)
            os.rmdir(zst) if why == "folder" else os.remove(zst)
        os.rename(zst + ".real", zst)
        seals.seal(self.archive)
        os.chmod(zst, 0)
        if os.geteuid() != 0:
            refused("mode", self.prune(sealed=False))
        elif subprocess.run([PRUNE, "--version"], user=65534, capture_output=True).returncode == 0:
            os.chmod(self.dir, 0o755)
            for path in [self.archive] + [self.path(name) for name in os.listdir(self.archive)]:
                os.chown(path, 65534, 65534)
            refused("mode", self.prune(sealed=False, user=65534, group=65534, extra_groups=[], cwd="/"))
        os.chmod(zst, 0o644)
        for limit in range(10, 24):
            self.put(OLD, late)
            run = self.prune(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
            self.holds_all(OLD, text + late, "with %d descriptors" % limit)
            if run.returncode == 0 and not os.path.exists(self.path(OLD)):
                break
            self.assertNotEqual(run.returncode, 0 if self.plain(OLD) == "" else -1, limit)
        self.assertEqual(self.packed(OLD), text + late)

    def test_an_unfinished_line_is_not_glued(self):
        self.put(OLD, '{"n":1}\n{"n":')
        run = self.prune()
        self.assertEqual((run.returncode, self.files()), (74, [OLD]))
        self.assertIn("has no end", run.stderr)
        os.remove(self.path("manifest.ndjson"))
        os.remove(self.path("SHA256SUMS"))
        run = self.seal()
        self.assertEqual(run.returncode, 65)
        self.assertIn("has no end: not sealed", run.stderr)
        os.remove(self.path(OLD))
        subprocess.run(["zstd", "-qo", self.path(OLD + ".zst")], input=b'{"n":1', check=True)
        self.put(OLD, '{"n":2}\n')
        self.assertEqual((self.prune().returncode, self.plain(OLD), self.packed(OLD)), (74, '{"n":2}\n', '{"n":1'))

    def every_call(self, what, late, check):
        """Runs prune over a fresh window and one with late lines; at each call of a program in turn, `what` happens."""
        shims = Shims(os.path.join(self.dir, "shims"))
        fresh, other = lines(1, 30), "observer_20260721_0900.jsonl"
        old = lines(100, 30)
        tail = old.splitlines(True)[-1]
        self.pack(other, old)
        start = os.path.join(self.dir, "start")
        shutil.copytree(self.archive, start)
        number, step = 0, 1 if LONG else 13
        while True:
            number += step
            shutil.rmtree(self.archive)
            shutil.copytree(start, self.archive)
            self.put(OLD, fresh)
            self.put(other, tail)
            run = self.prune(env=shims.env(number, what), start_new_session=True)
            why = "%s at call %d, %s: %s" % (what, number, shims.done, run.stderr)
            if not shims.done:
                self.assertEqual(run.returncode, 0, why)
                break
            expected = {OLD: fresh, other: old + tail}
            for name, text in expected.items():
                self.holds_all(name, text, why)
            check(run, expected, why)
            if late:  # lines that come before the next run, equal to those that were packed or were about to be
                self.put(OLD, fresh.splitlines(True)[-1], "a")
                self.put(other, tail, "a")
                expected = {OLD: fresh + fresh.splitlines(True)[-1], other: old + tail * 2}
            sealed = self.seal()
            self.assertIn(sealed.returncode, (0, 65) if late else (0,), why + sealed.stderr)
            again = self.prune(sealed=False)
            self.assertEqual(again.returncode, 0, why + sealed.stderr + again.stderr)
            for name, text in expected.items():
                self.assertEqual(self.packed(name), text, why)
            self.assertEqual(self.files(), sorted(name + ".zst" for name in expected), why)
            self.assertEqual(seals.untrue(self.archive), [], why)
        self.assertGreater(number, 40)

    def killed(self, run, expected, why):
        self.assertEqual(run.returncode, -signal.SIGKILL, why)

    def told(self, run, expected, why):
        """A run that calls itself done has done it."""
        if run.returncode == 0:
            for name, text in expected.items():
                self.assertEqual((self.packed(name), self.plain(name)), (text, ""), why)

    def test_killed_at_every_step_and_lines_come(self):
        self.every_call("group", True, self.killed)

    @unittest.skipUnless(LONG, "make faults runs it")
    def test_killed_at_every_step(self):
        self.every_call("group", False, self.killed)

    @unittest.skipUnless(LONG, "make faults runs it")
    def test_every_program_fails_and_lines_come(self):
        self.every_call("fail", True, self.told)

    @unittest.skipUnless(LONG, "make faults runs it")
    def test_every_program_killed(self):
        self.every_call("self", True, self.told)

    @unittest.skipUnless(LONG, "make faults runs it")
    def test_every_program_killed_in_the_middle(self):
        self.every_call("half", True, self.told)

    def test_left_overs_of_a_window_that_is_gone(self):
        for name in (OLD + ".packed", OLD + ".zst.tmp", OLD + ".packed.tmp"):
            self.put(name, "packed 0 5\n")
        run = self.prune()
        self.assertEqual((run.returncode, self.files()), (0, []), run.stderr)
        # Under its last name, but not in the compressed file: it is back.
        self.put(OLD + ".packed", '{"n":1}\n')
        self.assertEqual(self.prune().returncode, 1)
        self.left_complete(OLD, '{"n":1}\n')

    def test_lines_behind_a_note_are_data(self):
        self.put(OLD + ".packed", 'packed 0 16\n{"lost":1}\n')
        self.prune()
        self.assertIn('{"lost":1}\n', self.plain(OLD) + self.packed(OLD))

    def test_a_note_that_does_not_fit_costs_no_line(self):
        text = lines(1, 10)
        self.pack(OLD, text)
        self.put(OLD, '{"other":1}\n')
        self.put(OLD + ".packed", "packed 0 12\n")
        self.left_complete(OLD, text + '{"other":1}\n')

    def test_killed_at_any_time(self):
        texts = {"observer_202607%02d_0900.jsonl" % day: lines(day, 2000, 200) for day in range(10, 16)}
        for name, text in texts.items():
            self.put(name, text)
        seals.seal(self.archive)
        for delay in range(5, 600, 10 if LONG else 60):
            child = subprocess.Popen([PRUNE, "--dir", self.archive, "--compress", "--yes"], start_new_session=True,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay / 1000)
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            # What it had started may take a moment longer to die: until then the folder is locked.
            subprocess.run(["flock", "-w", "60", self.archive, "true"], check=True)
            for name, text in texts.items():
                self.holds_all(name, text, delay)
        self.assertEqual(self.seal().returncode, 0)
        for name, text in texts.items():
            self.left_complete(name, text)
        self.assertEqual(self.files(), sorted(name + ".zst" for name in texts))


if __name__ == "__main__":
    unittest.main()
