import Health
import Plumbing
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
}
