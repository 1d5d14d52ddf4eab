/// So many at once, and after that one in an interval; what is not used comes back up to `burst`.
struct RateBudget {
  private let burst: Int64
  private let interval: Int64
  /// When all that was taken will have come back, monotonic nanoseconds.
  private var whole: Int64 = 0

  /// A whole budget; `interval` in nanoseconds.
  init(burst: Int, interval: Int64) {
    self.burst = Int64(burst)
    self.interval = interval
  }

  /// When one may be taken, monotonic nanoseconds; may be over.
  var due: Int64 { whole - (burst - 1) * interval }

  /// Takes one.
  mutating func take(_ now: Int64) { whole = max(whole, now) + interval }
}
