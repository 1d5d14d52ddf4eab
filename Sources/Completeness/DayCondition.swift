import Pages

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

/// Why a day is degraded. Its market is empty where an earlier audit has not named it.
public enum DayReason: Equatable, Sendable {
  /// Shares of a symbol are missing.
  case missedTrades(symbol: String, market: String, shares: Int64, of: Int64)
  /// A symbol's records contradict their totals, or have none.
  case unverifiable(symbol: String, market: String, records: Int64)
  /// A channel has too few neighbours to be trusted.
  case unproven(channel: String)
  /// A symbol's first record came after trading had begun.
  case lateStart(symbol: String, market: String, shares: Int64, of: Int64)
  /// A venue's records end long before its trading; both as times of the day.
  case earlyEnd(market: String, last: String, close: String)
  /// A feed was not observed for five minutes or longer.
  case criticalGap(symbol: String, market: String, feed: String, reason: String, seconds: Int64)

  /// The word that programs look for.
  public var code: String {
    switch self {
    case .missedTrades: "missed_trades"
    case .unverifiable: "unverifiable"
    case .unproven: "unproven"
    case .lateStart: "late_start"
    case .earlyEnd: "early_end"
    case .criticalGap: "critical_gap"
    }
  }

  /// The symbol that it is about, and its market; nil for what is about a channel or a venue.
  var subject: (symbol: String, market: String)? {
    switch self {
    case .missedTrades(let symbol, let market, _, _), .unverifiable(let symbol, let market, _),
      .lateStart(let symbol, let market, _, _), .criticalGap(let symbol, let market, _, _, _):
      (symbol, market)
    case .unproven, .earlyEnd: nil
    }
  }

  /// One line for people.
  public var text: String {
    switch self {
    case .missedTrades(let symbol, _, let shares, let total):
      "\(symbol): \(shares) of \(total) shares are missing (\(Percent.missing(shares, of: total)))"
    case .unverifiable(let symbol, _, let records):
      "\(symbol): \(records) records do not fit their running totals, or have none"
    case .unproven(let channel): "\(channel): the running totals are not proven on this channel"
    case .lateStart(let symbol, _, let shares, let total):
      "\(symbol): \(shares) of \(total) shares were traded before the first record (\(Percent.missing(shares, of: total)))"
    case .earlyEnd(let market, let last, let close):
      "\(market): no record after \(last), though trading went on until \(close)"
    case .criticalGap(let symbol, _, let feed, let reason, let seconds):
      "\(symbol) \(feed): not observed for \(seconds) s (\(reason))"
    }
  }
}
