import Plumbing
import Testing

@Suite struct TimeUnitsTests {
  private static let nanoseconds: [(Nanoseconds, Int64)] = [
    (.seconds(2), 2_000_000_000), (.seconds(0.75), 750_000_000), (.seconds(1e-9), 1),
    (.milliseconds(75), 75_000_000), (.minutes(5), 300_000_000_000), (.hours(1), 3_600_000_000_000),
    (.day, 86_400_000_000_000), (.zero, 0), (Nanoseconds(Milliseconds(1500)), 1_500_000_000),
  ]

  @Test(arguments: nanoseconds)
  func nanosecond(_ time: Nanoseconds, _ count: Int64) { #expect(time.count == count) }

  private static let milliseconds: [(Milliseconds, Int64)] = [
    (.seconds(2), 2000), (.seconds(0.0015), 1), (.milliseconds(75), 75), (.minutes(5), 300_000),
    (.hours(9), 32_400_000), (.day, 86_400_000), (Milliseconds(Nanoseconds(1_999_999)), 1),
    (Milliseconds(Nanoseconds(-1_999_999)), -1),
  ]

  @Test(arguments: milliseconds)
  func millisecond(_ time: Milliseconds, _ count: Int64) { #expect(time.count == count) }

  @Test func arithmetic() {
    let (one, four) = (Nanoseconds.seconds(1), Nanoseconds.seconds(4))
    #expect(one + four == .seconds(5) && one - four == .seconds(-3) && (one - four).magnitude == .seconds(3))
    #expect(one * 4 == four && 4 * one == four && four / 4 == one && (one / 3).count == 333_333_333)
    #expect(min(one, four, .max) == one && max(one, .min) == one)
    var sum = one
    sum += four
    sum -= one
    #expect(sum == four)
    #expect(Nanoseconds.max &+ Nanoseconds(1) == .min)
    #expect(Milliseconds.day / 2 == .hours(12) && Milliseconds.day / .hours(5) == 4)
  }

  @Test func numbersAtTheEdge() {
    #expect(
      Nanoseconds.milliseconds(1500).inSeconds == 1.5 && Milliseconds.milliseconds(1500).inSeconds == 1.5)
    #expect(
      Nanoseconds.milliseconds(2999).wholeSeconds == 2 && Milliseconds.milliseconds(-2999).wholeSeconds == -2)
    #expect("\(Milliseconds(1_785_371_021_123))" == "1785371021123")
    #expect(Nanoseconds.minutes(1) / .seconds(7) == 8)
    #expect(Nanoseconds.min < .zero && Milliseconds.zero < .max)
  }

  /// `poll` never wakes before the deadline, and waits for ever only for none.
  private static let deadlines: [(Int64, Int64, Int32)] = [
    (1_000_000, 0, 1), (1_000_001, 0, 2), (1, 0, 1), (0, 0, 0), (5, 9, 0), (.min, 9, 0), (.max, 9, -1),
    (7_200_000_000_000, 9, 3_600_000), (.max - 1, 9, 3_600_000),
  ]

  @Test(arguments: deadlines)
  func pollTimeout(_ deadline: Int64, _ now: Int64, _ timeout: Int32) {
    #expect(Nanoseconds(deadline).pollTimeout(from: Nanoseconds(now)) == timeout)
  }
}
