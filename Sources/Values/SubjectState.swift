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

  /// Whether trading stands still, as far as this line or the memory tells.
  @inline(__always)
  func stands(_ line: MarketLine) -> Bool { line.halted ?? isHalted || isInVI }

  /// A line of a later day begins a new one.
  @inline(__always)
  mutating func begin(_ day: Int64) {
    guard day > self.day else { return }
    self.day = day
    isInVI = false
    trades = TradeMemory()
    books = BookMemory()
  }

  /// Learns from a line that passed.
  @inline(__always)
  mutating func accept(_ line: MarketLine, isAhead: Bool, _ limits: MarketLimits) {
    gapMarks &= ~line.feed.bit
    if let halted = line.halted { isHalted = halted }
    if line.feed == .status { isInVI = line.vi }
    switch line.feed {
    case .trades:
      trades.accept(line, stands: isHalted || isInVI, limits)
      if !isAhead { tradeTimes.note(line) }
    case .book:
      books.accept(line, trades: trades.count)
      if !isAhead { bookTimes.note(line) }
    default: break
    }
    if isHalted || isInVI { trades.stoodSince = true }
  }
}

/// The latest times of a feed.
struct LatestTimes: Equatable {
  var exchange: Milliseconds?
  var received: Milliseconds?

  @inline(__always)
  mutating func note(_ line: MarketLine) {
    if let time = line.exchangeTime { exchange = max(exchange ?? time, time) }
    if let time = line.received { received = max(received ?? time, time) }
  }
}

/// The accepted trades of the day.
struct TradeMemory: Equatable {
  var count: Int64 = 0
  /// Those with a size, and the sum of their sizes, millionths.
  var sized: Int64 = 0
  var sizes: Int128 = 0
  var last: Amount?
  /// Whether the last price was reached by a small step, or confirmed.
  var isSettled = false
  /// The price of the day's last trade that was held back for its price.
  var candidate: Amount?
  var volume: Amount?
  var value: Money?
  /// Of the last accepted trade.
  var viPrice: Amount?
  var session: UInt64?
  var phases = VenuePhases.none
  /// Whether trading stood still at any moment since the last accepted trade.
  var stoodSince = false

  @inline(__always)
  func isConfirmed(_ price: Amount, _ limits: MarketLimits) -> Bool {
    guard let candidate else { return false }
    return price.isNear(candidate, limits)
  }

  @inline(__always)
  mutating func accept(_ line: MarketLine, stands: Bool, _ limits: MarketLimits) {
    count &+= 1
    if let size = line.tradeSize {
      sized &+= 1
      sizes += size.wide
    }
    if let price = line.price {
      let confirmed = isConfirmed(price, limits)
      isSettled = confirmed || last.map { price.isNear($0, limits) } ?? false
      candidate = nil
      last = price
    }
    if let total = line.volume { volume = total }
    if let total = line.value { value = total }
    viPrice = line.viPrice
    session = line.session
    phases = line.hours.phases
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
    init?(_ line: MarketLine) {
      guard let bidPrice = line.bidPrice, let askPrice = line.askPrice, let bidSize = line.bidSize,
        let askSize = line.askSize
      else { return nil }
      (self.bidPrice, self.askPrice, self.bidSize, self.askSize) = (bidPrice, askPrice, bidSize, askSize)
    }

    init(_ bidPrice: Amount, _ askPrice: Amount, _ bidSize: Amount, _ askSize: Amount) {
      (self.bidPrice, self.askPrice, self.bidSize, self.askSize) = (bidPrice, askPrice, bidSize, askSize)
    }
  }

  var count: Int64 = 0
  /// What all books since the reference have said; nil where the last one said less.
  var top: Top?
  /// The reference: when the first of them was received, and how many trades had been accepted.
  var since = Milliseconds.zero
  var tradesThen: Int64 = 0

  @inline(__always)
  mutating func accept(_ line: MarketLine, trades: Int64) {
    count &+= 1
    let top = Top(line)
    if top == self.top { return }
    self.top = top
    since = line.received ?? .zero
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
