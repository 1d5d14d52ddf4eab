-- DuckDB: tables of an archive. Made by `make schema` from the feed table; `duckdb -init config/schema/duckdb.sql`.
-- observer_trades, observer_book, observer_quotes, observer_gaps, observer_expected, observer_status, observer_members, observer_program, observer_nav
-- take a file, a glob or a list of them, compressed or not (.zst, .gz); observer_records gives whole lines, with the
-- exchange's own fields in a map. observer_traded has the trades once each, whatever the exchange sent again, and `place`,
-- the row in the files; observer_bars(path, '1 minute') bars of them. Trades that the exchange took back are in both:
-- snap-audit takes them out. date is the day in Korea, of a bar that of its begin, time the moment of capture;
-- `SET TimeZone = 'Asia/Seoul'` shows times as they are in Korea. '*.json*[lt]' are the windows in use, .jsonl, and the
-- closed ones, .jsonl.zst.

CREATE OR REPLACE MACRO observer_lines(path) AS TABLE
WITH line AS (
  SELECT snapshot.meta AS m, snapshot.context AS c, snapshot.observation.inputs AS i, snapshot.observation.state AS s
  FROM read_json(path, format = 'newline_delimited', maximum_object_size = 33554432,
    columns = {snapshot: 'STRUCT("meta" STRUCT("timestamp" TIMESTAMPTZ, "timestamp_ms" BIGINT, "session_id" VARCHAR, "run_id" VARCHAR, "mode" VARCHAR, "observer_version" VARCHAR, "iteration_id" BIGINT, "loop_interval_ms" DOUBLE, "latency_ms" DOUBLE, "tick_source" VARCHAR), "context" STRUCT("source" VARCHAR, "stage" VARCHAR, "symbol" VARCHAR, "market" VARCHAR, "product" VARCHAR, "feed" VARCHAR), "observation" STRUCT("inputs" STRUCT("price" DOUBLE, "volume" BIGINT, "open" DOUBLE, "high" DOUBLE, "low" DOUBLE, "change" DOUBLE, "change_rate" DOUBLE, "value" DOUBLE, "base_price" DOUBLE, "upper_limit" DOUBLE, "lower_limit" DOUBLE, "vwap" DOUBLE, "prev_close" DOUBLE, "halted" BOOLEAN, "session" VARCHAR, "bid_price" DOUBLE, "ask_price" DOUBLE, "bid_size" BIGINT, "ask_size" BIGINT, "total_bid_size" BIGINT, "total_ask_size" BIGINT, "name" VARCHAR, "trade_size" BIGINT, "trade_time" TIMESTAMPTZ, "side" VARCHAR, "strength" DOUBLE, "vi_price" DOUBLE, "mid_price" DOUBLE, "bid_prices" DOUBLE[], "ask_prices" DOUBLE[], "bid_sizes" BIGINT[], "ask_sizes" BIGINT[], "midpoint_size" BIGINT, "expected_price" DOUBLE, "expected_size" BIGINT, "expected_volume" BIGINT, "expected_change" DOUBLE, "expected_change_rate" DOUBLE, "quote_time" TIMESTAMPTZ, "expected_value" BIGINT, "halt_reason" VARCHAR, "phase_code" VARCHAR, "expected_phase_code" VARCHAR, "status_code" VARCHAR, "vi" BOOLEAN, "after_hours_vi" BOOLEAN, "sellers" VARCHAR[], "buyers" VARCHAR[], "seller_sizes" BIGINT[], "buyer_sizes" BIGINT[], "foreign_sell_size" BIGINT, "foreign_buy_size" BIGINT, "foreign_net_size" BIGINT, "program_sell_size" BIGINT, "program_sell_value" BIGINT, "program_buy_size" BIGINT, "program_buy_value" BIGINT, "program_net_size" BIGINT, "program_net_value" BIGINT, "program_ask_size" BIGINT, "program_bid_size" BIGINT, "nav" DOUBLE, "nav_open" DOUBLE, "nav_high" DOUBLE, "nav_low" DOUBLE, "nav_prev_close" DOUBLE, "nav_change" DOUBLE, "nav_change_rate" DOUBLE, "delta" DOUBLE, "gamma" DOUBLE, "vega" DOUBLE, "theta" DOUBLE, "rho" DOUBLE, "implied_volatility" DOUBLE, "theoretical_price" DOUBLE, "limit_up_count" BIGINT, "advancing_count" BIGINT, "unchanged_count" BIGINT, "declining_count" BIGINT, "limit_down_count" BIGINT, "arbitrage_net_size" BIGINT, "arbitrage_net_value" BIGINT, "open_interest" BIGINT, "basis" DOUBLE, "bid_orders" BIGINT[], "ask_orders" BIGINT[], "yield" DOUBLE, "open_yield" DOUBLE, "high_yield" DOUBLE, "low_yield" DOUBLE, "bid_yields" DOUBLE[], "ask_yields" DOUBLE[], "clean_price_index" DOUBLE, "market_price_index" DOUBLE, "exchange_time" TIMESTAMPTZ), "state" STRUCT("event" VARCHAR, "reason" VARCHAR, "from" TIMESTAMPTZ, "to" TIMESTAMPTZ, "seconds" DOUBLE, "severity" VARCHAR, "gap_id" VARCHAR, "final" BOOLEAN, "detail" VARCHAR, "missed_trades" BIGINT, "missed_volume" BIGINT, "missed_value" DOUBLE, "cause" VARCHAR)))'}))
