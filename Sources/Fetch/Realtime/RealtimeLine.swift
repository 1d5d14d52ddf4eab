import KIS
import Plumbing

/// One connection of the session.
struct RealtimeLine {
  /// Why a connection is given up, when that is our decision.
  struct Verdict {
    let reason: GapReason
    let text: String
    /// How long to wait before the next one, when the key is in use elsewhere.
    var wait: Nanoseconds?
  }

  let link: any RealtimeLink
  /// When it opened, monotonic; nil while it does not stand.
  var openedAt: Nanoseconds?
  var verdict: Verdict?
  var attention = Attention()
  /// When something was last heard, and since when it is silent without our own pauses.
  private var heardAt: Nanoseconds = .min
  private var quietSince: Nanoseconds = .min

  init(_ link: any RealtimeLink, now: Nanoseconds) {
    self.link = link
    attention.begin(at: now)
  }

  /// Whether messages are to be sent and silence counts.
  var isUsed: Bool { openedAt != nil && verdict == nil }
  /// When the last bytes came, or it opened.
  var lastSign: Nanoseconds { max(openedAt ?? .zero, link.lastFrameAt) }
  /// How long it was silent when it was last listened to.
  var silence: Nanoseconds { max(.zero, (attention.last ?? quietSince) - quietSince) }

  /// When a silence of `limit` is over.
  func deadline(_ limit: Nanoseconds) -> Nanoseconds { quietSince + limit }

  /// Notes that the line was read at `now`, after a `pause` in which the process could not read.
  mutating func listened(_ now: Nanoseconds, pause: Nanoseconds) {
    if lastSign > heardAt {
      heardAt = lastSign
      quietSince = lastSign
    }
    if quietSince > .min { quietSince = min(quietSince + pause, now) }
  }
}

/// The key that opens sessions.
struct Approval {
  /// It is valid for 24 h; a session that begins near the end of that gets a new one.
  private static let life: Nanoseconds = .hours(23)

  private var key: Secret?
  private var since: Nanoseconds = .zero
  /// Fresh keys that were refused in a row.
  var refusals = 0

  /// What registrations carry, whatever its age: an open session outlives it.
  var inUse: Secret? { key }
  /// Whether a session can begin with it.
  func isFresh(_ now: Nanoseconds) -> Bool { key != nil && now - since < Self.life }

  mutating func take(_ fresh: Secret, now: Nanoseconds) {
    key = fresh
    since = now
  }

  mutating func forget() { key = nil }
}

/// The end of a session: removals at the pace that KIS asks for, faster when that would take too long. The pace is kept
/// by the clock, not by turns: a process that seldom gets to run sends in one turn what was due since the last.
struct Farewell {
  /// How long it may take, and how long while frames that came before it wait to be read. What comes later is no
  /// reason to stay: an exchange that sends faster than the archive takes would hold the end up to the last second.
  static let time: Nanoseconds = .seconds(2), longest: Nanoseconds = .seconds(6)
  /// The pace that KIS asks for, and how long all removals may take: the rest of the time is the close handshake's.
  private static let pace: Nanoseconds = .milliseconds(50), removals: Nanoseconds = time * 2 / 3

  private var left: [Registration] = []
  private var nextAt: Nanoseconds = .zero
  private var step: Nanoseconds = .zero
  private var begun: Nanoseconds = .zero
  /// When it is cut short.
  private(set) var until: Nanoseconds = .zero
  /// Bytes of the connection, from its beginning, that had come when it began.
  private(set) var toRead = 0

  init() {}

  init(_ registrations: [Registration], toRead: Int, now: Nanoseconds) {
    self.toRead = toRead
    left = registrations.reversed()
    step = min(Self.pace, Self.removals / max(registrations.count, 1))
    nextAt = now
    begun = now
    until = now + Self.time
  }

  /// When there is something to do.
  var deadline: Nanoseconds { left.isEmpty ? until : min(nextAt, until) }
  var isDone: Bool { left.isEmpty }

  /// The next removal, if one is due; asked until none is.
  mutating func next(_ now: Nanoseconds) -> Registration? {
    guard now >= nextAt, let item = left.popLast() else { return nil }
    nextAt += step
    return item
  }

  mutating func excuse(_ pause: Nanoseconds) { until = min(until + pause, begun + Self.longest) }
}
