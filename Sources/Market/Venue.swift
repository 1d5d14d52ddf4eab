/// Where an order is matched: the exchange, the alternative system, or both seen as one.
public enum Venue: String, CaseIterable, Hashable, Sendable {
  /// Korea Exchange.
  case krx = "KRX"
  /// Nextrade.
  case nxt = "NXT"
  /// Both, unified.
  case unified = "UN"
  /// Exchanges abroad: their hours are not known here.
  case overseas
}

/// What is listed, as far as trading hours depend on it.
public enum Listing: String, Hashable, CaseIterable, Sendable {
  /// Shares, and whatever is not known to be something else.
  case stock
  /// ETF, ETN, ELW and indices: the after-market of KRX does not trade them (KIS notice 2026-09-09).
  case fund
  /// Futures and options by day: from a quarter before the shares open to a quarter after they close.
  case derivative
  /// Whatever trades at hours that are not known here: night sessions, bonds, exchanges abroad.
  case other

  /// The listing of a symbol, as far as its form tells: an ETN is `Q` and six characters; an ETF looks as a share.
  public init(symbol: String) {
    self = symbol.utf8.count == 7 && symbol.utf8.first == UInt8(ascii: "Q") ? .fund : .stock
  }

  /// The listing of a snapshot's `context.product`; nil for an unknown word.
  public init?(product: String, symbol: String) {
    switch product {
    case "stock": self.init(symbol: symbol)
    case "etf", "etn", "elw", "index": self = .fund
    case "index-future", "index-option", "stock-future", "stock-option", "commodity-future":
      self = .derivative
    case "night-future", "night-option", "bond", "bond-index", "overseas-stock", "overseas-derivative":
      self = .other
    default: return nil
    }
  }

  /// Whether it trades at the hours of shares.
  public var hasShareHours: Bool { self == .stock || self == .fund }
}
