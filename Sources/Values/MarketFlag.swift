/// What a rule may say about a line, in the order in which a verdict lists it.
public enum MarketFlag: UInt8, CaseIterable, Sendable {
  case symbolForm, notPositive, negativeSize, range, crossed, spread, dayLimit, step, timeBack, session
  case future, volumeBurst, reversal, stale, halted, afterGap, warmingUp, gap

  /// The word in verdicts, records and metrics.
  public var text: StaticString {
    switch self {
    case .symbolForm: "SYMBOL_FORM"
    case .notPositive: "NOT_POSITIVE"
    case .negativeSize: "NEGATIVE_SIZE"
    case .range: "RANGE"
    case .crossed: "CROSSED"
    case .spread: "SPREAD"
    case .dayLimit: "DAY_LIMIT"
    case .step: "STEP"
    case .timeBack: "TIME_BACK"
    case .session: "SESSION"
    case .future: "FUTURE"
    case .volumeBurst: "VOLUME_BURST"
    case .reversal: "REVERSAL"
    case .stale: "STALE"
    case .halted: "HALTED"
    case .afterGap: "AFTER_GAP"
    case .warmingUp: "WARMING_UP"
    case .gap: "GAP"
    }
  }

  /// What it says, in a line of a table.
  public var meaning: String {
    switch self {
    case .symbolForm: "the symbol has not the form of its product"
    case .notPositive: "a price is not positive"
    case .negativeSize: "a size, a volume or a value is below zero"
    case .range: "open or price lies outside low and high, or high is below low"
    case .crossed: "bid is not below ask, outside auctions"
    case .spread: "ask is far above bid, outside auctions"
    case .dayLimit: "the price is far from the close before"
    case .step: "the price is far from that of the trade before"
    case .timeBack: "exchange time goes back"
    case .session: "the venue prints none at this time"
    case .future: "the time is ahead of the clock"
    case .volumeBurst: "a trade is far larger than the day's mean"
    case .reversal: "totals of the day fall"
    case .stale: "the book stands still while its market trades"
    case .halted: "trading is halted"
    case .afterGap: "the first line of its feed after a gap"
    case .warmingUp: "too little was seen for the rules with memory"
    case .gap: "a gap record"
    }
  }

  @inline(__always) var bit: UInt32 { 1 &<< UInt32(rawValue) }
}
