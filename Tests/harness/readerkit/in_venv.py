"""Checks that need packages of PyPI; run in their environment. Each line of output is a fault."""

import glob
import json
import pathlib
import sys
import time


def schema(path):
    """Lines of stdin up to -- must pass, those behind it ([what, line]) must not."""
    import jsonschema

    document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(document)
    validator = jsonschema.Draft202012Validator(document)
    good, _, bad = sys.stdin.read().partition("\n--\n")
    for line in good.splitlines():
        record = json.loads(line)
        for error in validator.iter_errors(record):
            yield f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        context, observation = record["snapshot"]["context"], record["snapshot"]["observation"]
        parts = {context["feed"]: observation["inputs"]} if context["source"] == "market" and "feed" in context else {}
        if observation["state"].get("event") == "gap":
            parts["gap"] = observation["state"]
        for name, members in parts.items():
            for member in set(members) - set(document["$defs"][name]["properties"]):
                yield f"{name} has {member}, which the schema does not know"
    for line in bad.splitlines():
        what, record = json.loads(line)
        if validator.is_valid(record):
            yield f"a line with a wrong {what} passes"


class Lines:
    """The market lines of an archive by Python alone."""

    def __init__(self, pattern):
        self.rows = []
        for path in sorted(glob.glob(pattern)):
            for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
                snapshot = json.loads(line)["snapshot"]
                self.rows.append((snapshot["meta"]["timestamp_ms"], snapshot["context"], snapshot["observation"]))

    def of(self, feed, symbol=None):
        """Time and inputs of a feed's lines."""
        return [(at, context["symbol"], seen["inputs"]) for at, context, seen in self.rows
                if context["source"] == "market" and context["feed"] == feed and symbol in (None, context["symbol"])]

    def gaps(self):
        """The final gaps."""
        return [seen["state"] for _, _, seen in self.rows if seen["state"].get("event") == "gap" and seen["state"]["final"]]


def queries(path):
    """The queries of the README over a real archive, against Python."""
    import duckdb

    given = json.load(sys.stdin)
    both, gaps = map(Lines, given["patterns"])
    trades = both.of("trades")
    symbol = trades[0][1]
    moment = (trades[0][0] + trades[-1][0]) // 2
    day, clock = (time.strftime(form, time.gmtime(moment / 1000 + 32400)) for form in ("%Y-%m-%d", "%H:%M:%S"))
    cut = moment // 1000 * 1000
    own = both.of("trades", symbol)
    traded = sum(inputs["trade_size"] for _, _, inputs in own)
    value = sum(inputs["price"] * inputs["trade_size"] for _, _, inputs in own)
    before = [inputs for at, _, inputs in own if at <= cut]
    books = [inputs for at, _, inputs in both.of("book", symbol) if at <= cut]

    def bars(rows):
        mine = [row for row in rows if row["symbol"] == symbol]
        return sum(row["size"] for row in mine) == traded and mine[-1]["close"] == own[-1][2]["price"]

    def spread(rows):
        return sum(row["books"] for row in rows) == len(both.of("book")) and all(row["spread"] > 0 for row in rows)

    def vwap(rows):
        mine = next(row for row in rows if row["symbol"] == symbol)
        return abs(mine["archived"] - value / traded) < 1e-6 and mine["exchange"] == own[-1][2]["vwap"]

    def hours(rows):
        everything = sum(inputs["price"] * inputs["trade_size"] for _, _, inputs in trades)
        return abs(sum(row["value"] for row in rows) - everything) < 1e-6 * everything

    def day_gaps(rows):
        return len(rows) == len(gaps.gaps()) > 0 and abs(
            sum(row["seconds"] for row in rows) - sum(state["seconds"] for state in gaps.gaps())) < 1e-6

    def last(rows):
        return next(row for row in rows if row["symbol"] == symbol)["price"] == before[-1]["price"]

    def book(rows):
        return ([row["bid_price"] for row in rows] == books[-1]["bid_prices"]
                and [row["ask_size"] for row in rows] == books[-1]["ask_sizes"])

    def quoted(rows):
        stood, expected = (None, None), []
        for at, context, seen in both.rows:
            inputs = seen["inputs"]
            if context["symbol"] != symbol or context["source"] != "market":
                continue
            if context["feed"] == "book":
                stood = inputs["bid_price"], inputs["ask_price"]
            elif context["feed"] == "trades":
                expected.append((inputs["price"], inputs["trade_size"], *stood))
        return expected == [(row["price"], row["trade_size"], row["bid_price"], row["ask_price"]) for row in rows]

    checks = {"bars of a minute": bars, "spread": spread, "vwap": vwap, "value by hour": hours, "gaps of a day": day_gaps,
              "last price": last, "book at a time": book, "each trade": quoted}
    db = duckdb.connect()
    db.execute(pathlib.Path(path).read_text(encoding="utf-8"))
    db.execute("SET TimeZone = 'Asia/Seoul'")
    tried = set()
    for title, query in given["recipes"].items():
        name = next((name for name in checks if title.startswith(name)), None)
        if name is None:
            yield f"'{title}' has no check"
            continue
        tried.add(name)
        pattern = given["patterns"][name == "gaps of a day"]
        text = query.replace("config/observer/*.json*[lt]", pattern).replace("2026-11-26", day).replace("005930", symbol)
        text = text.replace("10:30:00", clock)
        try:
            begin = time.monotonic()
            cursor = db.execute(text)
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row)) for row in cursor.fetchall()]
            print(f"query: {title}: {len(rows)} rows, {time.monotonic() - begin:.1f} s", file=sys.stderr)
            if not checks[name](rows):
                yield f"'{title}' gives {rows[:3]}"
        except Exception as error:  # a query of the README that fails is a fault, whatever it says
            yield f"'{title}': {type(error).__name__} {error}"
    for name in set(checks) - tried:
        yield f"no query for {name}"


def bars(path):
    """Bars of a day in which trades came again and late, against what snap-audit says (its lines in stdin)."""
    import duckdb

    given = json.load(sys.stdin)
    db = duckdb.connect()
    db.execute(pathlib.Path(path).read_text(encoding="utf-8"))
    rows = db.execute("SELECT symbol, date::VARCHAR, open, high, low, close, size, trades FROM observer_bars($1, '1 day')",
                      [given["pattern"]]).fetchall()
    said = {(row["symbol"], row["date"]): row for row in given["audit"]}
    if set(said) != {row[:2] for row in rows}:
        yield f"{len(rows)} bars of {len(said)} symbols and days"
    for row in rows:
        audit = said.get(row[:2], {})
        told = [float(audit.get(name) or 0) for name in ("open", "high", "low", "close", "shares", "trades")]
        if told != [*map(float, row[2:])]:
            yield f"{row} instead of {told}"


if __name__ == "__main__":
    for fault in {"schema": schema, "queries": queries, "bars": bars}[sys.argv[1]](sys.argv[2]):
        print(fault)
