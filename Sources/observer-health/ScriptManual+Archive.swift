import Configuration
import Plumbing

/// Of an archive: finished files put away, tables and pages made of them.
extension ScriptManual {
  private static let places =
    "PLACE is a folder, REMOTE:PATH of rclone (where rclone has a remote of that name) or HOST:PATH of ssh."

  /// `observer seal`.
  static let seal = Manual(
    "observer-seal", "closes finished files of an archive with their sums",
    usage: ["[--compress] [OPTION]..."],
    about: """
      Reads each finished file NAME_YYYYMMDD_HHMM[SS].jsonl[.zst] once: its sum goes to SHA256SUMS (sha256sum -c \
      checks it), what it holds to manifest.ndjson: lines, bytes, first and last time, feeds, symbols; and, a line a \
      day, what snap-audit says of it. Finished is what no process holds and a later window or midnight (KST) has \
      ended, or --rotate. observer prune removes and compresses only what is sealed.
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          Option.flag(
            "compress", "make sealed files NAME_....jsonl.zst",
            detail:
              "With the level that archive.compress of the configuration says (9), on one core. The seal of the content"
              + " stays, and is held against the result. observer run and start do this by themselves."
          ),
          Option.text(
            "rotate", "LENGTH", "length of a window: over when that has passed",
            detail: "As jsonl-sink has it: 60s, 1h, 1d. Without it the newest window is over at midnight."),
          directory, ConfigKey.baseName,
        ])
    ],
    sections: [
      Manual.Section(
        "NOTES",
        [
          "A sealed file is not read again while its size and last change are those that were sealed. One that has"
            + " changed is named and stays unsealed (65); one into which lines came late is named and sealed again (65,"
            + " once). A file that was compressed, by whomever, is known by its content. Lines that came into a window after"
            + " its file was removed are named (65, once) and are a window of their own, some seconds later by its name: what"
            + " was removed keeps its line and its copy.",
          "It can be killed at any point, or the power cut: manifest and sums are whole, and the next run goes on.",
          "jq -r 'select(.audit==\"day\")|[.date,.condition]|@tsv' manifest.ndjson: what the days are worth."
            + " jq 'select(.symbols|index(\"005930\")?)|.name' manifest.ndjson: which files hold a symbol.",
        ])
    ],
    statuses: [
      (.done, "done"), (.usage, "usage"),
      (.badData, "a file is corrupt, has changed or is gone since it was sealed: it is named"),
      (.cannotCreate, "no such folder"), (.ioError, "a file could not be read or compressed"),
      (.tryLater, "another seal, prune or restore is running"),
      (.configuration, "zstd, flock or snap-audit is not installed"),
    ],
    example: (
      "for cron, after midnight: seal, copy, prune",
      """
      10 0 * * *  observer seal --compress >/dev/null
      20 0 * * *  rclone copy config/observer backup:observer
      50 0 * * *  observer prune --older-than 90d --copied-to backup:observer --yes
      """
    ), invocation: "observer seal")

  /// `observer prune`.
  static let prune = Manual(
    "observer-prune", "removes and compresses sealed files of an archive",
    usage: ["[RULE]... [--copied-to PLACE] [--compress] [--yes]"],
    about: """
      Says what it would do with the finished files NAME_YYYYMMDD_HHMM[SS].jsonl[.zst] that observer seal has \
      sealed; does it with --yes. Never touched: what is not sealed, the newest window, locked files, links, \
      NAME.jsonl, recovered files and rejects. The manifest keeps what was removed.
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
          Option.text(
            "copied-to", "PLACE", as: .folder, "remove only what has a copy with its sum there",
            detail: places + " The copy is read there; what has none stays and is named."),
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
          "It can be killed at any point, or the power cut: nothing is lost, and the next run goes on. On a full disk files go"
            + " one after the other until the manifest can be written, each with an empty NAME.removed beside it until then.",
          "An archive from before observer seal has no seals: run observer seal once, it reads every finished file."
            + " Until then prune leaves the files alone and ends with 1.",
          "An archive that is one NAME.jsonl has no finished files: give jsonl-sink or observer start --rotate 1d. To"
            + " finish the present file: observer stop; mv NAME.jsonl NAME_20260730_0000.jsonl (its last"
            + " day).",
        ])
    ],
    statuses: [
      (.done, "done"),
      (.unhealthy, "something stays that a rule wants gone: not sealed, no copy, --min-free not reached"),
      (.usage, "usage"), (.badData, "a file is not as it was sealed"),
      (.unavailable, "PLACE cannot be asked"), (.cannotCreate, "no such folder"),
      (.ioError, "a file could not be removed or compressed: it is as it was"),
      (.tryLater, "another seal, prune or restore is running"),
      (.configuration, "zstd or flock is not installed"),
    ],
    example: (
      "for cron, after observer seal --compress",
      "50 0 * * *  observer prune --older-than 90d --copied-to /mnt/copy --yes"
    ), invocation: "observer prune")

  /// `observer restore`.
  static let restore = Manual(
    "observer-restore", "brings sealed files of an archive back from a copy",
    usage: ["--from PLACE [--date DATE]... [OPTION]..."],
    about: """
      Brings back what the archive's manifest.ndjson, or else the copy's, says was sealed and is not here, and holds \
      each file against its sum. A file takes its name when all of it is on the disk; one that is here is never \
      written over. \(places)
      """,
    groups: [
      Manual.OptionGroup(
        "",
        [
          Option.text("from", "PLACE", as: .folder, "where the copy is"),
          Option.text("date", "DATE", "only this day (KST), 2026-11-26; repeatable"),
          Option.flag("dry-run", "say what would come back"),
          directory, ConfigKey.baseName,
        ])
    ],
    statuses: [
      (.done, "all of it is here, as it was sealed"), (.usage, "usage"),
      (.badData, "a copy is missing or not what was sealed, or another file is here: it is named"),
      (.unavailable, "PLACE cannot be asked"),
      (.cannotCreate, "no such folder"), (.ioError, "a copy could not be brought, or the disk has no room"),
      (.tryLater, "another seal, prune or restore is running"),
      (.configuration, "zstd, flock or ssh is not installed"),
    ],
    example: ("", "observer restore --from backup:observer --date 2026-07-30"), invocation: "observer restore"
  )

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
            detail:
              "Days that have a report which is newer than their files, and than those without a date that may hold them,"
              + " are not read again."),
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
          "Only files whose window is of the day are read, those of the next morning, in which its session abroad ends, and"
            + " those without a date in their names. It reads the archive and writes reports/ only; nothing is locked, a sink may be at work."
        ])
    ],
    statuses: [
      (.done, "the page is there, whatever it says"), (.usage, "usage"),
      (.badData, "it is there, but a line or a compressed file is bad (named on standard error)"),
      (.unavailable, "files of the day were removed: observer restore first; a page that is there stays"),
      (.cannotCreate, "no archive, or reports/ cannot be written"), (.ioError, "reading or writing failed"),
      (.configuration, "configuration"),
    ],
    example: ("for cron, after the close", "10 20 * * 1-5  observer report today >/dev/null"),
    invocation: "observer report")
}
