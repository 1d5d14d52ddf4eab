import Configuration
import Glibc
import KIS
import Market
import Plumbing
import WebSocket

/// Everything that the command line decides, checked before anything is read or sent.
struct FetchOptions {
  var feeds: [Feed] = []
  var interval: Nanoseconds = .seconds(1)
  var count: Int?
  var duration: Nanoseconds?
  /// When the run ends, by the wall clock.
  var until: Milliseconds?
  var profile = Profile.of(.real)
  var venue = Venue.krx
  /// When polled feeds are asked.
  var hours = PollingHours.Mode.all
  /// Trading days and hours.
  var calendar = MarketCalendar()
  var rate = 0.0
  var maxRegistrations = Profile.registrations
  var restURL = ""
  var webSocketURL = ""
  var record: String?
  var replay: String?
  /// Where frames are kept that could not be read.
  var rejects: String?
  /// Times real time; nil: as fast as possible.
  var speed: Double? = 1
  var raw = true
  /// Whether KIS is asked for names that the watchlist does not give.
  var asksNames = true
  var once = false
  /// One for each app key; none: the environment's.
  var credentials: [CredentialsFile] = []
  var sessionID = ""
  var mode = ""
  var retries: Int?
  var maxWait: Nanoseconds?
  var maxLine: Int
  var watchdog: Nanoseconds = .zero
  var timeScale = 1.0

  /// Warnings to log once.
  var warnings: [String] = []

  var isRealtime: Bool { feeds.contains { !$0.isPolled } }

  /// What is polled, and how often.
  var polling: PollLane.Settings {
    PollLane.Settings(
      feeds: feeds, interval: interval, rate: rate, servesMulti: profile.servesMulti, hours: hours,
      calendar: calendar)
  }

  /// Whether both addresses are KIS's own.
  private var isKIS: Bool {
    let webSocket = isRealtime ? try? WebSocketURL(webSocketURL) : nil
    return RestAddress.isKIS(restURL) && webSocket.map { RestAddress.isKIS(host: $0.host) } ?? true
  }

  /// Reads the command line, and for what has a key in the configuration also variables and the file.
  ///
  /// - Throws: `ToolFailure`, status usage or configuration, in one line.
  init(_ arguments: Arguments, _ settings: Settings, wallNow: Milliseconds) throws(ToolFailure) {
    try arguments.refuseOperands()
    maxLine = arguments[Self.maxLineOption]
    try readFeeds(arguments, settings)
    try readTimes(arguments, settings, wallNow)
    try readService(arguments, settings)
    record = arguments[Self.recordOption]
    replay = arguments[Self.replayOption]
    rejects = arguments[Self.rejectsOption]
    if let given = arguments[Self.speedOption] { speed = given.factor }
    raw = try settings.flag(.fetchRaw).value && !arguments[Self.noRawOption]
    sessionID =
      arguments[Self.sessionOption] ?? settings.environment["OBSERVER_SESSION_ID"]
      ?? Self.freshSession(wallNow)
    mode = try Self.mode(settings, isKIS: replay != nil || isKIS)
    asksNames = try settings.text(.fetchNames).value != "watchlist" && profile.servesMulti && !once
    retries = arguments[Self.retriesOption]
    maxRegistrations = try settings.integer(.fetchRegistrations).value ?? maxRegistrations
    try checkTogether(arguments)
    try checkProfile(settings)
  }

  private mutating func readFeeds(_ arguments: Arguments, _ settings: Settings) throws(ToolFailure) {
    once = arguments[Self.onceOption]
    let given = try settings.list(.fetchFeeds)
    for text in given.value {
      guard let feed = Feed(rawValue: text) else {
        let status: ExitStatus = arguments.has(ConfigKey.fetchFeeds) ? .usage : .configuration
        let names = Feed.allCases.map(\.rawValue).joined(separator: ", ")
        throw ToolFailure(status, "a feed is one of \(names), not '\(text)' (\(given.origin))")
      }
      if !feeds.contains(feed) { feeds.append(feed) }
    }
    // A line cannot be answered by a feed that waits for the next trade.
    if once && !arguments.has(ConfigKey.fetchFeeds) { feeds = feeds.filter(\.isPolled) }
    if once && feeds.count != 1 && !arguments.has(ConfigKey.fetchFeeds) { feeds = [.price] }
    if feeds.isEmpty { feeds = [.trades] }
  }

