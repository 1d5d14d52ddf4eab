import Configuration
import Glibc
import Plumbing

/// How the report is written.
enum AuditFormat: String, CaseIterable {
  /// One JSON object a line.
  case ndjson
  /// Columns for a terminal.
  case table
  /// A page.
  case html
}

/// What a page is written in.
enum PageLanguage: String, CaseIterable {
  case korean = "ko"
  case english = "en"
}

/// What the command line asks for.
struct SnapAuditOptions {
  /// Operands: files and folders; empty reads standard input.
  let paths: [String]
  /// `--format`, else by what standard output is.
  let format: AuditFormat
  /// `--date`, days since 1970-01-01; nil: all days.
  let day: Int?
  /// `--calendar`: the page is that of the year.
  let isCalendar: Bool
  /// `--lang`, else the language of the environment.
  let language: PageLanguage
  /// `--pages`: the folder of the pages that the calendar links to.
  let pages: String?
  /// `--names`: a watchlist that names symbols.
  let names: String?
  /// `--lines`: the JSON lines go to this file too.
  let lines: String?
  /// `--strict`.
  let isStrict: Bool
  /// `--jobs`, else as many as there are cores.
  let jobs: Int
  /// `--max-line`, bytes.
  let maxLine: Int

  /// - Throws: 64 where an option needs a page and none is asked for.
  init(_ arguments: Arguments) throws(ToolFailure) {
    paths = arguments.operands
    isCalendar = arguments[Self.calendar]
    language = arguments[Self.languageOption] ?? Self.language(of: arguments.environment)
    pages = arguments[Self.pagesOption]
    names = arguments[Self.namesOption]
    lines = arguments[Self.linesOption]
    format = arguments[Self.formatOption] ?? (isatty(1) == 1 ? .table : .ndjson)
    day = arguments[Self.dateOption]
    isStrict = arguments[Self.strict]
    jobs = arguments[Self.jobsOption] ?? min(Self.maxJobs, System.availableCores)
    maxLine = arguments[Self.maxLineOption]
    if isCalendar && (format != .html || day != nil) {
      throw ToolFailure(.usage, "--calendar is a page of all days: give --format html, and no --date")
    }
  }

  /// As programs find their language: the first of these that is set.
  private static func language(of environment: Environment) -> PageLanguage {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return locale?.hasPrefix("ko") == true ? .korean : .english
  }

  /// More readers than this wait for the disk, or for the one that reads it.
  private static let maxJobs = 16
}

extension SnapAuditOptions {
  private static let formatOption = Option<AuditFormat?>.choice(
    "format", "JSON lines, columns (as on a terminal), or a page",
    detail:
      "The page is of one day: --date, else the last one. It needs nothing from elsewhere, and no script.")
  private static let dateOption = Option<Int?>.form(
    "date", "YYYY-MM-DD", "a date such as 2026-11-26", "only this day", detail: "In Korean time.",
    read: KST.day(ofDate:))
  private static let calendar = Option.flag(
    "calendar", "with --format html: a square for each day of the last year")
  private static let pagesOption = Option.text(
    "pages", "FOLDER", as: .folder, "link the calendar's days to DATE.html where FOLDER has it",
    detail: "The calendar is to stand beside them.")
  private static let languageOption = Option<PageLanguage?>.choice(
    "lang", "language of the page", detail: "Else that of LC_ALL, LC_MESSAGES or LANG.")
  private static let namesOption = Option.text(
    "names", "FILE", as: .file, "a watchlist whose lines name symbols, for the page",
    detail: "Names that stand in the archive come first.")
  private static let linesOption = Option.text(
    "lines", "FILE", as: .file, "write the JSON lines to FILE as well")
  private static let strict = Option.flag("strict", "end with 1 when a day is neither available nor closed")
  private static let jobsOption = Option<Int?>.integer(
    "jobs", "N", in: 1...maxJobs, "readers at work (one for each core)",
    detail: "The report is the same, whatever the number.")
  private static let maxLineOption = Option.maxLine("longest line")

  /// What the program says of itself.
  static let manual = Manual(
    SnapAudit.name, "says of every day what is missing in an archive",
    usage: ["[OPTION]... [FILE|FOLDER|-]... [<records]"],
    about: """
      The exchange sends running totals with each trade (shares, value, trades). Where they rise by more than \
      the trade, trades in between are missing, and snap-audit says how many and how many shares. It writes a \
      line for each feed of each symbol and day ("audit":"subject"), then one for each day ("audit":"day") \
      with its condition: available (every symbol has 99.9 % of its shares and no gap of five minutes), \
      degraded ("reasons" says why: a loss, a gap, or an end long before that of trading), missing (the market \
      traded, nothing is here), pending (not over) or closed.
      """,
    operands: .file,
    groups: [
      Manual.OptionGroup(
        "",
        [
          formatOption, dateOption, calendar, pagesOption, languageOption, namesOption, linesOption, strict,
          jobsOption,
          maxLineOption, Settings.configOption,
          Log.levelOption, Log.formatOption,
        ])
    ],
    sections: [
      Manual.Section(
        "FILES",
        [
          "Lines are PatternRecords or plain snapshots. A folder stands for its *.jsonl, *.jsonl.zst and *.jsonl.gz"
            + " files in the order of their names. FILE.zst and FILE.gz are read through zstd(1) and gzip(1). Lines"
            + " that snap-audit wrote of days are taken for these days, so that a year need not be read again. Lines of"
            + " a filter's rejects file are counted.",
          "Trading days are those of holidays.jsonl, which stands beside the configuration.",
        ]),
      Manual.Section(
        "WHAT IS COUNTED",
        [
          "verified: the totals rose by this trade and nothing else. missed: by more, and how much more. duplicates:"
            + " sent again. reversals: taken back, or counted anew. late: after a later one, or late into the archive."
            + " unverifiable: no totals, or they contradict the trade. before_start: traded before the first record, which is not missing. What is missing is claimed"
            + " once 100 neighbours inside one frame have kept the totals, 99 % of them; until then it is suspected."
        ]),
    ],
    statuses: [
      (.done, "all read"), (.unhealthy, "a day is not available, with --strict"), (.usage, "usage"),
      (.badData, "a line is no record, or a compressed file is corrupt"),
      (.cannotCreate, "FILE of --lines cannot be made"),
      (.ioError, "a file cannot be read, its program is not installed, or output failed"),
      (.configuration, "configuration"),
    ],
    otherStatus: "whatever could be read is reported first",
    example: ("", "snap-audit --format table config/observer"))
}
