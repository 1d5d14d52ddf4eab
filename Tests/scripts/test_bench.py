"""The last table of make bench: what it says of a claim that holds, of one that does not, and of one not measured."""
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/harness/benchmark"))
sys.dont_write_bytecode = True

import claims  # noqa: E402
import small  # noqa: E402


def row(name, corpus, speed_):
    return {"name": name, "corpus": corpus, "mb_per_s": speed_}


def line_of(rows, claim):
    return next(line for line in claims.table(rows).splitlines() if line.startswith(claim)).split()


class ClaimsTests(unittest.TestCase):
    def test_the_slowest_decides(self):
        rows = [row("simdjson parse_many", "deep", 500.0), row("snap-validate", "deep", 900.0),
                row("jsonl-sink --quiet", "deep", 450.0)]
        self.assertEqual(line_of(rows, "the same, values 300 deep")[-6:], ["1", "0.9", "NO", "sink", "--quiet,", "deep"])
        rows[2]["mb_per_s"] = 501.0
        self.assertEqual(line_of(rows, "the same, values 300 deep")[-4], "yes")

    def test_at_most(self):
        rows = [{"name": "snap-guard start", "first_line_ms": 1.2}, {"name": "jsonl-sink start", "first_line_ms": 99.0}]
        self.assertEqual(line_of(rows, "a filter's first line, ms")[-3:], ["99", "NO", "sink"])
        self.assertEqual(line_of(rows[:1], "a filter's first line, ms")[-3:], ["1.2", "yes", "guard"])

    def test_what_is_not_installed_is_not_claimed(self):
        for line in claims.table([row("snap-validate", "small", 2000.0)]).splitlines()[1:]:
            self.assertTrue(line.endswith("-  -      not measured"), line)

    def test_it_fits_a_screen(self):
        names = list(claims.FILTERS) + ["simdjson parse_many", "jq select", "duckdb, all cores", "polars, all cores"]
        rows = [row(name, kind, 123456.7) for name in names for kind in ("small", "raw", "deep", "non-ascii", "long")]
        lines = claims.table(rows).splitlines()
        self.assertLessEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 100)


class AllocationsTests(unittest.TestCase):
    def test_calls_of_allocators_are_counted_once(self):
        profile = """fn=(1) take
12 7
cfn=(2) swift_slowAlloc
calls=3 0
fn=(2)
cfn=(3) malloc
calls=2 0
cfn=(4) posix_memalign
calls=1 0
fn=(4)
cfn=(5) _mid_memalign.constprop.0
calls=1 0
fn=(5)
cfn=(3)
calls=1 0
"""
        self.assertEqual(small.allocations(profile.splitlines(True)), 3)


if __name__ == "__main__":
    unittest.main()
