/// Outside auctions the best bid is below the best ask.
enum CrossedRule: MarketRule {
  static let flag = MarketFlag.crossed

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isTrade || line.isBook, let bid = line.bidPrice, let ask = line.askPrice, bid > .zero,
      ask > .zero, bid >= ask
    else { return .nothing }
    return Finding(flags: !isAuction(line, state))
  }

  /// Whether orders may cross: by the calendar, or while the subject is halted or in a volatility interruption.
  static func isAuction(_ line: MarketLine, _ state: SubjectState) -> Bool {
    line.hours.isAuction || state.stands(line)
  }
}
