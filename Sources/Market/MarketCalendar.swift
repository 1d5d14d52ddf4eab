import JSONBytes
import Plumbing

/// How a line of the calendar is known.
public enum CalendarBasis: String, Sendable {
  /// Read at the exchange or in its data.
  case notice
  /// A public holiday or its substitute.
  case law
  /// Reported or announced, the exchange's own notice was not seen.
  case press
  /// The exchange has always done so.
  case habit
  /// Not known for certain: the market may open.
  case unconfirmed
}

/// What kind of day it is for the market.
public enum MarketDay: Equatable, Sendable {
  /// Trading, at the usual hours or at others.
  case trading
  /// Saturday or Sunday.
  case weekend
  /// A day of the calendar; false: it may be that the market opens.
  case holiday(isSure: Bool)
}

/// Trading days and hours of the Korean share market, for every venue and listing. Pure: the time is a parameter. All
/// times of day are KST.
public struct MarketCalendar: Equatable, Sendable {
  private static let afterMarket = KST.days(year: 2026, month: 9, day: 14)
  /// Days since 1970-01-01, and whether it is certain.
  private var holidays: [Int: Bool] = [:]
  private var otherHours: [Int: Hours] = [:]
  /// Numbers, from 1, of unusable lines: without a date, or with invalid hours.
  public private(set) var faults: [Int] = []
  /// The first day that a line is about, as its midnight; nil without one.
  public private(set) var first: Milliseconds?
  /// The last day that a line is about, as its midnight; nil without one.
  public private(set) var last: Milliseconds?

  /// A calendar that knows weekends only.
  public init() {}

  /// Reads `{"date":"2026-12-25","name":"…","basis":"law"}`, a holiday a line, and
  /// `{"date":"2027-11-18","open":"10:00","close":"16:30"}`, a day with other hours; `#` is a comment. A day that is
  /// both is a holiday.
  public init(jsonLines text: String) {
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      if first != UInt8(ascii: "#") && !take(Array(line)) { faults.append(index + 1) }
    }
  }

  /// False for a line that says nothing.
  private mutating func take(_ line: [UInt8]) -> Bool {
    guard let value = try? JSONValue.parse(line), let day = value["date"]?.string.flatMap(KST.day(ofDate:))
    else {
      return false
    }
    let midnight = KST.midnight(ofDay: day)
    if value["open"] == nil && value["close"] == nil {
      holidays[day] = value["basis"]?.string != CalendarBasis.unconfirmed.rawValue
    } else if let hours = Self.hours(value) {
      otherHours[day] = hours
    } else {
      return false
    }
    first = min(first ?? midnight, midnight)
    last = max(last ?? midnight, midnight)
    return true
  }

  /// What kind of day holds `instant`.
  public func day(at instant: Milliseconds) -> MarketDay {
    let time = KST(instant)
    if time.weekday == 0 || time.weekday == 6 { return .weekend }
    let day = KST.days(year: time.year, month: time.month, day: time.day)
    return holidays[day].map { .holiday(isSure: $0) } ?? .trading
  }

  /// What `venue` does at `instant`, for a listing. Where its hours are not known nothing is due, and
  /// what comes is taken.
  public func session(at instant: Milliseconds, _ venue: Venue, _ listing: Listing = .stock) -> Session {
    let midnight = KST.midnight(before: instant)
    if listing == .other || venue == .overseas {
      return Session(.pause, start: midnight, end: midnight + .day, isSure: false)
    }
    let kind = day(at: instant)
    guard kind == .trading || kind == .holiday(isSure: false) else {
      return Session(.closed, start: midnight, end: midnight + .day)
    }
    let day = (midnight + KST.offset) / .day
    let found = Timetable(
      venue, listing, otherHours[day] ?? Hours(), hasAfterMarket: day >= Self.afterMarket
    ).look((instant - midnight) / .seconds(1))
    return Session(
      found.phase, start: midnight + .seconds(found.start), end: midnight + .seconds(found.end),
      isSure: kind == .trading)
  }

  /// What `venue` does on the day that holds `instant`, from midnight to midnight.
  public func sessions(ofDay instant: Milliseconds, _ venue: Venue, _ listing: Listing = .stock) -> [Session]
  {
    let midnight = KST.midnight(before: instant)
    var found: [Session] = []
    var time = midnight
    while time < midnight + .day {
      let session = session(at: time, venue, listing)
      found.append(session)
      time = max(session.end, time + .milliseconds(1))
    }
    return found
  }

  /// When `venue` is open again: the end of what is closed at `instant`; the time itself where it is not closed,
  /// nil when no opening is known within 60 days.
  public func opening(after instant: Milliseconds, _ venue: Venue, _ listing: Listing = .stock)
    -> Milliseconds?
  {
    var time = instant
    while time - instant < .day * 60 {
      let session = session(at: time, venue, listing)
      if session.phase != .closed { return time }
      time = session.end
    }
    return nil
  }

  /// When the regular session of the day that holds `instant` closes.
  public func close(of instant: Milliseconds) -> Milliseconds {
    let midnight = KST.midnight(before: instant)
    let day = (midnight + KST.offset) / .day
    return midnight + .seconds((otherHours[day] ?? Hours()).close)
  }

  /// The hours that a line gives; nil when they are invalid.
  private static func hours(_ line: JSONValue) -> Hours? {
    func seconds(_ name: String, else standard: Int) -> Int? {
      guard let value = line[name] else { return standard }
      return value.string.flatMap { KST.minutes(clock: $0) }.map { $0 * 60 }
    }
    guard let open = seconds("open", else: Hours().open), let close = seconds("close", else: Hours().close),
      open >= 3600, open + 1800 < close, close <= Hours.end - 600
    else { return nil }
    return Hours(open: open, close: close)
  }
}
