import KIS
import Market
import Plumbing
import Testing

@testable import Fetch

/// Polled feeds on a fake clock: rounds, what is asked in them, and what is not.
@Suite struct PollLaneTests {
  private static let second: Nanoseconds = .seconds(1)

  /// A lane whose calls are answered by hand. 2026-07-30 is a Thursday.
  private final class Bench {
    let watched = Watched()
    let lane: PollLane
    var now = Moment(monotonic: 1_000_000_000_000, wall: 1_785_369_600_000)
    var callers = 1
    var isInputWaiting = false
    var isQueued = false
    var calls: [RestWork] = []
    var told: [String] = []

    init(_ settings: PollLane.Settings) { lane = PollLane(settings, watched, now: now.monotonic) }

    func add(_ symbols: [String], _ venue: Venue = .krx) {
      for symbol in symbols {
        let instrument = Instrument(symbol, venue)
        if watched.list.add(instrument), watched.polled.add(instrument) { lane.added(instrument) }
      }
    }

    func turn(after seconds: Double = 0) {
      let step = Nanoseconds.seconds(seconds)
      now = Moment(monotonic: now.monotonic + step, wall: now.wall + Milliseconds(step))
      repeat {
        lane.advance(now, callers: callers, isInputWaiting: isInputWaiting, isQueued: { _ in isQueued }) {
          take($0)
        }
      } while lane.isWalking
    }

    func take(_ event: PollEvent) {
      switch event {
      case .call(let work): calls.append(work)
      case .watch(let subject): told.append("watch \(subject.instrument.symbol) \(subject.feed.rawValue)")
      case .drop(let subject): told.append("drop \(subject.instrument.symbol) \(subject.feed.rawValue)")
      case .missed(let subject, let reason, _):
        told.append("missed \(subject.instrument.symbol) \(reason.rawValue)")
      case .late(let subject, let reason, _):
        told.append("late \(subject.instrument.symbol) \(reason.rawValue)")
      case .note(_, let text): told.append(String(text.prefix { $0 != "|" }))
      }
    }

    /// The calls since the last time, each answered.
    func answered() -> [RestWork] {
      defer { calls = [] }
      for work in calls { for subject in lane.waiting(for: work) { lane.answered(subject) } }
      return calls
    }
  }

  private static func symbols(_ range: Range<Int>) -> [String] {
    range.map { String(String($0 + 1_000_000).dropFirst()) }
  }

  private func instruments(_ range: Range<Int>) -> [Instrument] {
    Self.symbols(range).map { Instrument($0, .krx) }
  }

  @Test func eachRoundAsksForAllOnce() {
    let bench = Bench(.init(feeds: [.price]))
    bench.turn()
    #expect(bench.calls.isEmpty && bench.lane.deadline == nil)
    bench.add(Self.symbols(0..<3))
    bench.turn()
    #expect(bench.answered() == instruments(0..<3).map { .price($0) })
    bench.turn(after: 0.9)
    #expect(bench.calls.isEmpty && bench.lane.deadline == bench.now.monotonic + Self.second / 10)
    bench.turn(after: 0.1)
    #expect(bench.answered().count == 3 && bench.lane.schedule(.price)?.iteration == 2 && bench.told.isEmpty)
  }

  @Test func multiGathersThirtyOfAVenue() {
    let bench = Bench(.init(feeds: [.multi]))
    bench.add(Self.symbols(0..<61))
    bench.add(["005930"], .nxt)
    bench.turn()
    #expect(bench.answered().map(\.instruments.count) == [30, 30, 1, 1])
  }

  /// Rounds are as long as the calls take under the limit; a second app key halves them.
  @Test(arguments: [(1, 10.0), (2, 5.0)])
  func roundsFitUnderTheLimit(_ callers: Int, _ seconds: Double) {
    let bench = Bench(.init(feeds: [.price], rate: 10))
    bench.callers = callers
    bench.add(Self.symbols(0..<100))
    bench.turn()
    let length = bench.lane.schedule(.price)?.effective.inSeconds ?? 0
    #expect(abs(length - seconds) < 0.2 * seconds && bench.told == ["Interval stretched "], "\(length)")
  }

  @Test(arguments: [(false, "late 000000 api_error"), (true, "late 000000 rate_limit")])
  func aRoundBeforeTheAnswerIsLate(_ isQueued: Bool, _ expected: String) {
    let bench = Bench(.init(feeds: [.price]))
    bench.isQueued = isQueued
    bench.add(Self.symbols(0..<1))
    bench.turn()
    bench.turn(after: 1)
    #expect(bench.calls.count == 1 && bench.told == [expected])
    #expect(bench.answered().count == 1)
    bench.turn(after: 1)
    #expect(bench.calls.count == 1)
  }

  @Test func roundsThatNobodyBeganAreMissed() {
    let bench = Bench(.init(feeds: [.price]))
    bench.add(Self.symbols(0..<1))
    bench.turn()
    _ = bench.answered()
    bench.turn(after: 7)
    #expect(bench.told == ["missed 000000 rate_limit"] && bench.calls.count == 1)
  }

  /// The first round waits for a list that is still being read, but not for one without an end.
  @Test func theFirstRoundWaitsForTheList() {
    let bench = Bench(.init(feeds: [.price]))
    bench.isInputWaiting = true
    bench.add(Self.symbols(0..<5))
    bench.turn()
    bench.turn(after: 1.9)
    #expect(bench.calls.isEmpty)
    bench.turn(after: 0.2)
    #expect(bench.calls.count == 5)
  }

