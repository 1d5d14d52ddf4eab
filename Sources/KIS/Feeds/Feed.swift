/// What is observed of each symbol, and how: `context.feed`. The real-time ones are those of the feed table.
public enum Feed: String, CaseIterable, Sendable {
  /// REST, one symbol a call (inquire-price).
  case price
  /// REST, up to 30 symbols a call (intstock-multprice); with best bid and ask.
  case multi
  /// Trades; of an index its values.
  case trades
  /// The order book.
  case book
  /// What a call auction would lead to.
  case expected
  /// Halts, volatility interruptions, phases.
  case status
  /// The brokers that trade most.
  case members
  /// Program trading.
  case program
  /// The net asset value of a fund.
  case nav

  /// Whether it is asked for over REST; all others come over the WebSocket.
  public var isPolled: Bool { self == .price || self == .multi }
  /// The polled ones.
  public static let polled = allCases.filter(\.isPolled)

  /// Whether it can be observed of an instrument.
  public func serves(_ instrument: Instrument) -> Bool {
    isPolled ? FeedTable.isPolled(instrument.product) : Channel(of: instrument, self) != nil
  }
}

/// One instrument as one feed observes it: what a gap belongs to.
public struct Subject: Hashable, Sendable {
  /// What is observed.
  public let instrument: Instrument
  /// How.
  public let feed: Feed

  /// Makes a subject.
  public init(_ instrument: Instrument, _ feed: Feed) {
    self.instrument = instrument
    self.feed = feed
  }

  /// The channel that carries it; nil for a polled one, and for what no channel carries.
  public var channel: Channel? { Channel(of: instrument, feed) }

  /// What its records say in `context.product`: an ETF's trades come over the channel of shares.
  public var product: Product {
    if let channel { return channel.row.product }
    return feed.isPolled ? .stock : instrument.product
  }
}
