import Plumbing

/// The ledger of one symbol on one channel and day: from totals of neighbouring records to what is missing.
///
/// For a trade of q shares at price p after another one of the same day, the exchange's totals rise by q, by p·q and, if a
/// buyer or a seller started it, by one trade. More means that trades in between are not here, and how many.
/// Source: KIS.md 0.1; the identities held in all pairs of real frames that are known.
public struct SymbolLedger: Sendable {
  /// Sums of the day.
  public private(set) var sums = LedgerSums()
  /// The day, days since 1970-01-01; nil before the first record.
  public private(set) var day: Int?

  private var last = TradeTotals(shares: 0)
  /// The fall that came last, until a record says what it was: trades taken back, late ones, or records sent again.
  private var fall: Fall?
  private var holes = Holes()

  /// Nothing seen.
  public init() {}

  /// Judges a trade and adds it to the sums. `multiplier` makes value out of price times size: 1 for shares.
  @inline(__always)
  public mutating func judge(_ trade: Trade, multiplier: Int64 = 1) -> Verdict {
    if day != trade.day { begin(trade.day) }
    sums.records += 1
    guard let totals = trade.totals, trade.size > 0 else { return unverifiable() }
    guard sums.hasTotals else { return first(trade, totals) }
    let own = Loss(trade, multiplier)
    if fall != nil, settleFall(own, totals) { return .duplicate }
    let step = Step(from: last, to: totals)
    if step.isNone {
      sums.duplicates += 1
      return .duplicate
    }
    if step.isDown { return fell(own, totals) }
    fall?.trades += own
    sums.take(trade.size, totals)
    let before = last.shares
    last = totals
    guard step.shares >= trade.size else { return unverifiable() }
    let loss = step.beyond(own)
    if loss.shares > 0 {
      // After a fall it is not known yet whether the records are new ones.
      if fall == nil { holes.add(from: before, to: before.plus(loss.shares)) }
      sums.miss(loss)
      return .missed(loss)
    }
    guard loss.trades == 0, (loss.value ?? 0) == 0 else { return unverifiable() }
    sums.verified += 1
    return .verified
  }

  /// Whether it is known what all records were. Of neighbours after one that is not certain, nothing can be said: both may
  /// have been sent again.
  public var isCertain: Bool { fall == nil }

  /// The totals that the next trade goes on from; nil where that is not certain, or one is not known.
  public var settled: TradeTotals? {
    fall == nil && sums.hasTotals && last.value != nil && last.sided != nil ? last : nil
  }

  /// Takes a run of trades of the same day that were found to go on from `settled`, each from the one before, to `totals`.
  public mutating func verify(_ count: Int64, upTo totals: TradeTotals) {
    sums.records += count
    sums.verified += count
    sums.take(totals.shares.minus(last.shares), totals)
    last = totals
  }

  private mutating func begin(_ day: Int) {
    self = SymbolLedger()
    self.day = day
  }

  private mutating func first(_ trade: Trade, _ totals: TradeTotals) -> Verdict {
    let before = totals.shares.minus(trade.size)
    guard before >= 0 else { return unverifiable() }
    sums.take(trade.size, totals)
    sums.begin(before: before, isOpening: !trade.isSided && totals.sided == 0)
    last = totals
    return .first(before: before)
  }

  /// Totals went down: trades were taken back, as far as is known.
  private mutating func fell(_ trade: Loss, _ totals: TradeTotals) -> Verdict {
    fall = Fall(
      high: last, from: totals.shares.minus(trade.shares), trades: trade, records: sums.records - 1,
      duplicates: sums.duplicates, verified: sums.verified, archivedShares: sums.archivedShares,
      missed: sums.missed)
    sums.reversals += 1
    sums.archivedShares.add(totals.shares.minus(last.shares))
    last = totals
    sums.report(totals)
    return .reversal
  }

  /// Says what a fall was that no record has followed: the archive ends. A late trade shows by the hole that it fits into.
  public mutating func finish() {
    if let fall, isLate(fall) { takeLate(fall, sums.records) }
    fall = nil
  }

