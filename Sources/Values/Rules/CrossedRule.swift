/// Outside auctions the best bid is below the best ask.
enum CrossedRule: MarketRule {
  static let flag = MarketFlag.crossed

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.isMarket, let bid = seen.line.bidPrice, let ask = seen.line.askPrice, bid > .zero,
      ask > .zero, bid >= ask
    else { return .nothing }
    return RuleVerdict(flags: !seen.isAuction)
  }
}
