import Plumbing

/// A book moves while its market trades.
enum StaleRule: MarketRule {
  static let flag = MarketFlag.stale

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isBook, let top = BookMemory.Top(line), let seen = state.books.top, top == seen,
      let received = line.received
    else { return .nothing }
    let trades = Int128(state.trades.count - state.books.tradesThen)
    return Finding(
      flags: (received - state.books.since).count >= limits.stale.asMilliseconds
        && trades * 1_000_000 >= limits.staleTrades.wide)
  }
}
