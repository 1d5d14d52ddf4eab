/// A price is within the exchange's daily limit of the close before.
enum DayLimitRule: MarketRule {
  static let flag = MarketFlag.dayLimit

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isTrade, let price = line.price, price > .zero, let base = line.prevClose, base > .zero else {
      return .nothing
    }
    let flag: Amount
    let block: Amount
    if line.kind.group == .stock {
      (flag, block) = (limits.dayFlagPercent, limits.dayBlockPercent)
    } else if line.kind.isFund {
      (flag, block) = (limits.fundDayFlagPercent, limits.fundDayBlockPercent)
    } else {
      return .nothing
    }
    let distance = price.distance(to: base)
    let exceedsBlock = block.isExceeded(by: distance, of: base.wide)
    guard exceedsBlock || flag.isExceeded(by: distance, of: base.wide) else { return .nothing }
    return judgeBeyond(line, state, limits, price, base, flag, exceedsBlock ? block : nil)
  }

  /// Beyond the flag limit, and (`block`) beyond the other.
  @inline(never)
  private static func judgeBeyond(
    _ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits, _ price: Amount, _ base: Amount,
    _ flag: Amount, _ block: Amount?
  ) -> Finding {
    let distance = price.distance(to: base)
    var flags = flag.isExceeded(by: distance, of: base.wide)
    var limit = block
    if isFirstDay(line, base, flag) {
      flags = true
      let bound = price < base ? MarketLimits.firstDayFall : MarketLimits.firstDayRise
      limit = bound.isExceeded(by: distance, of: base.wide) ? bound : nil
    }
    guard let limit else { return Finding(flags: flags) }
    if state.trades.isConfirmed(price, limits) { return .flagged }
    if state.trades.isSettled, let last = state.trades.last, price.isNear(last, limits) { return .flagged }
    return .blocked(Measure(percentOf: distance, by: base.wide), limit: Measure(limit))
  }

  /// A day without a limit shows: it opened beyond it, or its mean price lies there.
  private static func isFirstDay(_ line: MarketLine, _ base: Amount, _ flag: Amount) -> Bool {
    if let open = line.open, open > .zero, flag.isExceeded(by: open.distance(to: base), of: base.wide) {
      return true
    }
    guard let value = line.value, let volume = line.volume, value > .zero, volume > .zero else {
      return false
    }
    let money = UInt128(value.millionths * 1_000_000)
    let atBase = UInt128(base.wide * volume.wide)
    let distance = money > atBase ? money - atBase : atBase - money
    let seen = distance.multipliedFullWidth(by: 100_000_000)
    let limit = atBase.multipliedFullWidth(by: UInt128(max(flag.millionths, 0)))
    return (seen.high, seen.low) > (limit.high, limit.low)
  }
}
