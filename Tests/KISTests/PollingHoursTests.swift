import Market
import Plumbing
import Testing

@testable import KIS

struct PollingHoursTests {
  private static func time(_ day: Int, _ hour: Int, _ minute: Int, _ second: Int = 0) -> Milliseconds {
    KST.time(year: 2026, month: 11, day: day, hour: hour, minute: minute, second: second)
  }

  /// Friday, November 20, and the days after it; Monday is a holiday.
  private static let calendar = MarketCalendar(jsonLines: #"{"date":"2026-11-23","name":"x"}"#)
  private static let share = Instrument("005930", .krx)
  private static let note = Instrument("Q500001", .krx)
  private static let nxt = Instrument("005930", .nxt)

  /// Changes of what is polled, as `08:00 nxt on`, on a clock that is looked at when `wake` says so.
  private static func changes(from start: Milliseconds, to end: Milliseconds) -> [String] {
    var hours = PollingHours(.market, calendar)
    var found: [String] = []
    var before = [true, true, true]
    var now = start
    while now < end {
      let isChanged = hours.look(at: now)
      let polls = [share, note, nxt].map(hours.polls)
      for (index, name) in ["krx", "etn", "nxt"].enumerated() where polls[index] != before[index] {
        let stamp = KST(now).iso.dropFirst(8).prefix(11)
        found.append("\(stamp) \(name) \(polls[index] ? "on" : "off")")
      }
      #expect(isChanged || polls == before)
      before = polls
      let wake = hours.wake ?? end
      #expect(wake > now && wake <= now + 60_000)
      now = wake
    }
    return found
  }

  @Test func pollingRestsAndIsBackOnTime() {
    #expect(
      Self.changes(from: Self.time(20, 15, 0), to: Self.time(25, 0, 0)) == [
        "20T16:01:00 etn off", "20T20:01:00 krx off", "20T20:01:00 nxt off", "24T08:00:00 nxt on",
        "24T08:30:00 krx on", "24T08:30:00 etn on", "24T16:01:00 etn off", "24T20:01:00 krx off",
        "24T20:01:00 nxt off",
      ])
  }

  /// An ETF looks as a share; its watchlist line tells it.
  @Test func anETFRestsWhereItsLineTellsIt() {
    let told = Instrument("069500", .krx, .etf)
    let untold = Instrument("069500", .krx)
    var hours = PollingHours(.market, Self.calendar)
    #expect(hours.look(at: Self.time(20, 16, 30)) && !hours.polls(told) && hours.polls(untold))
    #expect(hours.session(of: told, at: Self.time(20, 16, 30)) == "closed")
    #expect(hours.session(of: untold, at: Self.time(20, 16, 30)) == "after")
  }

  /// A start at midnight after a trading day: the last minute of that day is over long since.
  @Test func aStartAtNightRests() {
    for start in [Self.time(21, 0, 0), Self.time(21, 0, 0, 30), Self.time(22, 12, 0), Self.time(23, 10, 0)] {
      var hours = PollingHours(.market, Self.calendar)
      #expect(hours.polls(Self.share))
      #expect(hours.look(at: start) && !hours.polls(Self.share) && !hours.polls(Self.nxt))
      #expect(hours.opening(of: [Self.share].map(MarketPlace.init), after: start) == Self.time(24, 8, 30))
      #expect(
        hours.opening(of: [Self.share, Self.nxt].map(MarketPlace.init), after: start) == Self.time(24, 8, 0))
    }
  }

  @Test func aClockThatIsSetIsFollowed() {
    var hours = PollingHours(.market, Self.calendar)
    _ = hours.look(at: Self.time(24, 12, 0))
    #expect(hours.polls(Self.share) && !hours.isDue(at: Self.time(24, 12, 0, 59)))
    #expect(hours.look(at: Self.time(22, 12, 0)) && !hours.polls(Self.share))
    #expect(hours.look(at: Self.time(24, 12, 0)) && hours.hasOpened(Self.share))
  }

  @Test func aroundTheClockNothingRests() {
    var hours = PollingHours(.all, Self.calendar)
    #expect(!hours.look(at: Self.time(22, 12, 0)) && hours.polls(Self.share) && hours.wake == nil)
    #expect(hours.session(of: Self.share, at: Self.time(22, 12, 0)) == "closed")
    #expect(hours.session(of: Self.note, at: Self.time(24, 17, 0)) == "closed")
    #expect(hours.session(of: Self.share, at: Self.time(24, 17, 0)) == "after")
    #expect(hours.session(of: Self.share, at: Self.time(24, 15, 25)) == "closing")
  }

  @Test func aDayThatMayBeAHolidayIsPolled() {
    let calendar = MarketCalendar(jsonLines: #"{"date":"2026-11-24","basis":"unconfirmed"}"#)
    var hours = PollingHours(.market, calendar)
    _ = hours.look(at: Self.time(24, 12, 0))
    #expect(hours.polls(Self.share) && hours.session(of: Self.share, at: Self.time(24, 12, 0)) == nil)
  }

  @Test func thePaceIsThatOfThisSessionAndList() {
    let place = FeedAtVenue(.trades, .krx)
    var meter = PaceMeter()
    func look(_ second: Int, _ records: Int, live: Bool = true, symbols: Int = 5, session: Milliseconds = 1)
      -> Pace?
    {
      meter.look(
        at: .seconds(second),
        [.init(place, symbols: symbols, records: records, isLive: live, session: session)])
      return meter.paces.first?.pace
    }
    #expect(look(0, 100)?.watched == 0)
    #expect(look(5, 110)?.records == 10)
    #expect(look(15, 110)?.silence == 10)
    let pace = look(20, 111)
    #expect(pace?.watched == 20 && pace?.busy == 10 && pace?.longest == 10 && pace?.silence == 0)
    // Not registered: nothing is told, and it is no silence.
    #expect(look(50, 111, live: false) == nil)
    #expect(look(55, 111)?.silence == 0)
    #expect(look(60, 111)?.silence == 5 && look(60, 111)?.watched == 25)
    // More symbols keep the pace, fewer do not, and a session begins anew.
    #expect(look(65, 112, symbols: 6)?.records == 12)
    #expect(look(70, 113, symbols: 4)?.records == 0)
    #expect(look(75, 120, symbols: 4)?.records == 7)
    #expect(look(80, 130, symbols: 4, session: 2)?.records == 0)
    meter.look(at: 85_000_000_000, [])
    #expect(meter.paces.isEmpty)
  }
}
