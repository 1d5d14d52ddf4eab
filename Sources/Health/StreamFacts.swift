import Market

/// One feed at one venue, as kis-fetch has seen it in the present session.
struct StreamFacts {
  let feed: String
  let venue: Venue
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
    let start = "observer_session_watched_seconds{feed="
    return sample.values.keys.filter { $0.hasPrefix(start) }.sorted().compactMap { key in
      let labels = key.dropFirst(start.count).dropLast().split(separator: ",")
      guard labels.count == 2, labels[1].hasPrefix("venue="),
        let venue = Venue(rawValue: String(labels[1].dropFirst(6)))
      else { return nil }
      return StreamFacts(String(labels[0]), venue, sample, facts)
    }
  }

  private init(_ feed: String, _ venue: Venue, _ sample: Sample, _ facts: HealthFacts) {
    self.feed = feed
    self.venue = venue
    func number(_ name: String) -> Double {
      sample["observer_session_\(name){feed=\(feed),venue=\(venue.rawValue)}"] ?? 0
    }
    var pace = Pace()
    pace.watched = number("watched_seconds")
    pace.busy = number("busy_seconds")
    pace.minutes = number("busy_minutes")
    pace.records = number("records")
    pace.longest = number("longest_silence_seconds")
    pace.silence = number("silence_seconds")
    pace.rate = number("recent_records_per_second")
    self.pace = pace
    expectation = FeedKind(feed: feed).map { facts.market.expectation($0, venue) } ?? .nothing
    let now = Double(facts.wall) / 1000
    let told = sample["observer_metrics_timestamp_seconds"].map { max(0, now - $0) } ?? 0
    let session = facts.market.sessions[venue].map { now - Double($0.start) / 1000 } ?? 0
    silence = min(pace.silence + told, max(0, session))
    symbols = sample["observer_watched_symbols_by_venue{venue=\(venue.rawValue)}"] ?? 1
    interval = sample["observer_poll_interval_seconds{feed=\(feed)}"] ?? 1
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
