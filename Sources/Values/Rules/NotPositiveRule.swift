/// Prices are above zero; 0 stands for none, but not as the price of a trade. Some contracts trade below zero.
enum NotPositiveRule: MarketRule {
  static let flag = MarketFlag.notPositive

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    if let price = line.price, price <= .zero, line.isTrade || price < .zero { return say(price, line) }
    guard
      isBelow(line.bidPrice) || isBelow(line.askPrice) || isBelow(line.open) || isBelow(line.high)
        || isBelow(line.low) || isBelow(line.prevClose) || isBelow(line.expectedPrice)
    else { return .nothing }
    return sayOther(line)
  }

  @inline(__always)
  private static func isBelow(_ price: Amount?) -> Bool { price.map { $0 < .zero } ?? false }

  @inline(never)
  private static func sayOther(_ line: MarketLine) -> Finding {
    let prices = [
      line.bidPrice, line.askPrice, line.open, line.high, line.low, line.prevClose, line.expectedPrice,
    ]
    return prices.lazy.compactMap { $0 }.first { $0 < .zero }.map { say($0, line) } ?? .nothing
  }

  private static func say(_ price: Amount, _ line: MarketLine) -> Finding {
    line.kind.mayBeNegative ? .flagged : .blocked(Measure(price), limit: Measure(Amount.zero))
  }
}
