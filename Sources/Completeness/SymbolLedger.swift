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
  /// The totals from which the last loss goes on.
  private(set) var missedFrom = TradeTotals(shares: 0)
  /// The totals of the first trade that was seen since the exchange began to count, and the shares before it.
  private var opening = TradeTotals(shares: 0)
  private var start: Int64 = 0
  /// The fall that came last, until a record says what it was: trades taken back, late ones, or records sent again.
  private var fall: Fall?
  private var holes = Holes()

  /// Nothing seen.
  public init() {}

  /// Judges a trade and adds it to the sums. `multiplier` makes value out of price times size: 1 for shares. Nil: it is not
  /// known, and nothing is said of values.
  @inline(__always)
  public mutating func judge(_ trade: Trade, multiplier: Int64? = 1) -> Verdict {
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
    let before = last
    last = totals
    guard step.shares >= trade.size else { return unverifiable() }
    let loss = step.beyond(own)
    if loss.shares > 0 {
      // After a fall it is not known yet whether the records are new ones.
      if fall == nil { holes.add(from: before.shares, to: before.shares.plus(loss.shares)) }
      missedFrom = before
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

  /// Whether the last record seems to be the first of a new count.
  var isBeginningAnew: Bool { fall?.isAnew == true }
  /// Shares up to the last record, whatever it was.
  var latestShares: Int64 { last.shares }
  /// The most shares that a record had; nil before the first one with totals.
  var highest: Int64? { sums.hasTotals ? max(last.shares, fall?.high.shares ?? 0) : nil }

  /// Takes a run of trades of the same day that were found to go on from `settled`, each from the one before, to `totals`.
  public mutating func verify(_ count: Int64, upTo totals: TradeTotals) {
    sums.records += count
    sums.verified += count
    sums.take(totals.shares.minus(last.shares), totals)
    last = totals
  }

  /// Takes a trade of `size` shares `after` so many, which came late into the archive and is not counted yet: `found` is what
  /// is no longer missing.
  mutating func find(_ size: Int64, after shares: Int64, _ found: Loss) {
    _ = holes.fill(from: shares, to: shares.plus(size))
    sums.find(size, found)
    fall?.before.find(size, found)
  }

  /// Takes a trade from before the first one: what lies between, `missing`, is.
  mutating func extend(_ trade: Trade, _ totals: TradeTotals, missing: Loss) {
    (opening, start) = (totals, totals.shares.minus(trade.size))
    find(trade.size, after: start, -missing)
    sums.begin(before: start, isOpening: trade.isOpening)
    fall?.before.begin(before: start, isOpening: trade.isOpening)
  }

  /// Takes a record that came late and is here already, or of which nothing can be said.
  mutating func pass(isAgain: Bool) {
    sums.pass(isAgain: isAgain)
    fall?.before.pass(isAgain: isAgain)
  }

  private mutating func begin(_ day: Int) {
    self = SymbolLedger()
    self.day = day
  }

  private mutating func first(_ trade: Trade, _ totals: TradeTotals) -> Verdict {
    let before = totals.shares.minus(trade.size)
    guard before >= 0 else { return unverifiable() }
    sums.take(trade.size, totals)
    sums.begin(before: before, isOpening: trade.isOpening)
    (last, opening, start) = (totals, totals, before)
    return .first(before: before)
  }

  /// Totals went down: trades were taken back, as far as is known, or the exchange has begun to count anew.
  private mutating func fell(_ trade: Loss, _ totals: TradeTotals) -> Verdict {
    let from = totals.shares.minus(trade.shares)
    let isAnew = hasBegunAnew(from, totals)
    fall = Fall(high: last, from: from, isAnew: isAnew, trades: trade, before: sums)
    if isAnew { return beginAnew(trade, totals) }
    sums.takeBack(last.shares.minus(totals.shares), totals)
    last = totals
    return .reversal
  }

  /// The exchange counts from zero again, if the next record goes on from there: what was counted before stays, and this trade
  /// is the first that is seen.
  private mutating func beginAnew(_ trade: Loss, _ totals: TradeTotals) -> Verdict {
    sums.beginAnew(after: last, trade.shares, totals)
    last = totals
    missedFrom = TradeTotals.zero(like: totals)
    let loss = Step(from: missedFrom, to: totals).beyond(trade)
    guard loss.shares > 0 else { return .reversal }
    sums.miss(loss)
    return .missed(loss)
  }

  /// Whether totals that fell count from zero again: this trade is their first and not the day's first again, or it lies
  /// before the first that was seen, where nothing can be taken back. One that fits into a hole is a late one.
  private func hasBegunAnew(_ from: Int64, _ totals: TradeTotals) -> Bool {
    guard totals.shares <= start || from == 0 && totals != opening else { return false }
    return !holes.hold(from: from, to: totals.shares)
  }

  /// Says what a fall was that no record has followed: the archive ends. A late trade shows by the hole that it fits into.
  public mutating func finish() {
    if let fall, isLate(fall) { takeLate(fall, after: 0) }
    fall = nil
    sums.evenOut()
  }

  /// After a fall, as soon as it is known what it was; true when the record itself was sent again. Where the totals have come
  /// back to what they were, all records since then were sent again, this one too. Where the trade goes on from the totals
  /// before the fall, those since then were late, if a hole has room for them; or they were sent again, if nothing lies
  /// between those totals and the trade. Else trades were taken back.
  private mutating func settleFall(_ own: Loss, _ totals: TradeTotals) -> Bool {
    guard let fall else { return false }
    if fall.isAnew { return settleAnew(fall, own, totals) }
    if totals == fall.high {
      sendAgain(fall, after: 0)
      return true
    }
    guard totals.shares >= fall.high.shares else { return false }
    self.fall = nil
    let goesOn = totals.shares.minus(own.shares) >= fall.high.shares
    if goesOn, isLate(fall) {
      takeLate(fall, after: 1)
    } else if goesOn, Step(from: fall.high, to: totals).isExactly(own) {
      sendAgain(fall, after: 1)
    } else {
      sums.evenOut()
    }
    return false
  }

  /// As `settleFall`: whether the count that seemed to begin anew goes on, or the one before it.
  private mutating func settleAnew(_ fall: Fall, _ own: Loss, _ totals: TradeTotals) -> Bool {
    if totals.shares >= fall.high.shares, !Step(from: last, to: totals).isExactly(own) {
      let isAgain = totals == fall.high
      sendAgain(fall, after: isAgain ? 0 : 1)
      return isAgain
    }
    if totals.shares > last.shares {
      (opening, start, holes) = (last, fall.from, Holes())
      self.fall = nil
    }
    return false
  }

  /// Whether the records since a fall are one run that fits into a hole, which shrinks by it.
  private mutating func isLate(_ fall: Fall) -> Bool {
    last.shares.minus(fall.from) == fall.trades.shares && holes.fill(from: fall.from, to: last.shares)
  }

  /// Takes the trades since a fall for late ones, but for so many records `after` them.
  private mutating func takeLate(_ fall: Fall, after: Int64) {
    let late = sums.records - after - fall.records - (sums.duplicates - fall.before.duplicates)
    let duplicates = sums.duplicates
    back(to: fall)
    sums.duplicates = duplicates
    sums.archivedShares.add(fall.trades.shares)
    sums.find(fall.trades, late)
  }

  /// Takes the records since a fall for ones that were sent again, but for so many `after` them.
  private mutating func sendAgain(_ fall: Fall, after: Int64) {
    back(to: fall)
    sums.duplicates += sums.records - after - fall.records
  }

  /// Forgets what the records since the fall were taken for.
  private mutating func back(to fall: Fall) {
    let records = sums.records
    sums = fall.before
    sums.records = records
    last = fall.high
    self.fall = nil
  }

  private mutating func unverifiable() -> Verdict {
    fall = nil
    sums.evenOut()
    sums.unverifiable += 1
    return .unverifiable
  }

  private struct Fall: Sendable {
    /// The totals before it.
    let high: TradeTotals
    /// Shares before the trade that fell.
    let from: Int64
    /// Whether it seems to be the first of a new count.
    let isAnew: Bool
    /// The trades since then, that one included.
    var trades: Loss
    /// What the sums were before it, its own record counted.
    var before: LedgerSums

    /// Records before it.
    var records: Int64 { before.records - 1 }
  }
}
