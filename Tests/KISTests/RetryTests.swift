import Plumbing
import Testing

@testable import KIS

@Suite struct RetryTests {
  private static let second: Nanoseconds = .seconds(1)

  @Test func backoffGrowsAndIsBounded() {
    let backoff = Backoff(base: 1_000, cap: 30_000)
    #expect(
      (1...8).map { backoff.bound(attempt: $0) } == [
        1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
      ])
    #expect(backoff.bound(attempt: 1_000_000) == 30_000)
    #expect(Backoff(floor: 500, base: 1_000, cap: 1_200).bound(attempt: 1) == 1_200)
  }

  @Test(arguments: [Patience.brief, .normal, .outage])
  func jitterIsFullAndRepeatable(_ patience: Patience) {
    var first = KIS.SeededGenerator(seed: 7)
    var second = KIS.SeededGenerator(seed: 7)
    for attempt in 1...10 {
      let bound = patience.backoff.bound(attempt: attempt)
      let delays = (0..<200).map { _ in patience.backoff.delay(attempt: attempt, using: &first) }
      #expect(delays == (0..<200).map { _ in patience.backoff.delay(attempt: attempt, using: &second) })
      #expect(delays.allSatisfy { (0...bound).contains($0) })
      // Full jitter: the lower and the upper fifth are both used.
      #expect((delays.min() ?? bound) < bound / 5 && (delays.max() ?? 0) > bound / 5 * 4)
    }
  }

  @Test func floorHolds() {
    var generator = KIS.SeededGenerator(seed: 1)
    let backoff = Backoff(floor: Self.second, base: Self.second / 2, cap: 10 * Self.second)
    for attempt in 1...20 {
      #expect((Self.second...10 * Self.second).contains(backoff.delay(attempt: attempt, using: &generator)))
    }
  }

  @Test func reconnectWaitsGrowFromSecondsToAMinute() {
    for seed in 0..<50 {
      var policy = ReconnectPolicy(seed: UInt64(seed))
      let waits = (0..<10).map { policy.wait(now: $0 * 100 * Self.second) }
      #expect((Self.second...5 * Self.second).contains(waits[0]))
      #expect(waits.allSatisfy { $0 <= 60 * Self.second })
      #expect(waits[1] >= Self.second && waits[1] <= 10 * Self.second)
      #expect(waits.suffix(3).allSatisfy { $0 >= 30 * Self.second })
    }
  }

  @Test func onlyAMinuteOfFramesStartsOver() {
    var policy = ReconnectPolicy(seed: 3)
    for _ in 0..<8 { _ = policy.wait(now: 0) }
    policy.sawFrame(since: 0, now: 59 * Self.second)
    #expect(policy.failures == 8 && policy.wait(now: 0) >= 30 * Self.second)
    policy.sawFrame(since: 0, now: 60 * Self.second)
    #expect(policy.failures == 0)
    #expect((Self.second...5 * Self.second).contains(policy.wait(now: 0)))
  }

  @Test func attemptsOfAnHourAreBounded() {
    var limits = ReconnectPolicy.Limits()
    limits.attemptsPerHour = 5
    var policy = ReconnectPolicy(limits: limits, seed: 1)
    for attempt in 0..<5 { policy.attempted(now: attempt * Self.second) }
    #expect(policy.wait(now: 5 * Self.second) == 3595 * Self.second)
    #expect(policy.wait(now: 3700 * Self.second) <= 60 * Self.second)
  }

  @Test func scaledAttemptsAreBoundedInAScaledHour() {
    var limits = ReconnectPolicy.Limits().scaled(by: 0.001)
    limits.attemptsPerHour = 5
    var policy = ReconnectPolicy(limits: limits, seed: 1)
    let millisecond = Self.second / 1000
    for attempt in 0..<5 { policy.attempted(now: attempt * millisecond) }
    #expect(policy.wait(now: 5 * millisecond) == 3595 * millisecond)
    #expect(policy.wait(now: 3700 * millisecond) <= 60 * millisecond)
  }

  @Test func keyInUseIsWaitedForAFewTimes() {
    var policy = ReconnectPolicy(seed: 9)
    let waits = (0..<5).map { _ in policy.waitForKey() }
    #expect(waits[4] == nil)
    for (index, wait) in waits.prefix(4).enumerated() {
      let times = index + 1
      #expect((60 * times * Self.second...90 * times * Self.second).contains(wait ?? 0))
    }
  }

  @Test(arguments: ["EGW00001", "EGW00002", "OPSQ0003", "OPSQ0010", "OPSQ0011"])
  func serverErrorsAreRetried(_ code: String) { #expect(ErrorCode.reaction(to: code) == .retry(.normal)) }
}
