/// Which running totals a trade channel carries that the ledger can hold to the trade itself. Held to the feed table by a
/// test (`ChannelTotalsTests`).
public struct ChannelTotals: Equatable, Sendable {
  /// Shares or contracts rise by the size of the trade.
  public let hasShares: Bool
  /// Money rises by price times size, to the won: not of contracts, whose multiplier the channel does not name, and
  /// not abroad, where the exchange rounds it.
  public let hasValue: Bool
  /// Sides of trades are told and counted.
  public let hasSides: Bool

  private static let shares = ChannelTotals(hasShares: true, hasValue: true, hasSides: true)
  private static let sizes = ChannelTotals(hasShares: true, hasValue: false, hasSides: false)
  /// No trade of something, but its value at a moment.
  private static let none = ChannelTotals(hasShares: false, hasValue: false, hasSides: false)

  private init(hasShares: Bool, hasValue: Bool, hasSides: Bool) {
    self.hasShares = hasShares
    self.hasValue = hasValue
    self.hasSides = hasSides
  }

  /// Those of the trades of what `context.product` names.
  public init(product: String) {
    switch product {
    case "stock", "etf", "etn", "elw": self = .shares
    case "index", "bond-index": self = .none
    default: self = .sizes
    }
  }

  /// Of what a record says, the totals that are held to it.
  @inline(__always)
  func kept(_ totals: TradeTotals) -> TradeTotals {
    TradeTotals(
      shares: totals.shares, value: hasValue ? totals.value : nil, sided: hasSides ? totals.sided : nil)
  }
}
