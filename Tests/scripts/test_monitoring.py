"""The dashboard and the alert rules ask only for metrics that some stage writes."""
import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONITORING = ROOT / "config" / "prometheus"


def metrics(expression):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"observer_[a-z_]+", expression)}


class Monitoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sources = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
        cls.written = set(re.findall(r'"(observer_[a-z_]+)",\s*"', sources))

    def test_dashboard(self):
        dashboard = json.loads((MONITORING / "dashboard.json").read_text())
        wanted = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        self.assertGreater(len(wanted), 10)
        for expression in wanted:
            self.assertTrue(metrics(expression) and metrics(expression) <= self.written, expression)

    def test_alerts(self):
        wanted = re.findall(r"^ +expr: (.*)$", (MONITORING / "alerts.yml").read_text(), re.M)
        self.assertGreater(len(wanted), 5)
        for expression in wanted:
            self.assertTrue(metrics(expression) and metrics(expression) <= self.written, expression)


if __name__ == "__main__":
    unittest.main()
