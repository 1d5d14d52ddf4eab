import Glibc
import Health
import JSONBytes
import Market
import Plumbing

@testable import KIS

/// Dates and times as others write them: what is taken is what was written, and what is right is taken.
final class TimeTarget: FuzzTarget {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    let text = String(decoding: input.bytes, as: UTF8.self)
    var kind = Kind()
    // A leap second is the one after it: no text says that one again.
    let isLeap = text.utf8.count > 19 ? text.contains(":60 ") : text.hasSuffix(":60")
    if let instant = HTTPDate.parse(text) {
      kind.add(1)
      guard isLeap || Self.http(instant).dropFirst(4) == text.dropFirst(4) else {
        throw Broken("'\(text)' is taken for \(Self.http(instant))")
      }
    }
    if let instant = AccessToken.parseExpiry(text) {
      kind.add(2)
      guard isLeap || Self.expiry(instant) == text else {
        throw Broken("'\(text)' is taken for \(Self.expiry(instant))")
      }
    }
    // 1970 to 9999, whole seconds.
    let time = Milliseconds.seconds(Int(random.next() % 253_370_764_800))
    guard HTTPDate.parse(Self.http(time)) == time, AccessToken.parseExpiry(Self.expiry(time)) == time else {
      throw Broken("not taken: \(Self.http(time)), \(Self.expiry(time))")
    }
    try checkHolidays(text, &random, &kind)
    return kind.value
  }

  /// A day is a holiday where a line says so and gives no hours, and only there.
  private func checkHolidays(
    _ text: String, _ random: inout Generator, _ kind: inout Kind
  ) throws(Broken) {
    let calendar = MarketCalendar(jsonLines: text)
    let lines = text.utf8.split(separator: 0x0A).compactMap { try? JSONValue.parse(Array($0)) }
    let whole = lines.filter { $0["open"] == nil && $0["close"] == nil }
    let dates = Set(whole.compactMap { $0["date"]?.string })
    kind.add(min(dates.count, 4))
    for date in dates {
      guard let noon = AccessToken.parseExpiry(date + " 12:00:00") else { continue }
      guard calendar.day(at: noon) != .trading else { throw Broken("open on '\(date)'") }
      kind.add(8)
    }
    let other = Milliseconds(1_767_225_600_000) + .day * random.below(366)
    if case .holiday = calendar.day(at: other), !dates.contains(String(Self.expiry(other).prefix(10))) {
      throw Broken("\(Self.expiry(other)) is no holiday")
    }
    // Any time has a day, a session in it, and an end.
    let any = Milliseconds(Int64(bitPattern: random.next()) % 9_000_000_000_000_000)
    for venue in Venue.allCases { kind.add(calendar.session(at: any, venue).phase == .closed ? 16 : 32) }
    _ = (calendar.day(at: any), calendar.close(of: any), calendar.opening(after: any, .krx))
  }

  private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
  private static func four(_ number: Int) -> String { two(number / 100) + two(number % 100) }

  private static func http(_ instant: Milliseconds) -> String {
    let time = KST(instant - KST.offset)
    return "Day, \(two(time.day)) \(months[time.month - 1]) \(four(time.year)) "
      + "\(two(time.hour)):\(two(time.minute)):\(two(time.second)) GMT"
  }

  private static func expiry(_ instant: Milliseconds) -> String {
    let time = KST(instant)
    return "\(four(time.year))-\(two(time.month))-\(two(time.day)) "
      + "\(two(time.hour)):\(two(time.minute)):\(two(time.second))"
  }
}
