import Completeness
import TestSupport
import Testing

/// Random days whose truth is known: trades are lost, doubled, taken back and sent late, frames are sent twice, and the
/// ledger must say so.
@Suite struct RandomDaysTests {
  /// What was done to a day.
  private struct Truth {
    var lost = Loss(trades: 0, shares: 0, value: 0)
    var doubled: Int64 = 0
    var takenBack: Int64 = 0
    var late: Int64 = 0
    var clean: Int64 = 0
  }

  /// A day that does one thing to its trades, so that each number has one cause.
  private static func day(_ seed: UInt64, _ kind: Int) -> ([Trade], Truth) {
    var random = SeededGenerator(seed: seed)
    var truth = Truth()
    var sent: [Trade] = []
    var totals = TradeTotals(shares: 0, value: 0, sided: 0)
    var price: Int64 = 50_000
    var undone: TradeTotals?  // the same trade again would be no other than a record sent again
    func next() -> Trade {
      let before = totals
      let trade = attempt()
      guard trade.totals == undone else { return trade }
      totals = before
      return next()
    }
    func attempt() -> Trade {
      price += Int64.random(in: -3...3, using: &random) * 50
      let isSided = Int.random(in: 0..<40, using: &random) > 0
      let size = Int64.random(in: 1...500, using: &random)
      totals.shares += size
      totals.value = (totals.value ?? 0) + size * price
      totals.sided = (totals.sided ?? 0) + (isSided ? 1 : 0)
      return Trade(day: 20_000, price: Decimal(price), size: size, isSided: isSided, totals: totals)
    }
    sent.append(next())
    var untouched = 0
    for _ in 0..<Int.random(in: 50...400, using: &random) {
      let before = totals
      let trade = next()
      untouched += 1
      guard untouched > 3, Int.random(in: 0..<8, using: &random) == 0 else {
        sent.append(trade)
        continue
      }
      untouched = 0
      switch kind {
      case 0:  // lost: the next one shows it
        truth.lost.trades += 1
        truth.lost.shares += trade.size
        truth.lost.value = (truth.lost.value ?? 0) + ((trade.price?.whole ?? 0) * trade.size)
        sent.append(next())
      case 1:
        truth.doubled += 1
        sent += [trade, trade]
      case 2:  // taken back: the record before it is shown again, with its totals
        truth.takenBack += 1
        let shown = sent.last { $0.totals == before }
        sent.append(trade)
        totals = before
        undone = trade.totals
        if let shown { sent.append(shown) }
      case 3:  // one or two come after a later one
        let others = Bool.random(using: &random) ? [] : [next()]
        truth.late += Int64(1 + others.count)
        sent += [next(), trade] + others + [next()]
      default:  // a frame is sent twice, with a hole inside
        truth.lost.trades += 1
        let lost = next()
        truth.lost.shares += lost.size
        truth.lost.value = (truth.lost.value ?? 0) + (lost.price?.whole ?? 0) * lost.size
        let frame = [trade] + (0..<Int.random(in: 1...6, using: &random)).map { _ in next() }
        truth.doubled += Int64(frame.count)
        sent += frame + frame
      }
      if kind != 3 { sent.append(next()) }
    }
    return (sent, truth)
  }

  @Test(arguments: 0..<5) func theLedgerTellsWhatWasDone(kind: Int) {
    var touched: Int64 = 0
    for seed in 1...250 {
      let (trades, truth) = Self.day(UInt64(seed * 5 + kind), kind)
      var ledger = SymbolLedger()
      for trade in trades { _ = ledger.judge(trade) }
      let sums = ledger.sums
      #expect(sums.missed == truth.lost, "seed \(seed)")
      #expect(sums.duplicates == truth.doubled, "seed \(seed)")
      #expect(sums.reversals == truth.takenBack, "seed \(seed)")
      #expect(sums.late == truth.late, "seed \(seed)")
      #expect(sums.unverifiable == 0, "seed \(seed)")
      #expect(
        sums.archivedShares + sums.missed.shares + sums.beforeStart == sums.reportedShares, "seed \(seed)")
      touched += truth.lost.trades + truth.doubled + truth.takenBack + truth.late
    }
    #expect(touched > 1000)
  }
}
