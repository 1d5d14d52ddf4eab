import Market

/// A feed at a venue.
public struct FeedAtVenue: Hashable, Sendable {
  /// What is observed.
  public let feed: Feed
  /// Where.
  public let venue: Venue

  /// Names one.
  public init(_ feed: Feed, _ venue: Venue) {
    self.feed = feed
    self.venue = venue
  }
}

/// Snapshots by feed and venue. Counting is an addition: it is done for each record.
public struct FeedTally: Sendable {
  private var counts = [Int](repeating: 0, count: Feed.allCases.count * Venue.allCases.count)

  /// Nothing counted.
  public init() {}

  /// Counts snapshots.
  @inline(__always)
  public mutating func add(_ feed: Feed, _ venue: Venue, _ count: Int = 1) {
    counts[Self.slot(feed, venue)] &+= count
  }

  /// Snapshots so far.
  public subscript(feed: Feed, venue: Venue) -> Int { counts[Self.slot(feed, venue)] }

  /// Snapshots of a feed so far, from every venue.
  public subscript(feed: Feed) -> Int { Venue.allCases.reduce(0) { $0 + self[feed, $1] } }

  private static func slot(_ feed: Feed, _ venue: Venue) -> Int {
    let row =
      switch feed {
      case .price: 0
      case .multi: 1
      case .trades: 2
      case .book: 3
      }
    let column =
      switch venue {
      case .krx: 0
      case .nxt: 1
      case .unified: 2
      }
    return row * Venue.allCases.count + column
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
    let session: Int64

    /// - Parameters:
    ///   - symbols: how many are watched.
    ///   - records: how many came since the start of the program.
    ///   - isLive: whether they are being observed: registered on an open connection, or polled.
    ///   - session: when the present session began, epoch milliseconds.
    public init(_ place: FeedAtVenue, symbols: Int, records: Int, isLive: Bool, session: Int64) {
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
  private var looked: Int64?

  /// Nothing seen yet.
  public init() {}

  /// Looks once; `monotonic` is in nanoseconds. What is watched no longer, or less of it, is forgotten.
  public mutating func look(at monotonic: Int64, _ sights: [Sight]) {
    let seconds = Double(monotonic - (looked ?? monotonic)) / 1_000_000_000
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
    Feed.allCases.flatMap { feed in
      Venue.allCases.compactMap { venue in
        let watch = watches[FeedAtVenue(feed, venue)]
        return watch?.sight.isLive == true ? watch.map { ($0.sight.place, $0.pace) } : nil
      }
    }
  }
}
