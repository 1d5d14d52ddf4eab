import Plumbing

/// What the rules remember of one subject: a few numbers, whatever comes.
struct SubjectState: Equatable {
  /// The subject's day in Korea; none before the first line.
  var day = Int64.min
  /// Feeds whose next line comes after a gap.
  var gapMarks: UInt16 = 0
  /// The last `halted`.
  var isHalted = false
  /// The last status line told of a volatility interruption.
  var isInVI = false
  var trades = TradeMemory()
  var books = BookMemory()
  /// The latest times of accepted trades and books; they outlast the day.
  var tradeTimes = LatestTimes()
  var bookTimes = LatestTimes()

  /// Nothing is known.
  static let blank = SubjectState()

  /// A line of a later day begins a new one.
  @inline(__always)
  mutating func begin(_ day: Int64) {
    guard day > self.day else { return }
    self.day = day
    isInVI = false
    trades = TradeMemory()
    books = BookMemory()
  }

  /// Learns from a line that passed; of `seen` only the line and the limits count.
  @inline(__always)
  mutating func accept(_ seen: Seen, isAhead: Bool) {
    gapMarks &= ~seen.line.feed.bit
    if let halted = seen.line.halted { isHalted = halted }
    if seen.line.feed == .status { isInVI = seen.line.vi }
    switch seen.line.feed {
    case .trades:
      trades.accept(seen, stands: isHalted || isInVI)
      if !isAhead { tradeTimes.note(seen) }
    case .book:
      books.accept(seen, trades: trades.count)
      if !isAhead { bookTimes.note(seen) }
    default: break
    }
    if isHalted || isInVI { trades.stoodSince = true }
  }
}

/// The latest times of a feed.
struct LatestTimes: Equatable {
  @Packed var exchange: Milliseconds?
  @Packed var received: Milliseconds?

  @inline(__always)
  mutating func note(_ seen: Seen) {
    if let time = seen.line.exchangeTime { exchange = max(exchange ?? time, time) }
    if let time = seen.line.received { received = max(received ?? time, time) }
  }
}

/// The accepted trades of the day.
struct TradeMemory: Equatable {
  var count: Int64 = 0
  /// Those with a size, and the sum of their sizes, millionths.
  var sized: Int64 = 0
  var sizes: Int128 = 0
  var value: Money?
  /// Whether the last price was reached by a small step, or confirmed.
  var isSettled = false
  /// Whether trading stood still at any moment since the last accepted trade.
  var stoodSince = false
  var phases = VenuePhases.none
  @Packed var last: Amount?
  /// The price of the day's last trade that was held back for its price.
  @Packed var candidate: Amount?
  @Packed var volume: Amount?
  /// Of the last accepted trade, as `session`.
  @Packed var viPrice: Amount?
  var session: UInt64?

  @inline(__always)
  func isConfirmed(_ price: Amount, _ limits: MarketLimits) -> Bool {
    guard let candidate else { return false }
    return price.isNear(candidate, limits)
  }

  @inline(__always)
  mutating func accept(_ seen: Seen, stands: Bool) {
    count &+= 1
    if let size = seen.line.tradeSize {
      sized &+= 1
      sizes += size.wide
    }
    if let price = seen.line.price {
      let confirmed = isConfirmed(price, seen.limits)
      isSettled = confirmed || last.map { price.isNear($0, seen.limits) } ?? false
      candidate = nil
      last = price
    }
    if let total = seen.line.volume { volume = total }
    if let total = seen.line.value { value = total }
    viPrice = seen.line.viPrice
    session = seen.line.session
    phases = seen.line.hours.phases
    stoodSince = stands
  }
}

/// The accepted books of the day.
struct BookMemory: Equatable {
  /// Best prices and their sizes.
  struct Top: Equatable {
    var bidPrice: Amount
    var askPrice: Amount
    var bidSize: Amount
    var askSize: Amount

    @inline(__always)
    init?(_ seen: Seen) {
      guard let bidPrice = seen.line.bidPrice, let askPrice = seen.line.askPrice,
        let bidSize = seen.line.bidSize, let askSize = seen.line.askSize
      else { return nil }
      (self.bidPrice, self.askPrice, self.bidSize, self.askSize) = (bidPrice, askPrice, bidSize, askSize)
    }

    init(_ bidPrice: Amount, _ askPrice: Amount, _ bidSize: Amount, _ askSize: Amount) {
      (self.bidPrice, self.askPrice, self.bidSize, self.askSize) = (bidPrice, askPrice, bidSize, askSize)
    }
  }

  var count: Int64 = 0
  /// The reference: when the first of the books that say the same was received, and how many trades had been accepted.
  var since = Milliseconds.zero
  var tradesThen: Int64 = 0
  /// What all books since the reference have said; nil where the last one said less.
  var top: Top?

  @inline(__always)
  mutating func accept(_ seen: Seen, trades: Int64) {
    count &+= 1
    let top = Top(seen)
    if top == self.top { return }
    self.top = top
    since = seen.line.received ?? .zero
    tradesThen = trades
  }
}

extension Amount {
  /// Whether it is the same level as `base`: both above zero, and the step is within the flag limit.
  @inline(__always)
  func isNear(_ base: Amount, _ limits: MarketLimits) -> Bool {
    guard base > .zero, self > .zero else { return false }
    return !limits.stepFlagPercent.isExceeded(by: distance(to: base), of: base.wide)
  }

  @inline(__always)
  func distance(to other: Amount) -> Int128 { Int128((millionths - other.millionths).magnitude) }
}
