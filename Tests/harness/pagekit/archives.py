"""Archives of whole days, through the filters and the sink, and the pages that `observer report` makes of them."""
import datetime
import json
import os
import random
import subprocess
import sys

from faultkit.box import ROOT

KST = datetime.timezone(datetime.timedelta(hours=9))
MAKE_DAY = [sys.executable, os.path.join(ROOT, "Tests/harness/make-day")]
DAY = "2026-11-25"


def archived(bin_dir, archive, *days):
    """The days' snapshots, made and archived; `days`: words for make-day."""
    pipe = " | ".join('"$0/%s" --log-level error' % name for name in ("snap-validate", "snap-guard", "snap-enrich --clock event"))
    pipe = pipe.replace(' --clock event"', '" --clock event')
    sink = '"$0/jsonl-sink" --log-level error --quiet --rotate 1d --rotate-by event --dir "$1"'
    chain = subprocess.Popen(["bash", "-o", "pipefail", "-c", pipe + " | " + sink, bin_dir, archive], stdin=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    for words in days:
        subprocess.run([*MAKE_DAY, *words], stdout=chain.stdin, check=True)
    chain.stdin.close()
    if chain.wait():
        raise SystemExit("pages: the made days could not be archived")


def report(archive, names, language, *words):
    """The page's path."""
    done = subprocess.run([os.path.join(ROOT, "scripts/observer-report"), "--dir", archive, "--names", names,
                           "--lang", language, *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit("pages: observer report: " + done.stderr)
    page = done.stdout.strip()
    kept = page.replace(".html", ".%s.html" % language)
    os.replace(page, kept)
    return kept


def year(bin_dir, archive, names, language):
    """The calendar: a year of one symbol in which days are lossy, interrupted or missing; the last ones have a page."""
    rng = random.Random(1)
    today = datetime.datetime.now(KST).date()
    dates = [today - datetime.timedelta(days=back) for back in range(364, 0, -1)]
    with open(os.path.join(ROOT, "config/holidays.jsonl")) as file:
        told = [json.loads(line) for line in file if line.startswith("{")]
    holidays = {day.get("date") for day in told if "open" not in day}
    dates = [date.isoformat() for date in dates if date.weekday() < 5 and date.isoformat() not in holidays]
    days = []
    for date in dates:
        fate = rng.random()
        if fate < 0.012:
            continue
        words = ["--date", date, "--symbols", "1", "--seed", "2"]
        days.append(words + (["--lose", "0.01"] if fate < 0.05 else ["--gap", "10:14-10:24"] if fate < 0.07 else []))
    archived(bin_dir, archive, *days)
    for date in dates[-25:]:
        os.replace(report(archive, names, language, date), os.path.join(archive, "reports", date + ".html"))
    return report(archive, names, language, "--calendar")