SELECT
  CASE
    WHEN s.event = 'gap' THEN 'gaps'
    WHEN c.source = 'system' THEN NULL
    WHEN c.feed IN ('price', 'multi') THEN 'quotes'
    WHEN c.feed IN ('trades', 'book', 'expected', 'status', 'members', 'program', 'nav') THEN c.feed
    WHEN c.feed IS NOT NULL THEN NULL
    WHEN i.bid_prices IS NOT NULL THEN 'book'
    WHEN i.price IS NOT NULL THEN CASE WHEN m.tick_source = 'rest' THEN 'quotes' ELSE 'trades' END
  END AS kind,
  CAST(epoch_ms(m.timestamp_ms + 32400000) AS DATE) AS "date",
  m."timestamp" AS "time",
  c.symbol AS "symbol",
  c.market AS "market",
  coalesce(c.product, 'stock') AS "product",
  coalesce(c.feed, CASE WHEN m.tick_source <> 'rest' THEN NULL WHEN i.vwap IS NULL THEN 'multi' ELSE 'price' END) AS "feed",
  i."price" AS "price",
  i."volume" AS "volume",
  i."open" AS "open",
  i."high" AS "high",
  i."low" AS "low",
  i."change" AS "change",
  i."change_rate" AS "change_rate",
  i."value" AS "value",
  i."base_price" AS "base_price",
  i."upper_limit" AS "upper_limit",
  i."lower_limit" AS "lower_limit",
  i."vwap" AS "vwap",
  i."prev_close" AS "prev_close",
  i."halted" AS "halted",
  i."session" AS "session",
  i."bid_price" AS "bid_price",
  i."ask_price" AS "ask_price",
  i."bid_size" AS "bid_size",
  i."ask_size" AS "ask_size",
  i."total_bid_size" AS "total_bid_size",
  i."total_ask_size" AS "total_ask_size",
  i."name" AS "name",
  i."trade_size" AS "trade_size",
  i."trade_time" AS "trade_time",
  i."side" AS "side",
  i."strength" AS "strength",
  i."vi_price" AS "vi_price",
  i."mid_price" AS "mid_price",
  i."bid_prices" AS "bid_prices",
  i."ask_prices" AS "ask_prices",
  i."bid_sizes" AS "bid_sizes",
  i."ask_sizes" AS "ask_sizes",
  i."midpoint_size" AS "midpoint_size",
  i."expected_price" AS "expected_price",
  i."expected_size" AS "expected_size",
  i."expected_volume" AS "expected_volume",
  i."expected_change" AS "expected_change",
  i."expected_change_rate" AS "expected_change_rate",
  i."quote_time" AS "quote_time",
  i."expected_value" AS "expected_value",
  i."halt_reason" AS "halt_reason",
  i."phase_code" AS "phase_code",
  i."expected_phase_code" AS "expected_phase_code",
  i."status_code" AS "status_code",
  i."vi" AS "vi",
  i."after_hours_vi" AS "after_hours_vi",
  i."sellers" AS "sellers",
  i."buyers" AS "buyers",
  i."seller_sizes" AS "seller_sizes",
  i."buyer_sizes" AS "buyer_sizes",
  i."foreign_sell_size" AS "foreign_sell_size",
  i."foreign_buy_size" AS "foreign_buy_size",
  i."foreign_net_size" AS "foreign_net_size",
  i."program_sell_size" AS "program_sell_size",
  i."program_sell_value" AS "program_sell_value",
  i."program_buy_size" AS "program_buy_size",
  i."program_buy_value" AS "program_buy_value",
  i."program_net_size" AS "program_net_size",
  i."program_net_value" AS "program_net_value",
  i."program_ask_size" AS "program_ask_size",
  i."program_bid_size" AS "program_bid_size",
  i."nav" AS "nav",
  i."nav_open" AS "nav_open",
  i."nav_high" AS "nav_high",
  i."nav_low" AS "nav_low",
  i."nav_prev_close" AS "nav_prev_close",
  i."nav_change" AS "nav_change",
  i."nav_change_rate" AS "nav_change_rate",
  i."delta" AS "delta",
  i."gamma" AS "gamma",
  i."vega" AS "vega",
  i."theta" AS "theta",
  i."rho" AS "rho",
  i."implied_volatility" AS "implied_volatility",
  i."theoretical_price" AS "theoretical_price",
  i."limit_up_count" AS "limit_up_count",
  i."advancing_count" AS "advancing_count",
  i."unchanged_count" AS "unchanged_count",
  i."declining_count" AS "declining_count",
  i."limit_down_count" AS "limit_down_count",
  i."arbitrage_net_size" AS "arbitrage_net_size",
  i."arbitrage_net_value" AS "arbitrage_net_value",
  i."open_interest" AS "open_interest",
  i."basis" AS "basis",
  i."bid_orders" AS "bid_orders",
  i."ask_orders" AS "ask_orders",
  i."yield" AS "yield",
  i."open_yield" AS "open_yield",
  i."high_yield" AS "high_yield",
  i."low_yield" AS "low_yield",
  i."bid_yields" AS "bid_yields",
  i."ask_yields" AS "ask_yields",
  i."clean_price_index" AS "clean_price_index",
  i."market_price_index" AS "market_price_index",
  i."exchange_time" AS "exchange_time",
  s."reason" AS "reason",
  s."from" AS "from",
  s."to" AS "to",
  s."seconds" AS "seconds",
  s."severity" AS "severity",
  s."gap_id" AS "gap_id",
  s."final" AS "final",
  s."detail" AS "detail",
  s."missed_trades" AS "missed_trades",
  s."missed_volume" AS "missed_volume",
  s."missed_value" AS "missed_value",
  s."cause" AS "cause",
  m.latency_ms AS "latency_ms",
  m.tick_source AS "tick_source",
  m.session_id AS "session_id",
  m.run_id AS "run_id",
  m.mode AS "mode"
