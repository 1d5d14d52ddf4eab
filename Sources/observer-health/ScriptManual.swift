import Configuration
import Plumbing

/// The scripts' own manuals. Their `--help` and the table of their options stand in `scripts/observer-help`, which
/// `observer-health manual scripts` prints; their pages come from here too.
enum ScriptManual {
  private static let directory = Settings.directoryOption
  private static let watchlist = Option.text(
    "watchlist", "FILE|-", as: .file, "symbols to watch (config/watchlist.jsonl)")
  private static let rotate = Option.text(
    "rotate", "LENGTH", "a file per window: 60s, 1h, 1d",
    detail: "Without it rotation.enabled and rotation.window_ms of the configuration decide.")
  private static let unwrap = Option.flag(
    "unwrap", "of replay: lines are PatternRecords, take their snapshot")
  private static let follow = Option.flag("follow", "of logs, or -f: show what is added")

  /// `observer`.
  static let observer = Manual(
    "observer", "the assembled pipeline from the exchange to the archive",
    usage: ["COMMAND [OPTION]... [STAGE|FILE]..."],
    about:
      "Runs kis-fetch, snap-validate, snap-guard, snap-enrich and jsonl-sink as one, and looks after them.",
    commands: [
      Manual.Command(
        "run", "watch and archive in the foreground, until stopped",
        detail:
          "Until Ctrl-C, SIGTERM, --duration, --count or --until. All received is archived before it ends.",
        options: [directory, watchlist, rotate], passesTo: "kis-fetch"),
      Manual.Command(
        "start", "the same in the background, started again when it dies", detail: "After 1 s to 60 s.",
        options: [directory, watchlist, rotate], passesTo: "kis-fetch"),
      Manual.Command(
        "restart", "stop and start, with the same options if none are given",
        detail:
          "Like stop it takes a pipeline of run as well, unless a service manager or a container keeps it.",
        options: [directory, watchlist, rotate], passesTo: "kis-fetch"),
      Manual.Command("stop", "drain and end it", options: [directory]),
      Manual.Command("status", "whether it runs, and every link", options: [directory]),
      Manual.Command("logs", "the stages' logs, or one's", options: [directory, follow]),
      Manual.Command(
        "doctor", "the first broken link and its remedy", detail: "This is observer-health check.",
        options: [directory], passesTo: "observer-health"),
      Manual.Command(
        "replay", "saved snapshots through the stages, into another archive",
        detail:
          "config/observer-replay unless --dir says otherwise. A folder stands for its *.jsonl, .zst and .gz"
          + " files. A corrupt compressed file is named, what is left of it and all others are replayed, and the"
          + " status is 65.",
        options: [directory, unwrap], operands: .file),
      Manual.Command(
        "prune", "retention and compression of finished files", detail: "See observer-prune(1).",
        options: prune.groups.flatMap(\.specs)),
      Manual.Command(
        "export", "typed Parquet of archives", detail: "See observer-export(1).",
        options: export.groups.flatMap(\.specs), operands: .file),
      Manual.Command(
        "report", "the page of a day from the archive, or of the year", detail: "See observer-report(1).",
        options: report.groups.flatMap(\.specs)),
      Manual.Command(
        "symbols", "watchlist lines from the exchange's symbol masters", detail: "See observer-symbols(1).",
        options: symbols.groups.flatMap(\.specs)),
    ],
    groups: [Manual.OptionGroup("", [directory, watchlist, rotate, unwrap, follow])],
    sections: [
      Manual.Section(
        "OPTIONS OF THE STAGES",
        [
          "run, start and restart hand every other option to kis-fetch: --feed trades --feed book --duration 60."
            + " An option that the command does not take ends it with 64 and changes nothing."
        ]),
      Manual.Section(
        "VARIABLES",
        [
          "OBSERVER_LOG_DIR: a log file per stage; else standard error, under start <archive>/.run/log."
            + " OBSERVER_BIN_DIR: where the executables are. OBSERVER_STARTED_BY: what keeps the pipeline ('service"
            + " NAME', container, foreground), on which doctor's advice depends. OBSERVER_SESSION_ID and OBSERVER_MODE:"
            + " what records are stamped with."
        ]),
    ],
    statuses: [
      (.done, "done"), (.unhealthy, "a link is broken"), (.usage, "usage"),
      (.unavailable, "KIS out of reach"), (.cannotCreate, "archive cannot be opened"),
      (.ioError, "I/O error"),
      (.tryLater, "archive or app key in use"), (.refused, "credentials"), (.configuration, "configuration"),
    ],
    otherStatus: "a pipeline ends with the status of the first stage that failed",
    example: ("", "observer start --feed trades --feed book --until 20:05\nobserver doctor"))

