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

  static let specs: [OptionSpec] = [
    .flag("dedupe"), .value("order"), .value("format"), .value("details"), .value("max-ids"),
    .value("max-line"),
  ]

  init(_ arguments: Arguments) throws(ToolFailure) {
    paths = arguments.operands
    dedupes = arguments.flag("dedupe")
    order = try arguments.choice("order", default: .all)
    format = try arguments.choice("format", default: isatty(dedupes ? 2 : 1) == 1 ? .table : .json)
    details = try arguments.integer("details", in: 0...1_000_000_000, default: 100)
    maxIDs = try arguments.integer("max-ids", in: 0...(1 << 33), default: 1 << 27)
    maxLine = try arguments.integer("max-line", in: 64...(1 << 30), default: 16 << 20)
    if dedupes && maxIDs == 0 {
      throw ToolFailure(.usage, "--dedupe needs to remember run_ids: leave --max-ids above 0")
    }
  }
}
