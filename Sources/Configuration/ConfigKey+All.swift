import Plumbing

extension ConfigKey {
  /// Folder that holds `observer/`, the archive; relative to the root.
  public static let configDirectory = ConfigKey(
    "paths.config_dir", .folder, nil, "folder that holds observer/, the archive; relative to the root")
  /// Which watchlist the pipeline reads.
  public static let watchlist = ConfigKey(
    "watchlist", .file, "config/watchlist.jsonl", variable: "OBSERVER_WATCHLIST",
    "symbols to observe, a line each; relative to the root")
  /// The mode written into snapshots and records.
  public static let mode = ConfigKey(
    "mode", .text, "PROD", option: ("mode", "MODE"), variable: "OBSERVER_MODE", "mode of the snapshots",
    detail: "SIM where none is chosen and the server is not KIS's.")

  /// Whether the archive goes on in another file from time to time.
  public static let rotationEnabled = ConfigKey(
    "rotation.enabled", .flag, "false",
    "whether each window has a data file of its own (--rotate turns it on)")
  /// Length of a rotation window in milliseconds.
  public static let rotationWindow = ConfigKey(
    "rotation.window_ms", .integer(1000...86_400_000), "3600000",
    "length of a window, counted from KST midnight (--rotate)")
  /// Which time picks the window.
  public static let rotationBy = ConfigKey(
    "rotation.by", .choice(["clock", "event"]), "clock", option: ("rotate-by", "TIME"),
    "clock or event: what picks the file",
    detail: "clock: the wall clock; event: the snapshot's meta.timestamp_ms.")

  /// Start of the data files' names.
  public static let baseName = ConfigKey(
    "sink.base_name", .text, "observer", option: ("base-name", "NAME"), "start of the data files' names")
  /// When data is synced to disk.
  public static let sync = ConfigKey(
    "sink.sync", .choice(["interval", "each", "none"]), "interval", option: ("sync", "WHEN"),
    "to disk: interval (1 s), each, none",
    detail: "interval: within a second; each: before lines are passed on; none: when the system does.")
  /// How long a full disk is waited for, in seconds; none: for ever.
  public static let fullTimeout = ConfigKey(
    "sink.full_timeout_s", .number(0...31_536_000), nil, option: ("full-timeout", "S"),
    "give up after S seconds of a full disk (never)")
  /// How long a reader of the sink's stdout may take nothing, in seconds.
  public static let stdoutTimeout = ConfigKey(
    "sink.stdout_timeout_s", .number(0...31_536_000), "5", option: ("stdout-timeout", "S"),
    "go on without a reader that takes nothing for S s",
    detail:
      "It is said once and counted; the reader gets whole lines again when it reads on. 0 waits for ever.")

  /// How closed windows are compressed while a pipeline runs: a level of zstd, or not at all.
  public static let archiveCompress = ConfigKey(
    "archive.compress", .choice(["off", "3", "6", "9", "12", "15", "19"]), "9",
    "zstd level of closed windows: 3, 6, 9, 12, 15, 19, or off (--no-compress)")

