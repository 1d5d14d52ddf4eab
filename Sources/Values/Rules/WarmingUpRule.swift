/// Whether the rules with memory could judge.
enum WarmingUpRule: MarketRule {
  static let flag = MarketFlag.warmingUp

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    if seen.line.isTrade {
      return RuleVerdict(
        flags: seen.state.trades.count == 0
          || Int128(seen.state.trades.count) * 1_000_000 < seen.limits.burstTrades.wide)
    }
    return RuleVerdict(flags: seen.line.isBook && seen.state.books.count == 0)
  }
}
