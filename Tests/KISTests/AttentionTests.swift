import Plumbing
import Testing

@testable import KIS

/// A pause of our own is no silence of the other side.
@Suite struct AttentionTests {
  private static let second: Nanoseconds = .seconds(1)

  /// Turns at these seconds; what of each step was our own pause.
  @Test(arguments: [
    ([0.0, 1, 2, 2.5, 4.5], [0.0, 0, 0, 0, 0]), ([0, 3], [0, 2]), ([0, 1, 61, 62], [0, 0, 59, 0]),
    ([5, 5, 4, 6], [0, 0, 0, 0]), ([100], [0]),
  ])
  func pausesAreWhatABeatDoesNotExplain(_ turns: [Double], _ pauses: [Double]) {
    var attention = Attention()
    let seen = turns.map { attention.turn(at: .seconds($0)).pause.inSeconds }
    #expect(seen == pauses)
  }

  @Test func timeInWhichNothingWasWaitedForIsNoPause() {
    var attention = Attention()
    _ = attention.turn(at: 0)
    attention.begin(at: 3600 * Self.second)
    #expect(attention.deadline == 3601 * Self.second)
    #expect(attention.turn(at: 3601 * Self.second) == .init(step: Self.second, pause: 0))
  }

  // MARK: - Registrations

  private func item(_ symbol: String) -> Registration { Registration(Channel(.trades, .krx), symbol) }

  /// The answer was on its way while this process was stopped: it is neither missed nor asked for again.
  @Test(arguments: [3600, 12, 6] as [Int])
  func aPauseDoesNotMakeAnAnswerLate(_ pause: Int) {
    var plan = SubscriptionPlan(limit: 41)
    plan.want(item("005930"))
    #expect(plan.next(now: 0) == .subscribe(item("005930")))
    plan.excuse(pause * Self.second)
    #expect(plan.deadline == (pause + 5) * Self.second)
    #expect(plan.next(now: (pause + 4) * Self.second) == nil && plan.unanswered == 0)
    _ = plan.answer(item("005930"), .subscribed, now: (pause + 4) * Self.second)
    #expect(plan.active == 1 && plan.deadline == nil)
  }

  /// Nothing was answered for 5 s, then we paused: what is left of the 10 s and 20 s is waited for awake.
  @Test func aPauseMovesTheSecondAskAndTheEnd() {
    var plan = SubscriptionPlan(limit: 41)
    plan.want(item("005930"))
    _ = plan.next(now: 0)
    #expect(plan.next(now: 5 * Self.second) == nil && plan.takeSilent().count == 1)
    plan.excuse(60 * Self.second)
    #expect(plan.deadline == 70 * Self.second)
    #expect(plan.next(now: 70 * Self.second) == .subscribe(item("005930")))
    plan.excuse(60 * Self.second)
    #expect(plan.next(now: 135 * Self.second) == nil)
    #expect(plan.deadline == 140 * Self.second && plan.next(now: 140 * Self.second) == .giveUp)
  }

  @Test func aPauseDoesNotHoldWhatMayBeSent() {
    var plan = SubscriptionPlan(limit: 41)
    plan.want(item("005930"))
    plan.want(item("000660"))
    _ = plan.next(now: 0)
    _ = plan.answer(item("005930"), .subscribed, now: 1)
    plan.excuse(60 * Self.second)
    #expect(plan.next(now: 75_000_000) == .subscribe(item("000660")))
  }

  // MARK: - REST

  /// Stopped for a minute with a call in the air: its answer still counts, and no answer has its 20 s left.
  @Test(arguments: [true, false])
  func aPauseDoesNotMakeACallLate(_ isAnswered: Bool) throws {
    let bench = try Bench(script: [.answer(200, Answers.token("t1")), .silence])
    bench.lane.enqueue(.price(Instrument("005930", .krx)))
    bench.run(seconds: 5)
    bench.now = bench.now.advanced(by: 60 * Self.second)
    bench.events += bench.lane.advance(bench.now)
    #expect(bench.retried.isEmpty && bench.transport.cancelled.isEmpty)
    if isAnswered { bench.transport.answer(1, 200, Answers.price) }
    bench.run()
    #expect(bench.answered == 1 && bench.retried.isEmpty == isAnswered)
  }

  /// `--max-wait` is about the service's silence. Of 40 s of it we slept through 25.
  @Test func aPauseIsNoOutage() throws {
    var policy = RestPolicy()
    policy.isPatient = true
    policy.maxWait = 30 * Self.second
    let refusal = ScriptedTransport.Reply.fault(RestFault(.unreachable, "refused"))
    let bench = try Bench(policy, script: [.answer(200, Answers.token("t1")), refusal, refusal])
    bench.transport.route = { [transport = bench.transport] _ in
      transport.requests.count < 3 ? nil : transport.time() < 1_040 * Self.second ? refusal : nil
    }
    bench.lane.enqueue(.price(Instrument("005930", .krx)))
    bench.run(seconds: 5)
    bench.now = bench.now.advanced(by: 25 * Self.second)
    bench.run()
    #expect(bench.answered == 1 && bench.stopped == nil)
  }
}
