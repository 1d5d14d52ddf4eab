import Plumbing
import Testing

@testable import KIS

@Suite struct SubscriptionTests {
  private static let ms: Nanoseconds = .milliseconds(1)
  private static let trades = Channel(.trades, .krx)

  private func item(_ number: Int) -> Registration {
    Registration(Self.trades, String(String(number + 1_000_000).dropFirst()))
  }

  private func plan(_ count: Int, limit: Int = 41) -> SubscriptionPlan {
    var plan = SubscriptionPlan(limit: limit)
    for number in 0..<count { plan.want(item(number)) }
    return plan
  }

  /// Sends and confirms until nothing is due; gives the messages with their times.
  private func settle(
    _ plan: inout SubscriptionPlan, from start: Nanoseconds = .zero
  ) -> [(at: Nanoseconds, message: SubscriptionPlan.Message)] {
    var sent: [(Nanoseconds, SubscriptionPlan.Message)] = []
    var now = start
    while let due = plan.deadline, sent.count < 500, due <= start + 60_000 * Self.ms {
      now = max(now, due)
      guard let message = plan.next(now: now) else { continue }
      sent.append((now, message))
      switch message {
      case .subscribe(let item): _ = plan.answer(item, .subscribed, now: now + Self.ms)
      case .unsubscribe(let item): _ = plan.answer(item, .unsubscribed, now: now + Self.ms)
      case .giveUp: Issue.record("all was answered")
      }
    }
    return sent
  }

  @Test func oneAtATimeAtThePaceInOrder() {
    var plan = plan(41)
    let sent = settle(&plan)
    #expect(sent.map(\.message) == (0..<41).map { .subscribe(item($0)) })
    for (left, right) in zip(sent, sent.dropFirst()) { #expect(right.at - left.at >= 50 * Self.ms) }
    #expect((sent.last?.at ?? 0) <= 4_100 * Self.ms)
    #expect(plan.active == 41 && plan.overflow.isEmpty && plan.deadline == nil)
  }

  @Test func nothingIsSentWhileAnAnswerIsAwaited() {
    var plan = plan(2)
    #expect(plan.next(now: 0) == .subscribe(item(0)))
    #expect(plan.next(now: 1_000 * Self.ms) == nil)
    _ = plan.answer(item(0), .subscribed, now: 1_001 * Self.ms)
    #expect(plan.next(now: 1_001 * Self.ms) == .subscribe(item(1)))
  }

  /// Asks at each deadline until `end`, and lets `answer` say which registrations are answered at once.
  private func ask(
    _ plan: inout SubscriptionPlan, from start: Int = 0, until end: Int,
    answer: (Registration) -> Bool = { _ in false }
  ) -> [String] {
    var sent: [String] = []
    var due = start * 1000 * Self.ms
    while let deadline = plan.deadline, deadline <= end * 1000 * Self.ms, sent.count < 100 {
      due = max(due, deadline)
      switch plan.next(now: due) {
      case .subscribe(let item):
        sent.append("\(due / (1000 * Self.ms)) \(item.symbol)")
        if answer(item) { _ = plan.answer(item, .subscribed, now: due) }
      case .unsubscribe(let item): sent.append("\(due / (1000 * Self.ms)) -\(item.symbol)")
      case .giveUp: return sent + ["\(due / (1000 * Self.ms)) give up"]
      case nil: break
      }
    }
    return sent
  }

  /// Nobody answers: each is asked for once more after 10 s, and 10 s later the connection is of no use.
  @Test func aSessionThatAnswersNothingIsGivenUp() {
    var plan = plan(3)
    let sent = ask(&plan, until: 3600)
    #expect(sent == ["0 000000", "5 000001", "10 000000", "15 000001", "20 give up"])
    #expect(plan.takeSilent() == [item(0), item(1), item(0), item(1)] && plan.takeSilent().isEmpty)
    plan.reset()
    #expect(
      ask(&plan, from: 30, until: 34) == ["30 000000"] && plan.unanswered == 0, "a new connection begins anew"
    )
  }

