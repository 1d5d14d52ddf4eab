"""Archives of Observer with their types, in Polars, PyArrow and pandas. Made by `make schema` from the feed table.

    import sys; sys.path.insert(0, "config/schema")
    import observer_archive as archive

    archive.scan("config/observer/*.json*[lt]", "trades")     # Polars, lazy; a file, a glob or a list, .zst and .gz too
    archive.read("config/observer/*.json*[lt]", "book")       # PyArrow table; .to_pandas() makes a frame of it
    archive.batches("config/observer/*.json*[lt]", "trades")  # PyArrow, batch by batch: files larger than memory
    archive.records("config/observer/*.json*[lt]")            # Polars, whole lines; `raw` is JSON text

`*.json*[lt]`: the windows in use, .jsonl, and the closed ones, .jsonl.zst. A name or a glob that no file has is an error.
Tables: trades book quotes gaps expected status members program nav. `date` is the day in Korea, `time` the moment of
capture (UTC inside; .dt.convert_time_zone("Asia/Seoul") shows Korean time). Lines from before context.feed are in them.
"""

import glob as _glob
import os as _os

# Types of the members of a line: decimal, integer, boolean, text, time; [type] is an array.
META = {
    "timestamp": "time",
    "timestamp_ms": "integer",
    "session_id": "text",
    "run_id": "text",
    "mode": "text",
    "observer_version": "text",
    "iteration_id": "integer",
    "loop_interval_ms": "decimal",
    "latency_ms": "decimal",
    "tick_source": "text",
}
CONTEXT = {
    "source": "text",
    "stage": "text",
    "symbol": "text",
    "market": "text",
    "product": "text",
    "feed": "text",
}
GAP = {
    "event": "text",
    "reason": "text",
    "from": "time",
    "to": "time",
    "seconds": "decimal",
    "severity": "text",
    "gap_id": "text",
    "final": "boolean",
    "detail": "text",
    "missed_trades": "integer",
    "missed_volume": "integer",
    "missed_value": "decimal",
    "cause": "text",
}
INPUTS = {
    "price": "decimal",
    "volume": "integer",
    "open": "decimal",
    "high": "decimal",
    "low": "decimal",
    "change": "decimal",
    "change_rate": "decimal",
    "value": "decimal",
    "base_price": "decimal",
    "upper_limit": "decimal",
    "lower_limit": "decimal",
    "vwap": "decimal",
    "prev_close": "decimal",
    "halted": "boolean",
    "session": "text",
    "bid_price": "decimal",
    "ask_price": "decimal",
    "bid_size": "integer",
    "ask_size": "integer",
    "total_bid_size": "integer",
    "total_ask_size": "integer",
    "name": "text",
    "trade_size": "integer",
    "trade_time": "time",
    "side": "text",
    "strength": "decimal",
    "vi_price": "decimal",
    "mid_price": "decimal",
    "bid_prices": "[decimal]",
    "ask_prices": "[decimal]",
    "bid_sizes": "[integer]",
    "ask_sizes": "[integer]",
    "midpoint_size": "integer",
    "expected_price": "decimal",
    "expected_size": "integer",
    "expected_volume": "integer",
    "expected_change": "decimal",
    "expected_change_rate": "decimal",
    "quote_time": "time",
    "expected_value": "integer",
    "halt_reason": "text",
    "phase_code": "text",
    "expected_phase_code": "text",
    "status_code": "text",
    "vi": "boolean",
    "after_hours_vi": "boolean",
    "sellers": "[text]",
    "buyers": "[text]",
    "seller_sizes": "[integer]",
    "buyer_sizes": "[integer]",
    "foreign_sell_size": "integer",
    "foreign_buy_size": "integer",
    "foreign_net_size": "integer",
    "program_sell_size": "integer",
    "program_sell_value": "integer",
    "program_buy_size": "integer",
    "program_buy_value": "integer",
    "program_net_size": "integer",
    "program_net_value": "integer",
    "program_ask_size": "integer",
    "program_bid_size": "integer",
    "nav": "decimal",
    "nav_open": "decimal",
    "nav_high": "decimal",
    "nav_low": "decimal",
    "nav_prev_close": "decimal",
    "nav_change": "decimal",
    "nav_change_rate": "decimal",
    "delta": "decimal",
    "gamma": "decimal",
    "vega": "decimal",
    "theta": "decimal",
    "rho": "decimal",
    "implied_volatility": "decimal",
    "theoretical_price": "decimal",
    "limit_up_count": "integer",
    "advancing_count": "integer",
    "unchanged_count": "integer",
    "declining_count": "integer",
    "limit_down_count": "integer",
    "arbitrage_net_size": "integer",
    "arbitrage_net_value": "integer",
    "open_interest": "integer",
    "basis": "decimal",
    "bid_orders": "[integer]",
    "ask_orders": "[integer]",
    "yield": "decimal",
    "open_yield": "decimal",
    "high_yield": "decimal",
    "low_yield": "decimal",
    "bid_yields": "[decimal]",
    "ask_yields": "[decimal]",
    "clean_price_index": "decimal",
    "market_price_index": "decimal",
    "exchange_time": "time",
}
# The members of each table, and the feeds that are in it.
TABLES = {
    "trades": (
        "price", "volume", "open", "high", "low", "prev_close", "change", "change_rate", "value",
        "bid_price", "ask_price", "bid_size", "ask_size", "trade_size", "trade_time", "side", "vwap",
        "strength", "total_bid_size", "total_ask_size", "vi_price", "session", "halted", "delta", "gamma",
        "vega", "theta", "rho", "implied_volatility", "theoretical_price", "limit_up_count",
        "advancing_count", "unchanged_count", "declining_count", "limit_down_count", "open_interest",
        "basis", "yield", "open_yield", "high_yield", "low_yield", "name", "clean_price_index",
        "market_price_index", "exchange_time",
    ),
    "book": (
        "bid_price", "ask_price", "mid_price", "bid_size", "ask_size", "volume", "bid_prices",
        "ask_prices", "bid_sizes", "ask_sizes", "total_bid_size", "total_ask_size", "midpoint_size",
        "expected_price", "expected_size", "expected_volume", "expected_change", "expected_change_rate",
        "quote_time", "session", "bid_orders", "ask_orders", "bid_yields", "ask_yields", "exchange_time",
    ),
    "quotes": (
        "price", "volume", "open", "high", "low", "change", "change_rate", "value", "base_price",
        "upper_limit", "lower_limit", "vwap", "prev_close", "halted", "session", "bid_price", "ask_price",
        "bid_size", "ask_size", "total_bid_size", "total_ask_size", "name",
    ),
    "gaps": (
        "reason", "from", "to", "seconds", "severity", "gap_id", "final", "detail", "missed_trades",
        "missed_volume", "missed_value", "cause",
    ),
    "expected": (
        "expected_price", "expected_volume", "expected_value", "prev_close", "expected_change",
        "expected_change_rate", "bid_price", "ask_price", "bid_size", "ask_size", "quote_time",
        "total_bid_size", "total_ask_size", "vi_price", "session", "halted", "limit_up_count",
        "advancing_count", "unchanged_count", "declining_count", "limit_down_count", "expected_size",
        "expected_phase_code",
    ),
    "status": (
        "halted", "halt_reason", "phase_code", "expected_phase_code", "status_code", "vi",
        "after_hours_vi",
    ),
    "members": (
        "sellers", "buyers", "seller_sizes", "buyer_sizes", "foreign_sell_size", "foreign_buy_size",
        "foreign_net_size",
    ),
    "program": (
        "program_sell_size", "program_sell_value", "program_buy_size", "program_buy_value",
        "program_net_size", "program_net_value", "program_ask_size", "program_bid_size", "quote_time",
        "arbitrage_net_size", "arbitrage_net_value",
    ),
    "nav": (
        "nav", "nav_open", "nav_high", "nav_low", "nav_prev_close", "nav_change", "nav_change_rate",
    ),
}
FEEDS = {
    "trades": ("trades",),
    "book": ("book",),
    "quotes": ("price", "multi"),
    "gaps": (),
    "expected": ("expected",),
    "status": ("status",),
    "members": ("members",),
    "program": ("program",),
    "nav": ("nav",),
}
_TAIL = ("tick_source", "session_id", "run_id", "mode")
_DAY = 86_400_000
_KOREA = 32_400_000


