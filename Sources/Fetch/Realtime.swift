import KIS
import Plumbing
import WebSocket

/// The state of the one WebSocket session.
final class Realtime {
  /// Where the session stands.
  enum Phase: Equatable {
    /// Nothing is wanted yet.
    case idle
    /// The approval key is asked for.
    case approving
    /// The socket connects or is open.
    case connected
    /// Waits to try again.
    case waiting(until: Int64)
    /// Says goodbye.
    case leaving
    /// Over.
    case gone
  }

  /// An approval key is valid for 24 h; a session that begins near the end of that gets a new one.
  static let approvalLife: Int64 = 23 * 3_600_000_000_000

  let url: WebSocketURL
  private let lock: SessionLock
  var phase = Phase.idle
  var plan: SubscriptionPlan
  var policy: ReconnectPolicy
  var connection: WebSocketConnection?
  var parser = FrameParser()

  var approval: Secret?
  var approvedAt: Int64 = 0
  var approvalRefusals = 0

  /// Monotonic time at which the present connection opened; nil while there is none.
  var openedAt: Int64?
  /// Why the connection is being given up, when that is our decision.
  var verdict: (reason: GapReason, text: String)?
  /// How long to wait before the next connection, when the key is in use elsewhere.
  var keyWait: Int64?
  var farewells: [Registration] = []
  var farewellAt: Int64 = 0
  /// When the farewell is cut short.
  var leaveBy: Int64 = 0

  /// Subjects by a number made of channel and symbol, so that a frame needs no text.
  var known: [UInt64: Subject] = [:]
  /// Instruments without room in the session.
  var overflow = Overflow()

  var frames = 0
  var records = 0
  var connections = 0
  var drifts = 0
  /// What could be read of each channel.
  var account = FrameAccount()
  /// Keeps what could not (`--rejects`).
  var rejects: FrameRejects?
  /// Time between the last two frames, and the longest that ended with a PINGPONG, nanoseconds.
  var idle: Int64 = 0
  var idleBeforePing: Int64?
  /// When the exchange was last reachable, monotonic.
  var healthyAt: Int64
  /// Our own pauses, and since when the connection is silent without them.
  var attention = Attention()
  var quiet = Quiet()

  init(_ options: FetchOptions, lock: SessionLock) throws(ToolFailure) {
    url = try WebSocketURL(options.webSocketURL)
    self.lock = lock
    var timing = SubscriptionPlan.Timing()
    if options.timeScale != 1 {
      timing.unanswered = timing.unanswered.scaled(by: options.timeScale)
      timing.retry = timing.retry.scaled(by: options.timeScale)
      timing.overflow = timing.overflow.scaled(by: options.timeScale)
      timing.flip = timing.flip.scaled(by: options.timeScale)
    }
    rejects = options.rejects.map { FrameRejects(path: $0) }
    plan = SubscriptionPlan(limit: options.maxRegistrations, timing: timing)
    let now = Clocks.monotonicNanoseconds()
    policy = ReconnectPolicy(
      limits: ReconnectPolicy.Limits().scaled(by: options.timeScale), seed: UInt64(truncatingIfNeeded: now))
    healthyAt = now
  }

  /// How long the open connection was silent when it was last listened to, nanoseconds.
  var silence: Int64 { max(0, (attention.last ?? quiet.since) - quiet.since) }
  var isGone: Bool { phase == .gone }

  /// The number of a channel and a symbol of at most seven bytes; nil for a longer one.
  static func number(_ channel: Channel, _ symbol: UnsafeBufferPointer<UInt8>) -> UInt64? {
    guard symbol.count <= 7 else { return nil }
    var number: UInt64 = channel.kind == .trades ? 1 : 2
    switch channel.venue {
    case .krx: break
    case .nxt: number |= 4
    case .unified: number |= 8
    }
    for byte in symbol { number = number << 8 | UInt64(byte) }
    return number
  }

  static func number(_ registration: Registration) -> UInt64? {
    Array(registration.symbol.utf8).withUnsafeBufferPointer { number(registration.channel, $0) }
  }
}

/// Since when a connection is silent, without our own pauses; monotonic nanoseconds.
struct Quiet {
  private var heard: Int64 = .min
  private(set) var since: Int64 = .min

  /// Something was last heard at `time`.
  mutating func heard(at time: Int64) {
    guard time > heard else { return }
    heard = time
    since = time
  }

  /// Nobody listened for so long before `now`.
  mutating func excuse(_ pause: Int64, at now: Int64) { if since > .min { since = min(since + pause, now) } }
}

/// Instruments of which at least one registration has no room, in the order in which that happened.
struct Overflow {
  /// The instruments.
  private(set) var list = Watchlist()
  private var counts: [Instrument: Int] = [:]

  /// One registration of an instrument came to have no room, or has it no longer. True when that moved the
  /// instrument.
  mutating func note(_ instrument: Instrument, isOverflow: Bool) -> Bool {
    let count = (counts[instrument] ?? 0) + (isOverflow ? 1 : -1)
    counts[instrument] = count > 0 ? count : nil
    return count > 0 ? list.add(instrument) : list.remove(instrument) != nil
  }
}
