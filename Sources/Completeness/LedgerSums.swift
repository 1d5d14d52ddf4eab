import Plumbing

/// What the ledger has counted of one symbol on one day.
///
/// `archived + missed + beforeStart = reported`, in shares, as long as nothing was unverifiable.
public struct LedgerSums: Equatable, Sendable {
  /// Records seen.
  public internal(set) var records: Int64 = 0
  /// Records whose totals rose by what they say and nothing else.
  public internal(set) var verified: Int64 = 0
  /// Records that came twice.
  public internal(set) var duplicates: Int64 = 0
  /// Records after which the totals were lower.
  public internal(set) var reversals: Int64 = 0
  /// Records that came after a later one; their trades were taken for missing until then.
  public internal(set) var late: Int64 = 0
  /// Records of which nothing can be said; never counted as clean.
  public internal(set) var unverifiable: Int64 = 0
  /// What is missing between records.
  public internal(set) var missed = Loss.none
  /// Shares of the trades that are here, less those that the exchange took back.
  public internal(set) var archivedShares: Int64 = 0
  /// Shares that were traded before the first record: not observed, and not missing.
  public internal(set) var beforeStart: Int64 = 0
  /// Whether the first record proves that it was the day's first trade, or the print that ends the opening auction.
  public internal(set) var isStartProven = false
  /// Shares that the exchange has counted; nil before a record with totals.
  public internal(set) var reportedShares: Int64?
  /// Money that the exchange has counted, in the channel's unit; nil where it does not.
  public internal(set) var reportedValue: Int64?
  /// What it had counted when it began to count anew within the day.
  private var earlierShares: Int64 = 0, earlierValue: Int64 = 0
  /// How often it did: the record that shows it is a trade.
  private(set) var begun: Int64 = 0

  /// Nothing counted.
  public init() {}

  /// Shares archived of those reported since the first record, 0...1; nil where nothing was reported.
  public var coverage: Double? {
    guard let reportedShares else { return nil }
    let since = reportedShares - beforeStart
    return since > 0 ? Double(archivedShares) / Double(since) : archivedShares == since ? 1 : nil
  }

  /// Trades that are here, each once, less those that were taken back.
  public var trades: Int64 { records - duplicates - 2 * (reversals - begun) }

  var hasTotals: Bool { reportedShares != nil }

  mutating func begin(before: Int64, isOpening: Bool) {
    beforeStart = before
    isStartProven = before == 0 || isOpening
  }

  mutating func take(_ size: Int64, _ totals: TradeTotals) {
    archivedShares.add(size)
    report(totals)
  }

  mutating func report(_ totals: TradeTotals) {
    reportedShares = totals.shares.plus(earlierShares)
    reportedValue = totals.value?.plus(earlierValue)
  }

  /// The totals fell by so many shares, as far as is known.
  mutating func takeBack(_ shares: Int64, _ totals: TradeTotals) {
    reversals += 1
    archivedShares = archivedShares.minus(shares)
    report(totals)
  }

  /// The shares that were taken back are certain: those that are here were not enough, so the rest was missing.
  mutating func evenOut() {
    guard archivedShares < 0 else { return }
    missed.shares = max(0, missed.shares.plus(archivedShares))
    archivedShares = 0
  }

  /// The exchange counts from zero again, and this trade is the first that is seen of it.
  mutating func beginAnew(after last: TradeTotals, _ size: Int64, _ totals: TradeTotals) {
    reversals += 1
    begun += 1
    earlierShares.add(last.shares)
    earlierValue.add(last.value ?? 0)
    take(min(size, totals.shares), totals)
  }

  mutating func miss(_ loss: Loss) {
    missed += loss
  }

  mutating func find(_ late: Loss, _ records: Int64) {
    self.late += records
    let trades = max(0, missed.trades.minus(max(1, late.trades)))
    missed -= late
    missed.trades = trades
  }

  /// Counts a trade that came late into an archive: `found` is missing no longer.
  mutating func find(_ size: Int64, _ found: Loss) {
    records += 1
    late += 1
    archivedShares.add(size)
    missed -= found
  }

  /// Counts a record that came late into an archive, and is there already or contradicts the others.
  mutating func pass(isAgain: Bool) {
    records += 1
    if isAgain { duplicates += 1 } else { unverifiable += 1 }
  }
}
