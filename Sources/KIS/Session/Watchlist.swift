import Market

/// Cuts a stream of bytes into lines, with a limit on their length.
public struct WatchlistReader: Sendable {
  /// One line, or the fact that one was too long and was skipped.
  public enum Line: Equatable, Sendable {
    /// The bytes without LF.
    case text([UInt8])
    /// Longer than the limit.
    case tooLong
  }

  private let limit: Int
  private var partial: [UInt8] = []
  private var skipping = false

  /// Makes a reader; `limit` is the longest line in bytes.
  public init(limit: Int) { self.limit = limit }

  /// Takes what was read; gives the lines that are complete now.
  public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) -> [Line] {
    var lines: [Line] = []
    for byte in bytes {
      if byte == 0x0A {
        lines.append(skipping ? .tooLong : .text(partial))
        partial.removeAll(keepingCapacity: true)
        skipping = false
      } else if !skipping {
        if partial.count < limit { partial.append(byte) } else { skipping = true }
      }
    }
    return lines
  }

  /// At end of input: a last line without LF is a line.
  public mutating func finish() -> Line? {
    defer {
      partial = []
      skipping = false
    }
    if skipping { return .tooLong }
    return partial.isEmpty ? nil : .text(partial)
  }
}

/// Where an instrument trades and as what: what its hours depend on.
public struct MarketPlace: Hashable, Sendable {
  /// The venue.
  public let venue: Venue
  /// The kind of listing.
  public let listing: Listing

  /// The place of an instrument.
  public init(_ instrument: Instrument) {
    venue = instrument.venue
    listing = instrument.listing
  }

  init(_ venue: Venue, _ listing: Listing) {
    self.venue = venue
    self.listing = listing
  }

  /// All there are.
  public static let all = Venue.allCases.flatMap { venue in
    Listing.allCases.map { MarketPlace(venue, $0) }
  }
}

/// Instruments in the order of arrival, each once, and how many there are of each place. No operation grows with
/// their number, except `instruments`.
public struct Watchlist: Sendable {
  private var order = ArrivalOrder<Instrument>()
  private var counts: [MarketPlace: Int] = [:]
  private var notes: [Instrument: WatchlistNote] = [:]

  /// An empty list.
  public init() {}

  /// How many there are.
  public var count: Int { order.count }
  /// Whether there is none.
  public var isEmpty: Bool { order.isEmpty }
  /// The instruments, oldest first, for a walk in pieces, which lasts while the list changes: O(1). Nil stands for what was
  /// removed.
  public var slots: [Instrument?] { order.slots }

  /// How many there are of a place.
  public func count(at place: MarketPlace) -> Int { counts[place] ?? 0 }
  /// How many there are at each venue, by hours: the label of `FeedAtVenue`, every venue of shares among them.
  public var countsByPlace: [(label: String, count: Int)] {
    Dictionary(grouping: MarketPlace.all) { FeedAtVenue(.price, $0.venue, $0.listing).label }
      .map { label, places in (label, places.reduce(0) { $0 + count(at: $1) }) }
      .filter { $0.count > 0 || Venue(rawValue: $0.label) != nil }.sorted { $0.label < $1.label }
  }

  /// Adds; false when it was there. Its note stays as it was.
  public mutating func add(_ instrument: Instrument, _ note: WatchlistNote = WatchlistNote()) -> Bool {
    guard order.append(instrument) else { return false }
    if note != WatchlistNote() { notes[instrument] = note }
    counts[MarketPlace(instrument), default: 0] += 1
    return true
  }

  /// Removes; gives it as it was added, nil when it was not there.
  public mutating func remove(_ instrument: Instrument) -> Instrument? {
    guard let own = own(instrument), order.remove(own) else { return nil }
    counts[MarketPlace(own), default: 1] -= 1
    notes[own] = nil
    return own
  }

  /// Another line asks for more of it.
  public mutating func widen(_ instrument: Instrument, to feeds: [Feed]) {
    notes[instrument, default: WatchlistNote()].feeds = feeds
  }

  /// What its line said besides.
  public func note(of instrument: Instrument) -> WatchlistNote { notes[instrument] ?? WatchlistNote() }
  /// Whether it is watched.
  public func contains(_ instrument: Instrument) -> Bool { order.contains(instrument) }
  /// It as it was added, with what its line said of its listing; nil when it is not watched.
  public func own(_ instrument: Instrument) -> Instrument? { order.own(instrument) }
}
