import Market

/// What kind of thing is watched: `context.product`.
public enum Product: String, CaseIterable, Hashable, Sendable {
  /// Shares, and what trades like them: ETF, ETN.
  case stock
}

/// One thing that is watched: a symbol at a venue. It is the same one whatever is known of its listing.
public struct Instrument: Hashable, Sendable {
  /// The exchange's code: `005930`, `Q500001`.
  public let symbol: String
  /// Where it trades.
  public let venue: Venue
  /// What its hours depend on: as its watchlist line says, else as its symbol looks.
  public let listing: Listing

  /// What kind of thing it is.
  public var product: Product { .stock }

  /// Makes an instrument; `symbol` is not checked here (`Instrument.isSymbol`).
  public init(_ symbol: String, _ venue: Venue, listing: Listing? = nil) {
    self.symbol = symbol
    self.venue = venue
    self.listing = listing ?? Listing(symbol: symbol)
  }

  /// By symbol and venue.
  public static func == (one: Instrument, other: Instrument) -> Bool {
    one.symbol == other.symbol && one.venue == other.venue
  }

  /// By symbol and venue.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(symbol)
    hasher.combine(venue)
  }

  /// Whether `text` has the form of a KRX code: six capital letters or digits, or `Q` and six (an ETN).
  public static func isSymbol(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 6 || (bytes.count == 7 && bytes[0] == UInt8(ascii: "Q")) else { return false }
    return bytes.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
  }
}

/// One instant on both clocks. Deadlines use the monotonic one; whatever leaves the process uses the wall.
public struct Moment: Equatable, Sendable {
  /// Monotonic nanoseconds.
  public var monotonic: Int64
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var wall: Int64

  /// Makes a moment.
  public init(monotonic: Int64, wall: Int64) {
    self.monotonic = monotonic
    self.wall = wall
  }

  /// This moment, `nanoseconds` later on both clocks.
  public func advanced(by nanoseconds: Int64) -> Moment {
    Moment(monotonic: monotonic + nanoseconds, wall: wall + nanoseconds / 1_000_000)
  }
}
