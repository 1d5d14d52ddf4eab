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

/// Sums of numbers from outside: one that the type cannot hold is the end of the type, where everybody sees that it is wrong.
extension FixedWidthInteger {
  /// The sum, as far as the type goes.
  @inlinable @inline(__always)
  public func plus(_ other: Self) -> Self {
    let (sum, isBeyond) = addingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .min : .max) : sum
  }

  /// Adds, as far as the type goes.
  @inlinable @inline(__always)
  public mutating func add(_ other: Self) { self = plus(other) }

  /// The difference, as far as the type goes.
  @inlinable @inline(__always)
  public func minus(_ other: Self) -> Self {
    let (difference, isBeyond) = subtractingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .max : .min) : difference
  }

  /// The product, as far as the type goes.
  @inlinable @inline(__always)
  public func times(_ other: Self) -> Self {
    let (product, isBeyond) = multipliedReportingOverflow(by: other)
    return isBeyond ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}

extension Sequence {
  /// The sum of a number of each element, as far as 64 bits go.
  public func sum(_ number: (Element) -> Int64) -> Int64 { reduce(0) { $0.plus(number($1)) } }
}

/// Instants that a calendar has: 285,000 years to both sides of 1970. Two of them can be subtracted.
public enum Timestamp {
  /// What is taken for a time, milliseconds; anything beyond is one of the ends.
  public static let range: ClosedRange<Int64> = -9_000_000_000_000_000...9_000_000_000_000_000

  /// Of seconds as metrics have them.
  public static func clamping(_ seconds: Double) -> Milliseconds { clamped(Int64(clamping: seconds * 1000)) }

  /// Of a file's time, which can be any number.
  public static func clamping(_ time: timespec) -> Milliseconds {
    let (whole, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1000)
    guard !overflow else { return clamped(time.tv_sec < 0 ? .min : .max) }
    return clamped(clamped(whole).count + Int64(time.tv_nsec) / 1_000_000)
  }

  /// The nearest time in `range`.
  public static func clamped(_ count: Int64) -> Milliseconds {
    Milliseconds(min(max(count, range.lowerBound), range.upperBound))
  }
}
