"""One reader and one archive, in a process of its own: probe.py READER plain|typed PATTERN. Says a JSON line.

plain: what the reader does by itself with its default options; lines, and the sum of all prices.
typed: with config/schema; rows and sums of trades, and rows of every table."""

import glob
import json
import pathlib
import resource
import sys
import time

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "config/schema"
TABLES = "trades book quotes gaps expected status members program nav".split()
sys.dont_write_bytecode = True
sys.path.insert(0, str(SCHEMA))


def duckdb_plain(pattern):
    import duckdb

    return duckdb.connect().execute(
        f"SELECT count(*), sum(snapshot.observation.inputs.price) FROM read_json('{pattern}')").fetchone()


def duckdb_typed(pattern):
    import duckdb

    db = duckdb.connect()
    db.execute((SCHEMA / "duckdb.sql").read_text(encoding="utf-8"))
    yield db.execute(f"SELECT sum(price), sum(trade_size) FROM observer_trades('{pattern}')").fetchone()
    yield dict(db.execute(f"SELECT kind, count(*) FROM observer_lines('{pattern}') GROUP BY 1").fetchall())


def polars_plain(pattern):
    import polars

    frame = polars.concat([polars.read_ndjson(path) for path in sorted(glob.glob(pattern))], how="diagonal_relaxed")
    price = polars.col("snapshot").struct.field("observation").struct.field("inputs").struct.field("price")
    return frame.height, frame.select(price.sum()).item()


def polars_typed(pattern):
    import observer_archive as archive
    import polars

    trades = archive.scan(pattern, "trades").select(polars.col("price").sum(), polars.col("trade_size").sum()).collect()
    yield trades.row(0)
    yield {table: archive.scan(pattern, table).select(polars.len()).collect().item() for table in TABLES}


def pyarrow_plain(pattern):
    import pyarrow.compute as compute
    import pyarrow.json

    lines = price = 0
    for path in sorted(glob.glob(pattern)):
        table = pyarrow.json.read_json(path)
        inputs = compute.struct_field(table["snapshot"], ["observation", "inputs", "price"])
        lines, price = lines + table.num_rows, price + (compute.sum(inputs).as_py() or 0)
    return lines, price


def pyarrow_typed(pattern):
    import observer_archive as archive
    import pyarrow.compute as compute

    trades = archive.read(pattern, "trades")
    yield compute.sum(trades["price"]).as_py() or 0, compute.sum(trades["trade_size"]).as_py() or 0
    yield {table: sum(batch.num_rows for batch in archive.batches(pattern, table)) for table in TABLES}


def pandas_plain(pattern):
    import pandas

    frame = pandas.concat([pandas.read_json(path, lines=True) for path in sorted(glob.glob(pattern))])
    return len(frame), sum(line["observation"]["inputs"].get("price") or 0 for line in frame["snapshot"])


def pandas_typed(pattern):
    import observer_archive as archive

    trades = archive.read(pattern, "trades").to_pandas()
    yield float(trades["price"].sum()), int(trades["trade_size"].sum())
    yield {table: len(archive.read(pattern, table).to_pandas()) for table in TABLES}


def spark():
    from pyspark.sql import SparkSession

    session = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
               .config("spark.driver.memory", "3g").config("spark.sql.session.timeZone", "Asia/Seoul")
               .config("spark.log.level", "OFF").getOrCreate())
    return session


def spark_plain(pattern):
    row = spark().read.json(pattern).selectExpr("count(*)", "sum(snapshot.observation.inputs.price)").collect()[0]
    return tuple(row)


def spark_typed(pattern):
    session = spark()
    session.conf.set("observer.archive", pattern)
    for statement in (SCHEMA / "spark.sql").read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            session.sql(statement)
    yield tuple(session.sql("SELECT sum(price), sum(trade_size) FROM observer_trades").collect()[0])
    yield {row[0]: row[1] for row in session.sql("SELECT kind, count(*) FROM observer_lines GROUP BY 1").collect()}


def memory():
    """MB at most, of this process and of a Java that it started."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            text = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if text.get("Name") == "java" and int(text["PPid"]) in (own(), *children(own())):
            peak += int(text["VmHWM"].split()[0])
    return peak // 1024


def own():
    """This process."""
    import os

    return os.getpid()


def children(pid):
    """Those that a process started."""
    try:
        return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def main(reader, mode, pattern):
    """Says what came of it; seconds and memory are those of lines and sum alone, or of the table trades."""
    begin = time.monotonic()

    def spent():
        return {"seconds": round(time.monotonic() - begin, 1), "mb": memory()}

    try:
        if mode == "plain":
            lines, price = globals()[f"{reader}_plain"](pattern)
            said = {"rows": lines, "sums": [price], **spent()}
        else:
            steps = globals()[f"{reader}_typed"](pattern)
            said = {"sums": list(next(steps)), **spent()}
            said["rows"] = next(steps)
    except Exception as error:  # whatever a reader says is its answer
        said = {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"[:300], **spent()}
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
