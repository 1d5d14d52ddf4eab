import Plumbing

/// Reads the one form in which Observer writes times.
enum ISOTime {
  /// Epoch milliseconds of `2026-07-30T09:23:41.123+09:00`, fraction optional; nil for any other text.
  @inline(__always)
  static func milliseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard text.count >= 25, text[4] == UInt8(ascii: "-"), text[10] == UInt8(ascii: "T"),
      text[13] == UInt8(ascii: ":")
    else { return nil }
    let year = number(text, 0, 4)
    let month = number(text, 5, 2)
    let day = number(text, 8, 2)
    let seconds = (number(text, 11, 2) * 60 + number(text, 14, 2)) * 60 + number(text, 17, 2)
    let zone = text.count - 6
    guard text[zone + 3] == UInt8(ascii: ":") else { return nil }
    let offset = number(text, zone + 1, 2) * 60 + number(text, zone + 4, 2)
    guard year | month | day | seconds | offset >= 0, KST.isDate(year: year, month: month, day: day) else {
      return nil
    }
    var fraction = 0
    if text[19] == UInt8(ascii: "."), zone >= 23 { fraction = max(0, number(text, 20, 3)) }
    let days = KST.days(year: year, month: month, day: day)
    let local = Int64(days) * Milliseconds.day.count + Int64(seconds * 1000 + fraction)
    switch text[zone] {
    case UInt8(ascii: "+"): return local - Int64(offset) * 60_000
    case UInt8(ascii: "-"): return local + Int64(offset) * 60_000
    default: return nil
    }
  }

  /// Digits as a number; far below zero when one is not a digit.
  @inline(__always)
  private static func number(_ text: UnsafeBufferPointer<UInt8>, _ at: Int, _ count: Int) -> Int {
    var value = 0
    for index in at..<(at + count) {
      let digit = Int(text[index]) - 0x30
      if digit < 0 || digit > 9 { return -1 << 40 }
      value = value * 10 + digit
    }
    return value
  }
}
