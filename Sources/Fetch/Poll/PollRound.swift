import KIS
import Market
import Plumbing

/// A round of a polled feed, while its calls are being asked for: a slice each turn.
struct PollRound {
  /// What was listed when it began.
  let slots: [Instrument?]
  /// Rounds missed before it.
  let missed: Int
  var next = 0
  /// Symbols gathered for one call. Each call has one venue, because a row of the answer does not name its own.
  private var batches: [Venue: [Instrument]] = [:]

  init(slots: [Instrument?], missed: Int) {
    self.slots = slots
    self.missed = missed
  }

  /// Gathers one more; gives a full call when there is one.
  mutating func add(_ instrument: Instrument) -> [Instrument]? {
    batches[instrument.venue, default: []].append(instrument)
    guard let batch = batches[instrument.venue], batch.count >= Profile.multiSymbols else { return nil }
    batches[instrument.venue] = nil
    return batch
  }

  /// The rest, less than a full call.
  var rest: [[Instrument]] { Venue.allCases.compactMap { batches[$0] } }
}

/// A pause of polling is said once: how many symbols rest, and how many were said to.
struct PollPause {
  var isUnsaid = false
  private var said = 0

  /// Whether some are said to rest.
  var wasSaid: Bool { said > 0 }

  /// What is to be said of `lists` now; nil: nothing new.
  mutating func words(_ lists: [Watchlist], _ hours: PollingHours, _ wall: Milliseconds) -> String? {
    guard isUnsaid else { return nil }
    isUnsaid = false
    // The watchlist holds what has no room in the session.
    func symbols(_ place: MarketPlace) -> Int { lists.map { $0.count(at: place) }.max() ?? 0 }
    let all = MarketPlace.all.map(symbols).reduce(0, +)
    let resting = MarketPlace.all.filter { !hours.polls($0) && symbols($0) > 0 }
    let count = resting.map(symbols).reduce(0, +)
    guard count != said else { return nil }
    said = count
    guard count > 0 else { return "Polling resumed | \(all) symbols" }
    let until = hours.opening(of: resting, after: wall).map {
      "until \(KST($0).iso.prefix(16)) KST"
    }
    return "Polling paused | \(count) of \(all) symbols \(until ?? "for now"): their market is"
      + " closed (--hours market)"
  }
}

/// Instruments of which at least one registration has no room, in the order in which that happened.
struct Overflow {
  /// The instruments.
  private(set) var list = Watchlist()
  private var counts: [Instrument: Int] = [:]

  /// One registration of an instrument lost its room or got some. True when that moved the instrument.
  mutating func note(_ instrument: Instrument, isOverflow: Bool) -> Bool {
    let count = (counts[instrument] ?? 0) + (isOverflow ? 1 : -1)
    counts[instrument] = count > 0 ? count : nil
    return count > 0 ? list.add(instrument) : list.remove(instrument) != nil
  }
}

extension RestWork {
  /// The feed that a quote belongs to.
  var feed: Feed { if case .multi = self { .multi } else { .price } }
}
