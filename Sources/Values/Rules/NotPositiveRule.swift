/// Prices are above zero; 0 stands for none, but not as the price of a trade. Some contracts trade below zero.
enum NotPositiveRule: MarketRule {
  static let flag = MarketFlag.notPositive

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    if let price = seen.line.price, price <= .zero, seen.line.isTrade || price < .zero {
      return say(price, seen)
    }
    guard
      isBelow(seen.line.bidPrice) || isBelow(seen.line.askPrice) || isBelow(seen.line.open)
        || isBelow(seen.line.high)
        || isBelow(seen.line.low) || isBelow(seen.line.prevClose) || isBelow(seen.line.expectedPrice)
    else { return .nothing }
    return sayOther(seen)
  }

  @inline(__always)
  private static func isBelow(_ price: Amount?) -> Bool { price.map { $0 < .zero } ?? false }

  @inline(never)
  private static func sayOther(_ seen: Seen) -> RuleVerdict {
    let prices = [
      seen.line.bidPrice, seen.line.askPrice, seen.line.open, seen.line.high, seen.line.low,
      seen.line.prevClose, seen.line.expectedPrice,
    ]
    return prices.lazy.compactMap { $0 }.first { $0 < .zero }.map { say($0, seen) } ?? .nothing
  }

  private static func say(_ price: Amount, _ seen: Seen) -> RuleVerdict {
    seen.line.kind.mayBeNegative ? .flagged : .blocked(Measure(price), limit: Measure(Amount.zero))
  }
}
