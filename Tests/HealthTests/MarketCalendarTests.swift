import Foundation
import Health
import Plumbing
import TestSupport
import Testing

struct MarketCalendarTests {
  struct Moment: Sendable {
    let month: Int, day: Int, hour: Int, minute: Int
    let venue: MarketVenue
    let isOpen: Bool
  }

  /// 2026: the after-market begins on Monday, September 14; December 25 is a Friday.
  static let moments = [
    Moment(month: 11, day: 23, hour: 8, minute: 59, venue: .krx, isOpen: false),
    Moment(month: 11, day: 23, hour: 9, minute: 0, venue: .krx, isOpen: true),
    Moment(month: 11, day: 23, hour: 15, minute: 29, venue: .krx, isOpen: true),
    Moment(month: 11, day: 23, hour: 15, minute: 30, venue: .krx, isOpen: false),
    Moment(month: 11, day: 23, hour: 16, minute: 0, venue: .krx, isOpen: true),
    Moment(month: 11, day: 23, hour: 20, minute: 0, venue: .krx, isOpen: false),
    Moment(month: 9, day: 11, hour: 17, minute: 0, venue: .krx, isOpen: false),
    Moment(month: 9, day: 14, hour: 17, minute: 0, venue: .krx, isOpen: true),
    Moment(month: 11, day: 23, hour: 8, minute: 0, venue: .nxt, isOpen: true),
    Moment(month: 11, day: 23, hour: 15, minute: 45, venue: .unified, isOpen: true),
    Moment(month: 11, day: 22, hour: 10, minute: 0, venue: .krx, isOpen: false),
    Moment(month: 11, day: 21, hour: 10, minute: 0, venue: .nxt, isOpen: false),
    Moment(month: 12, day: 25, hour: 10, minute: 0, venue: .krx, isOpen: false),
    Moment(month: 12, day: 24, hour: 10, minute: 0, venue: .krx, isOpen: true),
  ]

  @Test(arguments: moments)
  func phase(moment: Moment) {
    let calendar = MarketCalendar(jsonLines: "# KRX\n{\"date\":\"2026-12-25\",\"name\":\"x\"}\nbroken\n")
    let time = KST.milliseconds(
      year: 2026, month: moment.month, day: moment.day, hour: moment.hour, minute: moment.minute)
    var isOpen = false
    if case .open = calendar.phase(at: time, moment.venue) { isOpen = true }
    #expect(isOpen == moment.isOpen)
  }

  @Test(arguments: [
    ("{\"date\":\"2026-12-24\"}\r\n{\"date\":\"2026-12-25\"}\r\n", true),
    ("{\"date\":\"9223372036854775807-01-01\"}\n{\"date\":\"2026-12-25\"}", true),
    ("{\"date\":\"x-2026-12-25\"}", false), ("{\"date\":\"2026-12-+25\"}", false),
    // No such day: it must not close the next one.
    ("{\"date\":\"2026-11-31\"}", false),
  ])
  func holidaysAreRealDates(text: String, isChristmasClosed: Bool) {
    let calendar = MarketCalendar(jsonLines: text)
    let noon = KST.milliseconds(year: 2026, month: 12, day: 25, hour: 12)
    #expect((calendar.phase(at: noon) == .closed("holiday")) == isChristmasClosed)
    let first = KST.milliseconds(year: 2026, month: 12, day: 1, hour: 12)
    #expect(calendar.phase(at: first) != .closed("holiday"))
  }

  private static let days = """
    {"date":"2027-01-04","name":"첫 거래일","open":"10:00"}
    {"date":"2027-11-18","name":"수능","open":"10:00","close":"16:30"}
    {"date":"2026-11-19","open":"10:00","close":"16:30"}
    {"date":"2026-09-11","open":"10:00","close":"16:30"}
    """

  private static func time(_ date: (Int, Int, Int), _ hour: Int, _ minute: Int) -> Int64 {
    KST.milliseconds(year: date.0, month: date.1, day: date.2, hour: hour, minute: minute)
  }

