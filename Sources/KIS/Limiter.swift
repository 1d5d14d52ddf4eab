/// When the next call may be made: the pure half of the limiter that processes share.
///
/// Calls are spaced evenly instead of counted in a window, because a window's edges are unknown at the other
/// end. With a spacing of (1 s + `slack`) / N, N + 1 calls take 1 s + `slack`: a network that delays one call
/// by up to `slack` more than another still cannot squeeze N + 1 of them into one second at the server.
public struct LimiterState: Equatable, Sendable {
  /// Tolerated difference between the delays of two calls, nanoseconds. It costs 2.4 % of the allowed rate.
  public static let slack: Int64 = 25_000_000
  /// A next slot farther away than this was written by another clock or damaged: it is not waited for.
  public static let horizon: Int64 = 600_000_000_000

  /// The next free slot, monotonic nanoseconds.
  public var next: Int64

  /// Starts with `next` as the first free slot.
  public init(next: Int64 = 0) { self.next = next }

  /// Nanoseconds between two calls at `rate` calls a second.
  public static func spacing(callsPerSecond rate: Double) -> Int64 {
    Int64((1_000_000_000 + Double(slack)) / max(rate, 0.001))
  }

  /// Takes the next slot; the caller sleeps until it. Never before `now`.
  public mutating func reserve(now: Int64, spacing: Int64) -> Int64 {
    if next - now > Self.horizon { next = now }
    let slot = max(now, next)
    next = slot + spacing
    return slot
  }
}

/// The own share, halved for a while each time KIS says that the limit was exceeded (EGW00201), because KIS
/// itself says that its distributed servers sometimes refuse calls within the limit.
public struct RatePenalty: Equatable, Sendable {
  /// How long one halving lasts, nanoseconds.
  public static let recovery: Int64 = 10_000_000_000
  private static let greatest: Int64 = 8
  private var factor: Int64 = 1
  private var changed: Int64 = 0

  /// Starts without a penalty.
  public init() {}

  /// Halves the rate, at most once a second (several calls in flight are refused together) and down to an eighth.
  public mutating func refuse(now: Int64) {
    _ = multiplier(now: now)
    guard factor == 1 || now - changed >= 1_000_000_000 else { return }
    factor = min(factor * 2, Self.greatest)
    changed = now
  }

  /// What the spacing is multiplied by now: 1, 2, 4 or 8.
  public mutating func multiplier(now: Int64) -> Int64 {
    while factor > 1 && now - changed >= Self.recovery {
      factor /= 2
      changed += Self.recovery
    }
    return factor
  }
}