def _paths(paths):
    """The files of a path, a glob, or a list of them, in order."""
    given = [paths] if isinstance(paths, (str, bytes)) or hasattr(paths, "__fspath__") else list(paths)
    found = []
    for one in map(_os.fsdecode, given):
        files = sorted(_glob.glob(one)) or [one]
        if not _os.path.exists(files[0]):
            packed = [one + end for end in (".zst", ".gz") if _glob.glob(one + end)]
            raise FileNotFoundError(f"{one}: no such file" + (f", but {' and '.join(packed)}" if packed else ""))
        found += files
    return found


def _inputs(table):
    """The members that are read for a table; without one, all."""
    if table is None:
        return INPUTS
    return {"price": INPUTS["price"]} if table == "gaps" else {name: INPUTS[name] for name in TABLES[table]}


# Polars


def schema(table=None):
    """The Polars schema of a line: with the members of a table, or whole."""
    import polars as pl

    types = {"decimal": pl.Float64, "integer": pl.Int64, "boolean": pl.Boolean, "text": pl.String,
             "time": pl.Datetime("us", "UTC")}

    def made(members):
        return {name: pl.List(types[kind[1:-1]]) if kind[0] == "[" else types[kind] for name, kind in members.items()}

    inputs = made(_inputs(table))
    whole = {}
    if table is None:
        inputs["raw"] = pl.String
        whole = {"metadata": pl.Struct({"generated_at": types["time"], "quality_flags": pl.String, "quality": pl.String,
                                        "_quality": pl.Struct({"flags": pl.List(pl.String)})})}
    observation = pl.Struct({"inputs": pl.Struct(inputs), "state": pl.Struct(made(GAP))})
    snapshot = {"meta": pl.Struct(made(META)), "context": pl.Struct(made(CONTEXT)), "observation": observation}
    return {"snapshot": pl.Struct(snapshot), **whole}


