/// Totals of a day do not fall.
enum ReversalRule: MarketRule {
  static let flag = MarketFlag.reversal

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isTrade else { return .nothing }
    if let now = line.volume, let then = state.trades.volume, now < then { return .flagged }
    if let now = line.value, let then = state.trades.value, now < then { return .flagged }
    return .nothing
  }
}
