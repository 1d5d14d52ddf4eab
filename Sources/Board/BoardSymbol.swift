/// What a board says of one watched symbol at one venue.
public struct BoardSymbol: Equatable, Sendable {
  /// Columns of five minutes that keep a price: enough for a line as wide as a hand.
  public static let priceStep = 5

  /// Its symbol, its product and its venue, in the words of `context`.
  public let symbol: String, product: String, venue: String
  /// Its name, from the watchlist or from the exchange.
  public var name: String?
  /// The last price as it was written, and that of the close before.
  public var price: String?, previousClose: Double?
  /// When its last record came, epoch milliseconds; nil: none came today.
  public var lastRecord: Int64?
  /// Trades and shares that came today, and the shares that the exchange has counted since the first of them. Polled
  /// symbols have no trades.
  public var trades: Int64 = 0, shares: Int64 = 0, reported: Int64 = 0
  /// Shares that the exchange had counted before the day's first record; nil: none came.
  public var startedAt: Int64?
  /// Trades and shares that are missing.
  public var missedTrades: Int64 = 0, missedShares: Int64 = 0
  /// Records by minute of the day; shorter than a day: zeros follow.
  public var records: [Int32] = []
  /// The last price of each five minutes of the day; a slot without a trade is nan.
  public var prices: [Double] = []
  /// Why it is not observed now, in the word of the gap record, and since when, epoch milliseconds; nil: it is observed.
  public var gap: String?, gapSince: Int64?
  /// Minutes without observation, and minutes in which trades are missing.
  public var gaps = MinuteSet(), losses = MinuteSet()

  /// A symbol of which nothing is known as yet.
  public init(symbol: String, product: String, venue: String, name: String? = nil) {
    self.symbol = symbol
    self.product = product
    self.venue = venue
    self.name = name
  }

  /// Notes records that came in a minute of the day (0 to 1439).
  public mutating func note(records count: Int, minute: Int) {
    guard count > 0, (0..<1440).contains(minute) else { return }
    while records.count <= minute { records.append(0) }
    records[minute] = Int32(clamping: Int(records[minute]) + count)
  }

  /// A price as a number; nil for what no market has: a picture is drawn by differences of two.
  static func value(price text: some StringProtocol) -> Double? {
    Double(text).flatMap { $0.magnitude <= 1e15 ? $0 : nil }
  }

  /// Notes the price at a minute of the day (0 to 1439).
  public mutating func note(price text: String, minute: Int) {
    price = text
    guard let value = Self.value(price: text), (0..<1440).contains(minute) else { return }
    while prices.count <= minute / Self.priceStep { prices.append(.nan) }
    prices[minute / Self.priceStep] = value
  }

  /// Change against the close before, as a share of it; nil where one of the two is not known.
  public var change: Double? {
    guard let price = price.flatMap({ Double($0) }), let previousClose, previousClose != 0 else { return nil }
    return price / previousClose - 1
  }

  /// Shares that came of those that the exchange counted since the first record, 0 to 1; nil where nothing was counted.
  public var coverage: Double? { reported > 0 ? min(1, Double(shares) / Double(reported)) : nil }
}
