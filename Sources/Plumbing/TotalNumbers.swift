import Glibc

/// Numbers from outside: each becomes a number that arithmetic can use, and none traps.
extension FixedWidthInteger {
  /// The nearest number of this type; 0 for NaN.
  public init(clamping value: Double) {
    self =
      value.isNaN
      ? 0 : Self(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
  }
}

/// Milliseconds since 1970 that a calendar has: 285,000 years to both sides. Two of them can be subtracted.
public enum Timestamp {
  /// What is taken for a time; anything beyond is one of the ends.
  public static let range: ClosedRange<Int64> = -9_000_000_000_000_000...9_000_000_000_000_000

  /// Of seconds as metrics have them.
  public static func milliseconds(_ seconds: Double) -> Int64 { clamped(Int64(clamping: seconds * 1000)) }

  /// Of a file's time, which can be any number.
  public static func milliseconds(_ time: timespec) -> Int64 {
    let (whole, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1000)
    guard !overflow else { return time.tv_sec < 0 ? range.lowerBound : range.upperBound }
    return clamped(clamped(whole) + Int64(time.tv_nsec) / 1_000_000)
  }

  /// The nearest time in `range`.
  static func clamped(_ milliseconds: Int64) -> Int64 {
    min(max(milliseconds, range.lowerBound), range.upperBound)
  }
}
