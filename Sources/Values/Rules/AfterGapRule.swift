/// Whether a gap lies before this line of its feed.
enum AfterGapRule: MarketRule {
  static let flag = MarketFlag.afterGap

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    RuleVerdict(flags: seen.state.gapMarks & seen.line.feed.bit != 0)
  }
}
