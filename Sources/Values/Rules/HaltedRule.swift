/// Whether trading is halted.
enum HaltedRule: MarketRule {
  static let flag = MarketFlag.halted

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    Finding(flags: line.halted ?? state.isHalted)
  }
}
