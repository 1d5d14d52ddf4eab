/// Totals of a day do not fall.
enum ReversalRule: MarketRule {
  static let flag = MarketFlag.reversal

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.line.isTrade else { return .nothing }
    if let now = seen.line.volume, let then = seen.state.trades.volume, now < then { return .flagged }
    if let now = seen.line.value, let then = seen.state.trades.value, now < then { return .flagged }
    return .nothing
  }
}
