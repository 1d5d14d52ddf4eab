import Plumbing

/// The time of a feed does not go back.
enum TimeBackRule: MarketRule {
  static let flag = MarketFlag.timeBack

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.isMarket else { return .nothing }
    let step = seen.line.isTrade ? step(seen, seen.state.tradeTimes) : step(seen, seen.state.bookTimes)
    if step <= 0 { return .nothing }
    if step >= seen.limits.timeBackBlock.asMilliseconds {
      return .blocked(Measure(milliseconds: step), limit: Measure(seen.limits.timeBackBlock))
    }
    return RuleVerdict(flags: step >= seen.limits.timeBackIgnore.asMilliseconds)
  }

  /// How far it goes back, in milliseconds; 0 where that is not known.
  @inline(__always)
  private static func step(_ seen: Seen, _ latest: LatestTimes) -> Int64 {
    if let time = seen.line.exchangeTime { return latest.exchange.map { $0.count - time.count } ?? 0 }
    guard let time = seen.line.received, let last = latest.received else { return 0 }
    return last.count - time.count
  }
}