  private mutating func readTimes(
    _ arguments: Arguments, _ settings: Settings, _ wallNow: Milliseconds
  ) throws(ToolFailure) {
    if let seconds = try settings.number(.fetchInterval).value { interval = .seconds(seconds) }
    count = arguments[Self.countOption]
    duration = arguments[Self.durationOption].map { .seconds($0) }
    maxWait = arguments[Self.maxWaitOption].map { .seconds($0) }
    watchdog = .seconds(arguments[Self.watchdogOption])
    if let minutes = arguments[Self.untilOption] {
      until = KST.midnight(before: wallNow) + .minutes(minutes)
    }
    timeScale = arguments[Self.timeScaleOption]
  }

  private mutating func readService(_ arguments: Arguments, _ settings: Settings) throws(ToolFailure) {
    let environment = try settings.text(.fetchEnvironment).value.flatMap(ServiceEnvironment.init(rawValue:))
    profile = Profile.of(environment ?? .real)
    hours =
      try once ? .all : settings.text(.fetchHours).value.flatMap(PollingHours.Mode.init(rawValue:)) ?? .all
    if let text = settings.holidayFiles.lazy.compactMap({ SmallFile.text($0) }).first {
      calendar = MarketCalendar(jsonLines: text)
    } else if hours == .market {
      warnings.append("no holidays.jsonl beside the configuration: --hours market polls through holidays")
    }
    venue = try settings.text(.fetchVenue).value.flatMap(Venue.init(rawValue:)) ?? .krx
    rate = try settings.number(.fetchRate).value ?? profile.callsPerSecond
    let rest = try settings.text(.restURL)
    let address = rest.value ?? profile.restURL
    guard let checked = RestAddress.checked(address) else {
      throw rest.origin.refusal(
        of: .restURL,
        "must be https://host[:port] (http:// only to this host: credentials would travel in clear), not '\(address)'"
      )
    }
    restURL = checked
    let socket = try settings.text(.webSocketURL)
    webSocketURL = socket.value ?? profile.webSocketURL
    if isRealtime {
      do { _ = try WebSocketURL(webSocketURL) } catch {
        throw socket.origin.refusal(of: .webSocketURL, "cannot be used: \(error.message)")
      }
    }
    if timeScale != 1, !RestAddress.isLocal(restURL) {
      throw ToolFailure(
        .usage, "--time-scale is for a simulator on this host: KIS blocks clients that exceed its pace")
    }
  }

  private static func mode(_ settings: Settings, isKIS: Bool) throws(ToolFailure) -> String {
    let setting = try settings.text(.mode)
    let isChosen =
      switch setting.origin {
      case .option, .variable, .standIn: true
      case .file, .found, .standard: false
      }
    return Profile.mode(setting.value, isChosen: isChosen, isKIS: isKIS)
  }

  private func checkTogether(_ arguments: Arguments) throws(ToolFailure) {
    if once {
      guard feeds.count == 1, !isRealtime else {
        throw ToolFailure(.usage, "--once answers lines over REST: give it one of --feed price, --feed multi")
      }
      if record != nil || replay != nil { throw ToolFailure(.usage, "--once does not record or replay") }
    }
    if replay != nil && (count != nil || until != nil) {
      throw ToolFailure(.usage, "--count and --until do not go with --replay")
    }
    if record != nil && replay != nil {
      throw ToolFailure(.usage, "--record and --replay exclude each other")
    }
    if arguments.has(Self.speedOption) && replay == nil {
      throw ToolFailure(.usage, "--speed goes with --replay")
    }
  }

  /// What the environment of KIS that was chosen does not serve.
  private func checkProfile(_ settings: Settings) throws(ToolFailure) {
    if feeds.contains(.multi) && !profile.servesMulti {
      throw try settings.text(.fetchFeeds).origin.refusal(
        of: .fetchFeeds, "multi is not served by --env virtual; use --feed price")
    }
    let share = Instrument("000000", venue)
    if FeedChoice(share, feeds, profile).feeds.isEmpty && venue != .krx {
      throw try settings.text(.fetchVenue).origin.refusal(
        of: .fetchVenue, "\(venue.rawValue) is not served by --env virtual")
    }
  }

  /// A session of its own, when no assembled pipeline gave one.
  private static func freshSession(_ wallNow: Milliseconds) -> String {
    let time = KST(wallNow)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let date = "\(time.year)\(two(time.month))\(two(time.day))"
    return "observer-\(date)-\(two(time.hour))\(two(time.minute))\(two(time.second))-\(getpid())"
  }
}
