import Configuration
import Glibc
import Health
import Plumbing

/// How answers are printed.
enum ConfigFormat: String, CaseIterable {
  case ndjson, table, env
}

/// Options of `observer-health config`.
struct ConfigOptions {
  /// `--format`: as asked for, else a table for a person and NDJSON for a pipe.
  var format = ConfigFormat.ndjson
  /// `--get`: one value only.
  var get: String?

  init(_ arguments: Arguments) throws(ToolFailure) {
    format = arguments[HealthOptions.formatOption] ?? (isatty(1) == 1 ? .table : .ndjson)
    get = arguments[HealthOptions.getOption]
  }
}

/// Options of `check` and `serve`.
struct HealthOptions {
  /// `--format`: ndjson or table.
  var format = ConfigFormat.ndjson
  /// `--market`.
  var market = FactsReader.MarketView.calendar
  /// `--sample`.
  var sampling: Milliseconds = .seconds(1)
  /// `--listen`.
  var listen = ListenAddress.standard

  init(_ arguments: Arguments) throws(ToolFailure) {
    format = arguments[Self.formatOption] ?? (isatty(1) == 1 ? .table : .ndjson)
    guard format != .env else { throw ToolFailure(.usage, "--format env is for config") }
    market = arguments[Self.marketOption]
    sampling = .seconds(arguments[Self.sampleOption])
    listen = arguments[Self.listenOption] ?? .standard
  }
}

extension HealthOptions {
  static let formatOption = Option<ConfigFormat?>.choice(
    "format", word: "FORM", "ndjson, table (on a terminal), env (config only)",
    detail: "env, for config: NAME=value lines for scripts, without secrets.")
  static let getOption = Option.text(
    "get", "NAME", "only the value of one key, path or variable",
    detail: "Such as archive_dir or rotation.window_ms.")
  static let hostOption = Option.texts(
    "allow-host", "NAME", "a Host that serve answers to",
    detail: "Besides IP addresses and localhost.")
  private static let marketOption = Option.choice(
    "market", word: "OPEN", default: FactsReader.MarketView.calendar, "calendar, open or closed",
    detail:
      "Whether records are expected: by hours, weekends and config/holidays.jsonl, or regardless of these.")
  private static let sampleOption = Option.number(
    "sample", "S", in: 0...60, default: 1, "look at the archive twice, S seconds apart")
  private static let listenOption = Option.form(
    "listen", "ADDRESS:PORT", "ADDRESS:PORT such as 127.0.0.1:8000", standard: "\(ListenAddress.standard)",
    "where serve listens and check looks", read: { ListenAddress($0) })

  private static let common: [any CommandOption] = [
    Settings.directoryOption, Settings.configOption, Log.levelOption, Log.formatOption,
  ]

  /// What the program says of itself.
  static let manual = Manual(
    ObserverHealth.name, "says whether snapshots flow into the archive",
    usage: ["check|serve|config|manual [OPTION]..."],
    about: "Says whether snapshots flow into the archive and, if not, which link broke first.",
    commands: [
      Manual.Command(
        "check", "every link of the chain, a line each; the first broken one and its remedy come last",
        detail: "Messages are Korean under a Korean locale.",
        options: common + [formatOption, marketOption, sampleOption, listenOption]),
      Manual.Command(
        "serve", "the same over HTTP: /health (200 or 503), /ready, /metrics, /status and / (a page)",
        detail: "/metrics is one scrape (Prometheus) for all stages, /status is JSON.",
        options: common + [marketOption, listenOption, hostOption]),
      Manual.Command(
        "config", "every effective setting with where it comes from",
        detail: "The command line is asked first, then the environment, the configuration file, the default.",
        options: common + [formatOption, getOption]),
      Manual.Command(
        "manual",
        "pages of the scripts: observer, observer-seal, -prune, -restore, -export, -report, -spark, -symbols",
        options: common),
    ],
    groups: [
      Manual.OptionGroup(
        "",
        [
          Settings.directoryOption, Settings.configOption, listenOption, hostOption, marketOption,
          sampleOption,
          formatOption, getOption, Log.levelOption, Log.formatOption,
        ])
    ],
    sections: [
      Manual.Section(
        "FILES",
        [
          "Stages leave their metrics in OBSERVER_METRICS_DIR, else <archive>/.run. Secrets are shown as ********."
        ])
    ],
    statuses: [
      (.done, "healthy or done"), (.unhealthy, "a link is broken"), (.usage, "usage"),
      (.cannotCreate, "cannot listen"), (.ioError, "I/O error"), (.tryLater, "port taken"),
      (.configuration, "configuration broken or no root found"),
    ],
    example: ("", "observer-health check || observer restart"))
}
