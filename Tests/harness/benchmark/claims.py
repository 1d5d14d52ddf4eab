"""What the documents claim of speed, held against the rows of one run: one table, a line for each claim."""

FILTERS = ("snap-validate", "snap-validate --plain", "snap-guard", "snap-enrich", "jsonl-sink --quiet")
STAGES = ("snap-validate", "snap-guard", "snap-enrich", "jsonl-sink")


def short(name):
    """A tool's name without what they all begin with, and without what was measured of it."""
    return name.removeprefix("snap-").removeprefix("jsonl-").removesuffix(" start").removesuffix(" memory")


def lowest_ratio(names, base, kinds):
    """The lowest ratio of the speeds of `names` to that of `base`, and where it is."""
    def find(rows):
        speeds = {(row["name"], row["corpus"]): row["mb_per_s"] for row in rows if "mb_per_s" in row}
        ratios = [(speeds[name, kind] / speeds[base, kind], "%s, %s" % (short(name), kind))
                  for name in names for kind in kinds if (name, kind) in speeds and (base, kind) in speeds]
        return min(ratios, default=None)
    return find


def highest(key, *names):
    """The highest value of `key` in the rows of these names, and whose it is."""
    def find(rows):
        return max(((row[key], short(row["name"]) if len(names) > 1 else "")
                    for row in rows if row["name"] in names and key in row), default=None)
    return find


def growth(rows):
    """How much more memory a large file takes than a small one."""
    return max(((row["large_kb"] / row["small_kb"], short(row["name"])) for row in rows if row.get("small_kb")), default=None)


# Bounds that held in quiet runs on an Intel Xeon and, before the scanner read in blocks, on an AMD EPYC of up to twice its speed
# (Tests/README.md, Speed); 20,000 ticks a second on the second alone.
# (claim, ≥ where it is the least or ≤ where it is the most, the bound, what was measured)
AT_LEAST, AT_MOST = "≥", "≤"
BOTH = ("small", "raw")
CLAIMS = (
    ("snap-validate × simdjson", AT_LEAST, 2, lowest_ratio(["snap-validate"], "simdjson parse_many", BOTH)),
    ("filters and sink × simdjson", AT_LEAST, 1.4, lowest_ratio(FILTERS, "simdjson parse_many", BOTH)),
    ("the same, values 300 deep", AT_LEAST, 1.0, lowest_ratio(FILTERS, "simdjson parse_many", ["deep"])),
    ("the same, Korean text", AT_LEAST, 1.0, lowest_ratio(FILTERS, "simdjson parse_many", ["non-ascii"])),
    ("the same, strings of 1 to 60 KB", AT_LEAST, 1.0, lowest_ratio(FILTERS, "simdjson parse_many", ["long"])),
    ("snap-validate × jq", AT_LEAST, 100, lowest_ratio(["snap-validate"], "jq select", BOTH)),
    ("snap-validate × DuckDB on all cores", AT_LEAST, 2, lowest_ratio(["snap-validate"], "duckdb, all cores", BOTH)),
    ("snap-validate × Polars on all cores", AT_LEAST, 3.5, lowest_ratio(["snap-validate"], "polars, all cores", BOTH)),
    ("snap-guard --rules market × snap-guard", AT_LEAST, 0.45,
     lowest_ratio(["snap-guard --rules market"], "snap-guard", BOTH)),
    ("snap-audit × DuckDB, a core each", AT_LEAST, 12,
     lowest_ratio(["snap-audit, 1 core"], "duckdb, 1 thread", ["trades"])),
    ("four stages × four cats, small", AT_LEAST, 0.25,
     lowest_ratio(["validate | guard | enrich | sink"], "cat | cat | cat | cat >file", ["small"])),
    ("four stages × four cats, raw", AT_LEAST, 0.38,
     lowest_ratio(["validate | guard | enrich | sink"], "cat | cat | cat | cat >file", ["raw"])),
    ("the same × cats, as many bytes, small", AT_LEAST, 0.5,
     lowest_ratio(["validate | guard | enrich | sink"], "cats with the same bytes", ["small"])),
    ("the same × cats, as many bytes, raw", AT_LEAST, 0.38,
     lowest_ratio(["validate | guard | enrich | sink"], "cats with the same bytes", ["raw"])),
    ("idle line, p50 × four idle cats", AT_MOST, 1.6, highest("of_cats", "four idle stages, line in to archived")),
    ("line through four idle stages, p50 us", AT_MOST, 260,
     highest("p50_us", "four idle stages, line in to archived")),
    ("the same, p99 us", AT_MOST, 550, highest("p99_us", "four idle stages, line in to archived")),
    ("a tick to the archive, p50 us", AT_MOST, 350, highest("p50_us", "tick on the socket to line in the archive")),
    ("the same, p99 us", AT_MOST, 1000, highest("p99_us", "tick on the socket to line in the archive")),
    ("the same at 20,000 a second, p99 us", AT_MOST, 3000, highest("p99_us", "the same, 20,000 a second")),
    ("a filter's first line, ms", AT_MOST, 3.5, highest("first_line_ms", *(name + " start" for name in STAGES))),
    ("memory, file 1,000 times as large, ×", AT_MOST, 1.2, growth),
)


def table(rows):
    """The claims as text that fits a screen: what is claimed, what was measured now and where, whether that holds."""
    out = ["%-38s %7s %8s  %-6s %s" % ("claim", "bound", "now", "holds", "measured on")]
    for text, sense, bound, measured in CLAIMS:
        value, place = measured(rows) or (None, "not measured")
        holds = "-" if value is None else "yes" if (value >= bound if sense == AT_LEAST else value <= bound) else "NO"
        now = "-" if value is None else "%.4g" % value
        out.append(("%-38s %7s %8s  %-6s %s" % (text, "%s %g" % (sense, bound), now, holds, place)).rstrip())
    return "\n".join(out)
