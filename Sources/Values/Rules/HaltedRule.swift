/// Whether trading is halted.
enum HaltedRule: MarketRule {
  static let flag = MarketFlag.halted

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    RuleVerdict(flags: seen.line.halted ?? seen.state.isHalted)
  }
}
