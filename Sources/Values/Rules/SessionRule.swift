/// Trades and books come at the hours of their venue.
enum SessionRule: MarketRule {
  static let flag = MarketFlag.session

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    Finding(flags: (line.isTrade || line.isBook) && line.hours.isOutside)
  }
}
