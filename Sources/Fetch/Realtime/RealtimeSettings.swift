import KIS
import Plumbing
import WebSocket

/// What a session may do, and how long it waits.
struct RealtimeSettings {
  /// The server, for the log.
  var place = ""
  /// The most registrations.
  var registrations = Profile.registrations
  var timing = SubscriptionPlan.Timing()
  var reconnect = ReconnectPolicy.Limits()
  /// A connection that is silent for so long is replaced.
  var watchdog: Nanoseconds = .seconds(100)
  /// Connections that may fail in a row; nil: no end.
  var retries: Int?
  /// The longest time out of reach; nil: no end.
  var maxWait: Nanoseconds?

  /// All waits for the server multiplied by `factor` (tests).
  func scaled(by factor: Double) -> RealtimeSettings {
    guard factor != 1 else { return self }
    var settings = self
    settings.timing.unanswered = timing.unanswered.scaled(by: factor)
    settings.timing.retry = timing.retry.scaled(by: factor)
    settings.timing.overflow = timing.overflow.scaled(by: factor)
    settings.timing.flip = timing.flip.scaled(by: factor)
    settings.reconnect = reconnect.scaled(by: factor)
    return settings
  }
}

/// What was counted over all connections of a session.
struct RealtimeCounts {
  var frames = 0
  var records = 0
  var connections = 0
  var drifts = 0
  /// Control messages that could not be read or are about nothing, and records of what is not watched.
  var skippedMessages = 0, skippedRecords = 0
  /// Time between the last two frames.
  var idle: Nanoseconds = .zero
  /// The longest silence that a PINGPONG has ended.
  var idleBeforePing: Nanoseconds?

  /// Adds what another session counted.
  mutating func add(_ other: RealtimeCounts) {
    frames += other.frames
    records += other.records
    connections += other.connections
    drifts += other.drifts
    skippedMessages += other.skippedMessages
    skippedRecords += other.skippedRecords
    idleBeforePing = [idleBeforePing, other.idleBeforePing].compactMap { $0 }.max()
  }
}

extension RealtimeLane {
  /// A session over a socket, as the options say, through the proxy that the environment names.
  static func live(
    _ options: FetchOptions, _ environment: Environment, now: Nanoseconds, seed: UInt64
  ) throws(ToolFailure) -> RealtimeLane {
    let url = try WebSocketURL(options.webSocketURL)
    let tunnel = try ProxyTunnel(to: url, in: environment)
    var settings = RealtimeSettings()
    settings.place = "\(url)" + (tunnel.map { " through \($0.proxy)" } ?? "")
    settings.registrations = options.maxRegistrations
    settings.watchdog = options.watchdog
    settings.retries = options.retries
    settings.maxWait = options.maxWait
    return RealtimeLane(settings.scaled(by: options.timeScale), now: now, seed: seed) {
      var limits = WebSocketOptions()
      // A name with a broken byte would come again after each reconnect, and reconnecting in a loop gets a key
      // blocked: the builder repairs text instead.
      limits.requiresUTF8 = false
      return WebSocketConnection(url, tunnel: tunnel, options: limits)
    }
  }
}
