import KIS
import Market
import Plumbing

/// Polling rests while its venues are closed (`--hours market`): that is no gap, for nothing is to be observed.
extension Fetcher {
  /// Looks whether venues have opened or closed, once a minute at least.
  func lookAtHours(_ now: Moment) {
    if hours.isDue(at: now.wall) { changeHours(now) }
    if isPauseUnsaid, loop.ready(Key.input) == 0 { sayPause(now) }
  }

  /// Whether a subject is to be observed now: real-time feeds always are.
  func isDue(_ subject: Subject) -> Bool {
    subject.feed.channelKind != nil || hours.polls(subject.instrument)
  }

  private func changeHours(_ now: Moment) {
    guard hours.look(at: now.wall) else { return }
    // The calls of what rests now are dropped when their turn comes.
    for subject in busy where !isDue(subject) { busy.remove(subject) }
    for feed in [Feed.price, .multi] {
      for case let instrument? in listed(feed)?.slots ?? [] {
        let subject = Subject(instrument, feed)
        if hours.hasOpened(instrument) { gaps.watch(subject, at: now.wall) }
        if !isDue(subject) { dropGap(subject, now) }
      }
    }
    isPauseUnsaid = true
    isRefitDue = true
  }

  private func sayPause(_ now: Moment) {
    isPauseUnsaid = false
    let lists = [Feed.price, .multi].compactMap { listed($0) }
    // The watchlist holds what has no room in the session.
    func symbols(_ place: MarketPlace) -> Int { lists.map { $0.count(at: place) }.max() ?? 0 }
    let all = MarketPlace.all.map(symbols).reduce(0, +)
    let resting = MarketPlace.all.filter { !hours.polls($0) && symbols($0) > 0 }
    let count = resting.map(symbols).reduce(0, +)
    guard count != restingSaid else { return }
    restingSaid = count
    guard count > 0 else { return log.info("Polling resumed | \(all) symbols") }
    let until = hours.opening(of: resting, after: now.wall).map {
      "until \(KST(milliseconds: $0).iso.prefix(16)) KST"
    }
    log.info(
      "Polling paused | \(count) of \(all) symbols \(until ?? "for now"): their market is"
        + " closed (--hours market)")
  }

  /// Whether something is to be polled, and nothing now.
  private var isPollingPaused: Bool {
    let lists = [Feed.price, .multi].compactMap { listed($0) }.filter { !$0.isEmpty }
    return !lists.isEmpty
      && lists.allSatisfy { list in
        MarketPlace.all.allSatisfy { !hours.polls($0) || list.count(at: $0) == 0 }
      }
  }

  // MARK: - Pace

  /// What the health check needs to know whether silence is plausible.
  func appendPace(_ now: Moment, _ text: inout MetricsText) {
    meter.look(at: now.monotonic, sights(now))
    text.put(.pollingPaused, isPollingPaused ? 1 : 0)
    text.put(
      .pollInterval,
      [Feed.price, .multi].compactMap { feed in
        schedules[feed].map { (feed.rawValue, Double($0.effective) / 1_000_000_000) }
      })
    func put(_ metric: Metric, _ value: (Pace) -> Double) {
      text.put(
        metric, meter.paces.map { ($0.place.feed.rawValue, $0.place.venue.rawValue, value($0.pace)) })
    }
    put(.sessionWatched, \.watched)
    put(.sessionBusy, \.busy)
    put(.sessionBusyMinutes, \.minutes)
    put(.sessionRecords, \.records)
    put(.sessionLongestSilence, \.longest)
    put(.sessionRecentRate, \.rate)
    put(.sessionSilence, \.silence)
  }

  private func sights(_ now: Moment) -> [PaceMeter.Sight] {
    let isRegistered = realtime.map { $0.silence != nil && $0.plan.active > 0 } ?? false
    return Feed.allCases.flatMap { feed in
      let isPolled = feed.channelKind == nil
      let list = options.feeds.contains(feed) ? watchlist : Watchlist()
      return Venue.allCases.compactMap { venue -> PaceMeter.Sight? in
        let symbols = isPolled ? polledCount(feed, at: venue) : list.count(at: venue)
        guard symbols > 0 else { return nil }
        return PaceMeter.Sight(
          FeedAtVenue(feed, venue), symbols: symbols, records: tally[feed, venue],
          isLive: isPolled || isRegistered, session: hours.calendar.session(at: now.wall, venue).start)
      }
    }
  }
}
