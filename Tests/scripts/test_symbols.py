"""observer symbols: watchlist lines from the public masters, of the simulator and made by hand; all offline."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../sim")]

from kis_client import Sim  # noqa: E402
from symbols_support import OBSERVER, TOOLS, Symbols, overseas, share, zipped  # noqa: E402

AWKS = [words for words in (["mawk"], ["gawk"], ["busybox", "awk"], ["original-awk"]) if shutil.which(words[0])]


class Forms(Symbols):
    def test_each_market_of_the_simulator(self):
        with Sim() as sim:
            found = self.start("--market", "kospi,kosdaq,konex,index", "--market=index-derivatives,stock-derivatives,nas",
                               "--url", sim.ready["rest_url"])
            self.assertEqual((found.returncode, found.stderr), (0, b""))
            text = found.stdout.decode()
            for line in ('{"symbol":"005930","product":"stock","name":"삼성전자","market":"KRX"}',
                         '{"symbol":"069500","product":"etf","name":"KODEX 200","market":"KRX"}',
                         '{"symbol":"57LA24","product":"elw","name":"모의LA24삼성전자콜","market":"KRX"}',
                         '{"symbol":"330590","product":"stock","name":"롯데리츠","market":"KRX"}',
                         '{"symbol":"247540","product":"stock","name":"에코프로비엠","market":"KRX"}',
                         '{"symbol":"112190","product":"stock","name":"KC산업","market":"KRX"}',
                         '{"symbol":"0001","product":"index","name":"종합","market":"KRX"}',
                         '{"symbol":"A01612","product":"index-future","name":"F 202612","market":"KRX"}',
                         '{"symbol":"201W08427","product":"index-option","name":"C 202608 427.5","market":"KRX"}',
                         '{"symbol":"111W09","product":"stock-future","name":"삼성전자   F 202609 (  10)","market":"KRX"}',
                         '{"symbol":"DNASAAPL","product":"overseas-stock","name":"애플","market":"NAS"}'):
                self.assertIn(line + "\n", text)
            etn = [line for line in map(json.loads, text.splitlines()) if line["symbol"] == "Q500001"]
            self.assertEqual([line["product"] for line in etn], ["etn"])
            again = self.start("--market", "index", env={"KIS_MASTER_URL": sim.ready["rest_url"] + "/"})
            self.assertEqual(again.returncode, 0, again.stderr)
            self.refused(69, "/common/master/shsmst.cod.zip: ", "--market", "index,shs", "--url", sim.ready["rest_url"])

    def test_files_at_hand(self):
        lines = [share("005930", "삼성전자"), share("0088D0", "한글ETF", "EF"), share("Q500001", "ETN", "EN")]
        plain = b"\n".join(lines) + b"\n"
        whole = self.lines("--from", self.put("kospi_code.mst", plain))
        self.assertEqual(whole, [
            {"symbol": "005930", "product": "stock", "name": "삼성전자", "market": "KRX"},
            {"symbol": "0088D0", "product": "etf", "name": "한글ETF", "market": "KRX"},
            {"symbol": "Q500001", "product": "etn", "name": "ETN", "market": "KRX"}])
        utf8 = plain.decode("cp949").encode()
        for name, body in (("KOSPI_CODE.MST.ZIP", zipped([("kospi_code.mst", plain)])), ("kospi_code.mst", utf8),
                           ("kospi_code.mst", b"\xef\xbb\xbf" + utf8), ("kospi_code.mst", plain.replace(b"\n", b"\r\n")),
                           ("kospi_code.mst", plain[:-1]), ("kospi_code.mst", plain + b"\n")):
            self.assertEqual(self.lines("--from", self.put(name, body)), whole, name)
        self.assertEqual(self.lines("--from", "-", "--market", "kospi", input=plain), whole)
        other = self.put("shares.txt", plain)
        self.assertEqual(self.lines("--from=" + other, "--market=kospi"), whole)
        self.refused(64, "which master is it", "--from", other)
        self.refused(64, "names the form of one file", "--from", other, "--market", "kospi,kosdaq")
        # Each symbol once, in the order of the files.
        index = self.put("idxcode.mst", [b"00001%-40s" % "종합".encode("cp949")])
        self.assertEqual(self.lines("--from", index, "--from", self.put("kospi_code.mst", plain + plain)),
                         [{"symbol": "0001", "product": "index", "name": "종합", "market": "KRX"}] + whole)

    def test_odd_names(self):
        names = {"000001": 'A"B\\C|D', "000002": "\\", "000003": "가" * 20, "000004": "뷁똠펲", "000005": "Z" * 40}
        path = self.put("kospi_code.mst", [share(code, name) for code, name in names.items()])
        self.assertEqual(self.names("--from", path), names)
        # A name cut within a letter loses the half; without a name the symbol stands for it.
        half = ("Z" + "가" * 20).encode("cp949")[:40]
        path = self.put("kospi_code.mst", [share("000001", half), share("000002", "")])
        self.assertEqual(self.names("--from", path), {"000001": "Z" + "가" * 19, "000002": "000002"})

    def test_overseas(self):
        path = self.put("NASMST.COD", [
            overseas("AAPL", "애플"), overseas("BRK/B", "", "BERKSHIRE B"), overseas("X", " ", " "),
            overseas("COMP", "나스닥 종합", kind="1"), overseas("QQQ", "인베스코QQQ", kind="3", key="DNASQQQ")])
        self.assertEqual(self.names("--from", path),
                         {"DNASAAPL": "애플", "DNASBRK/B": "BERKSHIRE B", "DNASX": "X", "DNASQQQ": "인베스코QQQ"})
        self.assertEqual(list(self.names("--from", path, "--group", "3")), ["DNASQQQ"])

    def test_what_no_channel_serves_is_left_out(self):
        path = self.put("kospi_code.mst", [share("F70100022", "펀드", "BC"), share("005930", "삼성전자")])
        self.assertEqual(list(self.names("--from", path)), ["005930"])
        path = self.put("fo_idx_code_mts.mst", [
            b"1|A01612|KR4A016C0004|F 202612| |00000.00|1|2001|KOSPI200",
            b"2|D01612703|KR4D016C0001|SP 202612-202703| |00000.00|1|2001|KOSPI200",
            b"5|B01610745|KR4B016A7454|C 202610   745.0|2|00745.00| |2001|KOSPI200"])
        self.assertEqual(list(self.names("--from", path)), ["A01612", "B01610745"])

    def test_a_new_group_is_named(self):
        run = self.start("--from", self.put("kospi_code.mst", [share("000001", "새것", "ZZ"), share("000002", "둘", "ZZ")]))
        self.assertEqual((run.returncode, run.stdout.count(b'"stock"')), (0, 2))
        self.assertIn("kospi_code.mst:1: group ZZ is new", run.stderr.decode())
        self.assertEqual(run.stderr.count(b"\n"), 1)

    def test_every_awk(self):
        path = self.put("kospi_code.mst", [share("000001", 'A"B\\C|D'), share("000002", "가" * 20), share("000003", "뷁")])
        old = self.put("old", self.start("--from", path).stdout.replace("뷁".encode(), "똠".encode()))
        for words in AWKS:
            folder = tempfile.mkdtemp(dir=self.dir)
            with open(os.path.join(folder, "awk"), "w") as file:
                file.write('#!/bin/sh\nexec %s "$@"\n' % " ".join(words))
            os.chmod(file.name, 0o755)
            env = {"PATH": folder + ":" + os.environ["PATH"]}
            self.assertEqual(list(self.names("--from", path, env=env).values()), ['A"B\\C|D', "가" * 20, "뷁"], words)
            self.assertEqual([line["was"] for line in self.lines("--from", path, "--changes", old, env=env)], ["똠"], words)
            bad = self.put("konex_code.mst", [share("000001", "가", width=245), share("000002", "나", width=246)])
            self.refused(65, "konex_code.mst:2: 246 bytes wide, not 245", "--from", bad, env=env)


class Choices(Symbols):
    def setUp(self):
        super().setUp()
        self.path = self.put("kospi_code.mst", [
            share("005930", "삼성전자"), share("005935", "삼성전자우"), share("069500", "KODEX 200", "EF"),
            share("57LA24", "LA24삼성콜", "EW"), share("330590", "롯데리츠", "RT")])

    def test_group_and_match(self):
        for words, symbols in ((("--group", "EF,RT"), ["069500", "330590"]),
                               (("--group", "EF", "--group", "EW"), ["069500", "57LA24"]),
                               (("--match", "^삼성"), ["005930", "005935"]), (("--match", "삼성전자$"), ["005930"]),
                               (("--match", "^삼...$"), ["005930"]), (("--match", "^00593[05]$"), ["005930", "005935"]),
                               (("--match", "X 2|5$|리츠"), ["005935", "069500", "330590"]),
                               (("--match", "-e"), None), (("--group", "EF", "--match", "삼성"), None)):
            if symbols is None:
                self.refused(1, "nothing matches", "--from", self.path, *words)
            else:
                self.assertEqual(list(self.names("--from", self.path, *words)), symbols, words)

    def test_feeds(self):
        line = self.lines("--from", self.path, "--group", "EF", "--feeds", "trades,book")
        self.assertEqual(line, [{"symbol": "069500", "product": "etf", "name": "KODEX 200", "market": "KRX",
                                 "feeds": ["trades", "book"]}])

    def test_usage(self):
        for words, said in (((), "nothing to do"), (("--frob",), "unknown option '--frob'"), (("x",), "unexpected argument 'x'"),
                            (("--market", "kospi,,nas"), "not ''"), (("--market", "kospi\nnas"), "--market takes kospi"),
                            (("--market", "NAS"), "not 'NAS'"), (("--market",), "--market needs a value"),
                            (("--group", "ST;EF"), "--group takes"), (("--feeds", 'a"b'), "--feeds takes"),
                            (("--match", "("), "not a regular expression"),
                            (("--url", "http://example.com"), "--url takes https://"),
                            (("--url", "https://user:secret@example.com"), "--url takes https://"),
                            (("--url", "file:///etc"), "--url takes https://")):
            self.refused(64, said, *words, *(("--from", self.path) if words and words[0] not in ("--market", "x") else ()))
        self.assertIn(b"usage: observer symbols", self.start("--help").stdout)
        self.refused(74, "cannot read nothing/idxcode.mst", "--from", "nothing/idxcode.mst")

    def test_changes(self):
        words = ("--from", self.path, "--feeds", "trades")
        old = self.put("old.jsonl", self.start(*words).stdout)
        self.assertEqual(self.lines(*words, "--changes", old), [])
        new = self.put("kospi_code.mst", [
            share("005930", "삼성전자"), share("005935", '삼성"우"'), share("069500", "KODEX 200", "EF"),
            share("330590", "롯데리츠", "RT"), share("454910", "두산로보틱스"), share("0088D0", "새ETF", "EF")])
        words = ("--from", new, "--changes", old)
        renamed = {"change": "renamed", "symbol": "005935", "product": "stock", "name": '삼성"우"', "was": "삼성전자우",
                   "market": "KRX"}
        listed = {"change": "listed", "symbol": "454910", "product": "stock", "name": "두산로보틱스", "market": "KRX"}
        etf = {"change": "listed", "symbol": "0088D0", "product": "etf", "name": "새ETF", "market": "KRX"}
        delisted = {"change": "delisted", "op": "remove", "symbol": "57LA24", "product": "elw", "name": "LA24삼성콜",
                    "market": "KRX"}
        self.assertEqual(self.lines(*words), [renamed, listed, etf, delisted])
        # What --group and --match leave out is still listed, so it is not called delisted; a new name is always told.
        self.assertEqual(self.lines(*words, "--group", "EF", "--match", "새"), [renamed, etf, delisted])
        self.assertEqual(self.lines("--from", new, "--changes", self.put("empty", b""), "--group", "ST", "--feeds", "book"),
                         [dict(line, feeds=["book"]) for line in (
                             {"change": "listed", "symbol": "005930", "product": "stock", "name": "삼성전자", "market": "KRX"},
                             {"change": "listed", "symbol": "005935", "product": "stock", "name": '삼성"우"', "market": "KRX"},
                             listed)])

    def test_old_lines_that_are_not_its_own(self):
        good = self.start("--from", self.path).stdout
        for odd in (b"005930\n", b'{"symbol":"005930","market":"KRX","name":"x"}\n', good.splitlines()[0][:-1] + b"\n"):
            old = self.put("old.jsonl", good + odd)
            self.refused(65, "old.jsonl:6: no line that this command has printed", "--from", self.path, "--changes", old)
        self.refused(74, "cannot read none", "--from", self.path, "--changes", "none")

    def test_a_comparison_with_other_markets_is_doubted(self):
        many = self.put("all.mst", [share("%06d" % number, "가") for number in range(20)])
        old = self.put("old", self.start("--from", many, "--market", "kospi").stdout)
        run = self.start("--from", self.path, "--changes", old)
        self.assertEqual(run.returncode, 0)
        self.assertIn("20 of 20 symbols of %s are gone" % old, run.stderr.decode())

    def test_a_reader_that_leaves(self):
        with subprocess.Popen([OBSERVER, "symbols", "--from", self.path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=dict(os.environ, TMPDIR=self.tmp)) as run:
            run.stdout.close()
            self.assertEqual(run.stderr.read(), b"")
        self.assertGreater(run.returncode if run.returncode >= 0 else 128 - run.returncode, 128)

    def test_what_is_not_installed_is_named(self):
        folder = tempfile.mkdtemp(dir=self.dir)
        for name in ("bash", "awk", "cat", "cut", "dirname", "grep", "head", "mktemp", "od", "readlink", "rm", "sed", "tr",
                     "wc", "mv", "env", "unzip", *TOOLS):
            if shutil.which(name):
                os.symlink(shutil.which(name), os.path.join(folder, name))
        archive = self.put("idxcode.mst.zip", zipped([("idxcode.mst", b"00001%-40s\n" % b"X")]))
        env = {"PATH": folder}
        self.assertEqual(self.names("--from", archive, env=env), {"0001": "X"})
        for name, package, words in (("funzip", "unzip", ("--from", archive)), ("curl", "curl", ("--market", "index")),
                                     ("iconv", "libc-bin", ("--from", archive))):
            os.unlink(os.path.join(folder, name))
            self.refused(78, "%s is not installed (package %s)" % (name, package), *words, env=env)
            os.symlink(shutil.which(name), os.path.join(folder, name))


if __name__ == "__main__":
    unittest.main()
