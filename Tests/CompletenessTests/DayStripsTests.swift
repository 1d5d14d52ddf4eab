import Plumbing
import Testing

@testable import Completeness

struct DayStripsTests {
  /// Notes of day 20,000: a loss between two totals of a symbol's place.
  private func strips(_ losses: [(place: Int, totals: Range<Int64>)]) -> DayStrips {
    var strips = DayStrips()
    for (index, loss) in losses.enumerated() {
      let time = KST.midnight(ofDay: 20_000).count + Int64(index) * 60_000
      strips.note(
        LossNote(
          subject: loss.place, from: nil, to: time, totals: loss.totals,
          loss: Self.loss(Int64(loss.totals.count))),
        20_000)
    }
    return strips
  }

  private static func loss(_ shares: Int64) -> Loss { Loss(trades: 1, shares: shares, value: shares * 100) }

  @Test(arguments: [
    (20, 110, [30, 60, 90]),  // in the first loss, although the second has room too
    (60, 200, [50, 90]),  // all of the second
    (20, 190, [50, 60, 90]),  // over its edge: it is none of them
    (20, 400, [50, 60, 90]),  // of the other symbol
  ]) func aLateTradeTakesFromTheLossItLiesIn(shares: Int64, after: Int64, left: [Int64]) {
    var strips = strips([(1, 100..<150), (1, 200..<260), (2, 400..<490)])
    strips.noteFall(1, 20_000, after: after)
    strips.takeBack(late: Self.loss(shares), 1, 20_000)
    #expect(strips.losses.map(\.loss.shares) == left)
  }

  @Test func aLateTradeWithoutAFallTakesNothing() {
    var strips = strips([(1, 100..<150)])
    strips.takeBack(late: Self.loss(20), 1, 20_000)
    #expect(strips.losses.map(\.loss.shares) == [50])
  }

  /// The same holes stand in the list twice until the last record of the repeated frame has come.
  @Test func aRepeatedFrameTakesItsOwnLosses() {
    var strips = strips([
      (1, 10..<884), (1, 900..<1402), (1, 1500..<1843), (2, 7..<97), (1, 900..<1402), (1, 1500..<1843),
    ])
    strips.takeBack(repeated: Self.loss(845), 1, 20_000)
    #expect(strips.losses.map(\.loss.shares) == [874, 502, 343, 90])
  }

  @Test func aRepeatedFrameWhoseLossesAreNotListedEnds() {
    var strips = strips([(1, 100..<150), (2, 400..<490)])
    strips.takeBack(repeated: Self.loss(70), 1, 20_000)
    #expect(strips.losses.map(\.loss.shares) == [90])
  }
}
