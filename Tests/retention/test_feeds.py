"""observer symbols --feeds beside kis-fetch, which knows the feeds of each product."""
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests/scripts"))

from symbols_support import Symbols, overseas, share  # noqa: E402


class Feeds(Symbols):
    def setUp(self):
        super().setUp()
        self.path = self.put("kospi_code.mst", [share("005930", "삼성전자"), share("069500", "KODEX 200", "EF"),
                                                share("Q500001", "ETN", "EN"), share("57LA24", "LA24", "EW")])

    def test_what_nothing_serves_is_refused(self):
        for words, said in ((("--feeds", "nope"), "--feeds takes trades book"), (("--feeds", "trades,Trade"), "--feeds takes"),
                            (("--feeds", "trades,tradez"), "not 'tradez'"), (("--feeds", "price"), "not 'price'"), (("--feeds", "nav"), "--feeds nav: stock 005930 has no such feed"),
                            (("--feeds", "trades,program"), "--feeds program: elw 57LA24"),
                            (("--feeds", "nav", "--group", "EF,EN"), "--feeds nav: etn Q500001")):
            self.refused(64, said, "--from", self.path, *words)
        nas = self.put("nasmst.cod", [overseas("AAPL", "애플")])
        self.refused(64, "--feeds expected: overseas-stock DNASAAPL", "--from", nas, "--feeds", "expected")
        old = self.put("old.jsonl", b"")
        self.refused(64, "--feeds nav: stock 005930", "--from", self.path, "--changes", old, "--feeds", "nav")

    def test_what_is_served_is_written(self):
        for words, products in ((("--feeds", "trades,book,expected"), ["stock", "etf", "etn", "elw"]),
                                (("--feeds", "nav,trades", "--group", "EF"), ["etf"]),
                                (("--feeds", "program", "--group", "ST,EF,EN"), ["stock", "etf", "etn"])):
            lines = self.lines("--from", self.path, *words)
            self.assertEqual([line["product"] for line in lines], products)
            self.assertEqual({",".join(line["feeds"]) for line in lines}, {words[1]})


del Symbols  # its tests are elsewhere

if __name__ == "__main__":
    unittest.main()
