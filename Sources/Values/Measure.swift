import JSONBytes

/// A number of a verdict: `mantissa / 10^scale` of the rule's unit.
public struct Measure: Sendable {
  let mantissa: Int128
  let scale: Int

  init(_ amount: Amount) { (mantissa, scale) = (amount.wide, 6) }
  init(_ money: Money) { (mantissa, scale) = (money.millionths, 6) }
  init(milliseconds: Int64) { (mantissa, scale) = (Int128(milliseconds), 3) }
  /// A percentage with four decimals, the rest cut off.
  init(percentOf part: Int128, by base: Int128) { (mantissa, scale) = (part * 1_000_000 / base, 4) }

  /// Appends it as a JSON number, without zeros at the end.
  func append(to out: inout ByteBuffer) {
    var unit: Int128 = 1
    for _ in 0..<scale { unit *= 10 }
    let size = mantissa < 0 ? -mantissa : mantissa
    if mantissa < 0 { out.append(0x2D) }
    out.append(text: String(size / unit))
    var rest = size % unit
    if rest == 0 { return }
    out.append(0x2E)
    while rest > 0 {
      unit /= 10
      out.append(0x30 + UInt8(rest / unit))
      rest %= unit
    }
  }
}