def records(paths):
    """Whole lines as a LazyFrame."""
    import polars as pl

    return pl.scan_ndjson(_paths(paths), schema=schema())


def scan(paths, table="trades"):
    """The lines of a table as a LazyFrame."""
    import polars as pl

    snapshot = pl.col("snapshot").struct
    lines = pl.scan_ndjson(_paths(paths), schema=schema(table)).select(
        m=snapshot.field("meta"), c=snapshot.field("context"), i=snapshot.field("observation").struct.field("inputs"),
        s=snapshot.field("observation").struct.field("state"))

    def of(part, name):
        return pl.col(part).struct.field(name)

    feed, source, price = of("c", "feed"), of("m", "tick_source"), of("i", "price") if table != "book" else None
    kept = feed.is_in(list(FEEDS[table])) & (of("c", "source") != "system")
    if table == "gaps":
        kept = of("s", "event") == "gap"
    elif table == "trades":
        kept |= feed.is_null() & source.ne_missing("rest") & price.is_not_null()
    elif table == "quotes":
        kept |= feed.is_null() & (source == "rest") & price.is_not_null()
    elif table == "book":
        kept |= feed.is_null() & of("i", "bid_prices").is_not_null()
    day = (of("m", "timestamp_ms") + _KOREA).cast(pl.Datetime("ms")).dt.date().alias("date")
    head = [day, of("m", "timestamp").alias("time"), of("c", "symbol"), of("c", "market"),
            of("c", "product").fill_null("stock")]
    if table == "quotes":
        head.append(feed.fill_null(pl.when(of("i", "vwap").is_null()).then(pl.lit("multi")).otherwise(pl.lit("price")))
                    .alias("feed"))
    elif table == "gaps":
        head.append(feed)
    tail = [of("m", name) for name in (("latency_ms",) if table == "quotes" else ()) + _TAIL]
    part = "s" if table == "gaps" else "i"
    return lines.filter(kept).select(*head, *[of(part, name) for name in TABLES[table]], *tail)