  /// The sessions of a day as `09:00-15:30`, looked up minute by minute.
  private static func sessions(
    _ date: (Int, Int, Int), _ venues: Set<MarketVenue>, _ text: String
  ) -> [String] {
    let calendar = MarketCalendar(jsonLines: text)
    func clock(_ minute: Int) -> String { String(format: "%02d:%02d", minute / 60, minute % 60) }
    var found: [String] = []
    var begin: Int?
    for minute in 0..<1440 {
      if case .open = calendar.phase(at: time(date, 0, minute), venues) {
        begin = begin ?? minute
      } else if let from = begin {
        found.append("\(clock(from))-\(clock(minute))")
        begin = nil
      }
    }
    return found
  }

  @Test func aDayMayHaveOtherHours() {
    let first = (2027, 1, 4)
    let exam = (2027, 11, 18)
    #expect(Self.sessions(first, [.krx], Self.days) == ["10:00-15:30", "16:00-20:00"])
    #expect(Self.sessions(first, [.nxt], Self.days) == ["09:00-20:00"])
    #expect(Self.sessions(exam, [.krx], Self.days) == ["10:00-16:30", "17:00-20:00"])
    #expect(Self.sessions(exam, [.unified], Self.days) == ["09:00-20:00"])
    // Before the after-market there was none on such a day either.
    #expect(Self.sessions((2026, 9, 11), [.krx], Self.days) == ["10:00-16:30"])
    #expect(Self.sessions((2027, 1, 5), [.krx], Self.days) == ["09:00-15:30", "16:00-20:00"])
  }

  @Test(arguments: [
    #""open":"1000""#, #""open":"24:00""#, #""open":"10:60""#, #""open":10"#, #""open":null"#, #""open":"""#,
    #""open":"16:00""#, #""open":"10:00","close":"10:00""#, #""open":"10:00","close":"20:01""#,
    #""open":"10:00","close":false"#, #""close":"08:00""#,
  ])
  func hoursThatAreNoneLeaveTheDayAsItIs(members: String) {
    let text = "{\"date\":\"2027-11-18\",\(members)}"
    #expect(Self.sessions((2027, 11, 18), [.krx], text) == ["09:00-15:30", "16:00-20:00"])
  }

  @Test func aHolidayWithHoursIsAHoliday() {
    let text = Self.days + "\n{\"date\":\"2027-11-18\",\"name\":\"x\"}"
    #expect(Self.sessions((2027, 11, 18), [.krx, .nxt], text) == [])
    #expect(MarketCalendar(jsonLines: text).phase(at: Self.time((2027, 11, 18), 12, 0)) == .closed("holiday"))
  }

  @Test func severalVenuesAreOpenWhenOneIs() {
    let calendar = MarketCalendar()
    let both: Set<MarketVenue> = [.krx, .nxt]
    let day = (2026, 11, 23)
    let eight = MarketPhase.open(since: Self.time(day, 8, 0))
    // Only NXT; both; NXT between the sessions of KRX.
    for (hour, minute) in [(8, 30), (10, 0), (15, 45), (19, 59)] {
      #expect(calendar.phase(at: Self.time(day, hour, minute), both) == eight)
    }
    #expect(calendar.phase(at: Self.time(day, 10, 0), [.krx]) == .open(since: Self.time(day, 9, 0)))
    #expect(calendar.phase(at: Self.time(day, 7, 59), both) == .closed("outside trading hours"))
    #expect(calendar.phase(at: Self.time(day, 20, 0), both) == .closed("outside trading hours"))
    #expect(calendar.phase(at: Self.time((2026, 11, 22), 10, 0), both) == .closed("weekend"))
    #expect(calendar.phase(at: Self.time(day, 10, 0), []) == .closed("outside trading hours"))
  }

  /// The file that is installed: every line of it is one that the calendar takes.
  @Test func theInstalledCalendarIsTaken() throws {
    let path = Tool.repository.appendingPathComponent("config/holidays.jsonl").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let calendar = MarketCalendar(jsonLines: text)
    var count = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let day = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
      let date = try #require(day["date"]?.split(separator: "-").compactMap { Int($0) })
      let nine = calendar.phase(at: Self.time((date[0], date[1], date[2]), 9, 30))
      #expect(nine == .closed(day["open"] == nil ? "holiday" : "outside trading hours"), "\(line)")
      count += 1
    }
    #expect(count > 30)
    #expect(Self.sessions((2027, 11, 18), [.krx], text) == ["10:00-16:30", "17:00-20:00"])
    #expect(Self.sessions((2027, 1, 4), [.krx], text) == ["10:00-15:30", "16:00-20:00"])
  }
}
