import Testing

@testable import Completeness

/// Trades that come late into an archive, wherever they belong: the audit says what it would have said with them in their
/// places.
@Suite struct LateTradesTests {
  /// Three trades at each minute from 09:00 to 09:30.
  private static let lines: [String] = {
    var day = MadeDay()
    day.trades(minutes: 540..<570)
    return day.lines
  }()

  private func subject(_ lines: [String]) throws -> SubjectAudit {
    var day = MadeDay()
    for line in lines { day.line(line) }
    return try #require(day.audit().subjects.first)
  }

  /// The lines without some, which come at the end, in this order.
  private func moved(_ places: [Int], giveBack: [Int]? = nil) -> [String] {
    let stay = Self.lines.indices.filter { !places.contains($0) }
    return (stay + (giveBack ?? places)).map { Self.lines[$0] }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let places: [Int]
  }

  static let cases = [
    Case(testDescription: "one", places: [10]),
    Case(testDescription: "a run", places: [10, 11, 12, 13]),
    Case(testDescription: "a run from its end", places: [13, 12, 11, 10]),
    Case(testDescription: "from its middle", places: [12, 10, 13, 11, 14]),
    Case(testDescription: "every other one", places: Array(stride(from: 3, to: 80, by: 2))),
    Case(testDescription: "every other one from the end", places: stride(from: 3, to: 80, by: 2).reversed()),
    Case(testDescription: "the first", places: [0]),
    Case(testDescription: "the first five", places: [0, 1, 2, 3, 4]),
    Case(testDescription: "the first five from their end", places: [4, 3, 2, 1, 0]),
    Case(testDescription: "the third, then the first", places: [2, 0, 1]),
    Case(testDescription: "all but the last", places: Array(0..<89)),
  ]

  @Test(arguments: cases) func nothingIsMissing(_ item: Case) throws {
    let (whole, late) = (try subject(Self.lines), try subject(moved(item.places)))
    let (before, after) = (whole.ledger.sums, late.ledger.sums)
    #expect(after.missed == .none && after.late == Int64(item.places.count))
    #expect(after.duplicates == 0 && after.reversals == 0 && after.unverifiable == 0)
    #expect(after.trades == before.trades && after.coverage == 1)
    #expect(after.isStartProven && after.beforeStart == 0 && after.archivedShares == before.archivedShares)
    #expect(after.reportedShares == before.reportedShares && after.reportedValue == before.reportedValue)
    #expect(late.prices.open == whole.prices.open && late.prices.vwap == whole.prices.vwap)
  }

  /// What is not given back is missing to the share.
  @Test(
    arguments: [([10, 20, 30], [20], 2), ([10, 11, 12, 13], [11], 2), ([50, 3, 27, 28, 29], [27, 3], 2)]
      as [([Int], [Int], Int64)])
  func theRestIsMissing(_ places: [Int], _ back: [Int], _ stretches: Int64) throws {
    let sums = try subject(moved(places, giveBack: back)).ledger.sums
    let rest = Int64(places.count - back.count)
    #expect(sums.missed == Loss(trades: stretches, shares: 10 * rest, value: 10_000 * rest))
    #expect(sums.late == Int64(back.count) && sums.duplicates == 0 && sums.reversals == 0)
  }

  /// Before the first there is nothing to be missed from; between the new first one and the old there is.
  @Test func anEarlierStartShowsWhatIsMissingAfterIt() throws {
    let sums = try subject(moved([0, 1, 2, 3, 4], giveBack: [1])).ledger.sums
    #expect(sums.beforeStart == 10 && !sums.isStartProven && sums.late == 1)
    #expect(sums.missed == Loss(trades: 1, shares: 30, value: 30_000))
    #expect(sums.archivedShares + sums.missed.shares + sums.beforeStart == sums.reportedShares)
  }

  @Test func whatIsReplayedTwiceIsADuplicate() throws {
    let sums = try subject(moved([10, 30, 50], giveBack: [30, 10, 30, 50, 10])).ledger.sums
    #expect(sums.late == 3 && sums.duplicates == 2 && sums.missed == .none && sums.coverage == 1)
  }

