"""The typed views of config/schema/spark.sql over compressed archives."""
import json
import subprocess

from .one import ROOT, expect

PROBE = """
import json, sys
from pyspark.sql import SparkSession
schema, answers = sys.argv[1], {}
spark = SparkSession.builder.master("local[2]").config("spark.log.level", "OFF").getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "Asia/Seoul")
for path in sys.argv[2:]:
    spark.conf.set("observer.archive", path)
    try:
        for statement in open(schema).read().split(";\\n"):
            if statement.strip():
                spark.sql(statement)
        row = spark.sql("select count(*), sum(price * trade_size) from observer_trades").first()
        answers[path] = [row[0], row[1]]
    except Exception as error:
        answers[path] = str(error)[:300]
print(json.dumps(answers))
"""


def compressed(place):
    """One archive as it is, as .gz and as .zst."""
    archive, _ = place.replayed()
    folder = place.new("views")
    folder.mkdir()
    (folder / "a.jsonl").symlink_to(archive)
    subprocess.run(["gzip", "-kqf", "-c", archive], stdout=open(folder / "a.jsonl.gz", "wb"), check=True)
    subprocess.run(["zstd", "-qf", archive, "-o", folder / "a.jsonl.zst"], check=True)
    paths = [str(folder / name) for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst")]
    run = subprocess.run([place.python, "-c", PROBE, ROOT / "config/schema/spark.sql", *paths], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    expect(run.returncode == 0, run.stderr[-2000:])
    answers = json.loads(run.stdout.splitlines()[-1])
    trades, value = 0, 0
    for line in open(archive, encoding="utf-8"):
        row = json.loads(line)["snapshot"]
        if row["context"]["feed"] == "trades" and row["context"]["source"] == "market":
            trades += 1
            value += row["observation"]["inputs"]["price"] * row["observation"]["inputs"]["trade_size"]
    expect(all(answer == [trades, value] for answer in answers.values()), f"{trades} trades of {value}, Spark says {answers}")
    print(f"typed views: the same {trades:,} trades and sum from .jsonl, .jsonl.gz and .jsonl.zst", flush=True)
