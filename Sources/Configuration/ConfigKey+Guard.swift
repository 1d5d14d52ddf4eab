import Plumbing

/// The rules of values and their limits (snap-guard).
extension ConfigKey {
  /// Whether values are looked at.
  public static let guardRules = ConfigKey(
    "guard.rules", .choice(["off", "market"]), "off", option: ("rules", ""),
    "market: look at values as well (flags, blocks)",
    detail: "What is odd becomes flags of the verdict and of the record; only what cannot be true is blocked."
      + " The limits are keys guard.* of the configuration file.")
  /// `SPREAD`.
  public static let guardSpread = percent("spread", "10", "SPREAD: ask above bid, percent of their mean")
  /// `DAY_LIMIT`.
  public static let guardDayFlag = percent(
    "day_flag", "30", "DAY_LIMIT of shares: percent of the close before, flagged")
  /// `DAY_LIMIT`, block.
  public static let guardDayBlock = percent("day_block", "50", "the same, blocked")
  /// `DAY_LIMIT` of ETF and ETN.
  public static let guardFundDayFlag = percent("fund_day_flag", "60", "DAY_LIMIT of ETF and ETN, flagged")
  /// `DAY_LIMIT` of ETF and ETN, block.
  public static let guardFundDayBlock = percent("fund_day_block", "100", "the same, blocked")
  /// `STEP`.
  public static let guardStepFlag = percent(
    "step_flag", "5", "STEP: percent of the trade before, flagged; within it is the same level")
  /// `STEP`, block.
  public static let guardStepBlock = percent(
    "step_block", "10", "STEP of stock, etf, etn and index, blocked")
  /// `TIME_BACK`.
  public static let guardTimeBackIgnore = number(
    "time_back_ignore_s", 0...86_400, "1", "TIME_BACK: seconds from which on it is flagged")
  /// `TIME_BACK`, block.
  public static let guardTimeBackBlock = number(
    "time_back_block_s", 0...31_536_000, "10", "and blocked")
  /// `FUTURE`.
  public static let guardFuture = number("future_s", 0...86_400, "5", "FUTURE: seconds ahead of the clock")
  /// `VOLUME_BURST`.
  public static let guardBurstTimes = number(
    "burst_times", 1...10_000, "10", "VOLUME_BURST: times the mean size of the day")
  /// Trades that make a mean.
  public static let guardBurstTrades = number(
    "burst_trades", 1...1_000_000, "20", "trades of the day from which on a mean says something (WARMING_UP)")
  /// `STALE`.
  public static let guardStale = number(
    "stale_s", 0...86_400, "60", "STALE: seconds without a change of the best bid and ask")
  /// Trades that make it so.
  public static let guardStaleTrades = number(
    "stale_trades", 0...1_000_000, "10", "and trades accepted meanwhile")

  private static func percent(_ name: String, _ standard: String, _ meaning: String) -> ConfigKey {
    number(name + "_percent", 0...1_000_000, standard, meaning)
  }

  private static func number(
    _ name: String, _ range: ClosedRange<Double>, _ standard: String, _ meaning: String
  ) -> ConfigKey {
    ConfigKey("guard." + name, .number(range), standard, meaning)
  }

  /// All of them, in the order of the configuration file.
  static let guardKeys: [ConfigKey] = [
    guardRules, guardSpread, guardDayFlag, guardDayBlock, guardFundDayFlag, guardFundDayBlock, guardStepFlag,
    guardStepBlock, guardTimeBackIgnore, guardTimeBackBlock, guardFuture, guardBurstTimes, guardBurstTrades,
    guardStale, guardStaleTrades,
  ]
}
