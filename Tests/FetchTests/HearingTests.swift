import KIS
import Plumbing
import Testing

@testable import Fetch

/// Whose doing it is that nobody listened: pure, by turns of the loop.
@Suite struct HearingTests {
  private static func moment(_ seconds: Double) -> Moment {
    Moment(
      monotonic: .seconds(seconds), wall: Milliseconds(1_764_115_200_000) + .seconds(seconds))
  }

  /// Turns at these seconds; what each found.
  private static func turns(
    _ turns: [(at: Double, isFull: Bool, isWaiting: Bool, isListening: Bool)]
  ) -> [LossCause?] {
    var hearing = Hearing()
    return turns.map {
      hearing.turn(moment($0.at), isFull: $0.isFull, isWaiting: $0.isWaiting, $0.isListening)?.cause
    }
  }

  @Test func aLoopThatTurnsIsNotDeaf() {
    #expect(
      Self.turns([(0, false, false, true), (1, false, true, true), (2, false, false, true)]) == [
        nil, nil, nil,
      ])
  }

  @Test func aReaderThatTakesNothingIsNoticedWhenItReadsAgain() {
    var hearing = Hearing()
    let before = [(0.0, false), (1, true), (40, true)].map {
      hearing.turn(Self.moment($0.0), isFull: $0.1, isWaiting: $0.1, true)
    }
    let found = hearing.turn(Self.moment(63), isFull: false, isWaiting: false, true)
    let after = hearing.turn(Self.moment(64), isFull: false, isWaiting: false, true)
    let end = Self.moment(63).wall
    #expect(found == Deafness(from: end - .seconds(63), to: end, cause: .outputBlocked))
    #expect(before == [nil, nil, nil] && after == nil)
  }

  @Test func aShortBlockCostsNothing() {
    #expect(
      Self.turns([(0, false, false, true), (0.2, true, true, true), (0.9, false, false, true)]) == [
        nil, nil, nil,
      ])
  }

  @Test func aProcessThatWasStoppedIsTold() {
    #expect(Self.turns([(0, false, false, true), (30, false, false, true)]) == [nil, .paused])
    #expect(Self.turns([(0, false, true, true), (30, false, true, true)]) == [nil, .outputBlocked])
    #expect(
      Self.turns([(0, false, false, false), (30, false, false, true)]) == [nil, nil], "no connection stood")
  }
}
