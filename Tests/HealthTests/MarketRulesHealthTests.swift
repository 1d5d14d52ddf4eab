import Testing

@testable import Health

/// The link `guard` when market rules block: it says which rule, and the way out.
struct MarketRulesHealthTests {
  @Test func theRuleThatBlocksIsNamed() {
    let fault = Fault("a rule blocks many", "guard") {
      $0.stages[2].now?.values["observer_rejects_total{reason=market_rule}"] = 50
      $0.stages[2].now?.values["observer_guard_blocks_total{rule=RANGE}"] = 40
      $0.stages[2].before?.values["observer_guard_blocks_total{rule=RANGE}"] = 39
      $0.stages[2].now?.values["observer_guard_blocks_total{rule=STEP}"] = 20
    }
    let first = fault.report.first
    #expect(first?.name == "guard")
    #expect(first?.detail.contains("(market_rule STEP)") == true, "\(first?.detail ?? "")")
    #expect(first?.fix.contains("guard.* of the configuration") == true)
  }
}
