"""Which files the typed readers of config/schema take a path or a glob for."""

import importlib.util
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def module():
    """config/schema/observer_archive.py."""
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec = importlib.util.spec_from_file_location("observer_archive", ROOT / "config/schema/observer_archive.py")
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        return made
    finally:
        sys.dont_write_bytecode = kept


class Paths(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.archive = module()

    def refused(self, paths):
        with self.assertRaises(FileNotFoundError) as caught:
            self.archive._paths(paths)
        return str(caught.exception)

    def test_what_no_file_is_called_is_an_error_that_names_it(self):
        there = self.folder / "observer.jsonl"
        there.write_bytes(b"")
        for wrong in (f"{self.folder}/*.ndjson", self.folder / "none.jsonl"):
            for paths in (wrong, [there, wrong]):
                self.assertEqual(self.refused(paths), f"{wrong}: no such file")
        self.assertEqual(self.archive._paths([there, f"{self.folder}/*.jsonl"]), [str(there)] * 2)
        self.assertEqual(self.archive._paths(bytes(there)), [str(there)])

    def test_it_says_where_windows_are_compressed(self):
        (self.folder / "observer_20261126_0900.jsonl.zst").write_bytes(b"")
        for wrong in ("*.jsonl", "observer_20261126_0900.jsonl"):
            self.assertEqual(self.refused(f"{self.folder}/{wrong}"),
                             f"{self.folder}/{wrong}: no such file, but {self.folder}/{wrong}.zst")

    def test_the_glob_of_the_queries_is_both_kinds_and_nothing_else(self):
        kept = ["observer.jsonl", "observer_20261126_0900.jsonl.zst"]
        for name in (*kept, "observer_20261126_0900.jsonl.zst.tmp", "observer.lock", "manifest.ndjson", "SHA256SUMS"):
            (self.folder / name).write_bytes(b"")
        found = self.archive._paths(f"{self.folder}/*.json*[lt]")
        self.assertEqual([pathlib.Path(path).name for path in found], kept)

    def test_a_name_with_signs_of_a_glob_is_that_file(self):
        odd = self.folder / "a[1].jsonl"
        odd.write_bytes(b"")
        self.assertEqual(self.archive._paths(odd), [str(odd)])


if __name__ == "__main__":
    unittest.main()