FROM line;

CREATE OR REPLACE MACRO observer_trades(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "price", "volume", "open", "high", "low", "prev_close", "change", "change_rate", "value", "bid_price", "ask_price", "bid_size", "ask_size", "trade_size", "trade_time", "side", "vwap", "strength", "total_bid_size", "total_ask_size", "vi_price", "session", "halted", "delta", "gamma", "vega", "theta", "rho", "implied_volatility", "theoretical_price", "limit_up_count", "advancing_count", "unchanged_count", "declining_count", "limit_down_count", "open_interest", "basis", "yield", "open_yield", "high_yield", "low_yield", "name", "clean_price_index", "market_price_index", "exchange_time", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'trades';

CREATE OR REPLACE MACRO observer_book(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "bid_price", "ask_price", "mid_price", "bid_size", "ask_size", "volume", "bid_prices", "ask_prices", "bid_sizes", "ask_sizes", "total_bid_size", "total_ask_size", "midpoint_size", "expected_price", "expected_size", "expected_volume", "expected_change", "expected_change_rate", "quote_time", "session", "bid_orders", "ask_orders", "bid_yields", "ask_yields", "exchange_time", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'book';

CREATE OR REPLACE MACRO observer_quotes(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "feed", "price", "volume", "open", "high", "low", "change", "change_rate", "value", "base_price", "upper_limit", "lower_limit", "vwap", "prev_close", "halted", "session", "bid_price", "ask_price", "bid_size", "ask_size", "total_bid_size", "total_ask_size", "name", "latency_ms", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'quotes';

CREATE OR REPLACE MACRO observer_gaps(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "feed", "reason", "from", "to", "seconds", "severity", "gap_id", "final", "detail", "missed_trades", "missed_volume", "missed_value", "cause", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'gaps';

CREATE OR REPLACE MACRO observer_expected(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "expected_price", "expected_volume", "expected_value", "prev_close", "expected_change", "expected_change_rate", "bid_price", "ask_price", "bid_size", "ask_size", "quote_time", "total_bid_size", "total_ask_size", "vi_price", "session", "halted", "limit_up_count", "advancing_count", "unchanged_count", "declining_count", "limit_down_count", "expected_size", "expected_phase_code", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'expected';

CREATE OR REPLACE MACRO observer_status(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "halted", "halt_reason", "phase_code", "expected_phase_code", "status_code", "vi", "after_hours_vi", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'status';

CREATE OR REPLACE MACRO observer_members(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "sellers", "buyers", "seller_sizes", "buyer_sizes", "foreign_sell_size", "foreign_buy_size", "foreign_net_size", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'members';

CREATE OR REPLACE MACRO observer_program(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "program_sell_size", "program_sell_value", "program_buy_size", "program_buy_value", "program_net_size", "program_net_value", "program_ask_size", "program_bid_size", "quote_time", "arbitrage_net_size", "arbitrage_net_value", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'program';

CREATE OR REPLACE MACRO observer_nav(path) AS TABLE
SELECT "date", "time", "symbol", "market", "product", "nav", "nav_open", "nav_high", "nav_low", "nav_prev_close", "nav_change", "nav_change_rate", "tick_source", "session_id", "run_id", "mode"
FROM observer_lines(path) WHERE kind = 'nav';

CREATE OR REPLACE MACRO observer_records(path) AS TABLE
SELECT *
  FROM read_json(path, format = 'newline_delimited', maximum_object_size = 33554432,
    columns = {snapshot: 'STRUCT("meta" STRUCT("timestamp" TIMESTAMPTZ, "timestamp_ms" BIGINT, "session_id" VARCHAR, "run_id" VARCHAR, "mode" VARCHAR, "observer_version" VARCHAR, "iteration_id" BIGINT, "loop_interval_ms" DOUBLE, "latency_ms" DOUBLE, "tick_source" VARCHAR), "context" STRUCT("source" VARCHAR, "stage" VARCHAR, "symbol" VARCHAR, "market" VARCHAR, "product" VARCHAR, "feed" VARCHAR), "observation" STRUCT("inputs" STRUCT("price" DOUBLE, "volume" BIGINT, "open" DOUBLE, "high" DOUBLE, "low" DOUBLE, "change" DOUBLE, "change_rate" DOUBLE, "value" DOUBLE, "base_price" DOUBLE, "upper_limit" DOUBLE, "lower_limit" DOUBLE, "vwap" DOUBLE, "prev_close" DOUBLE, "halted" BOOLEAN, "session" VARCHAR, "bid_price" DOUBLE, "ask_price" DOUBLE, "bid_size" BIGINT, "ask_size" BIGINT, "total_bid_size" BIGINT, "total_ask_size" BIGINT, "name" VARCHAR, "trade_size" BIGINT, "trade_time" TIMESTAMPTZ, "side" VARCHAR, "strength" DOUBLE, "vi_price" DOUBLE, "mid_price" DOUBLE, "bid_prices" DOUBLE[], "ask_prices" DOUBLE[], "bid_sizes" BIGINT[], "ask_sizes" BIGINT[], "midpoint_size" BIGINT, "expected_price" DOUBLE, "expected_size" BIGINT, "expected_volume" BIGINT, "expected_change" DOUBLE, "expected_change_rate" DOUBLE, "quote_time" TIMESTAMPTZ, "expected_value" BIGINT, "halt_reason" VARCHAR, "phase_code" VARCHAR, "expected_phase_code" VARCHAR, "status_code" VARCHAR, "vi" BOOLEAN, "after_hours_vi" BOOLEAN, "sellers" VARCHAR[], "buyers" VARCHAR[], "seller_sizes" BIGINT[], "buyer_sizes" BIGINT[], "foreign_sell_size" BIGINT, "foreign_buy_size" BIGINT, "foreign_net_size" BIGINT, "program_sell_size" BIGINT, "program_sell_value" BIGINT, "program_buy_size" BIGINT, "program_buy_value" BIGINT, "program_net_size" BIGINT, "program_net_value" BIGINT, "program_ask_size" BIGINT, "program_bid_size" BIGINT, "nav" DOUBLE, "nav_open" DOUBLE, "nav_high" DOUBLE, "nav_low" DOUBLE, "nav_prev_close" DOUBLE, "nav_change" DOUBLE, "nav_change_rate" DOUBLE, "delta" DOUBLE, "gamma" DOUBLE, "vega" DOUBLE, "theta" DOUBLE, "rho" DOUBLE, "implied_volatility" DOUBLE, "theoretical_price" DOUBLE, "limit_up_count" BIGINT, "advancing_count" BIGINT, "unchanged_count" BIGINT, "declining_count" BIGINT, "limit_down_count" BIGINT, "arbitrage_net_size" BIGINT, "arbitrage_net_value" BIGINT, "open_interest" BIGINT, "basis" DOUBLE, "bid_orders" BIGINT[], "ask_orders" BIGINT[], "yield" DOUBLE, "open_yield" DOUBLE, "high_yield" DOUBLE, "low_yield" DOUBLE, "bid_yields" DOUBLE[], "ask_yields" DOUBLE[], "clean_price_index" DOUBLE, "market_price_index" DOUBLE, "exchange_time" TIMESTAMPTZ, "raw" MAP(VARCHAR, VARCHAR)), "computed" JSON, "state" STRUCT("event" VARCHAR, "reason" VARCHAR, "from" TIMESTAMPTZ, "to" TIMESTAMPTZ, "seconds" DOUBLE, "severity" VARCHAR, "gap_id" VARCHAR, "final" BOOLEAN, "detail" VARCHAR, "missed_trades" BIGINT, "missed_volume" BIGINT, "missed_value" DOUBLE, "cause" VARCHAR)))', regime_tags: 'JSON', condition_tags: 'JSON', outcome_labels: 'JSON', metadata: 'STRUCT("schema_version" VARCHAR, "dataset_version" VARCHAR, "build_id" VARCHAR, "generated_at" TIMESTAMPTZ, "session_id" VARCHAR, "mode" VARCHAR, "quality_flags" JSON, "quality" VARCHAR, "validation" JSON, "guard" STRUCT("action" VARCHAR, "reason" VARCHAR), "_schema" JSON, "_quality" STRUCT("flags" VARCHAR[], "stats" JSON), "_interpretation" JSON)'});

CREATE OR REPLACE MACRO observer_traded(path) AS TABLE
SELECT DISTINCT ON (symbol, market, product, coalesce(trade_time, time), volume, value, price, trade_size, side,
    CASE WHEN volume IS NULL THEN run_id END) *
FROM (SELECT *, row_number() OVER () AS place FROM observer_trades(path));

CREATE OR REPLACE MACRO observer_bars(path, width) AS TABLE
SELECT CAST(bar AT TIME ZONE 'Asia/Seoul' AS DATE) AS date, bar, symbol, market, product,
  first(price ORDER BY moment, volume, time, place) AS open, max(price) AS high, min(price) AS low,
  last(price ORDER BY moment, volume, time, place) AS close, CAST(sum(trade_size) AS BIGINT) AS size,
  sum(price * trade_size) AS value, sum(price * trade_size) / nullif(sum(trade_size), 0) AS vwap,
  count(*) AS trades, CAST(coalesce(sum(trade_size) FILTER (side = 'buy'), 0) AS BIGINT) AS buy_size,
  CAST(coalesce(sum(trade_size) FILTER (side = 'sell'), 0) AS BIGINT) AS sell_size
FROM (SELECT *, coalesce(trade_time, time) AS moment, time_bucket(CAST(width AS INTERVAL), moment, 'Asia/Seoul') AS bar
  FROM observer_traded(path)) GROUP BY ALL;
