"""DuckDB: macros over a path, a glob or a list of them."""

from .tables import CONTEXT, GAP, META, ORDER, QUOTES, members, tables

TYPES = {"decimal": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "text": "VARCHAR", "time": "TIMESTAMPTZ"}
# Which table a line belongs to. What was written before context.feed tells by what it holds.
KIND = """CASE
    WHEN s.event = 'gap' THEN 'gaps'
    WHEN c.source = 'system' THEN NULL
    WHEN c.feed IN ({quotes}) THEN 'quotes'
    WHEN c.feed IN ({feeds}) THEN c.feed
    WHEN c.feed IS NOT NULL THEN NULL
    WHEN i.bid_prices IS NOT NULL THEN 'book'
    WHEN i.price IS NOT NULL THEN CASE WHEN m.tick_source = 'rest' THEN 'quotes' ELSE 'trades' END
  END"""
FEED = "coalesce(c.feed, CASE WHEN m.tick_source <> 'rest' THEN NULL WHEN i.vwap IS NULL THEN 'multi' ELSE 'price' END)"
HEAD = (
    ("date", "CAST(epoch_ms(m.timestamp_ms + 32400000) AS DATE)"), ("time", 'm."timestamp"'), ("symbol", "c.symbol"),
    ("market", "c.market"), ("product", "coalesce(c.product, 'stock')"),
)
TAIL = (("tick_source", "m.tick_source"), ("session_id", "m.session_id"), ("run_id", "m.run_id"), ("mode", "m.mode"))
# The exchange's lines end within 16 MiB (--max-line).
READ = ("read_json(path, format = 'newline_delimited', maximum_object_size = 33554432,\n"
        "    columns = {columns})")


def kind(member):
    """The DuckDB type of a member."""
    return TYPES[member.type] + ("[]" if member.array else "")


def struct(fields):
    """STRUCT(...) of pairs of a name and a type; every name quoted, for some are words of SQL."""
    return "STRUCT(" + ", ".join(f'"{name}" {text}' for name, text in fields) + ")"


def plain(pairs):
    """Fields of a constant part of the contract."""
    return [(name, TYPES[text]) for name, text in pairs]


def snapshot(inputs, raw=False):
    """The type of a snapshot with these members of `inputs`."""
    fields = [(member.name, kind(member)) for member in inputs]
    if raw:
        fields.append(("raw", "MAP(VARCHAR, VARCHAR)"))
    observation = [("inputs", struct(fields))]
    if raw:
        observation.append(("computed", "JSON"))
    observation.append(("state", struct(plain(GAP))))
    return struct([("meta", struct(plain(META))), ("context", struct(plain(CONTEXT))),
                   ("observation", struct(observation))])


def columns(types):
    """The argument `columns` of read_json."""
    return "{" + ", ".join(f"{name}: '{text}'" for name, text in types) + "}"


def kind_of(channels):
    """The expression for the table of a line."""
    def words(names):
        return ", ".join(f"'{name}'" for name in names)
    return KIND.format(quotes=words(QUOTES),
                       feeds=words(table.name for table in tables(channels) if table.feeds == (table.name,)))


def flat(channels):
    """Every column of every table: pairs of a name and an expression."""
    taken = [(member.name, f'i."{member.name}"') for member in members(channels)]
    gap = [(name, f's."{name}"') for name, _ in GAP if name != "event"]
    made = [*HEAD, ("feed", FEED), *taken, *gap, ("latency_ms", "m.latency_ms"), *TAIL]
    assert len(dict(made)) == len(made), "two columns of one name"
    return made


def selected(table):
    """The columns of a table."""
    head = [name for name, _ in HEAD] + (["feed"] if table.name in ("quotes", "gaps") else [])
    tail = (["latency_ms"] if table.name == "quotes" else []) + [name for name, _ in TAIL]
    return head + [member.name for member in table.members] + tail


def lines(channels):
    """observer_lines(path): every line, flat, with the table that it belongs to."""
    listed = ",\n  ".join(f'{text} AS "{name}"' for name, text in flat(channels))
    return f"""CREATE OR REPLACE MACRO observer_lines(path) AS TABLE
WITH line AS (
  SELECT snapshot.meta AS m, snapshot.context AS c, snapshot.observation.inputs AS i, snapshot.observation.state AS s
  FROM {READ.format(columns=columns([("snapshot", snapshot(members(channels)))]))})
SELECT
  {kind_of(channels)} AS kind,
  {listed}
FROM line;
"""


