import Market
import Plumbing

/// One feed at one venue, as kis-fetch has seen it in the present session.
struct StreamFacts {
  let feed: String
  let venue: Venue
  /// `KRX`, `KRX derivative`: the venue, and the hours where they are not those of shares.
  let place: String
  let expectation: Expectation
  /// Seconds without a record in this session, until now.
  let silence: Double
  let pace: Pace
  /// Symbols that are watched there.
  let symbols: Double
  /// Seconds between two rounds of a polled feed.
  let interval: Double

  /// What kis-fetch says it observes.
  static func of(_ facts: HealthFacts) -> [StreamFacts] {
    guard let sample = facts.stage("kis-fetch").now else { return [] }
    return sample.each(.sessionWatched).compactMap { labels, _ in
      let words = labels[1].split(separator: " ", maxSplits: 1)
      guard let venue = words.first.flatMap({ Venue(rawValue: String($0)) }),
        let hours = words.count == 1 ? .stock : Listing(rawValue: String(words[1]))
      else { return nil }
      return StreamFacts(labels[0], venue, hours, labels[1], sample, facts)
    }
  }

  private init(
    _ feed: String, _ venue: Venue, _ hours: Listing, _ place: String, _ sample: Sample, _ facts: HealthFacts
  ) {
    self.feed = feed
    self.venue = venue
    self.place = place
    func number(_ metric: Metric) -> Double { sample[metric, feed, place] ?? 0 }
    var pace = Pace()
    pace.watched = number(.sessionWatched)
    pace.busy = number(.sessionBusy)
    pace.minutes = number(.sessionBusyMinutes)
    pace.records = number(.sessionRecords)
    pace.longest = number(.sessionLongestSilence)
    pace.silence = number(.sessionSilence)
    pace.rate = number(.sessionRecentRate)
    self.pace = pace
    expectation = FeedKind(feed: feed).map { facts.market.expectation($0, venue, hours) } ?? .nothing
    let now = facts.wall.inSeconds
    let told = sample[.metricsTime].map { max(0, now - $0) } ?? 0
    let session = facts.market.sessions[venue].map { now - $0.start.inSeconds } ?? 0
    silence = min(pace.silence + told, max(0, session))
    symbols = sample[.watchedSymbolsByVenue, place] ?? 1
    interval = sample[.pollInterval, feed] ?? 1
  }

  /// How long it may be silent now, seconds; nil: for ever.
  var patience: Double? {
    switch expectation {
    case .nothing: nil
    case .always: max(60, 3 * interval)
    case .byPace: pace.plausibleSilence(symbols: symbols)
    }
  }

  /// Whether it is silent for longer than its own pace makes plausible.
  var isImplausible: Bool { patience.map { silence > $0 } ?? false }
}
