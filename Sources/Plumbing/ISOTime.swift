/// Reads the times of snapshots: `timestamp`, `trade_time`, `quote_time`, `from`, `to`.
public enum ISOTime {
  /// `YYYY-MM-DDTHH:MM:SS`, up to nine decimals (what is finer than a millisecond is cut), `Z` or `±HH:MM`; nil for any
  /// other text and for what no clock shows.
  public static func read(_ text: UnsafeBufferPointer<UInt8>) -> Milliseconds? {
    guard text.count >= 20, let at = text.baseAddress, at[4] == 0x2D, at[7] == 0x2D, at[10] == 0x54,
      at[13] == 0x3A, at[16] == 0x3A,
      let century = two(at), let years = two(at + 2), let month = two(at + 5), let day = two(at + 8),
      let hour = two(at + 11), let minute = two(at + 14), let second = two(at + 17), hour < 24, minute < 60,
      second < 60, isDate(century * 100 + years, month, day)
    else { return nil }
    var index = 19
    var fraction = 0
    if at[19] == 0x2E {
      var unit = 100
      index = 20
      while index < text.count, at[index] &- 0x30 < 10 {
        fraction += Int(at[index] &- 0x30) * unit
        unit /= 10
        index += 1
      }
      guard (21...29).contains(index) else { return nil }
    }
    guard let zone = zone(at + index, text.count - index) else { return nil }
    let days = KST.days(year: century * 100 + years, month: month, day: day)
    let seconds = (hour * 60 + minute) * 60 + second
    return Milliseconds(
      Int64(days) * 86_400_000 + Int64(seconds * 1000 + fraction) - Int64(zone) * 60_000)
  }

  @inline(__always)
  private static func two(_ at: UnsafePointer<UInt8>) -> Int? {
    let (ten, one) = (at[0] &- 0x30, at[1] &- 0x30)
    return ten < 10 && one < 10 ? Int(ten) * 10 + Int(one) : nil
  }

  @inline(__always)
  private static func isDate(_ year: Int, _ month: Int, _ day: Int) -> Bool {
    guard day >= 1, (1...12).contains(month) else { return false }
    return day <= 28 || KST.isDate(year: year, month: month, day: day)
  }

  /// Minutes east of Greenwich.
  @inline(__always)
  private static func zone(_ at: UnsafePointer<UInt8>, _ count: Int) -> Int? {
    if count == 1, at[0] == 0x5A { return 0 }
    guard count == 6, at[0] == 0x2B || at[0] == 0x2D, at[3] == 0x3A, let hours = two(at + 1),
      let minutes = two(at + 4), hours < 24, minutes < 60
    else { return nil }
    return at[0] == 0x2B ? hours * 60 + minutes : -(hours * 60 + minutes)
  }
}
