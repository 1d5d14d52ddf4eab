"""observer export without DuckDB: what it says of a wrong call, and of a machine that cannot do it. With DuckDB: make readers."""

import ast
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def export(*words, **env):
    """A run: status and what it said of errors."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("OBSERVER_", "LC_", "LANG"))}
    done = subprocess.run([ROOT / "scripts/observer", "export", *words], env={**kept, **env}, capture_output=True, text=True,
                          cwd=tempfile.gettempdir())
    assert not done.stdout, done.stdout
    return done.returncode, done.stderr


class ExportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.archive = self.folder / "observer.jsonl"
        self.archive.write_text("{}\n", encoding="utf-8")

    def test_wrong_calls(self):
        to = str(self.folder / "to")
        for words, text in (
            ([], "--to DIR says where"),
            (["--to", to, "--date", "20261126", str(self.archive)], "--date takes a day such as 2026-11-26"),
            (["--to", to, "--memory", "1X", str(self.archive)], "--memory takes a size such as 2G"),
            (["--to", to, "--dir", to, str(self.archive)], "leave out the files, or leave out --dir"),
            (["--to", to, "/dev/null"], "no regular file"),
        ):
            status, said = export(*words)
            self.assertEqual((status, said.count("\n")), (64, 1), said)
            self.assertTrue(said.startswith("observer export: ") and text in said, said)
            self.assertFalse(os.path.exists(to))

    def test_folders(self):
        (self.folder / "empty").mkdir()
        status, said = export("--to", str(self.folder / "to"), str(self.folder / "empty"))
        self.assertEqual(status, 64)
        self.assertIn("no *.jsonl", said)
        os.mkfifo(self.folder / "empty/observer.jsonl")
        status, said = export("--to", str(self.folder / "to"), str(self.folder / "empty"))
        self.assertEqual(status, 64)
        self.assertIn("not a regular file", said)

    def test_a_file_that_is_being_compressed_is_not_counted_twice(self):
        (self.folder / "observer.jsonl.packed").touch()
        (self.folder / "observer.jsonl.zst").touch()
        for given in (self.folder, self.archive, self.folder / "observer.jsonl.zst"):
            status, said = export("--to", str(self.folder / "to"), str(given))
            self.assertEqual((status, said.count("\n")), (75, 1), said)
            self.assertIn("observer.jsonl is being compressed", said)

    def test_without_duckdb_one_line_says_how_to_get_it(self):
        # A Python that has no packages, and no command of that name.
        python = self.folder / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -I "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        there = subprocess.run([python, "-c", "import duckdb"], capture_output=True).returncode == 0
        if there or any((pathlib.Path(place) / "duckdb").exists() for place in os.environ["PATH"].split(":")):
            self.skipTest("DuckDB is part of this Python, or a command")
        for language, text in (("C", "pip install duckdb"), ("ko_KR.UTF-8", "설치하십시오")):
            status, said = export("--to", str(self.folder / "to"), str(self.archive), OBSERVER_PYTHON=str(python), LANG=language,
                                  PYTHONUTF8="1")
            self.assertEqual((status, said.count("\n")), (78, 1), said)
            self.assertIn(text, said)
            self.assertFalse((self.folder / "to").exists())

    def test_counts_that_cannot_be_told_are_one_line_and_74(self):
        program = ('import importlib.machinery, importlib.util, sys\n'
                   'loader = importlib.machinery.SourceFileLoader("parquet", sys.argv[1])\n'
                   'parquet = importlib.util.module_from_spec(importlib.util.spec_from_loader("parquet", loader))\n'
                   'loader.exec_module(parquet)\n'
                   'parquet.run = lambda *words: parquet.duck.tell({"table": "trades"})\n'
                   'sys.exit(parquet.main(["schema", "to", "", "1G"]))\n')
        for redirection in (">/dev/full", ">&-"):
            done = subprocess.run(["bash", "-c", 'exec "$0" -c "$@" ' + redirection, sys.executable, program,
                                   ROOT / "scripts/observer-parquet"], stderr=subprocess.PIPE, text=True)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (74, 1), done.stderr)
            self.assertIn("cannot write standard output: ", done.stderr)

    def test_each_message_has_its_korean(self):
        texts = [(ROOT / f"scripts/observer-{name}").read_text(encoding="utf-8") for name in ("parquet", "duckdb")]
        tree = ast.parse("\n".join(texts))
        words = next(ast.literal_eval(node.value) for node in tree.body
                     if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "WORDS")
        said = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                place = {"say": 0, "word": 0, "step": 0, "Refused": 1}.get(name)
                if place is not None and isinstance(node.args[place], ast.Constant):
                    said.add(node.args[place].value)
        self.assertLess(10, len(said))
        self.assertEqual(said - set(words), set())
        for english, korean in words.items():
            holes = re.findall(r"\{\d\}", english)
            self.assertEqual(set(holes), set(re.findall(r"\{\d\}", korean)), english)


class SchemaTest(unittest.TestCase):
    """What the files of config/schema have in common; that they are those of the feed table is a test beside the build."""

    def test_tables_are_the_same_everywhere(self):
        folder = ROOT / "config/schema"
        tree = ast.parse((folder / "observer_archive.py").read_text(encoding="utf-8"))
        known = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
        tables = ast.literal_eval(known["TABLES"])
        inputs = ast.literal_eval(known["INPUTS"])
        for name, columns in tables.items():
            for file, quote in (("duckdb.sql", '"'), ("spark.sql", "`")):
                text = (folder / file).read_text(encoding="utf-8")
                listed = re.search(rf"observer_{name}(?:\(path\))? AS(?: TABLE)?\nSELECT (.*)\s", text)[1]
                self.assertLessEqual(set(columns), set(re.findall(f"{quote}([a-z_]+){quote}", listed)), f"{name} in {file}")
            if name != "gaps":
                self.assertLessEqual(set(columns), set(inputs))
        document = json.loads((folder / "record.schema.json").read_text(encoding="utf-8"))
        feeds = set(tables) - {"quotes"} | {"price", "multi"}
        self.assertEqual(feeds - {"gaps"} | {"gap", "older", "metadata"}, set(document["$defs"]))

    def test_readme_has_the_queries(self):
        section = (ROOT / "config/README.md").read_text(encoding="utf-8").split("## Reading it back", 1)[1]
        self.assertGreaterEqual(len(re.findall(r"^    -- .+\n    (?:FROM|SELECT)", section, re.M)), 7)


if __name__ == "__main__":
    unittest.main()
