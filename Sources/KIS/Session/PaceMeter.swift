import Market
import Plumbing

/// A feed at a venue, of what trades there at the same hours.
public struct FeedAtVenue: Hashable, Sendable {
  /// What is observed.
  public let feed: Feed
  /// Where.
  public let venue: Venue
  /// At which hours: `stock` stands for funds too.
  public let hours: Listing

  /// Names one.
  public init(_ feed: Feed, _ venue: Venue, _ listing: Listing = .stock) {
    self.feed = feed
    self.venue = venue
    hours = listing.hasShareHours ? .stock : listing
  }

  /// The one that a subject belongs to.
  public init(_ subject: Subject) {
    self.init(subject.feed, subject.instrument.venue, subject.instrument.listing)
  }

  /// All there are.
  public static let all = Feed.allCases.flatMap { feed in
    Venue.allCases.flatMap { venue in
      Listing.allCases.filter { $0 != .fund }.map { FeedAtVenue(feed, venue, $0) }
    }
  }

  /// The metrics' label `venue`: `KRX`; `KRX derivative`, where others than shares trade.
  public var label: String { hours == .stock ? venue.rawValue : "\(venue.rawValue) \(hours.rawValue)" }
}

/// Snapshots by feed, venue and hours. Counting is an addition: it is done for each record.
public struct FeedTally: Sendable {
  private static let slots: [FeedAtVenue: Int] = Dictionary(
    uniqueKeysWithValues: FeedAtVenue.all.enumerated().map { ($1, $0) })
  private var counts = [Int](repeating: 0, count: FeedAtVenue.all.count)
  private var last: (place: FeedAtVenue, slot: Int)?

  /// Nothing counted.
  public init() {}

  /// Counts snapshots.
  @inline(__always)
  public mutating func add(_ place: FeedAtVenue, _ count: Int = 1) {
    // Records of one place follow each other.
    if let last, last.place == place {
      counts[last.slot] &+= count
    } else if let slot = Self.slots[place] {
      last = (place, slot)
      counts[slot] &+= count
    }
  }

  /// Snapshots so far.
  public subscript(place: FeedAtVenue) -> Int { Self.slots[place].map { counts[$0] } ?? 0 }

  /// Snapshots of a feed so far, from everywhere.
  public subscript(feed: Feed) -> Int {
    FeedAtVenue.all.reduce(0) { $0 + ($1.feed == feed ? self[$1] : 0) }
  }
}

/// Measures the pace of what is watched, a look every few seconds, anew with every session. Pure: time and counts are
/// parameters.
public struct PaceMeter: Sendable {
  /// What one look sees of one feed at one venue.
  public struct Sight: Sendable {
    let place: FeedAtVenue
    let symbols: Int
    let records: Int
    let isLive: Bool
    let session: Milliseconds

    /// - Parameters:
    ///   - symbols: how many are watched.
    ///   - records: how many came since the start of the program.
    ///   - isLive: whether they are being observed: registered on an open connection, or polled.
    ///   - session: when the present session began.
    public init(_ place: FeedAtVenue, symbols: Int, records: Int, isLive: Bool, session: Milliseconds) {
      self.place = place
      self.symbols = symbols
      self.records = records
      self.isLive = isLive
      self.session = session
    }
  }

  private struct Watch {
    var sight: Sight
    var pace = Pace()
  }

  private var watches: [FeedAtVenue: Watch] = [:]
  private var looked: Nanoseconds?

  /// Nothing seen yet.
  public init() {}

  /// Looks once. What is watched no longer, or less of it, is forgotten.
  public mutating func look(at monotonic: Nanoseconds, _ sights: [Sight]) {
    let seconds = (monotonic - (looked ?? monotonic)).inSeconds
    looked = monotonic
    let before = watches
    watches = [:]
    for sight in sights {
      var watch = Watch(sight: sight)
      if let old = before[sight.place], old.sight.session == sight.session, old.sight.symbols <= sight.symbols
      {
        watch.pace = old.pace
        if sight.isLive && old.sight.isLive {
          watch.pace.note(seconds: seconds, records: sight.records - old.sight.records)
        } else {
          watch.pace.interrupt()
        }
      }
      watches[sight.place] = watch
    }
  }

  /// What is being observed, with its pace in this session.
  public var paces: [(place: FeedAtVenue, pace: Pace)] {
    FeedAtVenue.all.compactMap { place in
      let watch = watches[place]
      return watch?.sight.isLive == true ? watch.map { (place, $0.pace) } : nil
    }
  }
}
