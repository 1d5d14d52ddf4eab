import Plumbing

/// One key of the configuration: the single place that knows its type, default and meaning.
public struct ConfigKey: Sendable {
  /// What values it takes.
  public enum Kind: Equatable, Sendable {
    /// Any string.
    case text
    /// One of a few strings.
    case choice([String])
    /// `true` or `false`; 1 and 0 in a variable.
    case flag
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// A number.
    case number(ClosedRange<Double>)
    /// An array of strings; separated by commas in a variable or an option.
    case list
  }

  /// Dotted path in the file: `rotation.window_ms`.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// The built-in default as text (a list: separated by commas); nil where nothing is the default.
  public let standard: String?
  /// The command line option that says the same, without dashes.
  public let option: String?
  /// The variable that says the same.
  public let variable: String?
  /// What it decides, in one line.
  public let meaning: String

  init(
    _ name: String, _ kind: Kind, _ standard: String?, option: String? = nil, variable: String? = nil,
    _ meaning: String
  ) {
    self.name = name
    self.kind = kind
    self.standard = standard
    self.option = option
    self.variable = variable
    self.meaning = meaning
  }
}

extension ConfigKey {
  /// Folder that holds `observer/`, the archive; relative to the root.
  public static let configDirectory = ConfigKey(
    "paths.config_dir", .text, nil, "folder that holds observer/, the archive; relative to the root")
  /// Which watchlist the pipeline reads.
  public static let watchlist = ConfigKey(
    "watchlist", .text, "config/watchlist.jsonl", variable: "OBSERVER_WATCHLIST",
    "symbols to observe, a line each; relative to the root")
  /// The mode written into snapshots and records.
  public static let mode = ConfigKey(
    "mode", .text, "PROD", option: "mode", variable: "OBSERVER_MODE", "mode written into every snapshot")

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
    "rotation.by", .choice(["clock", "event"]), "clock", option: "rotate-by",
    "the time that picks the window: the wall clock, or the snapshot's own")

  /// Start of the data files' names.
  public static let baseName = ConfigKey(
    "sink.base_name", .text, "observer", option: "base-name", "start of the data files' names")
  /// When data is synced to disk.
  public static let sync = ConfigKey(
    "sink.sync", .choice(["interval", "each", "none"]), "interval", option: "sync",
    "sync to disk within a second, before each line is passed on, or never")
  /// How long a full disk is waited for, in seconds; none: for ever.
  public static let fullTimeout = ConfigKey(
    "sink.full_timeout_s", .number(0...31_536_000), nil, option: "full-timeout",
    "seconds to wait for room on a full disk; null waits for ever")
  /// How long a reader of the sink's stdout may take nothing, in seconds.
  public static let stdoutTimeout = ConfigKey(
    "sink.stdout_timeout_s", .number(0...31_536_000), "5", option: "stdout-timeout",
    "seconds without progress after which the sink goes on without its reader; 0 waits for ever")

  /// Real or virtual trading servers.
  public static let fetchEnvironment = ConfigKey(
    "fetch.env", .choice(["real", "virtual"]), "real", option: "env",
    "KIS servers for real or virtual trading")
  /// Venue of quotes.
  public static let fetchVenue = ConfigKey(
    "fetch.venue", .choice(["KRX", "NXT", "UN"]), "KRX", option: "venue", "venue of the quotes")
  /// When polled feeds are asked.
  public static let fetchHours = ConfigKey(
    "fetch.hours", .choice(["all", "market"]), nil, option: "hours",
    "poll around the clock, or only while the venue is not closed; null: all, and market under observer start"
  )
  /// Which feeds are read.
  public static let fetchFeeds = ConfigKey(
    "fetch.feeds", .list, "trades", option: "feed", "what to read: price, multi, trades, book")
  /// Snapshot period in seconds.
  public static let fetchInterval = ConfigKey(
    "fetch.interval_s", .number(0.01...86_400), "1", option: "interval", "seconds between two snapshots")
  /// Requests a second.
  public static let fetchRate = ConfigKey(
    "fetch.rate", .number(0.01...1000), nil, option: "rate",
    "REST requests a second for one app key; null takes the limit that KIS published")
  /// Real-time registrations.
  public static let fetchRegistrations = ConfigKey(
    "fetch.max_registrations", .integer(0...1000), "41", option: "max-registrations",
    "real-time registrations at once; what does not fit is polled over REST")
  /// REST address instead of the exchange's own.
  public static let restURL = ConfigKey(
    "fetch.rest_url", .text, nil, option: "rest-url", variable: "KIS_REST_URL",
    "REST address; null takes that of fetch.env")
  /// WebSocket address instead of the exchange's own.
  public static let webSocketURL = ConfigKey(
    "fetch.ws_url", .text, nil, option: "ws-url", variable: "KIS_WS_URL",
    "WebSocket address; null takes that of fetch.env")
  /// Whether the exchange's own fields are kept.
  public static let fetchRaw = ConfigKey(
    "fetch.raw", .flag, "true", "whether snapshots keep the exchange's own fields (--no-raw turns it off)")

  /// Least important log line that is written.
  public static let logLevel = ConfigKey(
    "log.level", .choice(["debug", "info", "warning", "error"]), "info", option: "log-level",
    variable: "OBSERVER_LOG_LEVEL", "least important log line that is written")
  /// Text or JSON log lines.
  public static let logFormat = ConfigKey(
    "log.format", .choice(["text", "json"]), "text", option: "log-format", variable: "OBSERVER_LOG_FORMAT",
    "form of the log lines")

  /// Every key, in the order of `config/deployment_config.json`. The section `environment` is no key: it holds
  /// variables by their own names.
  public static let all: [ConfigKey] = [
    configDirectory, watchlist, mode, rotationEnabled, rotationWindow, rotationBy, baseName, sync,
    fullTimeout, stdoutTimeout,
    fetchEnvironment, fetchVenue, fetchHours, fetchFeeds, fetchInterval, fetchRate, fetchRegistrations,
    restURL,
    webSocketURL, fetchRaw, logLevel, logFormat,
  ]
}
