import Foundation
import Market
import Plumbing
import TestSupport
import Testing

struct MarketCalendarTests {
  private static func time(_ date: (Int, Int, Int), _ hour: Int, _ minute: Int, _ second: Int = 0)
    -> Milliseconds
  {
    KST.time(
      year: date.0, month: date.1, day: date.2, hour: hour, minute: minute, second: second)
  }

  /// A day as `09:00 regular, 15:20 closing …`, looked up second by second where something may change.
  private static func day(
    _ date: (Int, Int, Int), _ venue: Venue, _ text: String = "", _ listing: Listing = .stock
  ) -> String {
    let calendar = MarketCalendar(jsonLines: text)
    var phase = Phase.closed
    var found: [String] = []
    for second in stride(from: 0, to: 86_400, by: 10) {
      let now = calendar.session(at: time(date, 0, 0, second), venue, listing)
      #expect(now.start <= time(date, 0, 0, second) && now.end > time(date, 0, 0, second))
      guard now.phase != phase else { continue }
      phase = now.phase
      #expect(now.start == time(date, 0, 0, second))
      let clock = String(format: "%02d:%02d", second / 3600, second / 60 % 60)
      found.append(clock + (second % 60 == 0 ? " " : String(format: ":%02d ", second % 60)) + phase.rawValue)
    }
    return found.joined(separator: ", ")
  }

  private static let special = """
    {"date":"2027-01-04","name":"첫 거래일","open":"10:00"}
    {"date":"2026-11-19","name":"수능","open":"10:00","close":"16:30"}
    {"date":"2026-09-11","open":"10:00","close":"16:30"}
    """

  struct Case: Sendable {
    let date: (Int, Int, Int)
    let venue: Venue
    var listing = Listing.stock
    let phases: String
  }

  /// KIS.md 0.1: hours, auctions, venues, listings.
  static let cases = [
    Case(
      date: (2026, 11, 23), venue: .krx,
      phases:
        "08:30 opening, 09:00 regular, 15:20 closing, 15:30 pause, 16:00 after, 20:00 closed"),
    Case(
      date: (2026, 11, 23), venue: .krx, listing: .fund,
      phases: "08:30 opening, 09:00 regular, 15:20 closing, 15:30 pause, 16:00 closed"),
    Case(
      date: (2026, 11, 23), venue: .nxt,
      phases: "08:00 pre, 08:50 pause, 09:00:30 regular, 15:20 pause, 15:40 after, 20:00 closed"),
    Case(
      date: (2026, 11, 23), venue: .unified,
      phases:
        "08:00 pre, 08:50 opening, 09:00 regular, 15:20 closing, 15:30 pause, 15:40 after, 20:00 closed"),
    // Before the after-market of KRX began on a Monday.
    Case(
      date: (2026, 9, 10), venue: .krx,
      phases: "08:30 opening, 09:00 regular, 15:20 closing, 15:30 pause, 16:00 closed"),
    Case(
      date: (2026, 9, 14), venue: .krx,
      phases:
        "08:30 opening, 09:00 regular, 15:20 closing, 15:30 pause, 16:00 after, 20:00 closed"),
    // KRX opens at 10:00: NXT has no pre-market.
    Case(
      date: (2027, 1, 4), venue: .krx,
      phases:
        "09:30 opening, 10:00 regular, 15:20 closing, 15:30 pause, 16:00 after, 20:00 closed"),
    Case(
      date: (2027, 1, 4), venue: .nxt,
      phases: "09:50 pause, 10:00:30 regular, 15:20 pause, 15:40 after, 20:00 closed"),
    Case(
      date: (2027, 1, 4), venue: .unified,
      phases:
        "09:30 opening, 10:00 regular, 15:20 closing, 15:30 pause, 15:40 after, 20:00 closed"),
    Case(
      date: (2026, 11, 19), venue: .krx,
      phases:
        "09:30 opening, 10:00 regular, 16:20 closing, 16:30 pause, 17:00 after, 20:00 closed"),
    Case(
      date: (2026, 11, 19), venue: .nxt,
      phases: "09:50 pause, 10:00:30 regular, 16:20 pause, 16:40 after, 20:00 closed"),
    Case(
      date: (2026, 9, 11), venue: .krx,
      phases: "09:30 opening, 10:00 regular, 16:20 closing, 16:30 pause, 17:00 closed"),
    Case(date: (2026, 11, 21), venue: .nxt, phases: ""), Case(date: (2026, 11, 22), venue: .krx, phases: ""),
  ]

  @Test(arguments: cases)
  func phases(item: Case) {
    #expect(Self.day(item.date, item.venue, Self.special, item.listing) == item.phases)
  }

