import Plumbing

/// A book moves while its market trades.
enum StaleRule: MarketRule {
  static let flag = MarketFlag.stale

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.line.isBook, let now = BookMemory.Top(seen), let then = seen.state.books.top, now == then,
      let received = seen.line.received
    else { return .nothing }
    let trades = Int128(seen.state.trades.count - seen.state.books.tradesThen)
    return RuleVerdict(
      flags: (received - seen.state.books.since).count >= seen.limits.stale.asMilliseconds
        && trades * 1_000_000 >= seen.limits.staleTrades.wide)
  }
}
