/// No time is ahead of the clock.
enum FutureRule: MarketRule {
  static let flag = MarketFlag.future

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    RuleVerdict(flags: seen.line.isAhead(seen.limits))
  }
}
