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

  /// Where they are on, a healthy link says what they flagged most; where they are off, nothing of them.
  @Test func whatWasFlaggedIsSaid() {
    func said(_ metrics: [String: Double]) -> String? {
      let fault = Fault("flags", "guard") { facts in
        for (name, value) in metrics { facts.stages[2].now?.values["observer_guard_" + name] = value }
      }
      return fault.report.checks.first { $0.name == "guard" }?.detail
    }
    let flags = [
      "flags_total{rule=STEP}": 3.0, "flags_total{rule=SESSION}": 70, "flags_total{rule=RANGE}": 0,
    ]
    let more = [
      "flags_total{rule=WARMING_UP}": 99.0, "flags_total{rule=STALE}": 2, "flags_total{rule=SPREAD}": 1,
    ]
    #expect(said([:])?.hasSuffix("since the start") == true)
    #expect(said(["symbols": 5])?.hasSuffix("since the start; market rules flagged nothing") == true)
    #expect(
      said(flags.merging(more) { $1 }.merging(["symbols": 5]) { $1 })?
        .hasSuffix("; market rules flagged SESSION 70, STEP 3, STALE 2") == true)
  }
}