  /// Real or virtual trading servers.
  public static let fetchEnvironment = ConfigKey(
    "fetch.env", .choice(["real", "virtual"]), "real", option: ("env", ""),
    "KIS servers for real or virtual trading")
  /// Venue of quotes.
  public static let fetchVenue = ConfigKey(
    "fetch.venue", .choice(["KRX", "NXT", "UN"]), "KRX", option: ("venue", ""),
    "venue where a line names no market")
  /// When polled feeds are asked.
  public static let fetchHours = ConfigKey(
    "fetch.hours", .choice(["all", "market"]), nil, option: ("hours", ""),
    "poll around the clock, or in sessions only (all)",
    detail: "Under observer start the default is market: only while the venue is not closed.")
  /// Which feeds are read.
  public static let fetchFeeds = ConfigKey(
    "fetch.feeds",
    .list(["price", "multi", "trades", "book", "expected", "status", "members", "program", "nav"]), "trades",
    option: ("feed", "FEED"), "price, multi (REST), or of --list-feeds",
    detail:
      "price asks one symbol a call, multi 30; the others come in real time. A line without \"feeds\" takes those that its"
      + " product has. With --once the default is price.")
  /// Snapshot period in seconds.
  public static let fetchInterval = ConfigKey(
    "fetch.interval_s", .number(0.01...86_400), "1", option: ("interval", "S"),
    "seconds between snapshots of a polled symbol")
  /// Where the live page's names of stocks come from.
  public static let fetchNames = ConfigKey(
    "fetch.names", .choice(["auto", "watchlist"]), "auto",
    "names of stocks on the live page: the watchlist's, else KIS's, or the watchlist's alone")
  /// Requests a second.
  public static let fetchRate = ConfigKey(
    "fetch.rate", .number(0.01...1000), nil, option: ("rate", "N"),
    "calls a second of one app key (real 18, virtual 1)",
    detail: "All processes with that key share it. The defaults are what KIS published on 2026-04-20; new"
      + " subscribers have 3 for three days.")
  /// Files with app keys.
  public static let fetchCredentials = ConfigKey(
    "fetch.credentials", .list([]), nil, option: ("credentials", "FILE"), variable: "OBSERVER_CREDENTIALS",
    "app keys, one file each, 0600",
    detail:
      "NAME=value lines or JSON. Without a file the variables KIS_APP_KEY and KIS_APP_SECRET count, or REAL_APP_KEY and"
      + " REAL_APP_SECRET. A file's KIS_REST_URL, KIS_WS_URL, KIS_TOKEN_CACHE_DIR, OBSERVER_MODE and OBSERVER_LOG_LEVEL"
      + " count too. Each app key has a real-time session, a limiter, a token and a lock of its own; symbols are spread"
      + " over them, and one that fails hands its symbols to the others.")
  /// Real-time registrations.
  public static let fetchRegistrations = ConfigKey(
    "fetch.max_registrations", .integer(0...1000), "41", option: ("max-registrations", "N"),
    "real-time registrations; the rest is polled",
    detail: "Of each app key. A smaller limit that the server tells is learned.")
  /// REST address instead of the exchange's own.
  public static let restURL = ConfigKey(
    "fetch.rest_url", .text, nil, option: ("rest-url", "URL"), variable: "KIS_REST_URL", "another REST server"
  )
  /// WebSocket address instead of the exchange's own.
  public static let webSocketURL = ConfigKey(
    "fetch.ws_url", .text, nil, option: ("ws-url", "URL"), variable: "KIS_WS_URL", "another real-time server")
  /// Whether the exchange's own fields are kept.
  public static let fetchRaw = ConfigKey(
    "fetch.raw", .flag, "true", "whether snapshots keep the exchange's own fields (--no-raw turns it off)")

  /// Least important log line that is written.
  public static let logLevel = ConfigKey("log.level", Log.levelOption.spec)
  /// Text or JSON log lines.
  public static let logFormat = ConfigKey("log.format", Log.formatOption.spec)

  /// The key of an option that every tool has, with a configuration or without.
  private init(_ name: String, _ spec: OptionSpec) {
    self.init(
      name, spec.kind ?? .text, spec.standard, option: (spec.name, spec.word), variable: spec.variable,
      spec.meaning, detail: spec.detail)
  }

  /// Every key, in the order of `config/deployment_config.json`. The section `environment` is no key: it holds
  /// variables by their own names.
  public static let all: [ConfigKey] =
    [
      configDirectory, watchlist, mode, rotationEnabled, rotationWindow, rotationBy, baseName, sync,
      fullTimeout, stdoutTimeout, archiveCompress,
      fetchEnvironment, fetchVenue, fetchHours, fetchFeeds, fetchInterval, fetchNames, fetchRate,
      fetchCredentials, fetchRegistrations, restURL,
      webSocketURL, fetchRaw,
    ] + guardKeys + [logLevel, logFormat]
}
