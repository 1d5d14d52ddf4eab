/// Sizes and totals are not below zero.
enum NegativeSizeRule: MarketRule {
  static let flag = MarketFlag.negativeSize

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard
      isBelow(seen.line.tradeSize) || isBelow(seen.line.volume)
        || seen.line.value.map({ $0 < .zero }) ?? false
        || isBelow(seen.line.bidSize) || isBelow(seen.line.askSize) || isBelow(seen.line.totalBidSize)
        || isBelow(seen.line.totalAskSize)
    else { return .nothing }
    return block(seen)
  }

  @inline(__always)
  private static func isBelow(_ size: Amount?) -> Bool { size.map { $0 < .zero } ?? false }

  @inline(never)
  private static func block(_ seen: Seen) -> RuleVerdict {
    let sizes = [
      seen.line.tradeSize.map { Measure($0) }, seen.line.volume.map { Measure($0) },
      seen.line.value.map { Measure($0) },
      seen.line.bidSize.map { Measure($0) }, seen.line.askSize.map { Measure($0) },
      seen.line.totalBidSize.map { Measure($0) }, seen.line.totalAskSize.map { Measure($0) },
    ]
    guard let first = sizes.lazy.compactMap({ $0 }).first(where: { $0.mantissa < 0 }) else { return .nothing }
    return .blocked(first, limit: Measure(Amount.zero))
  }
}
