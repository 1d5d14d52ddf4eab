import JSONBytes

/// A price, a size or a limit in millionths, exact. What has more digits than that is no amount.
@frozen public struct Amount: Comparable, Sendable {
  /// Millionths, below 10^18 either way.
  public let millionths: Int64

  /// So many millionths.
  public init(millionths: Int64) { self.millionths = millionths }
  /// So many.
  public init(_ whole: Int) { millionths = Int64(whole) * 1_000_000 }

  /// Reads the text of a JSON number with at most 12 digits before the point, 6 after it and no exponent. The eight
  /// bytes before the text must be readable, as they are of a value inside a line.
  public init?(_ text: UnsafeBufferPointer<UInt8>) {
    if text.count <= 12, let whole = Digits.whole(text) {
      millionths = Int64(bitPattern: whole &* 1_000_000)
      return
    }
    guard let parts = Digits(text, whole: 12) else { return nil }
    let sum = parts.whole &* 1_000_000 &+ parts.millionths
    millionths = parts.isNegative ? 0 &- sum : sum
  }

  /// Reads any JSON number; nil for other values, and for one above zero that has no exact amount.
  @inline(__always)
  init?(number text: UnsafeBufferPointer<UInt8>) {
    if let plain = Amount(text) {
      self = plain
    } else if let value = NumberSpelling.millionths(text, whole: 12) {
      millionths = Int64(truncatingIfNeeded: value)
    } else {
      return nil
    }
  }

  /// Reads a limit of the configuration.
  public init?(text: String) {
    var padded = "        " + text
    guard let amount = padded.withUTF8({ Amount(UnsafeBufferPointer(rebasing: $0[8...])) }) else {
      return nil
    }
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

  /// As any JSON number is read as an `Amount`.
  init?(number text: UnsafeBufferPointer<UInt8>) {
    if text.count <= 15, let whole = Digits.whole(text) {
      millionths = Int128(whole) * 1_000_000
      return
    }
    guard let parts = Digits(text, whole: 15) else {
      guard let value = NumberSpelling.millionths(text, whole: 15) else { return nil }
      millionths = value
      return
    }
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
  @inline(never)
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

  /// The value of 1 to 16 digits and nothing else, eight at a time; nil for all other texts.
  @inline(__always)
  static func whole(_ text: UnsafeBufferPointer<UInt8>) -> UInt64? {
    guard let start = text.baseAddress, text.count > 0 else { return nil }
    let end = start + text.count
    if text.count <= 8 { return eight(end, text.count) }
    guard let high = eight(end - 8, text.count &- 8), let low = eight(end, 8) else { return nil }
    return high &* 100_000_000 &+ low
  }

  /// The value of the last `count` (1...8) digits before `end`.
  @inline(__always)
  private static func eight(_ end: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
    let text = UInt64(littleEndian: UnsafeRawPointer(end - 8).loadUnaligned(as: UInt64.self))
    // The digits as numbers, the first one lowest; what stands before them becomes leading zeros.
    var sum = (text ^ 0x3030_3030_3030_3030) & (UInt64.max &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count))
    guard (sum | (sum &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0 else { return nil }
    // Neighbours together: 8 digits, 4 pairs, 2 fours, 1 eight.
    sum = (sum &* 10) &+ (sum &>> 8)
    let (even, odd) = (sum & 0xFF_0000_00FF, (sum &>> 16) & 0xFF_0000_00FF)
    return (even &* 0xF_4240_0000_0064 &+ odd &* 0x2710_0000_0001) &>> 32
  }
}
