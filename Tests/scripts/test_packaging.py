"""What is installed, by make, in the image and as units, is the same and all that is needed."""
import fnmatch
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TOOLS = set(re.search(r"^TOOLS := (.*)$", MAKEFILE, re.M).group(1).split())
SCRIPTS = {str(path.relative_to(ROOT)) for word in re.search(r"^SCRIPTS := \$\(wildcard (.*)\)$", MAKEFILE, re.M).group(1).split()
           for path in ROOT.glob(word)}


def enters_the_context(path):
    """By .dockerignore's rules: the last pattern that matches the path or a folder above it decides."""
    enters = True
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.lstrip("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
            if any(re.fullmatch(pattern, name) for name in above):
                enters = line.startswith("!")
    return enters


class Packaging(unittest.TestCase):
    def test_the_image_holds_what_make_installs(self):
        text = (ROOT / "config/docker/Dockerfile").read_text()
        built = re.search(r"for tool in (.*?); do", text).group(1).split()
        copied = re.search(r"^COPY (scripts/.*) /out/bin/$", text, re.M).group(1).split()
        copied = {str(path.relative_to(ROOT)) for word in copied for path in ROOT.glob(word)}
        self.assertEqual((set(built), copied), (TOOLS, SCRIPTS))
        self.assertIn("scripts/observer-prune", SCRIPTS)
        self.assertIn("$(SCRIPTS)", MAKEFILE.split("\ninstall:")[1])
        # What one script reads or starts of the others is installed too.
        for script in SCRIPTS:
            for name in re.findall(r'\$here/(observer[a-z-]*)', (ROOT / script).read_text()):
                self.assertIn("scripts/" + name, SCRIPTS)

    def test_the_image_is_built_from_what_it_copies_and_nothing_else(self):
        dockerfile = (ROOT / "config/docker/Dockerfile").read_text().split("\nFROM debian")[0]
        copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.M) for word in line.split()[:-1]]
        self.assertIn("Package.swift", copied)
        tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split() or copied
        for path in tracked:
            is_copied = any(fnmatch.fnmatch(path, source) or path.startswith(source + "/") for source in copied)
            self.assertEqual(enters_the_context(path), is_copied, path)
        for path in ("config/observer.env", ".env", "config/observer/observer.jsonl", "config/observer/.run/log/kis-fetch.log",
                     "config/observer-sim/rejects/snap-guard.jsonl", ".git/config", ".build/release/kis-fetch",
                     "tokens/x.token", "Tests/secret.env", "Sources/KIS/x.token", "scripts/observer.env"):
            self.assertFalse(enters_the_context(path), path)

    def test_the_logs_of_the_crontab_are_rotated(self):
        crontab = (ROOT / "config/crontab.example").read_text()
        archive = re.search(r"/usr/sbin/logrotate -s (\S+)/\.run/logrotate\.state \1/\.run/logrotate\.conf$", crontab, re.M)[1]
        folder = re.search(r"^OBSERVER_LOG_DIR=(.*)$", crontab, re.M)
        logs = (folder[1] if folder else archive + "/.run/log") + "/kis-fetch.log"
        rotated = (ROOT / "config/logrotate.conf").read_text().replace("/var/lib/observer/config/observer", archive)
        self.assertTrue(any(fnmatch.fnmatch(logs, pattern) for pattern in re.findall(r'^"(.*)"', rotated, re.M)), logs)

    def test_the_recipe_of_logrotate_whatever_the_folder_is_called(self):
        lines = re.findall(r"^#   ((?:dir=|place=|sed ).*)$", (ROOT / "config/logrotate.conf").read_text(), re.M)
        self.assertEqual(len(lines), 3)
        for line in lines:
            self.assertIn("\n    " + line + "\n", (ROOT / "config/README.md").read_text())
        program = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin:/bin")
        for name in ("plain", "a b", "a&b|c", "q[x]*?", 'one"two\'s', "back\\slash", "$HOME"):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                archive = pathlib.Path(folder) / name
                for path in (".run/log/kis-fetch.log", "rejects/snap-guard.jsonl", "rejects/kis-fetch.wire"):
                    (archive / path).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                    (archive / path).write_text("a line\n")
                subprocess.run(["bash", "-euc", 'jsonl-sink() { printf "%s\\n" "$0"; }\n' + "\n".join(lines), archive], cwd=ROOT, check=True)
                own = archive / ".run/logrotate.conf"
                self.assertNotIn('"/var/lib', own.read_text())
                if not program:
                    continue
                own.chmod(0o644)
                subprocess.run([program, "-f", "-s", archive / ".run/logrotate.state", own], check=True)
                rotated = sorted(str(path.relative_to(archive)) for path in archive.rglob("*.1"))
                self.assertEqual(rotated, [".run/log/kis-fetch.log.1", "rejects/kis-fetch.wire.1", "rejects/snap-guard.jsonl.1"])

    def test_every_tool_of_the_package_is_installed(self):
        targets = re.findall(r'\.executableTarget\(\s*name: "([^"]+)"', (ROOT / "Package.swift").read_text())
        self.assertEqual(TOOLS, {name for name in targets if name != "observer-fuzz"})

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_units(self):
        units = sorted((ROOT / "config/systemd").iterdir())
        self.assertGreater(len(units), 2)
        with tempfile.TemporaryDirectory() as folder:
            for unit in units:
                # What is not installed here cannot be checked to be executable.
                text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text())
                (pathlib.Path(folder) / unit.name).write_text(text)
            paths = [str(path) for path in pathlib.Path(folder).iterdir()]
            checked = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True)
            self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_a_reboot_starts_what_the_clock_starts(self):
        """cron knows @reboot, systemd what is enabled for the boot, docker its restart policy."""
        crontab = (ROOT / "config/crontab.example").read_text()
        start = re.search(r"^50 7 \* \* 1-5  (.*)$", crontab, re.M)[1]
        line = re.search(r"^@reboot  (.*)$", crontab, re.M)[1].replace("\\%", "%")
        self.assertIn(start, line)
        with tempfile.TemporaryDirectory() as folder:
            date = pathlib.Path(folder) / "date"
            date.write_text('#!/bin/sh\n[ "$1" = +%u-%H%M ] && echo "$NOW"\n')
            date.chmod(0o755)
            for now, starts in (("1-0749", 0), ("1-0750", 1), ("5-0800", 1), ("3-0959", 1), ("2-1234", 1), ("5-2004", 1),
                                ("5-2005", 0), ("4-2345", 0), ("4-0010", 0), ("6-1000", 0), ("7-1000", 0)):
                run = subprocess.run(["/bin/sh", "-c", line.replace(start, "echo started")], capture_output=True, text=True,
                                     env={"NOW": now, "PATH": folder})
                self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "started\n" * starts, ""), now)
        unit = (ROOT / "config/systemd/observer.service").read_text()
        self.assertRegex(unit, r"(?m)^#   systemctl enable observer\.service\b")
        self.assertIn("\n[Install]\nWantedBy=multi-user.target\n", unit)
        self.assertIn("restart: unless-stopped", (ROOT / "config/docker/compose.yaml").read_text())

    def test_units_start_what_is_installed(self):
        header = (ROOT / "config/systemd/observer.service").read_text().split("[Unit]")[0]
        for unit in (ROOT / "config/systemd").glob("*.service"):
            text = unit.read_text()
            program = re.search(r"^ExecStart=/usr/local/bin/(\S+)", text, re.M).group(1)
            self.assertIn(program, TOOLS | {pathlib.Path(script).name for script in SCRIPTS})
            # What make install writes at each upgrade is copied from, and not read: the copies are the operator's.
            settings = re.sub(r"(?m)^#.*", "", text)
            self.assertNotIn("/share/", settings)
            copied = re.findall(r"\s/usr/local/share/observer/(\S+)", header)
            for path in re.findall(r"=/etc/observer/(\S+)", settings):
                self.assertIn(path if path != "observer.env" else "observer.env.example", copied)
            for path in copied:
                self.assertRegex(MAKEFILE, r"install -m 644 (?:[^\n]*\\\n)*[^\n]*config/" + re.escape(path))
            # A path that the first run makes must not keep the unit from starting before it.
            self.assertNotRegex(text, r"(?m)^ReadOnlyPaths=/var")


if __name__ == "__main__":
    unittest.main()
