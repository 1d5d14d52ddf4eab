/// Outside auctions bid and ask are near each other.
enum SpreadRule: MarketRule {
  static let flag = MarketFlag.spread

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.isMarket, let bid = seen.line.bidPrice, let ask = seen.line.askPrice, bid > .zero,
      bid < ask,
      seen.limits.spreadPercent.isExceeded(by: 2 * (ask.wide - bid.wide), of: ask.wide + bid.wide)
    else { return .nothing }
    return RuleVerdict(flags: !seen.isAuction)
  }
}