# PyArrow and pandas


def arrow_schema(table):
    """The PyArrow schema of a line with the members of a table."""
    import pyarrow as pa

    types = {"decimal": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "text": pa.string(),
             "time": pa.timestamp("us", "UTC")}

    def made(members):
        return pa.struct([(name, pa.list_(types[kind[1:-1]]) if kind[0] == "[" else types[kind])
                          for name, kind in members.items()])

    observation = pa.struct([("inputs", made(_inputs(table))), ("state", made(GAP))])
    return pa.schema([("snapshot", pa.struct([("meta", made(META)), ("context", made(CONTEXT)),
                                              ("observation", observation)]))])


def _flat(batch, table):
    """The rows of a table in a batch of lines, as a PyArrow table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def of(*names):
        return pc.struct_field(batch.column(0), list(names))

    feed, source = of("context", "feed"), of("meta", "tick_source")
    older = pc.is_null(feed)
    kept = pc.and_(pc.is_in(feed, pa.array(FEEDS[table], pa.string())),
                   pc.not_equal(of("context", "source"), "system"))
    rest = pc.fill_null(pc.equal(source, "rest"), False)
    if table == "gaps":
        kept = pc.equal(of("observation", "state", "event"), "gap")
    elif table == "book":
        kept = pc.or_(kept, pc.and_(older, pc.is_valid(of("observation", "inputs", "bid_prices"))))
    elif table in ("trades", "quotes"):
        kind = rest if table == "quotes" else pc.invert(rest)
        kept = pc.or_(kept, pc.and_(older, pc.and_(kind, pc.is_valid(of("observation", "inputs", "price")))))
    day = pc.cast(pc.divide(pc.add(of("meta", "timestamp_ms"), _KOREA), _DAY), pa.int32())
    made = {"date": pc.cast(day, pa.date32()), "time": of("meta", "timestamp"), "symbol": of("context", "symbol"),
            "market": of("context", "market"), "product": pc.fill_null(of("context", "product"), "stock")}
    if table == "quotes":
        made["feed"] = pc.coalesce(feed, pc.if_else(pc.is_null(of("observation", "inputs", "vwap")), "multi", "price"))
    elif table == "gaps":
        made["feed"] = feed
    part = "state" if table == "gaps" else "inputs"
    made.update({name: of("observation", part, name) for name in TABLES[table]})
    made.update({name: of("meta", name) for name in (("latency_ms",) if table == "quotes" else ()) + _TAIL})
    return pa.table(made).filter(pc.fill_null(kept, False))


def batches(paths, table="trades"):
    """The rows of a table, a PyArrow table for each block of 32 MiB that is read."""
    import pyarrow as pa
    import pyarrow.json as json

    # A line is 16 MiB at most and lies in two blocks at most.
    block = json.ReadOptions(block_size=32 << 20)
    parse = json.ParseOptions(explicit_schema=arrow_schema(table), unexpected_field_behavior="ignore")
    for path in _paths(paths):
        with pa.input_stream(path, compression="detect") as stream:
            try:
                reader = json.open_json(stream, read_options=block, parse_options=parse)
            except pa.ArrowInvalid as error:
                if "Empty JSON" in str(error):
                    continue
                raise
            for batch in reader:
                yield _flat(batch, table)


def read(paths, table="trades"):
    """The rows of a table as one PyArrow table."""
    import pyarrow as pa

    nothing = pa.RecordBatch.from_pylist([], schema=arrow_schema(table))
    return pa.concat_tables([_flat(nothing, table), *batches(paths, table)])