def macro(table):
    """observer_NAME(path)."""
    listed = ", ".join(f'"{name}"' for name in selected(table))
    return f"""CREATE OR REPLACE MACRO observer_{table.name}(path) AS TABLE
SELECT {listed}
FROM observer_lines(path) WHERE kind = '{table.name}';
"""


def records(channels):
    """observer_records(path): whole lines."""
    quality = struct([("flags", "VARCHAR[]"), ("stats", "JSON")])
    metadata = struct([
        ("schema_version", "VARCHAR"), ("dataset_version", "VARCHAR"), ("build_id", "VARCHAR"),
        ("generated_at", "TIMESTAMPTZ"), ("session_id", "VARCHAR"), ("mode", "VARCHAR"), ("quality_flags", "JSON"),
        ("quality", "VARCHAR"),
        ("validation", "JSON"), ("guard", struct([("action", "VARCHAR"), ("reason", "VARCHAR")])), ("_schema", "JSON"),
        ("_quality", quality), ("_interpretation", "JSON"),
    ])
    types = [("snapshot", snapshot(members(channels), raw=True)), ("regime_tags", "JSON"), ("condition_tags", "JSON"),
             ("outcome_labels", "JSON"), ("metadata", metadata)]
    return ("CREATE OR REPLACE MACRO observer_records(path) AS TABLE\nSELECT *\n  FROM "
            + READ.format(columns=columns(types)) + ";\n")


# A trade is what the exchange's running totals say: the same totals, moment, price and size are the same trade. Without
# totals (bond indices) a record is its own; there the row in the files tells which of one moment came first.
TRADED = """CREATE OR REPLACE MACRO observer_traded(path) AS TABLE
SELECT DISTINCT ON (symbol, market, product, coalesce(trade_time, time), volume, value, price, trade_size, side,
    CASE WHEN volume IS NULL THEN run_id END) *
FROM (SELECT *, row_number() OVER () AS place FROM observer_trades(path));
"""
# By the exchange's clock, within a second of it by its running total: a trade that came late is not the last one.
BARS = """CREATE OR REPLACE MACRO observer_bars(path, width) AS TABLE
SELECT CAST(bar AT TIME ZONE 'Asia/Seoul' AS DATE) AS date, bar, symbol, market, product,
  first(price ORDER BY moment, volume, time, place) AS open, max(price) AS high, min(price) AS low,
  last(price ORDER BY moment, volume, time, place) AS close, CAST(sum(trade_size) AS BIGINT) AS size,
  sum(price * trade_size) AS value, sum(price * trade_size) / nullif(sum(trade_size), 0) AS vwap,
  count(*) AS trades, CAST(coalesce(sum(trade_size) FILTER (side = 'buy'), 0) AS BIGINT) AS buy_size,
  CAST(coalesce(sum(trade_size) FILTER (side = 'sell'), 0) AS BIGINT) AS sell_size
FROM (SELECT *, coalesce(trade_time, time) AS moment, time_bucket(CAST(width AS INTERVAL), moment, 'Asia/Seoul') AS bar
  FROM observer_traded(path)) GROUP BY ALL;
"""


def text(channels):
    """config/schema/duckdb.sql."""
    known = ", ".join(f"observer_{name}" for name in ORDER)
    parts = [f"""-- DuckDB: tables of an archive. Made by `make schema` from the feed table; `duckdb -init config/schema/duckdb.sql`.
-- {known}
-- take a file, a glob or a list of them, compressed or not (.zst, .gz); observer_records gives whole lines, with the
-- exchange's own fields in a map. observer_traded has the trades once each, whatever the exchange sent again, and `place`,
-- the row in the files; observer_bars(path, '1 minute') bars of them. Trades that the exchange took back are in both:
-- snap-audit takes them out. date is the day in Korea, of a bar that of its begin, time the moment of capture;
-- `SET TimeZone = 'Asia/Seoul'` shows times as they are in Korea. '*.json*[lt]' are the windows in use, .jsonl, and the
-- closed ones, .jsonl.zst.
"""]
    parts += [lines(channels)]
    parts += [macro(table) for table in tables(channels)]
    return "\n".join(parts + [records(channels), TRADED, BARS])
