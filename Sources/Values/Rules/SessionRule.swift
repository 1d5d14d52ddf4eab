/// Trades and books come at the hours of their venue.
enum SessionRule: MarketRule {
  static let flag = MarketFlag.session

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    RuleVerdict(flags: (seen.isMarket) && seen.line.hours.isOutside)
  }
}
