import Plumbing

/// A price or an amount with the digits it came with: `mantissa / 10^scale`.
///
/// Never a floating-point number: 277,750.5 won or an index at 2,712.45 is compared to the last digit.
public struct Decimal: Sendable {
  /// All digits as one whole number.
  public let mantissa: Int64
  /// Digits after the point, 0...9.
  public let scale: Int

  /// Makes `mantissa / 10^scale`.
  public init(_ mantissa: Int64, scale: Int = 0) {
    self.mantissa = mantissa
    self.scale = scale
  }

  /// Most digits that are read.
  static let maximumDigits = 18

  /// Reads a JSON number without an exponent, `-12.50`; nil for anything else, and for more than 18 digits or 9 decimals.
  @inline(__always)
  public init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress, text.count > 0, text.count <= Self.maximumDigits + 2 else {
      return nil
    }
    let isNegative = start.pointee == UInt8(ascii: "-")
    var value: Int64 = 0
    var digits = 0
    var decimals = -1
    for index in (isNegative ? 1 : 0)..<text.count {
      let byte = start[index]
      if byte == UInt8(ascii: "."), decimals < 0 {
        decimals = 0
        continue
      }
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10, digits < Self.maximumDigits else { return nil }
      value = value &* 10 &+ Int64(digit)
      digits += 1
      if decimals >= 0 { decimals += 1 }
    }
    guard digits > 0, decimals != 0, decimals <= 9 else { return nil }
    self.init(isNegative ? -value : value, scale: max(0, decimals))
  }

  /// The value, where it is whole; `12.00` is.
  public var whole: Int64? {
    let unit = Self.power(scale)
    return mantissa % unit == 0 ? mantissa / unit : nil
  }

  /// `self * count * multiplier`, where that is a whole number that 64 bits hold.
  @inline(__always)
  func times(_ count: Int64, _ multiplier: Int64) -> Int64? {
    let (first, overflow) = mantissa.multipliedReportingOverflow(by: count)
    guard !overflow else { return nil }
    let (product, overflowAgain) = first.multipliedReportingOverflow(by: multiplier)
    guard !overflowAgain else { return nil }
    if scale == 0 { return product }
    let unit = Self.power(scale)
    return product % unit == 0 ? product / unit : nil
  }

  /// 10^exponent.
  static func power(_ exponent: Int) -> Int64 {
    var value: Int64 = 1
    for _ in 0..<exponent { value = value &* 10 }
    return value
  }

  /// As a JSON number: `71100`, `2712.45`.
  public var text: String {
    guard scale > 0 else { return String(mantissa) }
    let unit = Self.power(scale)
    let fraction = String(mantissa.magnitude % unit.magnitude)
    return (mantissa < 0 ? "-" : "") + String(mantissa.magnitude / unit.magnitude) + "."
      + String(repeating: "0", count: scale - fraction.count) + fraction
  }
}

extension Decimal: Comparable {
  /// Compares values, not digits: 12.5 is 12.50.
  public static func == (one: Decimal, other: Decimal) -> Bool { !(one < other) && !(other < one) }

  /// Compares values.
  public static func < (one: Decimal, other: Decimal) -> Bool {
    let scale = max(one.scale, other.scale)
    let first = one.mantissa.multipliedReportingOverflow(by: power(scale - one.scale))
    let second = other.mantissa.multipliedReportingOverflow(by: power(scale - other.scale))
    if first.overflow || second.overflow {
      return Double(one.mantissa) / Double(power(one.scale)) < Double(other.mantissa)
        / Double(power(other.scale))
    }
    return first.partialValue < second.partialValue
  }
}

extension Decimal {
  /// Thousandths, rounded down, as far as a time goes.
  var milliseconds: Int64 {
    let count = scale <= 3 ? mantissa.times(Self.power(3 - scale)) : mantissa / Self.power(scale - 3)
    return min(max(count, Timestamp.range.lowerBound), Timestamp.range.upperBound)
  }

  /// As a number to draw with.
  var approximate: Double { Double(mantissa) / Double(Self.power(scale)) }
}
