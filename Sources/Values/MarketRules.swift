/// One thing that is asked of the values of a line.
protocol MarketRule {
  /// Its name.
  static var flag: MarketFlag { get }
  /// What it says of a line, by what was seen of its subject before. Without memory `state` is blank.
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding
}

/// The rules, in the order in which their flags are listed; the first that blocks names the block.
enum MarketRules {
  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Judgement {
    var judgement = Judgement()
    @inline(__always) func ask<Rule: MarketRule>(_ rule: Rule.Type) {
      judgement.add(Rule.flag, Rule.judge(line, state, limits))
    }
    ask(SymbolFormRule.self)
    ask(NotPositiveRule.self)
    ask(NegativeSizeRule.self)
    ask(RangeRule.self)
    ask(CrossedRule.self)
    ask(SpreadRule.self)
    ask(DayLimitRule.self)
    ask(StepRule.self)
    ask(TimeBackRule.self)
    ask(SessionRule.self)
    ask(FutureRule.self)
    ask(VolumeBurstRule.self)
    ask(ReversalRule.self)
    ask(StaleRule.self)
    ask(HaltedRule.self)
    ask(AfterGapRule.self)
    ask(WarmingUpRule.self)
    return judgement
  }
}
