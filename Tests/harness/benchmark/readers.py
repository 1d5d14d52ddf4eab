"""DuckDB and Polars at their best: the whole file, all cores, told the columns that they need and nothing else.

They answer what jq is asked beside them: in how many lines are the time, the stage and the inputs? A program loads for
a tenth of a second or more; the clock starts when it has, and is its own.
"""
import subprocess
import sys

DUCKDB = """
import duckdb, time
start = time.perf_counter()
duckdb.sql("set threads to {cores}")
print(duckdb.sql(\"\"\"
  select count(*)
  from read_json('{path}', format='newline_delimited', columns={{meta: 'STRUCT(timestamp_ms BIGINT)',
    context: 'STRUCT(stage VARCHAR)', observation: 'STRUCT(inputs STRUCT(price DOUBLE))'}})
  where meta.timestamp_ms is not null and context.stage is not null and observation.inputs is not null\"\"\").fetchall())
print(time.perf_counter() - start)
"""

POLARS = """
import os
os.environ["POLARS_MAX_THREADS"] = "{cores}"
import polars, time
start = time.perf_counter()
struct, column = polars.Struct, polars.col
lines = polars.scan_ndjson("{path}", schema={{"meta": struct({{"timestamp_ms": polars.Int64}}),
    "context": struct({{"stage": polars.String}}),
    "observation": struct({{"inputs": struct({{"price": polars.Float64}})}})}})
print(lines.filter(column("meta").struct.field("timestamp_ms").is_not_null()
    & column("context").struct.field("stage").is_not_null()
    & column("observation").struct.field("inputs").is_not_null()).select(polars.len()).collect())
print(time.perf_counter() - start)
"""


def installed():
    """(name, program) of those that are here; says which is not."""
    found = []
    for name, program in (("duckdb", DUCKDB), ("polars", POLARS)):
        if subprocess.run([sys.executable, "-c", "import " + name], stderr=subprocess.DEVNULL).returncode == 0:
            found.append((name, program))
        else:
            print("%s is not installed (make bench-peers): left out" % name)
    return found


def command(program, path, cores):
    """What runs one of them over a file."""
    return [sys.executable, "-c", program.format(path=path, cores=cores)]