  /// Beyond a new count a line of the one before it finds no place, and claims none.
  @Test func aLateLineOfTheCountBeforeIsNotTheNextTrade() throws {
    var made = MadeDay()
    made.trades(minutes: 540..<550)
    var anew = MadeDay()
    anew.trades(minutes: 560..<563, price: 1100)
    var day = MadeDay()
    for line in made.lines[0..<10] + made.lines[12...] + anew.lines + made.lines[10...11] { day.line(line) }
    let sums = try #require(day.audit().subjects.first).ledger.sums
    #expect(sums.reportedShares == 300 + 90 && sums.missed.shares == 20 && sums.reversals == 1)
    #expect(sums.unverifiable == 2 && sums.archivedShares == 280 + 90)
  }

  /// The losses of a page get smaller, and go.
  @Test func thePageForgetsWhatWasFound() throws {
    var day = MadeDay()
    for line in moved([10, 20, 21, 30], giveBack: [30, 10, 20]) { day.line(line) }
    let losses = try #require(day.audit().strips).losses
    #expect(losses.map(\.loss.shares) == [10])
  }

  /// A frame whose middle came late is no sign of a channel that does not keep its totals; one whose middle is lost is.
  @Test(arguments: [true, false]) func aFrameIsWholeAgain(_ comes: Bool) {
    var made = MadeDay()
    made.trades(minutes: 540..<640)
    let middles = (10..<30).map { $0 * 3 + 1 }
    let stay = made.lines.indices.filter { !middles.contains($0) }
    var day = MadeDay()
    for place in stay + (comes ? middles.reversed() : []) { day.line(made.lines[place]) }
    #expect(day.audit().trust.map(\.standing) == [comes ? .trusted : .unfit])
  }

  // MARK: - Stretches

  /// What Tests/README says of memory.
  @Test func aStretchIsEightyBytes() { #expect(MemoryLayout<MissingStretches.Stretch>.stride == 80) }

  private static func totals(_ shares: Int64) -> TradeTotals {
    TradeTotals(shares: shares, value: shares * 100, sided: shares / 10)
  }

  private static func stretch(_ from: Int64, _ to: Int64) -> MissingStretches.Stretch {
    MissingStretches.Stretch(from: totals(from), to: totals(to))
  }

  @Test(
    arguments: [
      (100, 200, 100), (100, 150, 50), (150, 200, 50), (120, 130, 10), (90, 100, 0), (200, 210, 0),
      (300, 310, 0),
      (90, 110, nil), (190, 210, nil), (90, 210, nil), (200, 420, nil),
    ] as [(Int64, Int64, Int64?)])
  func whatLiesInAStretchIsFound(_ from: Int64, _ to: Int64, _ shares: Int64?) {
    var stretches = MissingStretches()
    stretches.add(Self.stretch(400, 500))
    stretches.add(Self.stretch(100, 200))
    switch stretches.fill(Self.stretch(from, to)) {
    case .found(let loss, _): #expect(loss.shares == shares && loss.trades == (shares ?? 0) / 10)
    case .apart: #expect(shares == 0)
    case .contradictory: #expect(shares == nil)
    }
  }

  /// The totals of a trade that belongs elsewhere.
  @Test func totalsThatFitNowhereContradict() {
    var stretches = MissingStretches()
    stretches.add(Self.stretch(100, 200))
    let odd = MissingStretches.Stretch(
      from: TradeTotals(shares: 120, value: 30_000, sided: 12),
      to: TradeTotals(shares: 130, value: 31_000, sided: 13))
    guard case .contradictory = stretches.fill(odd) else { Issue.record("taken"); return }
  }

  /// Of more than are kept, the smallest is forgotten, and memory stays where it is.
  @Test func theSmallestIsForgotten() {
    var stretches = MissingStretches()
    for number in 0..<1025 as Range<Int64> {
      stretches.add(Self.stretch(number * 1000, number * 1000 + (number == 500 ? 10 : 20)))
    }
    guard case .apart = stretches.fill(Self.stretch(500_000, 500_010)) else { Issue.record("kept"); return }
    guard case .found = stretches.fill(Self.stretch(0, 20)) else { Issue.record("lost"); return }
  }
}
