/// No time is ahead of the clock.
enum FutureRule: MarketRule {
  static let flag = MarketFlag.future

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    Finding(flags: line.isAhead(limits))
  }
}
