/// Which running totals a trade channel carries that the ledger can hold to the trade itself. Held to the feed table by a
/// test (`ChannelTotalsTests`).
public struct ChannelTotals: Equatable, Sendable {
  /// Which trades the channel counts.
  public enum Counts: Sendable {
    /// None.
    case none
    /// Those that a buyer or a seller started, as the record says.
    case sided
    /// All: the record does not say which.
    case all
  }

  /// Shares or contracts rise by the size of the trade.
  public let hasShares: Bool
  /// What makes money of price times size, to the won; of several the one that fits neighbours. Empty: the unit of the
  /// channel's money is not known, or the exchange rounds it.
  public let multipliers: [Int64]
  /// Trades that are counted.
  public let counts: Counts

  private init(hasShares: Bool = true, multipliers: [Int64] = [], counts: Counts = .none) {
    self.hasShares = hasShares
    self.multipliers = multipliers
    self.counts = counts
  }

  /// Those of the trades of what `context.product` names.
  public init(product: String) {
    switch product {
    case "stock", "etf", "etn", "elw": self.init(multipliers: [1], counts: .sided)
    case "index-future": self.init(multipliers: [250, 50], counts: .all)
    case "index-option", "stock-future", "stock-option", "commodity-future", "night-future", "night-option":
      self.init(counts: .all)
    // No trades of something, but its value at a moment.
    case "index", "bond-index": self.init(hasShares: false)
    default: self.init()
    }
  }

  /// Of what a record says, the totals that are held to it.
  @inline(__always)
  func kept(_ totals: TradeTotals) -> TradeTotals {
    TradeTotals(
      shares: totals.shares, value: multipliers.isEmpty ? nil : totals.value,
      sided: counts == .none ? nil : totals.sided)
  }
}
