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
/// KRX 09:00 to 15:30, and 16:00 to 20:00 since its after-market began on 2026-09-14; NXT 08:00 to 20:00. On a day
/// with other hours the after-market begins half an hour after the close, and NXT an hour before KRX, as ever.
public struct MarketCalendar: Equatable, Sendable {
  /// The regular session in minutes from midnight.
  private struct Hours: Equatable {
    var open = 540
    var close = 930
  }

  private static let afterMarket = KST.days(year: 2026, month: 9, day: 14)
  /// Minutes from midnight.
  private static let end = 1200
  private let holidays: Set<Int>
  private var otherHours: [Int: Hours] = [:]

  /// A calendar with holidays given as days since 1970-01-01.
  public init(holidays: Set<Int> = []) { self.holidays = holidays }

  /// Reads `{"date":"2026-12-25","name":"…"}`, a holiday a line, and `{"date":"2027-11-18","open":"10:00",
  /// "close":"16:30"}`, a day with other hours; lines that are none are left out, `#` is a comment.
  public init(jsonLines text: String) {
    var days: Set<Int> = []
    for line in text.lines {
      guard let value = try? JSONValue.parse(Array(line.utf8)),
        let date = value["date"]?.string?.numbers(like: "0000-00-00"),
        KST.isDate(year: date[0], month: date[1], day: date[2])
      else { continue }
      let day = KST.days(year: date[0], month: date[1], day: date[2])
      if value["open"] == nil && value["close"] == nil {
        days.insert(day)
      } else if let hours = Self.hours(value) {
        otherHours[day] = hours
      }
    }
    holidays = days
  }

  /// What is to be expected of `venue` at `milliseconds` since the epoch.
  public func phase(at milliseconds: Int64, _ venue: MarketVenue = .krx) -> MarketPhase {
    phase(at: milliseconds, [venue])
  }

  /// What is to be expected of `venues` together: trades, when any of them is open, since the first of these opened.
  public func phase(at milliseconds: Int64, _ venues: Set<MarketVenue>) -> MarketPhase {
    let time = KST(milliseconds: milliseconds)
    if time.weekday == 0 || time.weekday == 6 { return .closed("weekend") }
    let day = KST.days(year: time.year, month: time.month, day: time.day)
    if holidays.contains(day) { return .closed("holiday") }
    let minute = time.hour * 60 + time.minute
    let starts = venues.flatMap { sessions($0, day) }.filter { $0.contains(minute) }.map(\.lowerBound)
    guard let start = starts.min() else { return .closed("outside trading hours") }
    return .open(since: KST.midnight(before: milliseconds) + Int64(start) * 60_000)
  }

  /// Sessions in minutes from midnight.
  private func sessions(_ venue: MarketVenue, _ day: Int) -> [Range<Int>] {
    let hours = otherHours[day] ?? Hours()
    guard venue == .krx else { return [max(0, hours.open - 60)..<Self.end] }
    let regular = hours.open..<hours.close
    return day >= Self.afterMarket && hours.close + 30 < Self.end
      ? [regular, hours.close + 30..<Self.end] : [regular]
  }

  /// The hours that a line gives; nil when they are none.
  private static func hours(_ line: JSONValue) -> Hours? {
    func minutes(_ name: String, else standard: Int) -> Int? {
      guard let value = line[name] else { return standard }
      guard let time = value.string?.numbers(like: "00:00"), time[0] < 24, time[1] < 60 else { return nil }
      return time[0] * 60 + time[1]
    }
    guard let open = minutes("open", else: Hours().open), let close = minutes("close", else: Hours().close),
      open < close, close <= end
    else { return nil }
    return Hours(open: open, close: close)
  }
}
