import Configuration
import Glibc
import Plumbing

/// How the report is written.
enum AuditFormat: String, CaseIterable {
  /// One JSON object a line.
  case ndjson
  /// Columns for a terminal.
  case table
}

/// What the command line asks for.
struct SnapAuditOptions {
  /// Operands: files and folders; empty reads standard input.
  let paths: [String]
  /// `--format`, else by what standard output is.
  let format: AuditFormat
  /// `--date`, days since 1970-01-01; nil: all days.
  let day: Int?
  /// `--strict`.
  let isStrict: Bool
  /// `--jobs`, else as many as there are cores.
  let jobs: Int
  /// `--max-line`, bytes.
  let maxLine: Int

  init(_ arguments: Arguments) {
    paths = arguments.operands
    format = arguments[Self.formatOption] ?? (isatty(1) == 1 ? .table : .ndjson)
    day = arguments[Self.dateOption]
    isStrict = arguments[Self.strict]
    jobs = arguments[Self.jobsOption] ?? min(Self.maxJobs, System.availableCores)
    maxLine = arguments[Self.maxLineOption]
  }

  /// More readers than this wait for the disk, or for the one that reads it.
  private static let maxJobs = 16

  /// Days since 1970-01-01 of `2026-11-26`.
  private static func day(_ text: String) -> Int? {
    guard let numbers = text.numbers(like: "0000-00-00"),
      KST.isDate(year: numbers[0], month: numbers[1], day: numbers[2])
    else { return nil }
    return KST.days(year: numbers[0], month: numbers[1], day: numbers[2])
  }
}

extension SnapAuditOptions {
  private static let formatOption = Option<AuditFormat?>.choice(
    "format", "JSON lines, or columns (as a terminal needs)")
  private static let dateOption = Option<Int?>.form(
    "date", "YYYY-MM-DD", "a date such as 2026-11-26", "only this day", detail: "In Korean time.",
    read: day)
  private static let strict = Option.flag("strict", "end with 1 when a day is neither available nor closed")
  private static let jobsOption = Option<Int?>.integer(
    "jobs", "N", in: 1...maxJobs, "readers at work (one for each core)",
    detail: "The report is the same, whatever the number.")
  private static let maxLineOption = Option.integer(
    "max-line", "BYTES", in: 64...(1 << 30), default: 16 << 20, "longest line")

  /// What the program says of itself.
  static let manual = Manual(
    SnapAudit.name, "says of every day what is missing in an archive",
    usage: ["[OPTION]... [FILE|FOLDER|-]... [<records]"],
    about: """
      The exchange sends running totals with each trade (shares, value, trades). Where they rise by more than \
      the trade, trades in between are missing, and snap-audit says how many and how many shares. It writes a \
      line for each feed of each symbol and day ("audit":"subject"), then one for each day ("audit":"day") \
      with its condition: available (every symbol has 99.9 % of its shares and no gap of five minutes), \
      degraded ("reasons" says why), missing (the market traded, nothing is here), pending (not over) or closed.
      """,
    operands: .file,
    groups: [
      Manual.OptionGroup(
        "",
        [
          formatOption, dateOption, strict, jobsOption, maxLineOption, Settings.configOption,
          Log.levelOption, Log.formatOption,
        ])
    ],
    sections: [
      Manual.Section(
        "FILES",
        [
          "Lines are PatternRecords or plain snapshots. A folder stands for its *.jsonl, *.jsonl.zst and *.jsonl.gz"
            + " files in the order of their names. FILE.zst and FILE.gz are read through zstd(1) and gzip(1). Lines"
            + " that snap-audit wrote of days are taken for these days, so that a year need not be read again.",
          "Trading days are those of holidays.jsonl, which stands beside the configuration.",
        ]),
      Manual.Section(
        "WHAT IS COUNTED",
        [
          "verified: the totals rose by this trade and nothing else. missed: by more, and how much more. duplicates,"
            + " reversals (trades taken back), late (after a later one). unverifiable: no totals, or they contradict the"
            + " trade. before_start: traded before the first record, which is not missing. What is missing is claimed"
            + " once 100 neighbours inside one frame have kept the totals, 99 % of them; until then it is suspected."
        ]),
    ],
    statuses: [
      (.done, "all read"), (.unhealthy, "a day is not available, with --strict"), (.usage, "usage"),
      (.badData, "a line is no record, or a compressed file is corrupt"),
      (.ioError, "a file cannot be read, its program is not installed, or output failed"),
      (.configuration, "configuration"),
    ],
    otherStatus: "whatever could be read is reported first",
    example: ("", "snap-audit --format table config/observer"))
}
