/// A trade is not far larger than the mean of its day.
enum VolumeBurstRule: MarketRule {
  static let flag = MarketFlag.volumeBurst

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.line.isTrade, let size = seen.line.tradeSize, seen.state.trades.sized > 0,
      Int128(seen.state.trades.sized) * 1_000_000 >= seen.limits.burstTrades.wide
    else { return .nothing }
    return RuleVerdict(
      flags: size.wide * Int128(seen.state.trades.sized) * 1_000_000 > seen.limits.burstTimes.wide
        * seen.state.trades.sizes)
  }
}
