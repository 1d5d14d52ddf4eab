"""What is installed, by make, in the image and as units, is the same and all that is needed."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TOOLS = set(re.search(r"^TOOLS := (.*)$", MAKEFILE, re.M).group(1).split())
SCRIPTS = set(re.findall(r"scripts/\S+", MAKEFILE.split("\ninstall:")[1].split("\nclean:")[0]))


class Packaging(unittest.TestCase):
    def test_the_image_holds_what_make_installs(self):
        text = (ROOT / "config/docker/Dockerfile").read_text()
        built = re.search(r"for tool in (.*?); do", text).group(1).split()
        copied = re.search(r"^COPY (scripts/.*) /out/bin/$", text, re.M).group(1).split()
        self.assertEqual((set(built), set(copied)), (TOOLS, SCRIPTS))
        self.assertIn("scripts/observer-prune", SCRIPTS)

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

    def test_units_start_what_is_installed(self):
        for unit in (ROOT / "config/systemd").glob("*.service"):
            text = unit.read_text()
            program = re.search(r"^ExecStart=/usr/local/bin/(\S+)", text, re.M).group(1)
            self.assertIn(program, TOOLS | {pathlib.Path(script).name for script in SCRIPTS})
            for path in re.findall(r"/usr/local/share/observer/(\S+)", text):
                self.assertRegex(MAKEFILE, r"install -m 644 [^\n]*config/" + re.escape(path))
            # A path that the first run makes must not keep the unit from starting before it.
            self.assertNotRegex(text, r"(?m)^ReadOnlyPaths=/var")


if __name__ == "__main__":
    unittest.main()