  @Test(arguments: [
    ("{\"date\":\"2026-12-24\"}\r\n{\"date\":\"2026-12-25\"}\r\n", true, 0),
    ("{\"date\":\"9223372036854775807-01-01\"}\n{\"date\":\"2026-12-25\"}", true, 1),
    ("# {\"date\":\n\n{\"date\":\"x-2026-12-25\"}", false, 1), ("{\"date\":\"2026-12-+25\"}", false, 1),
    // No such day: it must not close the next one.
    ("{\"date\":\"2026-11-31\"}\nbroken\n", false, 2),
  ])
  func holidaysAreRealDates(text: String, isChristmasClosed: Bool, faults: Int) {
    let calendar = MarketCalendar(jsonLines: text)
    let noon = Self.time((2026, 12, 25), 12, 0)
    #expect((calendar.day(at: noon) == .holiday(isSure: true)) == isChristmasClosed)
    #expect((calendar.session(at: noon, .krx).phase == .closed) == isChristmasClosed)
    #expect(calendar.session(at: Self.time((2026, 12, 1), 12, 0), .krx).phase == .regular)
    #expect(calendar.faults.count == faults)
  }

  @Test(arguments: [
    #""open":"1000""#, #""open":"24:00""#, #""open":"10:60""#, #""open":10"#, #""open":null"#, #""open":"""#,
    #""open":"16:00""#, #""open":"10:00","close":"10:00""#, #""open":"10:00","close":"20:01""#,
    #""open":"10:00","close":false"#, #""close":"08:00""#, #""open":"0:20""#,
  ])
  func hoursThatAreNoneLeaveTheDayAsItIs(members: String) {
    let text = "{\"date\":\"2027-11-18\",\(members)}"
    #expect(Self.day((2027, 11, 18), .krx, text) == Self.cases[0].phases)
    #expect(MarketCalendar(jsonLines: text).faults == [1])
  }

  @Test func aHolidayWithHoursIsAHoliday() {
    let text = Self.special + "\n{\"date\":\"2027-01-04\",\"name\":\"x\"}"
    #expect(Self.day((2027, 1, 4), .unified, text) == "")
  }

  /// Nobody knows whether the market opens: the hours are the usual ones, and nothing is missed.
  @Test func aHolidayMayBeUnconfirmed() {
    let calendar = MarketCalendar(jsonLines: #"{"date":"2026-11-23","basis":"unconfirmed"}"#)
    let noon = calendar.session(at: Self.time((2026, 11, 23), 12, 0), .krx)
    #expect(noon.phase == .regular && !noon.isSure && noon.label == nil)
    #expect(calendar.session(at: Self.time((2026, 11, 23), 22, 0), .krx).label == "closed")
    #expect(calendar.session(at: Self.time((2026, 11, 24), 12, 0), .krx).label == "regular")
  }

  @Test func theNextOpeningIsFoundOverHolidays() {
    let calendar = MarketCalendar(
      jsonLines: #"{"date":"2026-11-23"}"# + "\n" + #"{"date":"2026-11-24","open":"10:00"}"#)
    let friday = Self.time((2026, 11, 20), 20, 0)
    #expect(calendar.opening(after: friday, .krx) == Self.time((2026, 11, 24), 9, 30))
    #expect(calendar.opening(after: friday, .nxt) == Self.time((2026, 11, 24), 9, 50))
    #expect(calendar.opening(after: friday - 1, .krx) == friday - 1)
    #expect(
      calendar.opening(after: Self.time((2026, 11, 24), 20, 0), .nxt) == Self.time((2026, 11, 25), 8, 0))
  }

  /// The file that is installed: the calendar takes every line of it.
  @Test func theInstalledCalendarIsTaken() throws {
    let path = Tool.repository.appendingPathComponent("config/holidays.jsonl").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let calendar = MarketCalendar(jsonLines: text)
    #expect(calendar.faults == [])
    #expect(calendar.last == Self.time((2027, 12, 31), 0, 0))
    var count = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let day = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
      #expect(day["basis"].flatMap(CalendarBasis.init(rawValue:)) != nil, "\(line)")
      let date = try #require(day["date"]?.split(separator: "-").compactMap { Int($0) })
      let found = calendar.session(at: Self.time((date[0], date[1], date[2]), 9, 40), .krx)
      #expect(found.phase == (day["open"] == nil ? .closed : .opening), "\(line)")
      count += 1
    }
    #expect(count > 35)
    // KIS.md 0.1: substitute holidays, and the days that opened at 10:00.
    for date in [(2026, 6, 3), (2026, 7, 17), (2027, 5, 3), (2027, 7, 19)] {
      #expect(calendar.day(at: Self.time(date, 12, 0)) == .holiday(isSure: true))
    }
    for (date, close) in [
      ((2026, 1, 2), 930), ((2026, 11, 19), 990), ((2027, 1, 4), 930), ((2027, 11, 18), 990),
    ] {
      let session = calendar.session(at: Self.time(date, 10, 0), .krx)
      #expect(
        session.start == Self.time(date, 10, 0)
          && calendar.close(of: session.start) == Self.time(date, 0, close))
    }
  }
}
