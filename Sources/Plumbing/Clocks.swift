import Glibc

/// The two clocks of the host.
public enum Clocks {
  /// Wall clock, since 1970-01-01T00:00:00Z. May jump.
  public static func wall() -> Milliseconds {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Milliseconds(time)
  }

  /// Monotonic clock: for intervals and deadlines. Never jumps.
  public static func monotonic() -> Nanoseconds {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Nanoseconds(time)
  }
}
