import Glibc

/// The two clocks of the host.
public enum Clocks {
  /// Wall clock, milliseconds since 1970-01-01T00:00:00Z. May jump.
  public static func wallMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Monotonic clock in nanoseconds: for intervals and deadlines. Never jumps.
  public static func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
