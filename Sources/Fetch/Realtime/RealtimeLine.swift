import KIS
import Plumbing

/// One connection of the session.
struct RealtimeLine {
  /// Why a connection is given up, when that is our decision.
  struct Verdict {
    let reason: GapReason
    let text: String
    /// How long to wait before the next one, when the key is in use elsewhere.
    var wait: Int64?
  }

  let link: any RealtimeLink
  /// When it opened, monotonic nanoseconds; nil while it does not stand.
  var openedAt: Int64?
  var verdict: Verdict?
  var attention = Attention()
  /// When something was last heard, and since when it is silent without our own pauses.
  private var heardAt: Int64 = .min
  private var quietSince: Int64 = .min

  init(_ link: any RealtimeLink, now: Int64) {
    self.link = link
    attention.begin(at: now)
  }

  /// Whether messages are to be sent and silence counts.
  var isUsed: Bool { openedAt != nil && verdict == nil }
  /// When the last bytes came, or it opened.
  var lastSign: Int64 { max(openedAt ?? 0, link.lastFrameAt) }
  /// How long it was silent when it was last listened to.
  var silence: Int64 { max(0, (attention.last ?? quietSince) - quietSince) }

  /// When a silence of `limit` is over.
  func deadline(_ limit: Int64) -> Int64 { quietSince + limit }

  /// Notes what was heard by `now`, and that nobody could listen for `pause` before.
  mutating func listened(_ now: Int64, pause: Int64) {
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
  private static let life: Int64 = 23 * 3_600_000_000_000

  private var key: Secret?
  private var since: Int64 = 0
  /// Fresh keys that were refused in a row.
  var refusals = 0

  /// What registrations carry, whatever its age: an open session outlives it.
  var inUse: Secret? { key }
  /// Whether a session can begin with it.
  func isFresh(_ now: Int64) -> Bool { key != nil && now - since < Self.life }

  mutating func take(_ fresh: Secret, now: Int64) {
    key = fresh
    since = now
  }

  mutating func forget() { key = nil }
}

/// The end of a session: removals one at a time, at the pace that KIS asks for, faster when that would take too long.
struct Farewell {
  /// How long it may take, nanoseconds, and how long while frames that came wait to be read.
  static let time: Int64 = 2_000_000_000, longest: Int64 = 8_000_000_000

  private var left: [Registration] = []
  private var nextAt: Int64 = 0
  private var begun: Int64 = 0
  /// When it is cut short.
  private(set) var until: Int64 = 0

  init() {}

  init(_ registrations: [Registration], now: Int64) {
    left = registrations.reversed()
    nextAt = now
    begun = now
    until = now + Self.time
  }

  /// When there is something to do.
  var deadline: Int64 { left.isEmpty ? until : min(nextAt, until) }
  var isDone: Bool { left.isEmpty }

  /// The next removal, if one is due.
  mutating func next(_ now: Int64) -> Registration? {
    guard now >= nextAt, let item = left.popLast() else { return nil }
    let room = until - Self.time / 3 - now
    nextAt = now + min(50_000_000, max(1_000_000, room / Int64(left.count + 1)))
    return item
  }

  mutating func excuse(_ pause: Int64) { until = min(until + pause, begun + Self.longest) }
}
