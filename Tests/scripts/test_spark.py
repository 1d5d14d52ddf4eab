"""observer spark without Spark: how files are cut and results joined, and what it says of a wrong call. With Spark: make
cluster."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(name):
    """A script without an ending, as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "scripts" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


job = load("observer-spark-job")
tasks = job.tasks


class SparkTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.archive = self.folder / "observer.jsonl"
        self.archive.write_bytes(b"{}\n")

    def call(self, *words, **env):
        """A run: status and what it said."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("OBSERVER_", "LC_", "LANG"))}
        done = subprocess.run([ROOT / "scripts/observer", "spark", *words], env={**kept, **env}, capture_output=True, text=True,
                              cwd=tempfile.gettempdir())
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def programs(self):
        """A folder of programs that are only looked at."""
        folder = self.folder / "bin"
        folder.mkdir()
        for name in ("snap-validate", "snap-guard", "snap-enrich", "jsonl-sink"):
            (folder / name).touch(mode=0o755)
        return str(folder)

    def test_pieces_hold_every_byte_once_and_begin_with_lines(self):
        for text in (b"", b"\n", b"a\n", b"a", b"\n\n\n", b"one\ntwo\n\nfour is a long line\nend", b"x" * 40 + b"\ny\n"):
            self.archive.write_bytes(text)
            for size in range(1, len(text) + 2):
                ends, sent = [], b""
                for piece in job.cut([str(self.archive)], size, False):
                    start, end = tasks.bounds(piece)
                    self.assertTrue(start == 0 or start == len(text) or text[start - 1:start] == b"\n", (text, piece))
                    ends.append((start, end))
                    source, pipe = os.pipe()
                    tasks.send_plain(piece, pipe, False)
                    os.close(pipe)
                    with open(source, "rb") as reader:
                        self.assertEqual(reader.read(), text[start:end])
                    sent += text[start:end]
                self.assertEqual(sent, text)
                self.assertEqual([end for _, end in ends[:-1]], [start for start, _ in ends[1:]])

    def test_what_is_not_cut(self):
        names = ("a.jsonl", "observer_20261126_0900.jsonl", "b.jsonl.ZST", "c.jsonl.gz", "odd")
        paths = []
        for name in names:
            paths.append(str(self.folder / name))
            pathlib.Path(paths[-1]).write_bytes((b"\x28\xb5\x2f\xfd" if name == "odd" else b"") + b"12345\n" * 10)
        for whole, expected in ((False, (6, 6, 1, 1, 1)), (True, (6, 1, 1, 1, 1))):
            pieces = job.cut(paths, 10, whole)
            self.assertEqual(tuple(sum(piece.path == path for piece in pieces) for path in paths), expected)
            self.assertEqual([piece.number for piece in pieces], list(range(len(pieces))))
        self.assertEqual([piece.reader for piece in job.cut(paths, 100, False)], [None, None, "zstd", "gzip", "zstd"])

    def test_a_file_that_shrinks_is_no_piece(self):
        self.archive.write_bytes(b"12345\n" * 10)
        piece, = job.cut([str(self.archive)], 100, False)
        self.archive.write_bytes(b"12345\n")
        source, pipe = os.pipe()
        with self.assertRaises(tasks.Failure) as failure:
            tasks.send_plain(piece, pipe, False)
        os.close(source), os.close(pipe)
        self.assertEqual((failure.exception.status, failure.exception.text), (74, f"{self.archive} became shorter while it was read"))

    def test_rejects_get_the_line_numbers_of_one_machine(self):
        results, expected = [], b""
        for number, lines in enumerate(((1, 5), (), (2,))):
            folder = self.folder / str(number)
            folder.mkdir()
            rest = b'"verdict":{"line":7},"input_text":"\\u0022,\\u0022line\\u0022:3"}\n'
            if lines:
                (folder / "snap-validate").write_bytes(b"".join(b'{"stage":"snap-validate","line":%d,' % line + rest for line in lines))
            expected += b"".join(b'{"stage":"snap-validate","line":%d,' % (line + 10 * number) + rest for line in lines)
            results.append({"folder": str(folder), "stages": {"snap-validate": {"in": 10, "rejected": len(lines)}}})
        job.merge_rejects(results, "snap-validate", self.folder / "merged")
        self.assertEqual((self.folder / "merged").read_bytes(), expected)
        results[0]["stages"]["snap-validate"]["rejected"] = 1
        with self.assertRaises(tasks.Failure) as failure:
            job.merge_rejects(results, "snap-validate", self.folder / "again")
        self.assertEqual(failure.exception.status, 74)

    def test_a_program_that_fails_is_named(self):
        good, bad = self.folder / "good", self.folder / "bad"
        good.write_text("#!/bin/sh\nexec cat\n")
        bad.write_text("#!/bin/sh\necho 'no \033room' >&2\nexit 74\n")
        good.chmod(0o755), bad.chmod(0o755)
        self.archive.write_bytes(b"{}\n" * 100_000)
        tasks.tool = str
        pieces = job.cut([str(self.archive)], 1 << 20, False)
        with open(self.folder / "out", "wb") as out:
            self.assertEqual(tasks.chain([[str(good)], [str(good)]], pieces, out), [(0, "no word")] * 2)
            self.assertEqual((self.folder / "out").read_bytes(), self.archive.read_bytes())
            with self.assertRaises(tasks.Failure) as failure:
                tasks.chain([[str(good)], [str(bad)], [str(good)]], pieces, out)
        self.assertEqual(failure.exception.status, 74)
        self.assertRegex(failure.exception.text, r"^bad ended with status 74 on \S+: no \?room$")

    def test_days_without_records(self):
        self.assertEqual(job.all_days(["2026-02-27", "2026-03-02"]), ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"])
        self.assertEqual(job.all_days([]), [])
        self.assertEqual(job.all_days(["1970-01-01", "2500-01-01"]), ["1970-01-01", "2500-01-01"])

    def test_how_often_spark_tries(self):
        class Spark:
            def __init__(self, master, conf):
                self.master, self.conf = master, conf

            def getConf(self):
                return self.conf

        for master, conf, tries in (("local", {}, 1), ("local[*]", {}, 1), ("local[2,3]", {}, 3), ("local-cluster[2,1,1024]", {}, 4),
                                    ("spark://head:7077", {"spark.task.maxFailures": "7"}, 7), ("yarn", {}, 4)):
            self.assertEqual(job.tries_of(Spark(master, conf)), tries, master)

    def test_what_java_says(self):
        told = ("An error occurred while calling o1.x.\n: org.apache.PythonException: Traceback:\n  File x\nKeyError: 'a'\n"
                " SQLSTATE: 38000\n\n\tat org.apache.A\n\tat org.apache.B\n")
        self.assertEqual(job.first_line(told), "KeyError: 'a'")

    def test_nothing_is_there_before_all_is(self):
        target = self.folder / "to"
        work, lock = job.workplace(target)
        self.assertFalse(target.exists())
        with self.assertRaises(tasks.Failure) as failure:
            job.workplace(target)
        self.assertEqual(failure.exception.status, 75)
        lock.close()
        other, lock = job.workplace(target)  # what a killed job left goes
        self.assertFalse(work.exists())
        (other / "out/part-00000.jsonl").write_bytes(b"{}\n")
        job.publish([{"partition": 0}], {"partitions": 1}, other, target)
        lock.close()
        self.assertEqual(sorted(path.name for path in target.iterdir()), ["accounts.jsonl", "part-00000.jsonl"])
        self.assertEqual([json.loads(line) for line in (target / "accounts.jsonl").read_text().splitlines()], [{"partition": 0}, {"partitions": 1}])
        with self.assertRaises(tasks.Failure) as failure:
            job.workplace(target)
        self.assertEqual(failure.exception.status, 73)

    def test_accounts_that_cannot_be_told_are_74(self):
        program = ('import importlib.machinery, importlib.util, sys\n'
                   'loader = importlib.machinery.SourceFileLoader("job", sys.argv.pop(1))\n'
                   'job = importlib.util.module_from_spec(importlib.util.spec_from_loader("job", loader))\n'
                   'loader.exec_module(job)\n'
                   'job.run = lambda options: job.tasks.tell([{"partition": 0}, {"partitions": 1}])\n'
                   'sys.exit(job.main())\n')
        for redirection in (">/dev/full", ">&-"):
            done = subprocess.run(["bash", "-c", 'exec "$0" -c "$@" ' + redirection, sys.executable, program,
                                   ROOT / "scripts/observer-spark-job", "file"], stderr=subprocess.PIPE, text=True)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (74, 1), done.stderr)
            self.assertIn("cannot write standard output: ", done.stderr)

    def test_wrong_calls(self):
        to, bin_dir = str(self.folder / "to"), self.programs()
        (self.folder / "empty").mkdir()
        (self.folder / "packed.jsonl.packed").touch()
        (self.folder / "packed.jsonl").touch()
        for words, status, text in (
            ([], 64, "--to DIR says where"),
            (["--to", to], 64, "name the files or folders to read"),
            (["--to", to, "--split", "0", self.archive], 64, "--split takes a size such as 256M"),
            (["--to", to, "--conf", "spark.x", self.archive], 64, "--conf takes NAME=VALUE, not 'spark.x'"),
            (["--to", to, "-"], 64, "standard input cannot be cut"),
            (["--to", to, self.folder / "none.jsonl"], 74, "cannot read"),
            (["--to", to, self.folder / "empty"], 64, "no *.jsonl, *.jsonl.zst or *.jsonl.gz file in folder"),
            (["--to", to, self.folder / "packed.jsonl"], 75, "is being compressed"),
            (["--to", to, "--frob", self.archive], 64, "unknown option '--frob' (see observer spark --help)"),
            (["--to", to, "--audit", self.archive], 78, "no snap-audit in"),
        ):
            code, said = self.call(*map(str, words), OBSERVER_BIN_DIR=bin_dir)
            self.assertEqual((code, said.count("\n")), (status, 1), said)
            self.assertIn(text, said)
        self.assertFalse(pathlib.Path(to).exists())

    def test_market_rules_are_said_to_be_off(self):
        bare, programs = self.folder / "python3", self.programs()
        bare.write_text("#!/bin/sh\nexit 0\n")
        health = pathlib.Path(programs) / "observer-health"
        health.write_text('#!/bin/sh\n[ "$*" != "config --get guard.rules" ] || echo "$RULES"\n')
        bare.chmod(0o755), health.chmod(0o755)
        for rules, said in (("off", ""), ("market", "observer spark: guard.rules is market, but off here: these rules look at what"
                                          " went before a line\n")):
            self.assertEqual(self.call("--to", str(self.folder / "to"), str(self.archive), OBSERVER_BIN_DIR=programs,
                                       OBSERVER_PYTHON=str(bare), RULES=rules), (0, said))

    def test_without_pyspark(self):
        bare = self.folder / "python3"
        bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
        bare.chmod(0o755)
        code, said = self.call("--to", str(self.folder / "to"), str(self.archive), OBSERVER_BIN_DIR=self.programs(),
                               OBSERVER_PYTHON=str(bare))
        self.assertEqual(code, 78, said)
        self.assertIn("has no PySpark: pip install pyspark, or set OBSERVER_PYTHON", said)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["bin", "observer.jsonl", "python3"])


if __name__ == "__main__":
    unittest.main()
