import Completeness
import Plumbing

/// How far the trades of a symbol are, on the last day on which one came.
public struct TradeState: Sendable {
  /// Trades and shares that came.
  public var trades: Int64, shares: Int64
  /// Shares that the exchange had counted before the first of them, and after the last; nil: it counts none.
  public var before: Int64, total: Int64?
  /// Trades and shares that are missing; 0 as long as the channel is not trusted.
  public var missedTrades: Int64, missedShares: Int64
  /// The last price, as a JSON number.
  public var price: String
  /// The close of the day before; nil where the channel does not tell it.
  public var previousClose: Double?
  /// When the last one came.
  public var seen: Milliseconds

  /// Makes a state.
  public init(
    trades: Int64, shares: Int64, before: Int64 = 0, total: Int64? = nil, missedTrades: Int64 = 0,
    missedShares: Int64 = 0, price: String, previousClose: Double? = nil, seen: Milliseconds
  ) {
    self.trades = trades
    self.shares = shares
    self.before = before
    self.total = total
    self.missedTrades = missedTrades
    self.missedShares = missedShares
    self.price = price
    self.previousClose = previousClose
    self.seen = seen
  }

  /// Whether the last one came on the day of `now`, Korean time.
  public func isToday(_ now: Milliseconds) -> Bool { KST.midnight(before: seen) == KST.midnight(before: now) }
}

extension TradeLedger {
  /// How far the trades of a subject are; nil: none came.
  public func state(of subject: Subject) -> TradeState? {
    guard let place = book.places[subject] else { return nil }
    settleRun(place)
    let entry = entries[place]
    let sums = entry.ledger.sums
    let isTrusted = channels[entry.channel].standing == .trusted
    return TradeState(
      trades: sums.trades, shares: sums.archivedShares, before: sums.beforeStart, total: sums.reportedShares,
      missedTrades: isTrusted ? sums.missed.trades : 0, missedShares: isTrusted ? sums.missed.shares : 0,
      price: entry.price.text, previousClose: entry.previousClose.isNaN ? nil : entry.previousClose,
      seen: entry.seen)
  }
}