  /// `observer prune`.
  static let prune = Manual(
    "observer-prune", "removes and compresses finished files of an archive",
    usage: ["[RULE]... [--compress] [--yes]"],
    about: """
      Says what it would do with the finished files NAME_YYYYMMDD_HHMM[SS].jsonl[.zst]; does it with --yes. \
      Never touched: the newest window, locked files, links, NAME.jsonl, recovered files and rejects.
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          Option.text(
            "older-than", "AGE", "remove windows older than 30d, 12h, 90m",
            detail: "Both the window and the last change of its file."),
          Option.text("keep", "N", "keep the newest N windows, remove older ones"),
          Option.text("min-free", "SIZE", "remove the oldest until SIZE (10G, 500M) is free"),
          Option.flag(
            "compress", "make each one that is left NAME_....jsonl.zst",
            detail:
              "The original is removed after its replacement is on the disk and reads back the same, byte for byte."
              + " Lines that came late into a compressed window are added to it, each as often as it came."
          ),
          Option.flag("yes", "act; without it nothing is changed"),
          directory, ConfigKey.baseName,
        ])
    ],
    sections: [
      Manual.Section(
        "NOTES",
        [
          "It can be killed at any point, or the power cut: nothing is lost, and the next run goes on.",
          "An archive that is one NAME.jsonl has no finished files: give jsonl-sink or observer start --rotate 1d. To"
            + " finish the present file: observer stop; mv NAME.jsonl NAME_20260730_0000.jsonl (its last"
            + " day).",
        ])
    ],
    statuses: [
      (.done, "done"), (.unhealthy, "--min-free was not reached"), (.usage, "usage"),
      (.cannotCreate, "no such folder"),
      (.ioError, "a file could not be removed or compressed: it is as it was"),
      (.tryLater, "another prune is running"), (.configuration, "zstd or flock is not installed"),
    ],
    example: (
      "for cron, after the close",
      "5 16 * * 1-5  observer prune --older-than 90d --compress --yes"
    ), invocation: "observer prune")

  /// `observer symbols`.
  static let symbols = Manual(
    "observer-symbols", "prints watchlist lines from the exchange's symbol masters",
    usage: ["--market NAME[,NAME]... [--from FILE]... [OPTION]..."],
    about: """
      Prints a watchlist line for each symbol of the public master files, which need no key:
      {"symbol":"005930","product":"stock","name":"...","market":"KRX"}
      Markets: kospi kosdaq konex; index; index-derivatives stock-derivatives (futures, options); nas nys ams \
      hks tse shs szs hnx hsx (overseas).
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          OptionSpec(
            "market",
            .list([
              "kospi", "kosdaq", "konex", "index", "index-derivatives", "stock-derivatives", "nas", "nys",
              "ams",
              "hks", "tse", "shs", "szs", "hnx", "hsx",
            ]), word: "NAME", isRepeatable: true, "markets, separated by commas"),
          OptionSpec(
            "from", .file, word: "FILE", isRepeatable: true, "a master at hand, or - for standard input",
            detail:
              "Zip or plain, CP949 or UTF-8. Its name says which it is (kospi_code.mst, NASMST.COD.zip), or"
              + " else one --market does."),
          OptionSpec(
            "group", .list(["ST", "EF", "EN", "EW", "RT"]), word: "CODE", isRepeatable: true,
            "only these groups: ST share, EF ETF, EN ETN, EW ELW",
            detail:
              "RT is a REIT; of overseas ones 2 is a share, 3 an ETF, 4 a warrant; of derivatives and indices"
              + " it is the first column of the file. Codes are separated by commas."),
          OptionSpec("match", .text, word: "REGEX", "only symbols or names that match (grep -E)"),
          OptionSpec(
            "feeds", .list(["trades", "book", "price", "multi"]), word: "NAME", isRepeatable: true,
            "puts \"feeds\":[\"NAME\"] into each line"),
          OptionSpec(
            "changes", .file, word: "OLD", "what changed since OLD, earlier output",
            detail:
              "For the same markets: lines with \"change\":\"listed\", \"delisted\" (with \"op\":\"remove\")"
              + " or \"renamed\" (with \"was\")."),
          OptionSpec(
            "url", .text, word: "SERVER", variable: "KIS_MASTER_URL", "another server",
            detail: "https, or http on this machine; asked for /common/master/NAME.zip."),
        ])
    ],
    sections: [
      Manual.Section(
        "NOTES",
        [
          "Each symbol comes once. Left out, for no channel serves them: funds with long codes, spreads, overseas"
            + " indices. The calendar takes from product etf, etn and elw that KRX does not trade them after 16:00.",
          "All or nothing: where one file cannot be fetched or does not fit, no line is printed.",
        ])
    ],
    statuses: [
      (.done, "done"), (.unhealthy, "nothing matches"), (.usage, "usage"),
      (.badData, "a file has a line that does not fit (FILE:LINE says why)"),
      (.unavailable, "a file cannot be fetched"), (.ioError, "reading or writing failed"),
      (.configuration, "curl, funzip or iconv is not installed"),
    ],
    example: (
      "",
      "observer symbols --market kospi,kosdaq --group ST >new.jsonl &&\n  mv new.jsonl config/watchlist.jsonl"
    ), invocation: "observer symbols")

  /// `observer export`.
  static let export = Manual(
    "observer-export", "makes typed Parquet of archives",
    usage: ["--to DIR [OPTION]... [FILE|FOLDER|-]..."],
    about: """
      Writes DIR/TABLE/date=YYYY-MM-DD/part-0.parquet: tables trades, book, quotes, gaps, expected, status, \
      members, program, nav; sorted by symbol and time, zstd. Give all files of a day: its tables are replaced, \
      other days stay. DuckDB does the work (pip install duckdb, or the duckdb command).
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          Option.text("to", "DIR", as: .folder, "where the tables go; it is made when missing"),
          Option.text("date", "DATE", "only this day (KST), 2026-11-26"),
          Option.text(
            "memory", "SIZE", "what DuckDB may use: 2G, 500M (1G)",
            detail: "What does not fit goes to a hidden folder in DIR, which is removed at the end."),
          directory,
        ])
    ],
    sections: [
      Manual.Section(
        "NOTES",
        [
          "Without FILE it takes the archive's folder. A folder stands for its *.jsonl, .zst and .gz files; - is"
            + " standard input. The archive stays the truth and is only read.",
          "Lines, and sums of prices and sizes, are counted in the archive by another way of reading and compared with"
            + " each table before it takes the place of an older one: what differs is not published, and the status is"
            + " 65. A table of a day is there whole or not at all, whenever the export is killed.",
          "OBSERVER_PYTHON: the Python that has DuckDB (python3). LANG ko_KR.UTF-8: the messages are Korean.",
        ])
    ],
    statuses: [
      (.done, "done"), (.usage, "usage"),
      (
        .badData,
        "a line or file cannot be read, or a table is not what the archive holds: it was not published"
      ),
      (.cannotCreate, "DIR cannot be made"), (.ioError, "reading or writing failed"),
      (.tryLater, "another export to DIR is running, or a file is being compressed"),
      (.configuration, "DuckDB is not installed"),
    ],
    example: (
      "the days of an archive, then a query",
      "observer export --to parquet config/observer\nduckdb -c \"from 'parquet/trades/*/*.parquet' limit 5\""
    ), invocation: "observer export")

  /// `observer report`.
  static let report = Manual(
    "observer-report", "makes the page of a day from the archive, or of the year",
    usage: ["[DATE|today|yesterday] [OPTION]...", "--calendar [OPTION]..."],
    about: """
      Writes <archive>/reports/DATE.html and prints its path: the day's condition, each symbol's minutes, price \
      and volume, shares archived of shares reported, losses and gaps, time to capture, rejects. DATE is \
      2026-11-25; without it the page is yesterday's. Compressed files are read too. The page needs nothing \
      from elsewhere: mail it, publish it. DATE.ndjson beside it holds the numbers (snap-audit's lines).
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          Option.flag(
            "calendar", "the year, a square a day: reports/calendar.html",
            detail: "Days that have a report which is newer than their files are not read again."),
          Option.flag("open", "show it (xdg-open)"),
          OptionSpec(
            "lang", .choice(["ko", "en"]), word: "WORD", "language of the page: ko, en",
            detail: "Else that of LC_ALL, LC_MESSAGES or LANG."),
          OptionSpec(
            "names", .file, word: "FILE", "a watchlist that names symbols (the one in force)"),
          directory,
        ])
    ],
    sections: [
      Manual.Section(
        "NOTES",
        [
          "Only files whose window is of the day are read, and those without a date in their names."
            + " It reads the archive and writes reports/ only; nothing is locked, a sink may be at work."
        ])
    ],
    statuses: [
      (.done, "the page is there, whatever it says"), (.usage, "usage"),
      (.badData, "it is there, but a line or a compressed file is bad (named on standard error)"),
      (.cannotCreate, "no archive, or reports/ cannot be written"), (.ioError, "reading or writing failed"),
      (.configuration, "configuration"),
    ],
    example: ("for cron, after the close", "10 20 * * 1-5  observer report today >/dev/null"),
    invocation: "observer report")

  /// All of them.
  static let all = [observer, prune, export, report, symbols]

  /// `scripts/observer-help`: a function with the help of each, and the options that each takes.
  static var scripts: String {
    var text = """
      #!/usr/bin/env bash
      # Help and options of the scripts, made by: observer-health manual scripts. It is read by them, not run.
      # shellcheck disable=SC2034 # they are used there

      """
    for manual in all {
      text += "\nhelp_\(manual.name.shellName)() {\n  cat <<'HELP'\n\(manual.help)HELP\n}\n"
      text += table(manual.name, manual.specs)
      guard manual.name == observer.name else { continue }
      for command in manual.commands where !all.contains(where: { $0.name == "observer-\(command.name)" }) {
        text += table("observer-\(command.name)", manual.specs(of: command))
      }
    }
    return text
  }

  /// `options_NAME=' dir= yes '`: what the command takes, with = behind what needs a value.
  private static func table(_ name: String, _ specs: [OptionSpec]) -> String {
    let names = specs.map { $0.kind == nil || $0.isValueOptional ? $0.name : $0.name + "=" }
    return "options_\(name.shellName)=' \(names.joined(separator: " ")) '\n"
  }
}
