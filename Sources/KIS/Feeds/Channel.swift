import Market

/// Where an order is matched.
public typealias Venue = Market.Venue

extension Venue {
  /// `FID_COND_MRKT_DIV_CODE` of the REST calls: `J`, `NX`, `UN`.
  public var divisionCode: String {
    switch self {
    case .krx, .overseas: "J"
    case .nxt: "NX"
    case .unified: "UN"
    }
  }
}

/// One real-time channel of KIS: a place in the feed table.
public struct Channel: Hashable, Sendable, CustomStringConvertible {
  /// The place, for tables of one's own.
  public let index: Int

  /// All there are.
  public static let all = FeedTable.rows.indices.map { Channel(index: $0) }

  @inline(__always)
  init(index: Int) { self.index = index }

  /// The channel with this TR id, or nil.
  public init?(transactionID: String) {
    guard let place = FeedTable.rows.firstIndex(where: { $0.transactionID == transactionID }) else {
      return nil
    }
    index = place
  }

  /// The channel that carries a feed of an instrument; nil when there is none: the product has no such feed there, or
  /// the key is not of its form.
  public init?(of instrument: Instrument, _ feed: Feed) {
    for place in Self.places[feed] ?? [] {
      let row = FeedTable.rows[place]
      if row.venue == instrument.venue && row.serves(instrument.product) && row.takes(instrument.symbol) {
        index = place
        return
      }
    }
    return nil
  }

  private static let places = Dictionary(grouping: FeedTable.rows.indices) { FeedTable.rows[$0].feed }

  /// What it is.
  public var row: FeedRow { FeedTable.rows[index] }
  /// The TR id.
  public var transactionID: String { row.transactionID }
  /// What it tells.
  public var feed: Feed { row.feed }
  /// Where that comes from.
  public var venue: Venue { row.venue }
  /// The TR id.
  public var description: String { transactionID }
}

/// The channels by the eight bytes that a frame names them with, for a look-up without text.
struct ChannelWords: ~Copyable {
  private static let slots = 256
  private let words: UnsafeMutablePointer<UInt64>
  private let channels: UnsafeMutablePointer<Int>

  init() {
    words = .allocate(capacity: Self.slots)
    words.initialize(repeating: 0, count: Self.slots)
    channels = .allocate(capacity: Self.slots)
    channels.initialize(repeating: 0, count: Self.slots)
    for channel in Channel.all {
      let word = channel.transactionID.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
      var slot = Self.slot(word)
      while words[slot] != 0 { slot = (slot + 1) % Self.slots }
      words[slot] = word
      channels[slot] = channel.index
    }
  }

  deinit {
    words.deallocate()
    channels.deallocate()
  }

  @inline(__always)
  private static func slot(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 56)
  }

  /// The channel of a TR id, read as one little-endian word.
  @inline(__always)
  subscript(word: UInt64) -> Channel? {
    var slot = Self.slot(word)
    while words[slot] != 0 {
      if words[slot] == word { return Channel(index: channels[slot]) }
      slot = (slot &+ 1) % Self.slots
    }
    return nil
  }
}
