"""Snapshots for the filters, numbered by their run_id."""
import json


def snapshot(number, inputs=b'"price":71100'):
    return (b'{"meta":{"timestamp":"2026-07-30T09:23:41.123+09:00","timestamp_ms":1785371021123,"session_id":"s",'
            b'"run_id":"%032x","mode":"PROD","observer_version":"v1.0.0"},"context":{"source":"market","stage":"raw",'
            b'"symbol":"005930"},"observation":{"inputs":{%s},"computed":{},"state":{}}}\n' % (number, inputs))


def numbers(data):
    """The run numbers of all lines; None for a line that is no JSON."""
    found = []
    for line in data.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            found.append(None)
            continue
        found.append(int(row.get("snapshot", row)["meta"]["run_id"], 16))
    return found
