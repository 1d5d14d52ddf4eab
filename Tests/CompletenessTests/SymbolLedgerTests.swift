import Completeness
import Testing

/// The ledger of one symbol, step by step.
@Suite struct SymbolLedgerTests {
  /// A trade of a made-up day: what the exchange's totals are after it.
  private static func trade(
    _ shares: Int64, size: Int64, value: Int64? = nil, sided: Int64? = nil, price: Int64 = 100,
    isSided: Bool = true, day: Int = 20_000
  ) -> Trade {
    Trade(
      day: day, price: Decimal(price), size: size, isSided: isSided,
      totals: TradeTotals(shares: shares, value: value, sided: sided))
  }

  private func verdicts(_ trades: [Trade]) -> ([Verdict], LedgerSums) {
    var ledger = SymbolLedger()
    return (trades.map { ledger.judge($0) }, ledger.sums)
  }

  /// What a symbol costs is a few hundred bytes, whatever its trades: nothing of it lies elsewhere.
  @Test func aSymbolIsAFewHundredBytes() {
    #expect(_isPOD(SymbolLedger.self), "all of it lies in place")
    #expect(
      (200...600).contains(MemoryLayout<SymbolLedger>.stride), "\(MemoryLayout<SymbolLedger>.stride) bytes")
  }

  @Test func neighboursAreVerified() {
    let (said, sums) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1), Self.trade(15, size: 5, value: 1500, sided: 2),
    ])
    #expect(said == [.first(before: 0), .verified])
    #expect(
      sums.isStartProven && sums.archivedShares == 15 && sums.reportedShares == 15 && sums.coverage == 1)
  }

  @Test func aStepBeyondTheTradeIsALossToTheShare() {
    let (said, sums) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1), Self.trade(32, size: 5, value: 3217, sided: 5),
    ])
    #expect(said[1] == .missed(Loss(trades: 3, shares: 17, value: 1717)))
    #expect(sums.missed == Loss(trades: 3, shares: 17, value: 1717))
    #expect(sums.archivedShares + sums.missed.shares == sums.reportedShares)
  }

  @Test func anUnsidedLossIsOneTradeAtLeast() {
    let (said, _) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1), Self.trade(32, size: 5, value: 3200, sided: 2),
    ])
    #expect(said[1] == .missed(Loss(trades: 1, shares: 17, value: 1700)))
  }

  @Test func anAuctionPrintIsNotCountedAmongTheSided() {
    let (said, _) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1),
      Self.trade(510, size: 500, value: 51000, sided: 1, isSided: false),
    ])
    #expect(said[1] == .verified)
  }

  /// 005930 on 2026-09-08: side empty, counts 0, 124 shares traded before the opening.
  @Test func theOpeningPrintStartsADayWithoutALoss() {
    let (said, sums) = verdicts([
      Self.trade(200_731, size: 200_607, value: nil, sided: 0, isSided: false)
    ])
    #expect(said == [.first(before: 124)])
    #expect(sums.isStartProven && sums.beforeStart == 124 && sums.missed.shares == 0 && sums.coverage == 1)
  }

  @Test func whatCameBeforeALaterStartIsNotMissing() {
    let (said, sums) = verdicts([Self.trade(5000, size: 10, value: 500_000, sided: 40)])
    #expect(said == [.first(before: 4990)])
    #expect(!sums.isStartProven && sums.beforeStart == 4990 && sums.coverage == 1)
  }

  @Test func theSameRecordAgainIsADuplicate() {
    let once = Self.trade(15, size: 5, value: 1500, sided: 2)
    let (said, sums) = verdicts([Self.trade(10, size: 10, value: 1000, sided: 1), once, once])
    #expect(said[2] == .duplicate)
    #expect(sums.duplicates == 1 && sums.archivedShares == 15 && sums.verified == 1)
  }

  @Test func whatIsTakenBackLowersWhatIsReported() {
    let (said, sums) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1), Self.trade(15, size: 5, value: 1500, sided: 2),
      Self.trade(10, size: 10, value: 1000, sided: 1), Self.trade(18, size: 8, value: 1800, sided: 2),
    ])
    #expect(said[2...] == [.reversal, .verified])
    #expect(sums.reversals == 1 && sums.late == 0 && sums.archivedShares == 18 && sums.reportedShares == 18)
    #expect(sums.coverage == 1)
  }

  /// The exchange counts from zero again within the day: both counts are reported, and no number is below zero.
  @Test(arguments: [(Int64(4), Int64(4)), (54, 4)]) func whatBeginsAnewGoesOnFromThere(
    shares: Int64, size: Int64
  ) {
    let before = shares - size
    let (said, sums) = verdicts([
      Self.trade(1000, size: 10), Self.trade(1070, size: 70), Self.trade(shares, size: size),
      Self.trade(shares + 20, size: 9), Self.trade(shares + 25, size: 5),
    ])
    let begun = before == 0 ? Verdict.reversal : .missed(Loss(trades: 1, shares: before, value: nil))
    #expect(said[2...] == [begun, .missed(Loss(trades: 1, shares: 11, value: nil)), .verified])
    #expect(sums.reversals == 1 && sums.beforeStart == 990)
    #expect(sums.archivedShares == 10 + 70 + size + 9 + 5 && sums.missed.shares == before + 11)
    #expect(sums.reportedShares == 1070 + shares + 25)
    #expect(sums.archivedShares + sums.missed.shares + sums.beforeStart == sums.reportedShares)
  }

  /// More is taken back than is here: the rest was missing.
  @Test func whatIsTakenBackMayHaveBeenMissing() {
    let (_, sums) = verdicts([
      Self.trade(10, size: 10), Self.trade(1000, size: 10), Self.trade(505, size: 10),
      Self.trade(1005, size: 10),
    ])
    #expect(sums.archivedShares >= 0 && sums.missed.shares >= 0)
    #expect(sums.archivedShares + sums.missed.shares == sums.reportedShares)
  }

  /// A loss before it is known what makes value of a price has no value, and none that is wrong.
  @Test func aLossOfAnUnknownMultiplierHasNoValue() {
    var ledger = SymbolLedger()
    var choice = MultiplierChoice(among: [250, 50])
    for (shares, size) in [(Int64(1), Int64(1)), (5, 1), (6, 1), (7, 1)] {
      _ = ledger.judge(
        Self.trade(shares, size: size, value: shares * 5000), among: [250, 50], &choice)
    }
    #expect(choice == .known(50) && ledger.sums.missed == Loss(trades: 1, shares: 3, value: nil))
  }

  /// One record of another count, and the count goes on: it says nothing about the day.
  @Test(arguments: [Int64(1075), 1090]) func aStrayRecordBeginsNothing(shares: Int64) {
    let (said, sums) = verdicts([
      Self.trade(1000, size: 10), Self.trade(1070, size: 70), Self.trade(4, size: 4),
      Self.trade(shares, size: 5),
    ])
    #expect(said[2] == .reversal)
    #expect(sums.reversals == 0 && sums.duplicates == 1 && sums.reportedShares == shares)
    #expect(sums.archivedShares == 85 && sums.missed.shares == shares - 1075 && sums.trades == 3)
  }

  @Test func aTradeThatComesAfterALaterOneIsNotMissing() {
    let (said, sums) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1), Self.trade(22, size: 5, value: 2200, sided: 3),
      Self.trade(17, size: 7, value: 1700, sided: 2), Self.trade(30, size: 8, value: 3000, sided: 4),
    ])
    #expect(
      said == [.first(before: 0), .missed(Loss(trades: 1, shares: 7, value: 700)), .reversal, .verified])
    #expect(sums.late == 1 && sums.reversals == 0 && sums.missed == Loss(trades: 0, shares: 0, value: 0))
    #expect(sums.archivedShares == 30 && sums.coverage == 1)
  }

  @Test func twoTradesThatComeAfterALaterOneAreNotMissing() {
    let (said, sums) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1), Self.trade(22, size: 5, value: 2200, sided: 4),
      Self.trade(13, size: 3, value: 1300, sided: 2), Self.trade(17, size: 4, value: 1700, sided: 3),
      Self.trade(30, size: 8, value: 3000, sided: 5),
    ])
    #expect(said[1...] == [.missed(Loss(trades: 2, shares: 7, value: 700)), .reversal, .verified, .verified])
    #expect(sums.late == 2 && sums.reversals == 0 && sums.missed == Loss(trades: 0, shares: 0, value: 0))
    #expect(sums.archivedShares == 30 && sums.trades == 5 && sums.verified == 1)
  }

  /// Three records with a hole between the first and the second, then the three again: the hole is one hole.
  @Test func aFrameSentAgainIsCountedOnce() {
    let frame = [
      Self.trade(15, size: 5, value: 1500, sided: 2), Self.trade(25, size: 3, value: 2500, sided: 4),
      Self.trade(26, size: 1, value: 2600, sided: 5),
    ]
    let (_, sums) = verdicts([Self.trade(10, size: 10, value: 1000, sided: 1)] + frame + frame)
    #expect(sums.duplicates == 3 && sums.reversals == 0 && sums.records == 7 && sums.trades == 4)
    #expect(sums.missed == Loss(trades: 1, shares: 7, value: 700) && sums.verified == 2)
    #expect(sums.archivedShares + sums.missed.shares == sums.reportedShares)
  }

  @Test(
    arguments: [
      (Int64(14), Int64(1400), Int64(2)),  // fewer shares than the trade's own
      (15, 1501, 2),  // the money does not fit
      (15, 1500, 3),  // a trade more, and no share
    ])
  func totalsThatContradictTheTradeAreNotVerified(shares: Int64, value: Int64, sided: Int64) {
    let (said, sums) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1),
      Self.trade(shares, size: 5, value: value, sided: sided),
    ])
    #expect(said[1] == .unverifiable)
    #expect(sums.unverifiable == 1 && sums.verified == 0)
  }

  @Test func withoutTotalsNothingIsClaimed() {
    let bare = Trade(day: 20_000, price: Decimal(100), size: 5, isSided: true, totals: nil)
    let (said, sums) = verdicts([bare, bare])
    #expect(said == [.unverifiable, .unverifiable])
    #expect(sums.coverage == nil && sums.unverifiable == 2)
  }

  @Test func aNewDayBeginsAnew() {
    let (said, sums) = verdicts([
      Self.trade(10, size: 10, value: 1000, sided: 1),
      Self.trade(3, size: 3, value: 300, sided: 1, day: 20_001),
    ])
    #expect(said == [.first(before: 0), .first(before: 0)])
    #expect(sums.records == 1 && sums.reversals == 0)
  }

  /// H0IFCNT0: the price has decimals, the money is in thousands of won, a contract is 250 (or 50) of them.
  @Test func aContractHasAMultiplier() {
    func future(_ contracts: Int64, _ value: Int64, size: Int64, price: Int64) -> Trade {
      Trade(
        day: 20_000, price: Decimal(price, scale: 2), size: size, isSided: true,
        totals: TradeTotals(shares: contracts, value: value, sided: contracts))
    }
    var ledger = SymbolLedger()
    _ = ledger.judge(future(1, 54015, size: 1, price: 108_030), multiplier: 50)
    #expect(ledger.judge(future(2, 108_027, size: 1, price: 108_024), multiplier: 50) == .verified)
  }
}
