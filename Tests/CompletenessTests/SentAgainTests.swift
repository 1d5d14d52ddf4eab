import Completeness
import Testing

/// Records that were sent again after others, and late trades at the end: nothing is missing, and nothing counts twice.
@Suite struct SentAgainTests {
  /// The trades of a day, each of another size; a place is its order on the exchange.
  private static let day: [Trade] = {
    var (shares, value): (Int64, Int64) = (0, 0)
    return (1...60).map { place in
      let size = Int64(place % 9 + 1)
      shares += size
      value += size * 100
      return Trade(
        day: 20_000, price: Decimal(100), size: size, isSided: true,
        totals: TradeTotals(shares: shares, value: value, sided: Int64(place)))
    }
  }()

  private static func sums(_ places: [Int]) -> LedgerSums {
    var ledger = SymbolLedger()
    for place in places { _ = ledger.judge(day[place]) }
    ledger.finish()
    return ledger.sums
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let places: [Int]
    let again: Int64
  }

  static let cases = [
    Case(testDescription: "one record after one other", places: [0, 1, 2, 1, 3, 4], again: 1),
    Case(
      testDescription: "a frame of three after forty", places: Array(0..<43) + [0, 1, 2, 43, 44], again: 3),
    Case(
      testDescription: "two programs, one behind the other",
      places: Array(0..<10) + (10..<50).flatMap { [$0, $0 - 7] } + [50, 51], again: 40),
    Case(
      testDescription: "records apart from each other", places: Array(0..<20) + [3, 9, 15, 20, 21], again: 3),
  ]

  @Test(arguments: cases) func whatIsSentAgainIsADuplicate(item: Case) throws {
    let sums = Self.sums(item.places)
    let last = try #require(item.places.max())
    #expect(sums.missed == .none && sums.reversals == 0 && sums.late == 0 && sums.unverifiable == 0)
    #expect(sums.duplicates == item.again)
    #expect(sums.trades == Int64(last + 1))
    #expect(sums.archivedShares == Self.day[last].totals?.shares && sums.coverage == 1)
  }

  /// A late trade fills the hole that it left, whether another one follows or the archive ends.
  @Test(arguments: [[0, 1, 3, 2, 4], [0, 1, 3, 2]]) func aLateTradeIsNotMissing(places: [Int]) {
    let sums = Self.sums(places)
    #expect(sums.missed == .none && sums.late == 1 && sums.reversals == 0 && sums.duplicates == 0)
    #expect(sums.coverage == 1 && sums.reportedShares == Self.day[places.count - 1].totals?.shares)
  }

  /// What is lost after a repetition, or taken back, is still said.
  @Test func aLossAndATakingBackStayWhatTheyAre() {
    #expect(Self.sums([0, 1, 2, 5, 6]).missed.trades == 2)
    var taken = Self.day[3]
    taken.totals = Self.day[1].totals
    var ledger = SymbolLedger()
    for trade in Self.day[0...3] + [taken, Self.day[2]] { _ = ledger.judge(trade) }
    ledger.finish()
    #expect(ledger.sums.reversals == 1 && ledger.sums.duplicates == 0)
  }
}
