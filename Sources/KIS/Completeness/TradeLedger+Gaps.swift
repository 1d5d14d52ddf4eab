import Completeness
import Plumbing

/// What the session knows and the records do not: gaps, registrations, and times in which nobody listened.
extension TradeLedger {
  /// What is to be told, in order; then it is told.
  public mutating func takeNews() -> [GapRecord] {
    defer { book.news.removeAll() }
    return book.news
  }

  /// This process did not listen.
  public mutating func note(_ deafness: Deafness) { book.deafness = deafness }

  /// Whose doing a gap was, if it was ours.
  public func cause(of gap: GapRecord) -> LossCause? { book.cause(gap.from, gap.to, else: nil) }

  /// Keeps the end of a gap until the next record tells what it cost, for a minute at most. False when no record can: the
  /// caller tells it at once.
  public mutating func hold(_ end: GapRecord) -> Bool {
    guard let place = book.places[end.subject], end.to - entries[place].seen < Self.halfDay else {
      return false
    }
    book.release(place)
    settleRun(place)
    book.ends[place] = LossBook.Awaited(end: end, until: end.to + LossBook.patience)
    entries[place].isAwaited = true
    return true
  }

  /// Lets the end of a gap go that waits, because another gap begins.
  public mutating func release(_ subject: Subject) {
    guard !book.ends.isEmpty, let place = book.places[subject] else { return }
    if book.ends[place] != nil { book.causes[place] = .gap }
    book.release(place)
  }

  /// Nobody watches the symbol any more: what trades until somebody does is not missing.
  public mutating func forget(_ subject: Subject) {
    guard let place = book.places[subject] else { return }
    book.release(place)
    book.causes[place] = nil
    settleRun(place)
    entries[place].ledger = SymbolLedger()
    entries[place].isAwaited = false
  }

  /// The symbol has lost its registration: what it trades until it has one again is missing, for want of room.
  public mutating func leave(_ subject: Subject) {
    guard let place = book.places[subject] else { return }
    book.release(place)
    book.causes[place] = .noRoom
    settleRun(place)
    entries[place].isAwaited = true
  }

  /// When the next end has waited for long enough; nil: none waits.
  public var nextRelease: Milliseconds? { book.ends.values.map(\.until).min() }

  /// Lets ends go that have waited for long enough at `time`; all, where it is nil. What they cost is told when it is known.
  public mutating func release(at time: Milliseconds?) {
    guard !book.ends.isEmpty else { return }
    for place in book.ends.keys.sorted() {
      guard let awaited = book.ends[place], time.map({ awaited.until <= $0 }) ?? true else { continue }
      book.causes[place] = .gap
      book.release(place)
    }
  }

  /// After so long without a record a day has passed: what traded meanwhile is another day's.
  private static var halfDay: Milliseconds { .hours(12) }
}

// MARK: - Counts
extension TradeLedger {
  /// What one venue's trades came to.
  public struct VenueCounts: Sendable {
    /// Sums over its channels.
    public var counts = TradeCounts()
    /// What is suspected and not claimed.
    public var suspected = Loss(trades: 0, shares: 0, value: nil)
    /// Channels whose records cannot be verified.
    public var unfit: [Channel] = []
    /// Shares that came in the last minutes.
    public var recentShares: Int64 = 0
    /// What of them is missing.
    public var recentMissed: Int64 = 0
  }

  /// The counts of each venue that a trade has come of.
  public mutating func counts(at time: Milliseconds) -> [(venue: Venue, counts: VenueCounts)] {
    var sums: [Venue: VenueCounts] = [:]
    for place in book.subjects.indices {
      let date = entries[place].run.date
      settleRun(place)
      entries[place].run.date = date
    }
    for index in channels.indices where channels[index].isUsed {
      channels[index].counts.turn(time)
      let channel = Channel(index: index)
      sums[channel.venue, default: VenueCounts()].add(channels[index], channel)
    }
    for (place, suspicion) in book.suspicions {
      let venue = Channel(index: entries[place].channel).venue
      sums[venue]?.suspected.trades.add(suspicion.loss.trades)
      sums[venue]?.suspected.shares.add(suspicion.loss.shares)
    }
    return Venue.allCases.compactMap { venue in sums[venue].map { (venue, $0) } }
  }
}

extension TradeLedger.VenueCounts {
  mutating func add(_ state: TradeLedger.ChannelState, _ channel: Channel) {
    counts.add(state.counts)
    if state.standing == .unfit { unfit.append(channel) }
    recentShares.add(state.counts.recentShares)
    recentMissed.add(max(0, state.counts.recent.missedShares))
  }
}
