/// Sizes and totals are not below zero.
enum NegativeSizeRule: MarketRule {
  static let flag = MarketFlag.negativeSize

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard
      isBelow(line.tradeSize) || isBelow(line.volume) || line.value.map({ $0 < .zero }) ?? false
        || isBelow(line.bidSize) || isBelow(line.askSize) || isBelow(line.totalBidSize)
        || isBelow(line.totalAskSize)
    else { return .nothing }
    return block(line)
  }

  @inline(__always)
  private static func isBelow(_ size: Amount?) -> Bool { size.map { $0 < .zero } ?? false }

  @inline(never)
  private static func block(_ line: MarketLine) -> Finding {
    let sizes = [
      line.tradeSize.map { Measure($0) }, line.volume.map { Measure($0) }, line.value.map { Measure($0) },
      line.bidSize.map { Measure($0) }, line.askSize.map { Measure($0) },
      line.totalBidSize.map { Measure($0) }, line.totalAskSize.map { Measure($0) },
    ]
    guard let first = sizes.lazy.compactMap({ $0 }).first(where: { $0.mantissa < 0 }) else { return .nothing }
    return .blocked(first, limit: Measure(Amount.zero))
  }
}
