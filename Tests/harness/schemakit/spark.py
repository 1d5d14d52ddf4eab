"""Spark: the type of a line, and a view for each table."""

from . import duckdb
from .tables import CONTEXT, GAP, META, members, tables

TYPES = {"decimal": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "text": "STRING", "time": "TIMESTAMP"}


def struct(fields):
    """STRUCT<...> of pairs of a name and a type."""
    return "STRUCT<" + ", ".join(f"`{name}`: {text}" for name, text in fields) + ">"


def kind(member):
    """The type of a member."""
    return f"ARRAY<{TYPES[member.type]}>" if member.array else TYPES[member.type]


def plain(pairs):
    """Fields of a constant part of the contract."""
    return [(name, TYPES[text]) for name, text in pairs]


def ddl(channels):
    """The columns of a line."""
    inputs = [(member.name, kind(member)) for member in members(channels)] + [("raw", "MAP<STRING, STRING>")]
    observation = struct([("inputs", struct(inputs)), ("state", struct(plain(GAP)))])
    snapshot = struct([("meta", struct(plain(META))), ("context", struct(plain(CONTEXT))),
                       ("observation", observation)])
    metadata = struct([("generated_at", "TIMESTAMP"), ("quality_flags", "ARRAY<STRING>"), ("quality", "STRING"),
                       ("_quality", struct([("flags", "ARRAY<STRING>")]))])
    return f"snapshot {snapshot}, metadata {metadata}"


def text(channels):
    """config/schema/spark.sql."""
    parts = ["""-- Spark: views over an archive. Made by `make schema` from the feed table. Set the path, then run each statement:
--   spark.conf.set("observer.archive", "config/observer/*.json*[lt]"); spark.conf.set("spark.sql.session.timeZone", "Asia/Seoul")
--   for statement in open("config/schema/spark.sql").read().split(";\\n"): spark.sql(statement)
""" + f"""CREATE OR REPLACE TEMPORARY VIEW observer_records ({ddl(channels)})
USING json OPTIONS (path '${{observer.archive}}', mode 'FAILFAST');
"""]
    listed = []
    for name, expression in duckdb.flat(channels):
        if name == "date":
            expression = "date_add(DATE '1970-01-01', CAST((m.timestamp_ms + 32400000) DIV 86400000 AS INT))"
        listed.append(f"{expression} AS `{name}`".replace('"', "`"))
    parts.append(f"""CREATE OR REPLACE TEMPORARY VIEW observer_lines AS
WITH line AS (SELECT snapshot.meta AS m, snapshot.context AS c, snapshot.observation.inputs AS i,
  snapshot.observation.state AS s FROM observer_records)
SELECT {duckdb.kind_of(channels)} AS kind,
  {", ".join(listed)}
FROM line;
""")
    for table in tables(channels):
        names = ", ".join(f"`{name}`" for name in duckdb.selected(table))
        parts.append(f"""CREATE OR REPLACE TEMPORARY VIEW observer_{table.name} AS
SELECT {names} FROM observer_lines WHERE kind = '{table.name}';
""")
    return "\n".join(parts)
