import Plumbing

/// A call limit: at most `permits` calls in any `window`.
public struct LimiterRule: Equatable, Sendable {
  /// On top of the window, for clocks that run a little apart. It costs 1 % of the allowed rate.
  public static let margin: Nanoseconds = .milliseconds(10)
  /// How much later than it was sent a call may have reached the server, as long as it is not answered.
  public static let doubt: Nanoseconds = .milliseconds(250)

  /// Calls in a window.
  public let permits: Int
  /// How long a window is.
  public let window: Nanoseconds

  /// The rule for `rate` calls a second: whole numbers are that many in any second, others the next smaller
  /// number in a window that fits (0.5: one in any two seconds).
  public init(callsPerSecond rate: Double) {
    let rate = rate > 0.001 ? min(rate, 1_000_000) : 0.001
    permits = max(1, Int(rate))
    window = Nanoseconds(Int64(Double(permits) / rate * 1_000_000_000))
  }

  /// How far away a permit or a slot can be that a caller of this rate has to wait for: 16 processes with
  /// the heaviest penalty stand before it. What is farther away was written by another clock, or is damaged.
  public var horizon: Nanoseconds {
    max(.seconds(5), (window + Self.margin) / permits * RatePenalty.greatest * 16)
  }

  /// Between two calls that are spread evenly.
  public var spacing: Nanoseconds { (window + Self.margin) / permits }
}

/// When the next call may be made: the pure half of the limiter that processes share.
///
/// Calls are spread evenly (`reserve`), because a burst at the edge of the other end's window would be refused.
/// And a call is only made (`commit`) when the permit of the call N before it is free again: one window after
/// the latest moment at which that call can have reached the server, which its answer tells. So a process that
/// was held up, a slow connection or a busy server never squeezes N + 1 calls into a window.
public struct LimiterState: Equatable, Sendable {
  /// One call that holds a permit.
  public struct Call: Equatable, Sendable {
    /// Whose call it is.
    public let id: UInt64
    /// When its permit is free again, monotonic.
    public var freesAt: Nanoseconds

    /// Makes an entry.
    public init(id: UInt64, freesAt: Nanoseconds) {
      self.id = id
      self.freesAt = freesAt
    }
  }

  /// The next free slot, monotonic.
  public var next: Nanoseconds
  /// Calls that hold a permit.
  public var calls: [Call]

  /// Starts with `next` as the first free slot.
  public init(next: Nanoseconds = .zero, calls: [Call] = []) {
    self.next = next
    self.calls = calls
  }

  /// Takes the next slot; the caller waits until it, then commits. Never before `now`. `multiplier` widens the
  /// distance to the slot after it. A slot beyond the rule's horizon is void.
  public mutating func reserve(now: Nanoseconds, rule: LimiterRule, multiplier: Int = 1) -> Nanoseconds {
    if next > now + rule.horizon { next = now }
    let slot = max(now, next)
    next = slot + rule.spacing * multiplier
    return slot
  }

  /// Makes the call now, if a permit is free; otherwise gives the time at which one will be, at the latest.
  public mutating func commit(now: Nanoseconds, rule: LimiterRule, id: UInt64) -> Nanoseconds? {
    calls.removeAll { $0.freesAt <= now || $0.freesAt > now + rule.horizon }
    if calls.count >= rule.permits {
      return calls.map(\.freesAt).sorted(by: >)[rule.permits - 1]
    }
    calls.append(Call(id: id, freesAt: now + rule.window + LimiterRule.margin + LimiterRule.doubt))
    return nil
  }

  /// The call was answered: it reached the server at `latest` or before.
  public mutating func complete(id: UInt64, latest: Nanoseconds, rule: LimiterRule) {
    guard let index = calls.firstIndex(where: { $0.id == id }) else { return }
    calls[index].freesAt = min(calls[index].freesAt, latest + rule.window + LimiterRule.margin)
  }
}

/// What a call takes at least: the part of an answer's time that says nothing about when the call arrived.
public struct LatencyFloor: Equatable, Sendable {
  private static let samples = 32
  private static let enough = 8
  private var recent: [Nanoseconds] = []
  private var at = 0

  /// Nothing measured yet.
  public init() {}

  /// Notes how long an answer took.
  public mutating func note(_ latency: Nanoseconds) {
    if recent.count < Self.samples {
      recent.append(latency)
    } else {
      recent[at] = latency
      at = (at + 1) % Self.samples
    }
  }

  /// The least of the last answers; zero while too few are known.
  public var value: Nanoseconds { recent.count < Self.enough ? .zero : recent.min() ?? .zero }
}

/// The own share, halved for a while each time KIS says that the limit was exceeded (EGW00201), because KIS
/// itself says that its distributed servers sometimes refuse calls within the limit.
public struct RatePenalty: Equatable, Sendable {
  /// How long one halving lasts.
  public static let recovery: Nanoseconds = .seconds(10)
  static let greatest = 8
  private var factor = 1
  private var changed: Nanoseconds = .zero

  /// Starts without a penalty.
  public init() {}

  /// Halves the rate, at most once a second (several calls in flight are refused together) and down to an eighth.
  public mutating func refuse(now: Nanoseconds) {
    _ = multiplier(now: now)
    guard factor == 1 || now - changed >= .seconds(1) else { return }
    factor = min(factor * 2, Self.greatest)
    changed = now
  }

  /// What the spacing is multiplied by now: 1, 2, 4 or 8.
  public mutating func multiplier(now: Nanoseconds) -> Int {
    while factor > 1 && now - changed >= Self.recovery {
      factor /= 2
      changed += Self.recovery
    }
    return factor
  }
}
