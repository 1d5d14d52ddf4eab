import Plumbing
import Testing

@testable import Completeness

struct DayStripsTests {
  /// Day 20,000 and the places of two symbols.
  private func strips(_ losses: [(place: Int, shares: Int64)]) -> DayStrips {
    var strips = DayStrips()
    for (index, loss) in losses.enumerated() {
      let time = KST.midnight(ofDay: 20_000).count + Int64(index) * 60_000
      let note = LossNote(
        subject: loss.place, from: nil, to: time,
        loss: Loss(trades: 1, shares: loss.shares, value: loss.shares * 100))
      strips.note(note, 20_000)
    }
    return strips
  }

  /// What is left of the notes, after `shares` of the first symbol have come.
  private func left(
    _ losses: [(place: Int, shares: Int64)], after shares: Int64, trades: Int64
  ) -> [Int64] {
    var strips = strips(losses)
    strips.takeBack(Loss(trades: trades, shares: shares, value: shares * 100), 1, 20_000)
    return strips.losses.map(\.loss.shares)
  }

  @Test func aLateTradeTakesFromTheLastLossWithRoomForIt() {
    #expect(left([(1, 50), (1, 5), (2, 90)], after: 20, trades: 1) == [30, 5, 90])
    #expect(left([(1, 50), (1, 5), (2, 90)], after: 5, trades: 1) == [50, 90])
  }

  @Test func aFrameWithSeveralHolesTakesFromSeveralLosses() {
    #expect(left([(1, 50), (2, 90), (1, 30), (1, 5)], after: 85, trades: 3) == [90])
    #expect(left([(1, 50), (1, 30), (1, 5)], after: 60, trades: 2) == [25])
    #expect(left([(1, 50), (2, 90)], after: 70, trades: 2) == [90], "takes all, and ends")
  }
}
