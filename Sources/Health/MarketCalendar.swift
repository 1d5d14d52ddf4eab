import JSONBytes
import Plumbing

/// Where quotes come from, as far as trading hours go.
public enum MarketVenue: String, Sendable {
  /// Korea Exchange.
  case krx = "KRX"
  /// Nextrade.
  case nxt = "NXT"
  /// Both, consolidated.
  case unified = "UN"
}

/// Whether trades are to be expected.
public enum MarketPhase: Equatable, Sendable {
  /// Trades are expected since this time, epoch milliseconds.
  case open(since: Int64)
  /// Nothing is expected, and why: `weekend`, `holiday`, `outside trading hours`.
  case closed(String)
}

/// Trading days and hours of the Korean share market. All times are KST.
///
/// KRX 09:00 to 15:30, and 16:00 to 20:00 since its after-market began on 2026-09-14; NXT 08:00 to 20:00.
public struct MarketCalendar: Equatable, Sendable {
  private static let afterMarket = KST.days(year: 2026, month: 9, day: 14)
  private let holidays: Set<Int>

  /// A calendar with holidays given as days since 1970-01-01.
  public init(holidays: Set<Int> = []) { self.holidays = holidays }

  /// Reads `{"date":"2026-12-25","name":"…"}`, a line each; lines that are none are left out, `#` is a comment.
  public init(jsonLines text: String) {
    var days: Set<Int> = []
    for line in text.lines {
      guard let text = (try? JSONValue.parse(Array(line.utf8)))?["date"]?.string,
        let date = text.numbers(like: "0000-00-00"), KST.isDate(year: date[0], month: date[1], day: date[2])
      else { continue }
      days.insert(KST.days(year: date[0], month: date[1], day: date[2]))
    }
    holidays = days
  }

  /// What is to be expected of `venue` at `milliseconds` since the epoch.
  public func phase(at milliseconds: Int64, _ venue: MarketVenue = .krx) -> MarketPhase {
    let time = KST(milliseconds: milliseconds)
    if time.weekday == 0 || time.weekday == 6 { return .closed("weekend") }
    let day = KST.days(year: time.year, month: time.month, day: time.day)
    if holidays.contains(day) { return .closed("holiday") }
    let midnight = KST.midnight(before: milliseconds)
    for (from, to) in Self.hours(venue, day) {
      let start = midnight + Int64(from) * 60_000
      if milliseconds >= start && milliseconds < midnight + Int64(to) * 60_000 { return .open(since: start) }
    }
    return .closed("outside trading hours")
  }

  /// Sessions in minutes from midnight.
  private static func hours(_ venue: MarketVenue, _ day: Int) -> [(Int, Int)] {
    guard venue == .krx else { return [(480, 1200)] }
    return day >= afterMarket ? [(540, 930), (960, 1200)] : [(540, 930)]
  }
}
