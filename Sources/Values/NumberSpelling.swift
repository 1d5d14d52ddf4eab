/// A JSON number in a spelling that is not plain decimals: with an exponent, or with more digits than an amount has.
///
/// `1.5e2` is 150, and exact. Above zero, what has no exact amount is none. Below zero it is the next amount away from
/// zero: the rules ask only whether such a number is below zero, and it must not pass for want of digits.
enum NumberSpelling {
  /// The number in millionths, of `limit` digits before the point at most.
  @inline(__always)
  static func millionths(_ text: UnsafeBufferPointer<UInt8>, whole limit: Int) -> Int128? {
    guard let first = text.first, first == 0x2D || first &- 0x30 < 10 else { return nil }
    return read(text, first == 0x2D, limit)
  }

  @inline(never)
  private static func read(_ text: UnsafeBufferPointer<UInt8>, _ isNegative: Bool, _ limit: Int) -> Int128? {
    let end = text.firstIndex { $0 | 0x20 == 0x65 } ?? text.count
    let digits = text[(isNegative ? 1 : 0)..<end]
    let point = digits.firstIndex(of: 0x2E) ?? end
    // The power of ten, in millionths, of the digit in hand.
    var power = point - digits.startIndex - 1 + exponent(text[min(end + 1, text.count)...]) + 6
    var sum: Int128 = 0
    var isTooLarge = false, hasRest = false
    for byte in digits where byte != 0x2E {
      let digit = byte &- 0x30
      guard digit < 10 else { return nil }
      if digit > 0 {
        if power >= limit + 6 {
          isTooLarge = true
        } else if power < 0 {
          hasRest = true
        } else {
          sum += Int128(digit) * tens(power)
        }
      }
      power -= 1
    }
    if !isTooLarge && !hasRest { return isNegative ? -sum : sum }
    let most = tens(limit + 6) - 1
    return isNegative ? -(isTooLarge ? most : min(sum + 1, most)) : nil
  }

  /// An exponent's value; one that is out of all bounds is taken for a bound.
  private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    let value = text.reduce(0) { sum, byte in
      byte &- 0x30 < 10 ? min(sum * 10 + Int(byte &- 0x30), 1 << 40) : sum
    }
    return text.first == 0x2D ? -value : value
  }

  private static func tens(_ power: Int) -> Int128 { (0..<power).reduce(1) { value, _ in value * 10 } }
}
