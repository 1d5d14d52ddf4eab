"""Runs observer symbols and makes symbol masters by hand, for its tests."""
import io
import json
import os
import shutil
import subprocess
import tempfile
import unittest
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OBSERVER = os.path.join(ROOT, "scripts/observer")
TOOLS = ("curl", "funzip", "iconv")


def share(code, name, group="ST", width=288):
    """A line of kospi_code.mst without its end; `name` is text, or bytes as they stand in the file."""
    raw = name if isinstance(name, bytes) else name.encode("cp949")
    isin = b"KR7%-6s003" % code.encode()[-6:]
    return (b"%-9s%-12s%-40s%s" % (code.encode(), isin, raw, group.encode())).ljust(width, b"0")


def overseas(symbol, korean, english="X", kind="2", exchange="NAS", key=None):
    columns = ["US", "22", exchange, "나스닥", symbol, key or exchange + symbol, korean, english, kind, "USD", "4", "",
               "267.4600", "1", "1", "930", "1600", "N", "", "730", "0", "0", "", ""]
    return "\t".join(columns).encode("cp949")


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


@unittest.skipUnless(all(map(shutil.which, TOOLS)), "one of %s is not installed" % ", ".join(TOOLS))
class Symbols(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="symbols-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.tmp = os.path.join(self.dir, "tmp")
        os.mkdir(self.tmp)

    def put(self, name, body):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as file:
            file.write(b"\n".join(body) + b"\n" if isinstance(body, list) else body)
        return path

    def start(self, *words, env=None, **options):
        options.setdefault("stdin", None if "input" in options else subprocess.DEVNULL)
        if options["stdin"] is None:
            del options["stdin"]
        run = subprocess.run([OBSERVER, "symbols", *words], capture_output=True, timeout=120, cwd=self.dir,
                             env=dict(os.environ, TMPDIR=self.tmp, **(env or {})), **options)
        self.assertEqual(os.listdir(self.tmp), [], "a temporary file is left")
        return run

    def lines(self, *words, **options):
        """What comes out when all is well: nothing is said, and each line is JSON."""
        run = self.start(*words, **options)
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        return [json.loads(line) for line in run.stdout.splitlines()]

    def names(self, *words, **options):
        return {line["symbol"]: line["name"] for line in self.lines(*words, **options)}

    def refused(self, status, said, *words, **options):
        """One line on stderr, nothing on stdout."""
        run = self.start(*words, **options)
        self.assertEqual((run.returncode, run.stdout), (status, b""), run.stderr)
        self.assertEqual(run.stderr.count(b"\n"), 1, run.stderr)
        self.assertIn(said, run.stderr.decode())
        return run
