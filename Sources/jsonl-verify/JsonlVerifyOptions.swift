import Glibc
import Plumbing

/// What "in order" is asked of.
enum OrderRule: String, CaseIterable {
  /// `meta.timestamp_ms` never goes back from one line to the next.
  case all
  /// It never goes back among the lines of one symbol.
  case symbol
  /// Times are not compared.
  case none
}

/// How the report is written.
enum ReportFormat: String, CaseIterable {
  /// One JSON object a line.
  case json
  /// Columns for a terminal.
  case table
}

/// What the command line asks for.
struct JsonlVerifyOptions {
  /// Operands: files and folders; empty reads standard input.
  let paths: [String]
  /// `--dedupe`: each record goes to stdout once, the report to stderr.
  let dedupes: Bool
  /// `--order`.
  let order: OrderRule
  /// `--format`, else by what the report goes to.
  let format: ReportFormat
  /// `--details`: findings of each kind that are listed for a file, the rest is only counted.
  let details: Int
  /// `--max-ids`: run_ids remembered; 0 looks for no duplicates.
  let maxIDs: Int
  /// `--max-line`, bytes.
  let maxLine: Int

  init(_ arguments: Arguments) throws(ToolFailure) {
    paths = arguments.operands
    dedupes = arguments[Self.dedupe]
    order = arguments[Self.orderOption]
    format = arguments[Self.formatOption] ?? (isatty(dedupes ? 2 : 1) == 1 ? .table : .json)
    details = arguments[Self.detailsOption]
    maxIDs = arguments[Self.maxIDsOption]
    maxLine = arguments[Self.maxLineOption]
    if dedupes && maxIDs == 0 {
      throw ToolFailure(.usage, "--dedupe needs to remember run_ids: leave --max-ids above 0")
    }
  }
}

extension JsonlVerifyOptions {
  private static let dedupe = Option.flag(
    "dedupe", "pass every record on, but each run_id only once",
    detail: "Delivery is at least once. Malformed lines are left out; the report goes to standard error.")
  private static let orderOption = Option.choice(
    "order", word: "RULE", default: OrderRule.all, "all, symbol, none: where times may not go back",
    detail:
      "all: from one line to the next; symbol: among the lines of a symbol; none: times are not compared.")
  private static let formatOption = Option<ReportFormat?>.choice(
    "format", "JSON lines, or columns (as a terminal needs)")
  private static let detailsOption = Option.integer(
    "details", "N", in: 0...1_000_000_000, default: 100, "findings of a kind listed for a file",
    detail: "All are counted.")
  private static let maxIDsOption = Option.integer(
    "max-ids", "N", in: 0...(1 << 33), default: 1 << 27, "run_ids to remember, 0 for none",
    detail:
      "They take 16-byte slots, half full on average: 4 GiB at most by default. Those beyond are counted as"
      + " ids_unchecked.")
  private static let maxLineOption = Option.maxLine("longest line")

  /// What the program says of itself.
  static let manual = Manual(
    JsonlVerify.name, "checks archives and reports what is wrong",
    usage: ["[OPTION]... [FILE|FOLDER|-]... [<records]", "--dedupe [FILE|FOLDER|-]... >each-record-once"],
    about: """
      Reads archives and reports, for each file and in all: lines, bytes, malformed lines with file, line and \
      offset, run_ids seen before, times that go back, recorded gaps by reason, a last line without line feed, \
      and files that cannot be read.
      """,
    operands: .file,
    groups: [
      Manual.OptionGroup(
        "",
        [
          dedupe, orderOption, formatOption, detailsOption, maxIDsOption, maxLineOption, Log.levelOption,
          Log.formatOption,
        ])
    ],
    sections: [
      Manual.Section(
        "FILES",
        [
          "Lines are PatternRecords or plain snapshots. A folder stands for its *.jsonl, *.jsonl.zst and *.jsonl.gz"
            + " files in the order of their names. FILE.zst and FILE.gz are read through zstd(1) and gzip(1); bytes,"
            + " lines and offsets count in what these give."
        ])
    ],
    statuses: [
      (.done, "all read, nothing found (gaps are records, not damage)"), (.usage, "usage"),
      (
        .badData,
        "malformed or duplicate lines, times that go back, an unfinished last line, a corrupt compressed file"
      ), (.ioError, "a file cannot be read, its program is not installed, or output failed"),
    ],
    example: ("", "jsonl-verify --format table config/observer"))
}
