import Glibc
import Plumbing
import TestSupport
import Testing

@testable import KIS

/// Simulated servers and hosts: calls are made when the limiter says so, and arrive when the test says so.
@Suite struct LimiterTests {
  private static let second: Nanoseconds = .seconds(1)

  /// The most arrivals in any half-open second.
  private func worst(_ arrivals: [Nanoseconds], window: Nanoseconds = second) -> Int {
    let sorted = arrivals.sorted()
    var most = 0
    var first = 0
    for last in sorted.indices {
      while sorted[last] - sorted[first] >= window { first += 1 }
      most = max(most, last - first + 1)
    }
    return most
  }

  @Test(arguments: [
    (18.0, 18, 1.0), (1.0, 1, 1.0), (3.0, 3, 1.0), (0.5, 1, 2.0), (2.5, 2, 0.8), (0.01, 1, 100.0),
  ])
  func rules(_ rate: Double, _ permits: Int, _ seconds: Double) {
    let rule = LimiterRule(callsPerSecond: rate)
    #expect(rule.permits == permits)
    #expect(rule.window == .seconds(seconds))
  }

  @Test func slotsAreEven() {
    var state = LimiterState()
    let rule = LimiterRule(callsPerSecond: 18)
    let slots = (0..<40).map { _ in state.reserve(now: 5 * Self.second, rule: rule) }
    #expect(slots.first == 5 * Self.second)
    for (left, right) in zip(slots, slots.dropFirst()) { #expect(right - left == rule.spacing) }
    #expect(worst(slots) <= 18)
  }

  @Test func idleTimeIsNotSavedUp() {
    var state = LimiterState()
    let rule = LimiterRule(callsPerSecond: 2)
    _ = state.reserve(now: 0, rule: rule)
    let late = 100 * Self.second
    #expect(state.reserve(now: late, rule: rule) == late)
    #expect(state.reserve(now: late, rule: rule) == late + rule.spacing)
  }

  @Test func damagedStateIsNotWaitedFor() {
    let rule = LimiterRule(callsPerSecond: 1)
    var state = LimiterState(next: .max / 2, calls: [.init(id: 1, freesAt: .max / 2)])
    #expect(state.reserve(now: 10, rule: rule) == 10)
    #expect(state.commit(now: 10, rule: rule, id: 2) == nil)
  }

  /// Saturated callers, each held up now and then, over a network with any delay up to `jitter` milliseconds:
  /// the server never sees more than allowed, and a quiet network gets at least 97 % of the rate.
  @Test(arguments: [
    (18.0, 1, 0), (18.0, 10, 0), (18.0, 1, 40), (18.0, 10, 200), (1.0, 3, 40), (3.0, 2, 100), (2.5, 2, 30),
  ])
  func neverMoreThanAllowed(_ rate: Double, _ processes: Int, _ jitter: Int) {
    let rule = LimiterRule(callsPerSecond: rate)
    var generator = KIS.SeededGenerator(seed: UInt64(rate * 10) &+ UInt64(processes) &+ UInt64(jitter))
    var state = LimiterState()
    var due = (0..<processes).map { _ in Nanoseconds.random(in: 0...1_000_000, using: &generator) }
    var slots = due
    for index in due.indices {
      slots[index] = state.reserve(now: due[index], rule: rule)
      due[index] = slots[index]
    }
    var arrivals: [Nanoseconds] = []
    var answers: [(at: Nanoseconds, id: UInt64, latest: Nanoseconds)] = []
    let end = 60 * Self.second
    var isHeldUp = [Bool](repeating: false, count: processes)
    while let (index, now) = due.enumerated().min(by: { $0.1 < $1.1 }), now < end {
      for answer in answers where answer.at <= now {
        state.complete(id: answer.id, latest: answer.latest, rule: rule)
      }
      answers.removeAll { $0.at <= now }
      // One turn in ten is late by up to 80 ms: a busy host.
      if jitter > 0, !isHeldUp[index], Int.random(in: 0..<10, using: &generator) == 0 {
        isHeldUp[index] = true
        due[index] += Nanoseconds.random(in: 1...80_000_000, using: &generator)
        continue
      }
      isHeldUp[index] = false
      let id = UInt64(arrivals.count + 1)
      if let free = state.commit(now: now, rule: rule, id: id) {
        due[index] = max(now + 1, min(free, now + 5_000_000))
        continue
      }
      let there =
        now + 1_000_000
        + (jitter > 0 ? Nanoseconds.random(in: .zero ... .milliseconds(jitter), using: &generator) : 0)
      arrivals.append(there)
      // The answer comes 1 ms later, and 2 ms is what calls take at least.
      answers.append((there + 1_000_000, id, there + 1_000_000 - 2_000_000))
      due[index] = state.reserve(now: now, rule: rule)
    }
    let allowed = LimiterRule(callsPerSecond: rate)
    #expect(worst(arrivals, window: allowed.window) <= allowed.permits)
    if jitter == 0 {
      #expect(Double(arrivals.count) >= rate * 60 * 0.97, "\(arrivals.count) calls in 60 s")
    }
  }

  @Test func penaltyHalvesOnceASecondAndRecovers() {
    var penalty = RatePenalty()
    #expect(penalty.multiplier(now: 0) == 1)
    penalty.refuse(now: 0)
    penalty.refuse(now: 500_000_000)
    #expect(penalty.multiplier(now: Self.second) == 2)
    penalty.refuse(now: Self.second)
    #expect(penalty.multiplier(now: Self.second) == 4)
    for step in 2..<9 { penalty.refuse(now: step * Self.second) }
    #expect(penalty.multiplier(now: 9 * Self.second) == 8)
    #expect(penalty.multiplier(now: 20 * Self.second) == 4)
    #expect(penalty.multiplier(now: 60 * Self.second) == 1)
  }

  @Test func latencyFloorNeedsEnoughSamplesAndForgets() {
    var floor = LatencyFloor()
    for _ in 0..<7 { floor.note(5) }
    #expect(floor.value == 0)
    floor.note(3)
    #expect(floor.value == 3)
    for _ in 0..<32 { floor.note(9) }
    #expect(floor.value == 9)
  }

  @Test func fileIsSharedAndPrivate() throws {
    let path = try Tool.temporaryFolder("limiter") + "/rate"
    let rule = LimiterRule(callsPerSecond: 2)
    let first = try LimiterFile(path: path, boot: "b1")
    let second = try LimiterFile(path: path, boot: "b1")
    #expect(try first.reserve(now: 1000, rule: rule) == 1000)
    #expect(try second.reserve(now: 1000, rule: rule) == 1000 + rule.spacing)
    #expect(try first.commit(now: 2000, rule: rule, id: 1) == nil)
    #expect(try second.commit(now: 2000, rule: rule, id: 2) == nil)
    let blocked = try #require(try first.commit(now: 2000, rule: rule, id: 3))
    try second.complete(now: 3000, id: 1, latest: 2500, rule: rule)
    let earlier = try #require(try first.commit(now: 3000, rule: rule, id: 3))
    #expect(earlier < blocked && earlier == 2500 + rule.window + LimiterRule.margin)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test func stateOfAnotherBootIsVoid() throws {
    let path = try Tool.temporaryFolder("limiter") + "/rate"
    let rule = LimiterRule(callsPerSecond: 1)
    #expect(try LimiterFile(path: path, boot: "b1").reserve(now: 900, rule: rule) == 900)
    #expect(try LimiterFile(path: path, boot: "b2").reserve(now: 5, rule: rule) == 5)
  }

  @Test func linkIsNotFollowed() throws {
    let folder = try Tool.temporaryFolder("limiter")
    #expect(symlink("/dev/null", folder + "/rate") == 0)
    #expect(throws: (any Error).self) { try LimiterFile(path: folder + "/rate") }
  }
}
