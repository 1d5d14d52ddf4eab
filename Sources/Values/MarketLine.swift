import Contract
import JSONBytes
import Plumbing

/// What the rules see of one line. A member that is absent, null, of another type or not exact is nil.
struct MarketLine {
  var kind: ProductKind
  var feed: FeedMark
  let symbol: Words?
  /// Exchange time, of trades and books.
  @Packed var exchangeTime: Milliseconds?
  /// When the line was received.
  @Packed var received: Milliseconds?
  /// The machine's clock.
  let clock: Milliseconds
  /// What the venue does at that time.
  var hours = VenueHours.none

  @Packed var price: Amount?
  @Packed var volume: Amount?
  let value: Money?
  @Packed var bidPrice: Amount?
  @Packed var askPrice: Amount?
  @Packed var bidSize: Amount?
  @Packed var askSize: Amount?
  @Packed var totalBidSize: Amount?
  @Packed var totalAskSize: Amount?
  @Packed var open: Amount?
  @Packed var high: Amount?
  @Packed var low: Amount?
  @Packed var prevClose: Amount?
  @Packed var expectedPrice: Amount?
  @Packed var tradeSize: Amount?
  @Packed var viPrice: Amount?
  let halted: Bool?
  /// Of status lines: whether a volatility interruption lasts.
  let vi: Bool
  /// `inputs.session`, by its hash.
  let session: UInt64?

  @inline(__always) var isTrade: Bool { feed == .trades }
  @inline(__always) var isBook: Bool { feed == .book }
  /// Exchange time, else receive time.
  @inline(__always) var time: Milliseconds? { exchangeTime ?? received }

  /// Whether the exchange time is so far ahead of the receive time, or that of the clock, that it cannot be.
  @inline(__always)
  func isAhead(_ limits: MarketLimits) -> Bool {
    isStampAhead(limits) || isReceivedAhead(limits)
  }

  @inline(__always)
  func isStampAhead(_ limits: MarketLimits) -> Bool {
    guard let exchangeTime, let received else { return false }
    return limits.isFuture(exchangeTime, at: received)
  }

  @inline(__always)
  func isReceivedAhead(_ limits: MarketLimits) -> Bool {
    guard let received else { return false }
    return limits.isFuture(received, at: clock)
  }
}

/// The members of `inputs` that only the rules read, by slot.
enum ValueField {
  static let names: [MemberName] = [
    .value, .bidPrice, .askPrice, .bidSize, .askSize, .totalBidSize, .totalAskSize, .open, .high, .low,
    .prevClose, .expectedPrice, .tradeSize, .viPrice, .tradeTime, .quoteTime, .halted, .vi, .afterHoursVI,
    .session,
  ]
  static let value = Field.firstValue
  static let bidPrice = value + 1
  static let askPrice = value + 2
  static let bidSize = value + 3
  static let askSize = value + 4
  static let totalBidSize = value + 5
  static let totalAskSize = value + 6
  static let open = value + 7
  static let high = value + 8
  static let low = value + 9
  static let prevClose = value + 10
  static let expectedPrice = value + 11
  static let tradeSize = value + 12
  static let viPrice = value + 13
  static let tradeTime = value + 14
  static let quoteTime = value + 15
  static let halted = value + 16
  static let vi = value + 17
  static let afterHoursVI = value + 18
  static let session = value + 19
}
