/// One thing that is asked of the values of a line.
protocol MarketRule {
  /// Its name.
  static var flag: MarketFlag { get }
  /// What it says of a line, by what was seen of its subject before.
  static func judge(_ seen: Seen) -> RuleVerdict
}

/// The rules, in the order in which their flags are listed; the first that blocks names the block.
enum MarketRules {
  static func judge(_ seen: Seen) -> Judgement {
    var judgement = Judgement()
    judgement.ask(SymbolFormRule.self, seen)
    judgement.ask(NotPositiveRule.self, seen)
    judgement.ask(NegativeSizeRule.self, seen)
    judgement.ask(RangeRule.self, seen)
    judgement.ask(CrossedRule.self, seen)
    judgement.ask(SpreadRule.self, seen)
    judgement.ask(DayLimitRule.self, seen)
    judgement.ask(StepRule.self, seen)
    judgement.ask(TimeBackRule.self, seen)
    judgement.ask(SessionRule.self, seen)
    judgement.ask(FutureRule.self, seen)
    judgement.ask(VolumeBurstRule.self, seen)
    judgement.ask(ReversalRule.self, seen)
    judgement.ask(StaleRule.self, seen)
    judgement.ask(HaltedRule.self, seen)
    judgement.ask(AfterGapRule.self, seen)
    judgement.ask(WarmingUpRule.self, seen)
    return judgement
  }
}

extension Judgement {
  /// Adds what one rule says. (A closure over the judgement would put it on the heap, line by line.)
  @inline(__always)
  fileprivate mutating func ask<Rule: MarketRule>(_ rule: Rule.Type, _ seen: Seen) {
    add(Rule.flag, Rule.judge(seen))
  }
}
