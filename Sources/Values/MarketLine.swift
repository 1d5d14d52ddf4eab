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

/// The members of `inputs` that only the rules read.
enum ValueField: Int, CaseIterable {
  case value, bidPrice, askPrice, bidSize, askSize, totalBidSize, totalAskSize, open, high, low, prevClose
  case expectedPrice, tradeSize, viPrice, tradeTime, quoteTime, halted, vi, afterHoursVI, session

  /// Where the scanner notes it.
  @inline(__always) var slot: Int { Field.firstValue + rawValue }

  /// Its name in a line.
  var name: MemberName {
    switch self {
    case .value: .value
    case .bidPrice: .bidPrice
    case .askPrice: .askPrice
    case .bidSize: .bidSize
    case .askSize: .askSize
    case .totalBidSize: .totalBidSize
    case .totalAskSize: .totalAskSize
    case .open: .open
    case .high: .high
    case .low: .low
    case .prevClose: .prevClose
    case .expectedPrice: .expectedPrice
    case .tradeSize: .tradeSize
    case .viPrice: .viPrice
    case .tradeTime: .tradeTime
    case .quoteTime: .quoteTime
    case .halted: .halted
    case .vi: .vi
    case .afterHoursVI: .afterHoursVI
    case .session: .session
    }
  }
}
