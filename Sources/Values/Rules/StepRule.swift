/// A price is near that of the trade before.
enum StepRule: MarketRule {
  static let flag = MarketFlag.step

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard seen.line.isTrade, let price = seen.line.price, price > .zero, let last = seen.state.trades.last,
      last > .zero
    else {
      return .nothing
    }
    let distance = price.distance(to: last)
    let exceedsBlock = seen.limits.stepBlockPercent.isExceeded(by: distance, of: last.wide)
    guard exceedsBlock else {
      return RuleVerdict(flags: seen.limits.stepFlagPercent.isExceeded(by: distance, of: last.wide))
    }
    let flags = seen.limits.stepFlagPercent.isExceeded(by: distance, of: last.wide)
    guard seen.line.kind.hasSmallSteps, distance > 1_000_000, seen.state.trades.isSettled, !isFresh(seen),
      !seen.state.trades.isConfirmed(price, seen.limits)
    else { return RuleVerdict(flags: flags) }
    return .blocked(Measure(percentOf: distance, by: last.wide), limit: Measure(seen.limits.stepBlockPercent))
  }

  /// Whether something lies between the two trades that may move a price at once: a gap, a halt, a volatility
  /// interruption, another session.
  @inline(never)
  private static func isFresh(_ seen: Seen) -> Bool {
    if seen.state.gapMarks & FeedMark.trades.bit != 0 { return true }
    if seen.state.trades.stoodSince || seen.state.isHalted || seen.state.isInVI || seen.line.halted == true {
      return true
    }
    if let now = seen.line.viPrice, let then = seen.state.trades.viPrice, now != then { return true }
    if let now = seen.line.session, let then = seen.state.trades.session, now != then { return true }
    return seen.line.hours.phases.differ(seen.state.trades.phases)
  }
}
