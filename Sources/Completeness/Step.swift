import Plumbing

/// How far the totals moved between two records.
struct Step {
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
  /// What `trade` itself adds to the totals; no money where it is not known what makes value of price times size.
  @inline(__always)
  init(_ trade: Trade, _ multiplier: Int64?) {
    self.init(
      trades: trade.isSided ? 1 : 0, shares: trade.size,
      value: multiplier.flatMap { multiplier in trade.price.flatMap { $0.times(trade.size, multiplier) } })
  }
}
