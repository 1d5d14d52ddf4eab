import KIS
import Plumbing

/// What a run has made so far.
struct FetchCounts {
  private(set) var snapshots = 0
  private(set) var gapLines = 0
  private(set) var tally = FeedTally()
  private(set) var gapsByReason: [GapReason: Int] = [:]
  /// When the last snapshot was made; zero before the first.
  private(set) var lastSnapshot: Milliseconds = .zero

  /// A snapshot.
  @inline(__always)
  mutating func add(_ subject: Subject, _ wall: Milliseconds) {
    snapshots += 1
    tally.add(FeedAtVenue(subject))
    lastSnapshot = wall
  }

  /// A gap record.
  mutating func add(gap reason: GapReason) {
    gapLines += 1
    gapsByReason[reason, default: 0] += 1
  }

  /// Answers of a `--once` run.
  mutating func add(_ moved: OnceQueue.Moved, _ feed: Feed?, _ venue: Venue) {
    snapshots += moved.snapshots
    gapLines += moved.gaps
    if let feed { tally.add(FeedAtVenue(feed, venue), moved.snapshots) }
  }
}

/// The watchlist as it is being read.
struct WatchInput {
  var lines: WatchlistReader
  /// Lines so far.
  var number = 0
  var isOpen = true
  /// Whether a line has named a symbol.
  var hasWatched = false
  /// Lines that name nothing that can be watched.
  var ignored = IgnoredLines()
}
