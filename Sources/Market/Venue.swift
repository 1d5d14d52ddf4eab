/// Where an order is matched: the exchange, the alternative system, or both seen as one.
public enum Venue: String, CaseIterable, Hashable, Sendable {
  /// Korea Exchange.
  case krx = "KRX"
  /// Nextrade.
  case nxt = "NXT"
  /// Both, unified.
  case unified = "UN"
}

/// What is listed, as far as trading hours depend on it.
public enum Listing: Hashable, CaseIterable, Sendable {
  /// Shares, and whatever is not known to be something else.
  case stock
  /// ETF, ETN and ELW: the after-market of KRX does not trade them (KIS notice 2026-09-09).
  case fund

  /// The listing of a symbol, as far as its form tells: an ETN is `Q` and six characters; an ETF looks as a share.
  public init(symbol: String) {
    self = symbol.utf8.count == 7 && symbol.utf8.first == UInt8(ascii: "Q") ? .fund : .stock
  }

  /// What a watchlist's `product` says; nil for what does not trade as shares of KRX do.
  public init?(product: String) {
    switch product {
    case "stock": self = .stock
    case "etf", "etn", "elw": self = .fund
    default: return nil
    }
  }
}
