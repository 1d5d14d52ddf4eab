import Configuration
import Plumbing

/// The scripts' own manuals. Their `--help` and the table of their options stand in `scripts/observer-help`, which
/// `observer-health manual scripts` prints; their pages come from here too.
enum ScriptManual {
  static let directory = Settings.directoryOption
  private static let watchlist = Option.text(
    "watchlist", "FILE|-", as: .file, "symbols to watch (config/watchlist.jsonl)",
    detail:
      "- is standard input, of run only: start and restart have none (64), and take a named pipe (mkfifo FILE), whose"
      + " writers come and go.")
  private static let rotate = Option.text(
    "rotate", "LENGTH", "a file per window: 60s, 1h, 1d",
    detail: "Without it rotation.enabled and rotation.window_ms of the configuration decide.")
  private static let noCompress = Option.flag(
    "no-compress", "leave closed windows as they are",
    detail:
      "Without it a window that has closed is sealed and made NAME_....jsonl.zst within a minute, at idle priority, with"
      + " the level that archive.compress of the configuration says (3, 6, 9, 12, 15, 19 or off). A stop does not wait for it: the next"
      + " start goes on, or observer seal --compress.")
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
        options: [directory, watchlist, rotate, noCompress], passesTo: "kis-fetch"),
      Manual.Command(
        "start", "the same in the background, started again when it dies", detail: "After 1 s to 60 s.",
        options: [directory, watchlist, rotate, noCompress], passesTo: "kis-fetch"),
      Manual.Command(
        "restart", "stop and start, with the same options if none are given",
        detail:
          "Like stop it takes a pipeline of run as well, unless a service manager or a container keeps it.",
        options: [directory, watchlist, rotate, noCompress], passesTo: "kis-fetch"),
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
        "seal", "sums of finished files, and what they hold", detail: "See observer-seal(1).",
        options: seal.groups.flatMap(\.specs)),
      Manual.Command(
        "prune", "retention and compression of sealed files", detail: "See observer-prune(1).",
        options: prune.groups.flatMap(\.specs)),
      Manual.Command(
        "restore", "sealed files back from a copy", detail: "See observer-restore(1).",
        options: restore.groups.flatMap(\.specs)),
      Manual.Command(
        "export", "typed Parquet of archives", detail: "See observer-export(1).",
        options: export.groups.flatMap(\.specs), operands: .file),
      Manual.Command(
        "report", "the page of a day from the archive, or of the year", detail: "See observer-report(1).",
        options: report.groups.flatMap(\.specs)),
      Manual.Command(
        "spark", "archives through filters or audit on a cluster", detail: "See observer-spark(1).",
        options: spark.groups.flatMap(\.specs), operands: .file),
      Manual.Command(
        "symbols", "watchlist lines from the exchange's symbol masters", detail: "See observer-symbols(1).",
        options: symbols.groups.flatMap(\.specs)),
    ],
    groups: [Manual.OptionGroup("", [directory, watchlist, rotate, noCompress, unwrap, follow])],
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

  /// All of them.
  static let all = [observer, seal, prune, restore, export, report, spark, symbols]

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