  /// What the exchange refuses rests; asked for again it goes alone.
  @Test func aRefusedSymbolSpoilsNoBatch() {
    let bench = Bench(.init(feeds: [.multi]))
    bench.add(Self.symbols(0..<4))
    let odd = Subject(Instrument("000002", .krx), .multi)
    _ = bench.watched.refused.refuse(odd, at: bench.now)
    bench.turn()
    #expect(bench.answered().map { $0.instruments.map(\.symbol) } == [["000000", "000001", "000003"]])
    bench.now = bench.now.advanced(by: 6 * Self.second)
    #expect(bench.watched.refused.takeDue(at: bench.now) == [odd])
    bench.turn()
    #expect(
      bench.answered().map { $0.instruments.map(\.symbol) } == [["000002"], ["000000", "000001", "000003"]])
  }

  @Test func withoutMultiEachIsAskedForAlone() {
    let bench = Bench(.init(feeds: [.multi]))
    bench.add(Self.symbols(0..<3))
    bench.turn()
    bench.calls = []
    bench.lane.refuseMulti(instruments(0..<3), isOnce: false) { bench.take($0) }
    #expect(bench.calls == instruments(0..<3).map { .price($0) })
    #expect(bench.told == Self.symbols(0..<3).map { "drop \($0) multi" })
    _ = bench.answered()
    bench.turn(after: 1)
    bench.turn(after: 1)
    #expect(bench.calls.allSatisfy { $0.feed == .price } && bench.lane.overflowFeed == .price)
  }

  /// Registrations without room are polled, an instrument as long as one of its two has none.
  @Test(arguments: [(true, Feed.multi), (false, .price)])
  func whatHasNoRoomIsPolled(_ servesMulti: Bool, _ feed: Feed) {
    let bench = Bench(.init(feeds: [.trades, .book], servesMulti: servesMulti))
    bench.add(Self.symbols(0..<2))
    bench.turn()
    #expect(bench.calls.isEmpty)
    let one = Instrument("000000", .krx)
    for _ in 1...2 { bench.lane.note(one, isOverflow: true) { bench.take($0) } }
    bench.turn()
    #expect(bench.answered().map(\.feed) == [feed] && bench.told == ["watch 000000 \(feed.rawValue)"])
    bench.lane.note(one, isOverflow: false) { bench.take($0) }
    bench.turn(after: 1)
    #expect(bench.answered().count == 1)
    bench.lane.note(one, isOverflow: false) { bench.take($0) }
    bench.turn(after: 1)
    #expect(
      bench.calls.isEmpty && bench.told.last == "drop 000000 \(feed.rawValue)" && bench.lane.deadline == nil)
  }

  /// `--hours market`: nothing is asked while the venue is closed, and that is no gap; it is said once.
  @Test func pollingRestsWhileTheMarketIsClosed() {
    let bench = Bench(.init(feeds: [.price], hours: .market))
    bench.now.wall = KST.midnight(before: bench.now.wall) + .hours(23)
    bench.add(Self.symbols(0..<2))
    bench.turn()
    #expect(bench.calls.isEmpty && bench.lane.isPaused)
    #expect(bench.told.filter { !$0.hasPrefix("drop") } == ["Polling paused "])
    bench.told = []
    for _ in 0..<(10 * 60) { bench.turn(after: 60) }
    #expect(!bench.lane.isPaused && bench.answered().count >= 2)
    #expect(bench.told.contains("Polling resumed ") && bench.told.contains("watch 000001 price"))
  }

  /// A list of any length is walked in slices, so that the loop hears signals.
  @Test func aLongListIsWalkedInSlices() {
    let bench = Bench(.init(feeds: [.price]))
    bench.add(Self.symbols(0..<5000))
    var turns = 0
    repeat {
      bench.lane.advance(bench.now, callers: 1, isInputWaiting: false, isQueued: { _ in false }) {
        bench.take($0)
      }
      turns += 1
    } while bench.lane.isWalking
    #expect(turns == 5 && bench.calls.count == 5000)
  }
}

/// `--once`: lines gathered for calls.
@Suite struct OnceRunTests {
  @Test func thirtyOfAVenueGoIntoACall() {
    var run = OnceRun()
    let list = (0..<31).map { Instrument(String(100_000 + $0), .krx) } + [Instrument("005930", .nxt)]
    let calls = list.flatMap { run.add($0, isBatched: true) }
    #expect(calls.map(\.instruments.count) == [30, 1] && run.isGathering)
    #expect(run.takeBatch().map(\.instruments) == [[Instrument("005930", .nxt)]])
    #expect(!run.isGathering && run.takeBatch().isEmpty && run.queue.unanswered.count == 32)
  }

  @Test func theSameSymbolTwiceIsAskedForOnce() {
    var run = OnceRun()
    for _ in 1...3 { #expect(run.add(Instrument("005930", .krx), isBatched: true).isEmpty) }
    #expect(run.takeBatch().map(\.instruments.count) == [1])
    #expect(run.add(Instrument("005930", .krx), isBatched: false) == [.price(Instrument("005930", .krx))])
  }
}
