import Market

/// One thing that is watched: a symbol at a venue. A share and what trades over the same channels (ETF, ETN) are the same
/// one, whatever is known of it.
public struct Instrument: Hashable, Sendable {
  /// The exchange's code, in the form that the product's channels want: `005930`, `Q500001`, `0001`, `DNASAAPL`.
  public let symbol: String
  /// Where it trades.
  public let venue: Venue
  /// What kind of thing it is: as its watchlist line says, else a share.
  public let product: Product

  /// What its hours depend on.
  public var listing: Listing { product.listing ?? Listing(symbol: symbol) }

  /// Makes an instrument; `symbol` is not checked here (`FeedRow.takes`).
  public init(_ symbol: String, _ venue: Venue, _ product: Product = .stock) {
    self.symbol = symbol
    self.venue = venue
    self.product = product
  }

  /// What a record is of.
  public init(of record: FrameRecord) {
    self.init(record.symbol, record.channel.venue, record.channel.row.product)
  }

  /// `context.market`: the venue; of a share abroad its exchange, which stands in the key.
  public var market: String {
    product == .overseasStock ? String(symbol.dropFirst().prefix(3)) : venue.rawValue
  }

  /// By symbol, venue and the product whose channels serve it.
  public static func == (one: Instrument, other: Instrument) -> Bool {
    one.symbol == other.symbol && one.venue == other.venue && one.product.base == other.product.base
  }

  /// By symbol, venue and the product whose channels serve it.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(symbol)
    hasher.combine(venue)
    hasher.combine(product.base)
  }
}
