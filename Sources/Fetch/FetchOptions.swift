import Configuration
import Glibc
import KIS
import Market
import Plumbing
import WebSocket

/// Everything that the command line decides, checked before anything is read or sent.
struct FetchOptions {
  var feeds: [Feed] = []
  var interval: Int64 = 1_000_000_000
  var count: Int?
  var duration: Int64?
  /// Epoch milliseconds at which the run ends.
  var until: Int64?
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
  var once = false
  var credentials: CredentialsFile?
  var sessionID = ""
  var mode = ""
  var retries: Int?
  var maxWait: Int64?
  var maxLine = 16 << 20
  var watchdog: Int64 = 100_000_000_000
  var timeScale = 1.0

  /// What is odd and should be logged once.
  var warnings: [String] = []

  var isRealtime: Bool { feeds.contains { $0.channelKind != nil } }

  /// Whether all that is asked is KIS's own.
  private var isKIS: Bool {
    let webSocket = isRealtime ? try? WebSocketURL(webSocketURL) : nil
    return RestAddress.isKIS(restURL) && webSocket.map { RestAddress.isKIS(host: $0.host) } ?? true
  }

  /// Reads the command line, and for what has a key in the configuration also variables and the file.
  ///
  /// - Throws: `ToolFailure`, status usage or configuration, in one line.
  init(_ arguments: Arguments, _ settings: Settings, wallNow: Int64) throws(ToolFailure) {
    try arguments.refuseOperands()
    try readFeeds(arguments, settings)
    try readTimes(arguments, settings, wallNow)
    try readService(arguments, settings)
    record = arguments.value("record")
    replay = arguments.value("replay")
    rejects = arguments.value("rejects")
    if let text = arguments.value("speed") {
      speed = text == "max" ? nil : try Self.number("speed", text, 0.001...1_000_000)
    }
    raw = try settings.flag(.fetchRaw).value && !arguments.flag("no-raw")
    sessionID =
      arguments.value("session-id") ?? settings.environment["OBSERVER_SESSION_ID"]
      ?? Self.freshSession(wallNow)
    mode = try Self.mode(settings, isKIS: replay != nil || isKIS)
    if arguments.value("retries") != nil {
      retries = try arguments.integer("retries", in: 0...1_000_000, default: 5)
    }
    maxLine = try arguments.integer("max-line", in: 64...(1 << 30), default: maxLine)
    maxRegistrations = try settings.integer(.fetchRegistrations).value ?? maxRegistrations
    try checkTogether(arguments)
  }

  private mutating func readFeeds(_ arguments: Arguments, _ settings: Settings) throws(ToolFailure) {
    once = arguments.flag("once")
    let given = try settings.list(.fetchFeeds)
    for text in given.value {
      guard let feed = Feed(rawValue: text) else {
        let status: ExitStatus = arguments.value("feed") == nil ? .configuration : .usage
        throw ToolFailure(status, "a feed is price, multi, trades or book, not '\(text)' (\(given.origin))")
      }
      if !feeds.contains(feed) { feeds.append(feed) }
    }
    // A line cannot be answered by a feed that waits for the next trade.
    if once && arguments.value("feed") == nil { feeds = feeds.filter { $0.channelKind == nil } }
    if once && feeds.count != 1 && arguments.value("feed") == nil { feeds = [.price] }
    if feeds.isEmpty { feeds = [.trades] }
  }

  private mutating func readTimes(
    _ arguments: Arguments, _ settings: Settings, _ wallNow: Int64
  ) throws(ToolFailure) {
    if let seconds = try settings.number(.fetchInterval).value { interval = Int64(seconds * 1_000_000_000) }
    if arguments.value("count") != nil {
      count = try arguments.integer("count", in: 1...Int.max, default: 1)
    }
    duration = try Self.seconds(arguments, "duration", 0.01...31_536_000)
    maxWait = try Self.seconds(arguments, "max-wait", 0...31_536_000)
    watchdog = try Self.seconds(arguments, "watchdog", 0.1...3600) ?? watchdog
    if let text = arguments.value("until") {
      guard let minutes = KST.minutes(clock: text) else {
        throw ToolFailure(.usage, "--until takes HH:MM (KST), not '\(text)'")
      }
      until = KST.midnight(before: wallNow) + Int64(minutes) * 60_000
    }
    if let text = arguments.value("time-scale") {
      timeScale = try Self.number("time-scale", text, 0.0001...1)
    }
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
    let rest = try settings.text(.restURL).value ?? profile.restURL
    guard let checked = RestAddress.checked(rest) else {
      throw ToolFailure(
        .usage,
        "--rest-url must be https://host[:port] (http:// only to this host: credentials would travel in clear),"
          + " not '\(rest)'")
    }
    restURL = checked
    webSocketURL = try settings.text(.webSocketURL).value ?? profile.webSocketURL
    if timeScale != 1, !RestAddress.isLocal(restURL) {
      throw ToolFailure(.usage, "--time-scale is for a simulator on this host: KIS blocks clients that hurry")
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
    if feeds.contains(.multi) && !profile.servesMulti {
      throw ToolFailure(.usage, "--feed multi is not served by --env virtual; use --feed price")
    }
    if venue != .krx && !profile.servesOtherVenues {
      throw ToolFailure(.usage, "--venue \(venue.rawValue) is not served by --env virtual")
    }
    if replay != nil && (count != nil || until != nil) {
      throw ToolFailure(.usage, "--count and --until do not go with --replay")
    }
    if record != nil && replay != nil {
      throw ToolFailure(.usage, "--record and --replay exclude each other")
    }
    if arguments.value("speed") != nil && replay == nil {
      throw ToolFailure(.usage, "--speed goes with --replay")
    }
  }

  private static func seconds(
    _ arguments: Arguments, _ name: String, _ range: ClosedRange<Double>
  ) throws(ToolFailure) -> Int64? {
    guard let text = arguments.value(name) else { return nil }
    return Int64(try number(name, text, range) * 1_000_000_000)
  }

  private static func number(
    _ name: String, _ text: String, _ range: ClosedRange<Double>
  ) throws(ToolFailure) -> Double {
    guard let value = Double(text), range.contains(value) else {
      throw ToolFailure(
        .usage, "--\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return value
  }

  /// A session of its own, when no assembled pipeline gave one.
  private static func freshSession(_ wallNow: Int64) -> String {
    let time = KST(milliseconds: wallNow)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let date = "\(time.year)\(two(time.month))\(two(time.day))"
    return "observer-\(date)-\(two(time.hour))\(two(time.minute))\(two(time.second))-\(getpid())"
  }
}
