import Configuration
import KIS
import Plumbing

extension FetchOptions {
  // What has a key in the configuration stands there: feed, venue, hours, interval, env, credentials, rate, max-registrations,
  // rest-url, ws-url, mode.
  static let listFeedsOption = OptionSpec(
    "list-feeds", .choice(["json"]), isValueOptional: true, "print what KIS serves: products, feeds, keys",
    detail: "With json: a line a channel, with the members of inputs and their types.")
  static let onceOption = Option.flag("once", "answer each line with one snapshot, in order, and end")
  static let countOption = Option<Int?>.integer(
    "count", "N", in: 1...Int.max, "end after N snapshots, gaps not counted")
  static let durationOption = Option<Double?>.number(
    "duration", "S", in: 0.01...31_536_000, "end after S seconds")
  static let untilOption = Option.form(
    "until", "HH:MM", "HH:MM (KST)", "end at that time (KST) today", read: { KST.minutes(clock: $0) })
  static let retriesOption = Option<Int?>.integer(
    "retries", "N", in: 0...1_000_000, "tries after the first of a call (5 with --once)",
    detail:
      "With --once or --retries the run ends with 69 when every call fails; without both an outage is"
      + " waited for, with pauses that grow from 1 to 60 s.")
  static let maxWaitOption = Option<Double?>.number(
    "max-wait", "S", in: 0...31_536_000, "end with 69 after S seconds without an answer")
  static let watchdogOption = Option<Double>.number(
    "watchdog", "S", in: 0.1...3600, default: 100, "replace a connection silent for S seconds")
  static let noRawOption = Option.flag("no-raw", "without the exchange's own fields")
  static let sessionOption = Option.text(
    "session-id", "ID", variable: "OBSERVER_SESSION_ID", "session of the snapshots")
  static let recordOption = Option.text("record", "FILE", as: .file, "keep the raw messages")
  static let replayOption = Option.text("replay", "FILE|-", as: .file, "make snapshots of kept messages")
  static let speedOption = Option.form(
    "speed", "X|max", "a number from 0.001 to 1000000, or max", standard: "1", "times real time, of a replay",
    read: Speed.init)
  static let rejectsOption = Option.text(
    "rejects", "FILE", as: .file, "keep frames that could not be read (16 MiB)",
    detail: "In the form of --record, 16 MiB at most, for --replay by a version that knows their layout.")
  static let maxLineOption = Option.maxLine("refuse longer lines")
  static let timeScaleOption = Option<Double>.number(
    "time-scale", "X", in: 0.0001...1, default: 1, "shorten waits, against a server on this host")

  /// What `--speed` says.
  struct Speed: Sendable {
    /// Times real time; nil: as fast as possible.
    let factor: Double?

    /// Reads a number, or max.
    @Sendable init?(_ text: String) {
      factor = Double(text)
      if let factor { guard (0.001...1_000_000).contains(factor) else { return nil } }
      if factor == nil && text != "max" { return nil }
    }
  }

  /// What the program says of itself.
  static let manual = Manual(
    KisFetch.name, "observes what KIS serves through its Open API",
    usage: ["[OPTION]... <watchlist >snapshots"],
    about: """
      A symbol a line in, snapshots (NDJSON) out. Lines: 005930, index:0001, # note,
      {"symbol":"005930","market":"NXT"}, {"symbol":"005930","op":"remove"}
      """,
    groups: [
      Manual.OptionGroup(
        "What",
        [
          ConfigKey.fetchFeeds, listFeedsOption, ConfigKey.fetchVenue, onceOption, ConfigKey.fetchInterval,
          ConfigKey.fetchHours,
        ]),
      Manual.OptionGroup("End", [countOption, durationOption, untilOption]),
      Manual.OptionGroup(
        "Service",
        [
          ConfigKey.fetchEnvironment, ConfigKey.fetchCredentials, ConfigKey.fetchRate,
          ConfigKey.fetchRegistrations,
          ConfigKey.restURL, ConfigKey.webSocketURL, retriesOption, maxWaitOption, watchdogOption,
        ]),
      Manual.OptionGroup(
        "Data",
        [noRawOption, sessionOption, ConfigKey.mode, recordOption, replayOption, speedOption, rejectsOption]),
      Manual.OptionGroup(
        "Process",
        [
          Settings.configOption, maxLineOption, timeScaleOption, Metrics.option, ConfigKey.logLevel,
          ConfigKey.logFormat,
        ]),
    ],
    sections: [
      Manual.Section(
        "WATCHLIST",
        [
          "Lines take effect as they arrive, so a list can be piped in live. After the end of input kis-fetch keeps"
            + " watching the current list; with --once it ends.",
          "A line is a share's symbol, PRODUCT:KEY (index:0001, overseas-stock:DNASAAPL), or an object with symbol, product,"
            + " market, feeds (real-time ones, for this line alone), name and op (add, remove). A line that names nothing"
            + " that can be observed is ignored, and the log says why.",
          "A symbol without room in the real-time session is polled over REST where a REST call exists for its feed"
            + " (--list-feeds marks the others as alone); else it is a gap.",
          "A symbol that KIS refuses is asked for again after 10 minutes, doubling to an hour, or when its line is given"
            + " again.",
        ]),
      Manual.Section(
        "GAPS",
        [
          "What could not be observed is a snapshot too: source system, event gap, reason ws_disconnect, ws_timeout,"
            + " silent, unreadable, api_error, rate_limit or no_data; MINOR, MAJOR from 60 s, CRITICAL from 300 s. All"
            + " records of one gap have its gap_id, and the last has \"final\":true: these add up.",
          "api_error: KIS answers with an error, or not at all; no_data: it has nothing for this symbol, or refuses it. So it"
            + " is with --once too.",
          "missed_trades: the exchange's running totals show that trades did not come: how many (missed_trades), their"
            + " shares (missed_volume) and money (missed_value), and why (cause); MINOR, MAJOR from 0.1 % of the day's"
            + " shares so far, CRITICAL from 1 %. What a lost connection cost stands in its last record.",
        ]),
      Manual.Section(
        "PROXIES",
        [
          "As for curl: https_proxy for REST; ws_proxy, http_proxy or https_proxy for the socket (ws://, port 21000, by"
            + " CONNECT); all_proxy and no_proxy for both."
        ]),
      Manual.Section(
        "FILES",
        [
          "Tokens, the rate ledger and session locks are kept in KIS_TOKEN_CACHE_DIR, else $XDG_STATE_HOME/observer,"
            + " else ~/.local/state/observer (mode 0700)."
        ]),
    ],
    statuses: [
      (.done, "done"), (.usage, "usage"), (.unavailable, "KIS out of reach"),
      (.cannotCreate, "token cache or recording cannot be created"), (.ioError, "I/O error"),
      (.tryLater, "app key in use elsewhere"), (.refused, "credentials missing or refused"),
      (.configuration, "wrong service or address, no symbol in the watchlist"),
    ],
    example: ("", "printf '005930\\n000660\\n' | kis-fetch --once --feed price"))
}
