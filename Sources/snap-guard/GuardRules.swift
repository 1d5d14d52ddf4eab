import Configuration
import Market
import Plumbing
import Values

/// Whether values are looked at, by which limits and whose calendar.
struct GuardRules {
  /// `--rules market`.
  let areOn: Bool
  /// The limits of the configuration.
  private(set) var limits = MarketLimits()
  /// Trading days; nil without holidays.jsonl.
  private(set) var calendar: MarketCalendar?

  /// `--state`; only with rules.
  private(set) var statePath: String?

  /// - Throws: 78 for a broken configuration, and for a limit that is no plain decimal number.
  init(_ arguments: Arguments, _ log: Log) throws(ToolFailure) {
    let settings = try Settings(arguments)
    areOn = try settings.text(.guardRules).value == "market"
    guard areOn else { return }
    statePath = arguments[SnapGuard.stateOption]
    for warning in settings.warnings { log.warning(warning) }
    for (key, limit) in Self.limits {
      let text = try settings.text(key)
      guard let value = text.value else { continue }
      guard let amount = Amount(text: value) else {
        throw text.origin.refusal(
          of: key, "must be a plain number with at most six decimals, not \(value)")
      }
      limits[keyPath: limit] = amount
    }
    if let text = settings.holidayFiles.lazy.compactMap({ SmallFile.text($0) }).first {
      calendar = MarketCalendar(jsonLines: text)
    } else {
      log.warning("no holidays.jsonl beside the configuration: market rules know no trading hours")
    }
  }

  private static var limits: [(ConfigKey, WritableKeyPath<MarketLimits, Amount>)] {
    [
      (.guardSpread, \.spreadPercent), (.guardDayFlag, \.dayFlagPercent), (.guardDayBlock, \.dayBlockPercent),
      (.guardFundDayFlag, \.fundDayFlagPercent), (.guardFundDayBlock, \.fundDayBlockPercent),
      (.guardStepFlag, \.stepFlagPercent), (.guardStepBlock, \.stepBlockPercent),
      (.guardTimeBackIgnore, \.timeBackIgnore), (.guardTimeBackBlock, \.timeBackBlock),
      (.guardFuture, \.future), (.guardBurstTimes, \.burstTimes), (.guardBurstTrades, \.burstTrades),
      (.guardStale, \.stale), (.guardStaleTrades, \.staleTrades),
    ]
  }
}
