/// A price is within the exchange's daily limit of the close before.
enum DayLimitRule: MarketRule {
  static let flag = MarketFlag.dayLimit

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.line.isTrade, let price = seen.line.price, price > .zero, let base = seen.line.prevClose,
      base > .zero
    else {
      return .nothing
    }
    let flag: Amount
    let block: Amount
    if seen.line.kind.group == .stock {
      (flag, block) = (seen.limits.dayFlagPercent, seen.limits.dayBlockPercent)
    } else if seen.line.kind.isFund {
      (flag, block) = (seen.limits.fundDayFlagPercent, seen.limits.fundDayBlockPercent)
    } else {
      return .nothing
    }
    let distance = price.distance(to: base)
    let exceedsBlock = block.isExceeded(by: distance, of: base.wide)
    guard exceedsBlock || flag.isExceeded(by: distance, of: base.wide) else { return .nothing }
    return judgeBeyond(seen, price, base, flag, exceedsBlock ? block : nil)
  }

  /// Beyond the flag limit, and (`block`) beyond the other.
  @inline(never)
  private static func judgeBeyond(
    _ seen: Seen, _ price: Amount, _ base: Amount,
    _ flag: Amount, _ block: Amount?
  ) -> RuleVerdict {
    let distance = price.distance(to: base)
    var flags = flag.isExceeded(by: distance, of: base.wide)
    var limit = block
    if isFirstDay(seen, base, flag) {
      flags = true
      let bound = price < base ? MarketLimits.firstDayFall : MarketLimits.firstDayRise
      limit = bound.isExceeded(by: distance, of: base.wide) ? bound : nil
    }
    guard let limit else { return RuleVerdict(flags: flags) }
    if seen.state.trades.isConfirmed(price, seen.limits) { return .flagged }
    if seen.state.trades.isSettled, let last = seen.state.trades.last, price.isNear(last, seen.limits) {
      return .flagged
    }
    return .blocked(Measure(percentOf: distance, by: base.wide), limit: Measure(limit))
  }

  /// A day without a limit shows: it opened beyond it, or its mean price lies there.
  private static func isFirstDay(_ seen: Seen, _ base: Amount, _ flag: Amount) -> Bool {
    if let open = seen.line.open, open > .zero, flag.isExceeded(by: open.distance(to: base), of: base.wide) {
      return true
    }
    guard let value = seen.line.value, let volume = seen.line.volume, value > .zero, volume > .zero else {
      return false
    }
    let money = UInt128(value.millionths * 1_000_000)
    let atBase = UInt128(base.wide * volume.wide)
    let distance = money > atBase ? money - atBase : atBase - money
    let away = distance.multipliedFullWidth(by: 100_000_000)
    let limit = atBase.multipliedFullWidth(by: UInt128(max(flag.millionths, 0)))
    return (away.high, away.low) > (limit.high, limit.low)
  }
}
