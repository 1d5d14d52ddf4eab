/// A price is near that of the trade before.
enum StepRule: MarketRule {
  static let flag = MarketFlag.step

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isTrade, let price = line.price, price > .zero, let last = state.trades.last, last > .zero
    else {
      return .nothing
    }
    let distance = price.distance(to: last)
    let exceedsBlock = limits.stepBlockPercent.isExceeded(by: distance, of: last.wide)
    guard exceedsBlock else {
      return Finding(flags: limits.stepFlagPercent.isExceeded(by: distance, of: last.wide))
    }
    let flags = limits.stepFlagPercent.isExceeded(by: distance, of: last.wide)
    guard line.kind.hasSmallSteps, distance > 1_000_000, state.trades.isSettled, !isFresh(line, state),
      !state.trades.isConfirmed(price, limits)
    else { return Finding(flags: flags) }
    return .blocked(Measure(percentOf: distance, by: last.wide), limit: Measure(limits.stepBlockPercent))
  }

  /// Whether something lies between the two trades that may move a price at once: a gap, a halt, a volatility
  /// interruption, another session.
  @inline(never)
  private static func isFresh(_ line: MarketLine, _ state: SubjectState) -> Bool {
    let trades = state.trades
    if state.gapMarks & FeedMark.trades.bit != 0 { return true }
    if trades.stoodSince || state.isHalted || state.isInVI || line.halted == true { return true }
    if let now = line.viPrice, let then = trades.viPrice, now != then { return true }
    if let now = line.session, let then = trades.session, now != then { return true }
    return line.hours.phases.differ(trades.phases)
  }
}
