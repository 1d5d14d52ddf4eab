"""Small archives of lines that come late, and of totals that begin anew, with what must be said of each written by hand.

A symbol for each case, and one whose trades prove the channel. Trades are of ten shares at 100 won unless it says otherwise:
T1 makes the total 10, T2 20, and so on.
"""
import json
import os
import random
import tempfile

from . import programs
from .exchange import Tape, message, midnight

DATE = "2026-11-25"


def trade(shares, size=10, price=100, at=None, value=None, count=None, sided=1):
    """A trade after which the total is `shares`, captured at hundredth `at` of a second (its place in the totals)."""
    return {"shares": shares, "size": size, "price": price, "at": shares if at is None else at, "sided": sided,
            "value": shares * 100 if value is None else value, "count": shares // 10 if count is None else count}


T = [trade(10 * number) for number in range(10)]
WHOLE = {"late": 0, "missed_trades": 0, "missed_shares": 0, "duplicates": 0, "unverifiable": 0,
         "reversals": 0, "before_start": 0, "start_proven": True, "open": 100, "close": 100, "high": 100, "low": 100}
# The print of a call auction is not counted: T1, a print of T2's shares, and what follows.
PRINT, AFTER, AFTER2 = trade(20, count=1, sided=0), trade(30, count=2), trade(40, count=3)
CASES = (
    ("back into its place", [T[1], T[2], T[4], T[5], T[3]], {"late": 1, "trades": 5, "shares": 50, "coverage": 1}),
    ("one of three", [T[1], T[5], T[3]], {"late": 1, "trades": 3, "missed_trades": 2, "missed_shares": 20, "coverage": 0.6}),
    ("scattered, backwards", [T[1], T[8], T[6], T[4], T[2]], {"late": 3, "trades": 5, "missed_trades": 3, "missed_shares": 30}),
    ("two of them twice", [T[1], T[8], T[6], T[4], T[6], T[4]], {"late": 2, "trades": 4, "missed_trades": 4,
                                                                "missed_shares": 40, "duplicates": 2, "records": 6}),
    ("the first of the day", [T[3], T[4], T[1]], {"late": 1, "trades": 3, "missed_trades": 1, "missed_shares": 10}),
    ("before the first", [T[4], T[5], T[2]], {"late": 1, "before_start": 10, "start_proven": False, "missed_trades": 1,
                                              "missed_shares": 10, "coverage": 0.75}),
    ("before the first, in two steps", [T[6], T[4], T[2], T[3]], {
        "late": 3, "before_start": 10, "start_proven": False, "missed_trades": 1, "missed_shares": 10, "trades": 4}),
    ("of another price", [trade(20, price=90, value=2000), trade(40, value=4200), trade(30, price=120, value=3200),
                          trade(10, price=110, value=1100)], {
        "late": 2, "high": 120, "low": 90, "open": 110, "vwap": 105}),
    ("the print of an auction", [T[1], AFTER, PRINT], {"late": 1, "trades": 3, "missed_trades": 0}),
    ("a trade beside such a print", [T[1], AFTER2, AFTER], {"late": 1, "missed_trades": 1, "missed_shares": 10}),
    ("the print of the opening", [trade(40, count=1), trade(30, count=0, sided=0)], {
        "late": 1, "before_start": 20, "start_proven": True, "missed_trades": 0}),
    ("a copy", [T[1], T[2], T[3], T[2]], {"duplicates": 1, "trades": 3}),
    ("more than what is missing", [T[1], T[2], T[4], trade(30, 15)], {
        "unverifiable": 1, "missed_shares": 10, "missed_trades": 1}),
    ("over the start", [T[3], T[4], trade(25, 10)], {"unverifiable": 1, "before_start": 20, "start_proven": False}),
    ("of a value that does not fit", [T[1], T[2], T[4], trade(30, value=5000)], {
        "unverifiable": 1, "missed_shares": 10, "missed_trades": 1}),
    # Totals that begin anew; the rest is captured in order.
    ("anew", [T[1], T[2], T[3], trade(7, 7, 101, 40, 707, 1), trade(15, 8, 101, 41, 1515, 2)], {
        "reversals": 1, "reported_shares": 45, "reported_value": 4515, "shares": 45, "trades": 5, "coverage": 1, "high": 101,
        "close": 101}),
    ("anew, and a loss", [T[1], T[2], T[3], trade(7, 7, 100, 40, 700, 1), trade(25, 8, 100, 41, 2500, 3)], {
        "reversals": 1, "reported_shares": 55, "shares": 45, "missed_shares": 10, "missed_trades": 1}),
    ("anew, its first ones lost", [trade(100_010, at=1), trade(100_020, at=2), trade(50, at=3), trade(60, at=4)], {
        "reversals": 1, "reported_shares": 100_080, "before_start": 100_000, "start_proven": False, "shares": 40,
        "missed_shares": 40, "missed_trades": 4, "coverage": 0.5}),
    ("anew, beyond what was", [T[1], T[2], trade(7, 7, 100, 40, 700, 1), trade(47, 40, 100, 41, 4700, 2)], {
        "reversals": 1, "reported_shares": 67, "shares": 67, "coverage": 1}),
    ("anew, twice", [T[1], T[2], trade(7, 7, 101, 40, 707, 1), trade(5, 5, 102, 41, 510, 1)], {
        "reversals": 2, "reported_shares": 32, "shares": 32, "coverage": 1, "high": 102, "close": 102}),
    ("taken back, not anew", [T[1], T[2], T[3], trade(20, at=31), trade(30, 10, 101, 40, 3010, 3)], {
        "reversals": 1, "reported_shares": 30, "shares": 30, "coverage": 1, "high": 101, "close": 101}),
)


def line(template, symbol, made):
    """The template's line as that of `made`."""
    record = json.loads(template)
    snapshot = record["snapshot"]
    at = midnight(DATE) + 36_000_000 + made["at"] * 10
    snapshot["meta"].update(timestamp="%sT10:00:%02d.%03d+09:00" % (DATE, made["at"] // 100, made["at"] % 100 * 10),
                            timestamp_ms=at)
    snapshot["context"]["symbol"] = symbol
    inputs = snapshot["observation"]["inputs"]
    inputs.update(price=made["price"], volume=made["shares"], value=made["value"], trade_size=made["size"],
                  trade_time=DATE + "T10:00:00+09:00", side="buy" if made["sided"] else None)
    inputs["raw"].update(mksc_shrn_iscd=symbol, stck_prpr=str(made["price"]), cntg_vol=str(made["size"]),
                         stck_cntg_hour="100000", acml_vol=str(made["shares"]), acml_tr_pbmn=str(made["value"]),
                         seln_cntg_csnu="0", shnu_cntg_csnu=str(made["count"]), ccld_dvsn="1" if made["sided"] else "")
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def run():
    """How many cases there are, and what does not agree."""
    with tempfile.TemporaryDirectory(prefix="small-") as folder:
        recording, archive = os.path.join(folder, "recording"), os.path.join(folder, "archive")
        tape = Tape(random.Random(1), DATE, "005930", "KRX")
        with open(recording, "w") as file:  # frames of 50
            for second in range(6):
                records = [tape.record(tape.trade(36_000)) for _ in range(50)]
                file.write(message(midnight(DATE), 36_000_000 + second, "KRX", records))
        programs.archive(recording, archive)
        path = os.path.join(archive, "observer_%s_0000.jsonl" % DATE.replace("-", ""))
        with open(path, "rb") as file:
            template = file.readline()
        with open(path, "ab") as file:
            for number, (_, trades, _) in enumerate(CASES):
                file.writelines(line(template, "%06d" % number, made) for made in trades)
        said, _ = programs.numbers(programs.audit([path], "--format", "ndjson"))
    wrong = []
    for number, (name, _, wanted) in enumerate(CASES):
        found = said[DATE, "KRX", "%06d" % number]
        wanted = dict(WHOLE, missed_value=100 * wanted.get("missed_shares", 0), **wanted)
        wrong += ["%s: %s is %s, said %s" % (name, key, value, found[key]) for key, value in wanted.items()
                  if found[key] != value]
    return len(CASES), wrong
