import Plumbing
import Testing

@testable import KIS

@Suite struct RefusedSymbolsTests {
  private static let second: Nanoseconds = .seconds(1)
  private static let minute = 60 * second
  private static let trades = Subject(Instrument("0126Z0", .krx), .trades)
  private static let price = Subject(Instrument("0126Z0", .krx), .price)
  /// 2026-11-26 10:00 KST.
  private static let start = Moment(
    monotonic: 1_000 * second,
    wall: KST.time(year: 2026, month: 11, day: 26, hour: 10, minute: 0, second: 0))

  private func at(_ time: Nanoseconds) -> Moment { Self.start.advanced(by: time) }

  /// Refuses it each time that it is due, for so many hours; gives the minutes at which it was asked for.
  private func asked(_ subject: Subject, hours: Int) -> [Int] {
    var refused = RefusedSymbols()
    var now = Self.start
    var minutes: [Int] = []
    _ = refused.refuse(subject, at: now)
    while let due = [refused.deadline, refused.midnight.map { now.monotonic + Nanoseconds($0 - now.wall) }]
      .compactMap({ $0 }).min(), due <= Self.start.monotonic + hours * 60 * Self.minute
    {
      now = now.advanced(by: due - now.monotonic)
      guard refused.takeDue(at: now) == [subject] else { continue }
      minutes.append((now.monotonic - Self.start.monotonic) / Self.minute)
      _ = refused.refuse(subject, at: now)
    }
    return minutes
  }

  @Test func aRegistrationIsAskedForSlowly() {
    #expect(asked(Self.trades, hours: 5) == [10, 30, 70, 130, 190, 250])
  }

  @Test func aPollOnceMoreAndThenSlowly() {
    #expect(asked(Self.price, hours: 3) == [0, 10, 30, 70, 130])
  }

  @Test func atMidnightToo() {
    // 10:00 and 14 hours.
    let minutes = asked(Self.trades, hours: 16)
    #expect(minutes.contains(13 * 60 + 10) && minutes.contains(14 * 60))
  }

  /// It rests where its first line placed it, whoever names it later.
  @Test func itIsCountedWhereItWasRefused() {
    var refused = RefusedSymbols()
    let fund = Instrument("069500", .krx, .etf)
    let plain = Instrument("069500", .krx)
    _ = refused.refuse(Subject(fund, .price), at: Self.start)
    #expect(refused.resting(.price, at: MarketPlace(fund)) == 1 && refused.rests(Subject(plain, .price)))
    refused.forget(Subject(plain, .price))
    #expect([fund, plain].map { refused.resting(.price, at: MarketPlace($0)) } == [0, 0])
  }

  @Test func itRestsUntilThen() {
    var refused = RefusedSymbols()
    #expect(refused.refuse(Self.trades, at: Self.start) == 10 * Self.minute)
    let place = MarketPlace(Self.trades.instrument)
    #expect(refused.rests(Self.trades) && refused.resting(.trades, at: place) == 1)
    #expect(!refused.rests(Self.price) && refused.resting(.price, at: place) == 0)
    #expect(refused.takeDue(at: at(10 * Self.minute - 1)).isEmpty)
    #expect(refused.takeDue(at: at(10 * Self.minute)) == [Self.trades])
    // It is asked for, and not served yet.
    #expect(refused.contains(Self.trades) && !refused.rests(Self.trades))
    #expect(refused.resting(.trades, at: place) == 0 && refused.deadline == nil && refused.midnight == nil)
    refused.forget(Self.trades)
    #expect(refused.isEmpty)
    #expect(refused.refuse(Self.trades, at: at(20 * Self.minute)) == 10 * Self.minute, "it begins anew")
  }

  @Test func aWishIsFollowedAtOnceButNotInALoop() {
    var refused = RefusedSymbols()
    let wishes = (0..<3_600).filter { second in
      let now = at(second * Self.second)
      if second == 0 { _ = refused.refuse(Self.trades, at: now) }
      if !refused.takeDue(at: now).isEmpty {
        _ = refused.refuse(Self.trades, at: now)
        return true
      }
      guard refused.wish(Self.trades, at: now) else { return false }
      _ = refused.refuse(Self.trades, at: now)
      return true
    }
    // A line a second: six or seven registrations an hour.
    #expect(zip(wishes, wishes.dropFirst()).allSatisfy { $1 - $0 >= 600 })
    #expect(wishes.first == 0 && wishes.dropFirst().first == 600 && wishes.count <= 7, "\(wishes)")
    let isFollowed = refused.wish(Self.price, at: at(0))
    #expect(!isFollowed, "it was not refused")
  }

  @Test func whatIsForgottenIsNotDue() {
    var refused = RefusedSymbols()
    _ = refused.refuse(Self.trades, at: Self.start)
    refused.forget(Self.trades)
    #expect(refused.takeDue(at: at(60 * Self.minute)).isEmpty && refused.deadline == nil)
  }
}
