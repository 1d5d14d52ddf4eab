import JSONBytes

/// A price, a size or a limit in millionths, exact. What has more digits than that is no amount.
@frozen public struct Amount: Comparable, Sendable {
  /// Millionths, below 10^18 either way.
  public let millionths: Int64

  /// So many millionths.
  public init(millionths: Int64) { self.millionths = millionths }
  /// So many.
  public init(_ whole: Int) { millionths = Int64(whole) * 1_000_000 }

  /// Reads the text of a JSON number with at most 12 digits before the point, 6 after it and no exponent.
  public init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard let parts = Digits(text, whole: 12) else { return nil }
    let sum = parts.whole &* 1_000_000 &+ parts.millionths
    millionths = parts.isNegative ? 0 &- sum : sum
  }

  /// Reads a limit of the configuration.
  public init?(text: String) {
    var text = text
    guard let amount = text.withUTF8({ Amount($0) }) else { return nil }
    self = amount
  }

  static let zero = Amount(millionths: 0)

  /// Whether `one` is smaller.
  public static func < (one: Self, other: Self) -> Bool { one.millionths < other.millionths }

  /// For products that 64 bits do not hold.
  @inline(__always) var wide: Int128 { Int128(millionths) }
}

/// The money of a day, in millionths: it may have 15 digits before the point.
struct Money: Comparable {
  let millionths: Int128

  init(millionths: Int128) { self.millionths = millionths }

  init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard let parts = Digits(text, whole: 15) else { return nil }
    let sum = Int128(parts.whole) * 1_000_000 + Int128(parts.millionths)
    millionths = parts.isNegative ? -sum : sum
  }

  static let zero = Money(millionths: 0)

  static func < (one: Self, other: Self) -> Bool { one.millionths < other.millionths }
}

/// The digits of a decimal number's text.
private struct Digits {
  var whole: Int64 = 0
  var millionths: Int64 = 0
  let isNegative: Bool

  /// Nil for what is no number, has an exponent, more than `limit` digits before the point or 6 after it.
  @inline(__always)
  init?(_ text: UnsafeBufferPointer<UInt8>, whole limit: Int) {
    guard let start = text.baseAddress, text.count > 0 else { return nil }
    let end = start + text.count
    isNegative = start.pointee == 0x2D
    var at = isNegative ? start + 1 : start
    let first = at
    while at < end {
      let digit = at.pointee &- 0x30
      guard digit < 10 else { break }
      whole = whole &* 10 &+ Int64(digit)
      at += 1
      if at - first > limit { return nil }
    }
    guard at > first else { return nil }
    if at == end { return }
    guard at.pointee == 0x2E, end - at >= 2, end - at <= 7 else { return nil }
    at += 1
    var unit: Int64 = 100_000
    while at < end {
      let digit = at.pointee &- 0x30
      guard digit < 10 else { return nil }
      millionths &+= Int64(digit) &* unit
      unit /= 10
      at += 1
    }
  }
}
