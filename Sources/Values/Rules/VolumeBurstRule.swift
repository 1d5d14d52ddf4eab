/// A trade is not far larger than the mean of its day.
enum VolumeBurstRule: MarketRule {
  static let flag = MarketFlag.volumeBurst

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isTrade, let size = line.tradeSize, state.trades.sized > 0,
      Int128(state.trades.sized) * 1_000_000 >= limits.burstTrades.wide
    else { return .nothing }
    return Finding(
      flags: size.wide * Int128(state.trades.sized) * 1_000_000 > limits.burstTimes.wide * state.trades.sizes)
  }
}
