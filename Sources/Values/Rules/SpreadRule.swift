/// Outside auctions bid and ask are near each other.
enum SpreadRule: MarketRule {
  static let flag = MarketFlag.spread

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isTrade || line.isBook, let bid = line.bidPrice, let ask = line.askPrice, bid > .zero,
      bid < ask,
      limits.spreadPercent.isExceeded(by: 2 * (ask.wide - bid.wide), of: ask.wide + bid.wide)
    else { return .nothing }
    return Finding(flags: !CrossedRule.isAuction(line, state))
  }
}