  /// After a fall, as soon as it is known what it was; true when the record itself was sent again. Where the totals have come
  /// back to what they were, all records since then were sent again, this one too. Where the trade goes on from the totals
  /// before the fall, those since then were late, if a hole has room for them; or they were sent again, if nothing lies
  /// between those totals and the trade. Else trades were taken back.
  private mutating func settleFall(_ own: Loss, _ totals: TradeTotals) -> Bool {
    guard let fall else { return false }
    if totals == fall.high {
      back(to: fall)
      sums.duplicates = fall.duplicates + sums.records - fall.records
      return true
    }
    guard totals.shares >= fall.high.shares else { return false }
    self.fall = nil
    guard totals.shares.minus(own.shares) >= fall.high.shares else { return false }
    if isLate(fall) {
      takeLate(fall, sums.records - 1)
    } else if Step(from: fall.high, to: totals).isExactly(own) {
      back(to: fall)
      sums.duplicates = fall.duplicates + sums.records - 1 - fall.records
    }
    return false
  }

  /// Whether the records since a fall are one run that fits into a hole, which shrinks by it.
  private mutating func isLate(_ fall: Fall) -> Bool {
    last.shares.minus(fall.from) == fall.trades.shares && holes.fill(from: fall.from, to: last.shares)
  }

  /// Takes the trades since a fall for late ones; `records` is the number of records up to the last of them.
  private mutating func takeLate(_ fall: Fall, _ records: Int64) {
    let late = records - fall.records - (sums.duplicates - fall.duplicates)
    back(to: fall)
    sums.archivedShares.add(fall.trades.shares)
    sums.find(fall.trades, late)
  }

  /// Forgets what the records since the fall were taken for.
  private mutating func back(to fall: Fall) {
    sums.reversals -= 1
    sums.verified = fall.verified
    sums.archivedShares = fall.archivedShares
    sums.missed = fall.missed
    sums.report(fall.high)
    last = fall.high
    self.fall = nil
  }

  private mutating func unverifiable() -> Verdict {
    fall = nil
    sums.unverifiable += 1
    return .unverifiable
  }

  private struct Fall: Sendable {
    /// The totals before it.
    let high: TradeTotals
    /// Shares before the trade that fell.
    let from: Int64
    /// The trades since then, that one included.
    var trades: Loss
    /// What the sums were before it.
    let records: Int64, duplicates: Int64, verified: Int64, archivedShares: Int64
    let missed: Loss
  }
}

/// How far the totals moved between two records.
private struct Step {
  let shares: Int64
  let value: Int64?
  let sided: Int64?

  @inline(__always)
  init(from before: TradeTotals, to now: TradeTotals) {
    shares = now.shares.minus(before.shares)
    value = now.value.flatMap { value in before.value.map { value.minus($0) } }
    sided = now.sided.flatMap { sided in before.sided.map { sided.minus($0) } }
  }

  var isNone: Bool { shares == 0 && (value ?? 0) == 0 && (sided ?? 0) == 0 }
  /// Whether the step holds `own` and nothing else.
  func isExactly(_ own: Loss) -> Bool {
    let rest = beyond(own)
    return rest.shares == 0 && rest.trades == 0 && (rest.value ?? 0) == 0
  }

  var isDown: Bool { shares < 0 || shares == 0 && ((value ?? 0) < 0 || (sided ?? 0) < 0) }

  /// What the step holds besides `own`. Where shares are missing, a trade is: an auction's print is not counted among
  /// the sided ones.
  @inline(__always)
  func beyond(_ own: Loss) -> Loss {
    let shares = shares.minus(own.shares)
    let trades = sided.map { $0.minus(own.trades) } ?? 0
    return Loss(
      trades: shares > 0 ? max(1, trades) : trades, shares: shares,
      value: value.flatMap { value in own.value.map { value.minus($0) } })
  }
}

extension Loss {
  /// What `trade` itself adds to the totals.
  @inline(__always)
  fileprivate init(_ trade: Trade, _ multiplier: Int64) {
    self.init(
      trades: trade.isSided ? 1 : 0, shares: trade.size,
      value: trade.price.flatMap { $0.times(trade.size, multiplier) })
  }
}
