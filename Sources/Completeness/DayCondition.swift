/// What can be said of a day's data.
public enum DayCondition: String, Sendable {
  /// Every symbol is there to 99.9 % of its shares, and no gap was critical.
  case available
  /// Something is missing, or could not be verified.
  case degraded
  /// The market traded and nothing was archived.
  case missing
  /// The day is not over.
  case pending
  /// No trading day.
  case closed

  /// Whether a day needs no second look.
  public var isGood: Bool { self == .available || self == .closed }
}

/// Why a day is degraded.
public enum DayReason: Equatable, Sendable {
  /// Shares of a symbol are missing.
  case missedTrades(symbol: String, shares: Int64, of: Int64)
  /// A symbol's records contradict their totals, or have none.
  case unverifiable(symbol: String, records: Int64)
  /// A channel has too few neighbours to be trusted, or breaks the identities.
  case unproven(channel: String)
  /// A symbol's first record came after trading had begun.
  case lateStart(symbol: String, shares: Int64, of: Int64)
  /// A feed was not observed for five minutes or longer.
  case criticalGap(symbol: String, feed: String, reason: String, seconds: Int64)

  /// The word that programs look for.
  public var code: String {
    switch self {
    case .missedTrades: "missed_trades"
    case .unverifiable: "unverifiable"
    case .unproven: "unproven"
    case .lateStart: "late_start"
    case .criticalGap: "critical_gap"
    }
  }

  /// One line for people.
  public var text: String {
    switch self {
    case .missedTrades(let symbol, let shares, let total):
      "\(symbol): \(shares) of \(total) shares are missing (\(Self.percent(shares, total)))"
    case .unverifiable(let symbol, let records):
      "\(symbol): \(records) records do not fit their running totals, or have none"
    case .unproven(let channel): "\(channel): the running totals are not proven on this channel"
    case .lateStart(let symbol, let shares, let total):
      "\(symbol): \(shares) of \(total) shares were traded before the first record (\(Self.percent(shares, total)))"
    case .criticalGap(let symbol, let feed, let reason, let seconds):
      "\(symbol) \(feed): not observed for \(seconds) s (\(reason))"
    }
  }

  /// `0.57 %`, rounded up, so that a loss is never shown as none.
  static func percent(_ part: Int64, _ whole: Int64) -> String {
    guard whole > 0 else { return "-" }
    let hundredths = Int64((Double(part) / Double(whole) * 10_000).rounded(.up))
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
  }
}
