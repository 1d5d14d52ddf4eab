/// Low is the lowest and high the highest price of the day.
enum RangeRule: MarketRule {
  static let flag = MarketFlag.range

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard let open = line.open, let high = line.high, let low = line.low, open > .zero, high > .zero,
      low > .zero
    else { return .nothing }
    if high < low { return .blocked(Measure(high), limit: Measure(low)) }
    if open < low || open > high { return .flagged }
    guard line.isTrade, let price = line.price, price > .zero else { return .nothing }
    return Finding(flags: price < low || price > high)
  }
}
