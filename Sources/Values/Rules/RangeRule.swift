/// Low is the lowest and high the highest price of the day.
enum RangeRule: MarketRule {
  static let flag = MarketFlag.range

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard let open = seen.line.open, let high = seen.line.high, let low = seen.line.low, open > .zero,
      high > .zero,
      low > .zero
    else { return .nothing }
    if high < low { return .blocked(Measure(high), limit: Measure(low)) }
    if open < low || open > high { return .flagged }
    guard seen.line.isTrade, let price = seen.line.price, price > .zero else { return .nothing }
    return RuleVerdict(flags: price < low || price > high)
  }
}
