/// Whether a gap lies before this line of its feed.
enum AfterGapRule: MarketRule {
  static let flag = MarketFlag.afterGap

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    Finding(flags: state.gapMarks & line.feed.bit != 0)
  }
}
