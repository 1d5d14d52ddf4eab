import Plumbing

/// Trades that came late into an archive: refused lines that were replayed, a file that was found again. The exchange's
/// totals tell where in the day they belong, whatever their order.
extension SubjectAudit {
  /// Whether a trade that was captured at `time` belongs before what was read, up to `last`: others were captured after it,
  /// and its shares were counted by then. Of those that came with the record before it is one that fits into what is missing.
  @inline(__always)
  mutating func isLate(_ trade: Trade, at time: Int64, after last: Int64) -> Bool {
    defer { read = time }
    if time > last {
      isReadLate = false
      return false
    }
    if time < last || time != read { (isReadLate, hasReadLate) = (true, true) }
    guard let totals = trade.totals, let highest = ledger.highest else { return false }
    // (Beyond a new count an earlier capture is of the one before it.)
    if totals.shares > highest { return time < last && ledger.sums.begun > 0 && trade.size > 0 }
    if !isReadLate { isReadLate = fits(trade, totals) }
    return isReadLate && trade.size > 0
  }

  /// Whether a trade that came with the record before it is a late one: it fits into what is missing, or it falls once more
  /// behind one that fell.
  @inline(never)
  private func fits(_ trade: Trade, _ totals: TradeTotals) -> Bool {
    guard trade.size > 0, let start, !ledger.isBeginningAnew else { return false }
    // (Far below the first one the exchange has begun to count anew.)
    if totals.shares <= start.shares {
      return first == last || hasReadLate || totals.shares > start.shares / 2
    }
    guard ledger.isCertain else { return totals.shares < ledger.latestShares }
    var copy = stretches
    guard case .found = copy.fill(.init(from: totals.before(own(trade)), to: totals)) else { return false }
    return true
  }

  /// Judges such a trade, and adds its price if it is here once. `heals`: its frame is whole with it.
  mutating func judgeLate(_ trade: Trade, heals: inout Bool) -> Verdict {
    guard let totals = trade.totals, let start else { return .unverifiable }
    let before = totals.before(own(trade))
    guard before.shares >= 0, totals.shares <= ledger.highest ?? 0 else { return pass(.unverifiable) }
    if totals.shares <= start.shares { return extend(trade, before, totals, to: start) }
    guard before.shares >= start.shares else { return pass(.unverifiable) }
    switch stretches.fill(MissingStretches.Stretch(from: before, to: totals)) {
    case .apart: return pass(.duplicate)
    case .contradictory: return pass(.unverifiable)
    case .found(let loss, let isWhole):
      heals = isWhole
      ledger.find(trade.size, after: before.shares, loss)
      if let price = trade.price { prices.add(price, size: trade.size, place: .between) }
      return .late(loss)
    }
  }

  /// A trade from before the first one: it is the first now.
  private mutating func extend(
    _ trade: Trade, _ before: TradeTotals, _ totals: TradeTotals, to first: TradeTotals
  ) -> Verdict {
    let between = MissingStretches.Stretch(from: totals, to: first)
    guard between.isPossible else { return pass(.unverifiable) }
    stretches.add(between)
    start = before
    ledger.extend(trade, totals, missing: between.loss)
    if let price = trade.price { prices.add(price, size: trade.size, place: .first) }
    return .late(-between.loss)
  }

  private mutating func pass(_ verdict: Verdict) -> Verdict {
    ledger.pass(isAgain: verdict == .duplicate)
    return verdict
  }
}
