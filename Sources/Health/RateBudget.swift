import Plumbing

/// So many at once, and after that one in an interval; what is not used comes back up to `burst`.
struct RateBudget {
  private let burst: Int
  private let interval: Nanoseconds
  /// When all that was taken will have come back, monotonic.
  private var whole: Nanoseconds = .zero

  /// A whole budget.
  init(burst: Int, interval: Nanoseconds) {
    self.burst = burst
    self.interval = interval
  }

  /// When one may be taken, monotonic; may be over.
  var due: Nanoseconds { whole - interval * (burst - 1) }

  /// Takes one.
  mutating func take(_ now: Nanoseconds) { whole = max(whole, now) + interval }
}