  /// Others are served: the odd one is asked for once more, then five minutes apart, and costs the others nothing.
  @Test func anOddRegistrationWithoutAnAnswerTakesNoOtherWithIt() {
    var plan = plan(3)
    let sent = ask(&plan, until: 1000) { $0 != item(0) }
    #expect(
      sent == ["0 000000", "5 000001", "5 000002", "10 000000", "320 000000", "630 000000", "940 000000"])
    #expect(plan.active == 2 && plan.held == 3)
    // A late answer still counts.
    _ = plan.answer(item(0), .subscribed, now: 1_001_000 * Self.ms)
    #expect(plan.active == 3 && plan.deadline == nil)
  }

  @Test func aRecordIsAnAnswerToo() {
    var plan = plan(1)
    #expect(ask(&plan, until: 5) == ["0 000000"])
    #expect(plan.unanswered == 1)
    plan.served(item(0))
    #expect(plan.active == 1 && plan.deadline == nil)
    plan.served(item(0))
    #expect(plan.active == 1)
  }

  @Test func whatIsDroppedIsNotAskedAgain() {
    var plan = plan(2)
    #expect(ask(&plan, until: 6) { $0 != item(0) } == ["0 000000", "5 000001"])
    plan.drop(item(0))
    #expect(ask(&plan, from: 6, until: 3600) == ["6 -000000"])
    #expect(plan.state(of: item(0)) == nil)
  }

  @Test func reconnectForgetsAndAsksForAllAgain() {
    var plan = plan(3)
    _ = settle(&plan)
    plan.reset()
    #expect(plan.active == 0)
    #expect(settle(&plan, from: 100_000 * Self.ms).map(\.message) == (0..<3).map { .subscribe(item($0)) })
  }

  @Test func overflowIsWhatHasNoRoom() {
    var plan = plan(5, limit: 3)
    #expect(plan.overflow == [item(3), item(4)])
    _ = settle(&plan)
    #expect(plan.active == 3 && plan.overflow == [item(3), item(4)])
    plan.drop(item(0))
    let sent = settle(&plan, from: 10_000 * Self.ms).map(\.message)
    #expect(sent == [.unsubscribe(item(0)), .subscribe(item(3))])
    #expect(plan.overflow == [item(4)])
  }

  @Test func smallerLimitIsLearnedAndTriedAgainAfterMinutes() {
    var plan = plan(5)
    for number in 0..<3 {
      #expect(plan.next(now: number * 100 * Self.ms) == .subscribe(item(number)))
      _ = plan.answer(item(number), .subscribed, now: number * 100 * Self.ms)
    }
    #expect(plan.next(now: 300 * Self.ms) == .subscribe(item(3)))
    #expect(plan.answer(item(3), .overLimit, now: 300 * Self.ms) == 3)
    #expect(plan.limit == 3 && plan.overflow == [item(3), item(4)])
    #expect(plan.next(now: 200_000 * Self.ms) == nil)
    let retry = 300 * Self.ms + SubscriptionPlan.Timing().overflow
    #expect(plan.deadline == retry)
    #expect(plan.next(now: retry) == .subscribe(item(3)))
    #expect(plan.limit == 41)
  }

  @Test func limitOfNothingIsLearnedToo() {
    var plan = plan(2)
    #expect(plan.next(now: 0) == .subscribe(item(0)))
    #expect(plan.answer(item(0), .overLimit, now: 1) == 0)
    #expect(plan.overflow.count == 2 && plan.next(now: 100_000 * Self.ms) == nil)
  }

  @Test func postponedItemWaitsWhileOthersGoOn() {
    var plan = plan(2)
    #expect(plan.next(now: 0) == .subscribe(item(0)))
    _ = plan.answer(item(0), .retry, now: 0)
    #expect(plan.next(now: 100 * Self.ms) == .subscribe(item(1)))
    _ = plan.answer(item(1), .subscribed, now: 101 * Self.ms)
    #expect(plan.next(now: 29_000 * Self.ms) == nil)
    #expect(plan.deadline == 30_000 * Self.ms)
    for time in [30_000 * Self.ms, 60_000 * Self.ms] {
      #expect(plan.next(now: time) == .subscribe(item(0)))
      _ = plan.answer(item(0), .retry, now: time)
    }
    // Three tries were enough for a while.
    #expect(plan.next(now: 120_000 * Self.ms) == nil)
    #expect(plan.next(now: 361_000 * Self.ms) == .subscribe(item(0)))
  }

  @Test func refusedItemIsNeverAskedForAgain() {
    var plan = plan(2)
    #expect(plan.next(now: 0) == .subscribe(item(0)))
    _ = plan.answer(item(0), .refused, now: 1)
    #expect(settle(&plan, from: 1_000 * Self.ms).map(\.message) == [.subscribe(item(1))])
    plan.reset()
    #expect(settle(&plan, from: 90_000 * Self.ms).map(\.message) == [.subscribe(item(1))])
  }

  @Test func flippingIsSlow() {
    var plan = plan(1)
    _ = settle(&plan)
    plan.drop(item(0))
    #expect(plan.next(now: 1_000 * Self.ms) == .unsubscribe(item(0)))
    plan.want(item(0))
    _ = plan.answer(item(0), .unsubscribed, now: 1_001 * Self.ms)
    #expect(plan.next(now: 3_000 * Self.ms) == nil)
    #expect(plan.next(now: 6_001 * Self.ms) == .subscribe(item(0)))
  }

  @Test func droppedWhileInTheAirIsTakenBack() {
    var plan = plan(1)
    #expect(plan.next(now: 0) == .subscribe(item(0)))
    plan.drop(item(0))
    _ = plan.answer(item(0), .subscribed, now: 1)
    #expect(plan.next(now: 100 * Self.ms) == .unsubscribe(item(0)))
    _ = plan.answer(item(0), .unsubscribed, now: 101 * Self.ms)
    #expect(plan.held == 0 && plan.deadline == nil)
  }

  @Test func replyWithoutANameIsAboutTheOneInTheAir() {
    var plan = plan(2)
    _ = plan.next(now: 0)
    let (trades, first) = (Self.trades.transactionID, item(0).symbol)
    for (name, key, subject) in [
      (nil, nil, item(0)), (trades, item(1).symbol, item(1)), (trades, nil, item(0)), (nil, first, item(0)),
      (trades, "A" + first, item(0)),
      // What is named and not asked for is nobody's.
      (trades, "999999", nil), ("H0STASP0", first, nil), ("H0STXXX0", first, nil), ("H0STASP0", nil, nil),
      (nil, "999999", nil),
    ] as [(String?, String?, Registration?)] {
      #expect(plan.subject(transactionID: name, symbol: key) == subject, "\(name ?? "-") \(key ?? "-")")
    }
    _ = plan.answer(item(0), .subscribed, now: 1)
    #expect(plan.subject(transactionID: nil, symbol: nil) == nil)
  }

  @Test func farewellNamesAllThatTheServerHolds() {
    var plan = plan(5, limit: 3)
    _ = settle(&plan)
    #expect(plan.takeAll() == (0..<3).map { item($0) })
    #expect(plan.takeAll().isEmpty && plan.deadline == nil)
  }
}
