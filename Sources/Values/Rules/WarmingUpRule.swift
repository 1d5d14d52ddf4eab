/// Whether the rules with memory could judge.
enum WarmingUpRule: MarketRule {
  static let flag = MarketFlag.warmingUp

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    if line.isTrade {
      return Finding(
        flags: state.trades.count == 0 || Int128(state.trades.count) * 1_000_000 < limits.burstTrades.wide)
    }
    return Finding(flags: line.isBook && state.books.count == 0)
  }
}
