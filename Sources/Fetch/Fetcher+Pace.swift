import KIS
import Market
import Plumbing

/// Numbers from which the health check judges whether a silence is plausible.
extension Fetcher {
  /// The pace of each feed at each venue.
  func appendPace(_ now: Moment, _ text: inout MetricsText) {
    meter.look(at: now.monotonic, sights(now))
    text.put(.pollingPaused, polling.isPaused ? 1 : 0)
    text.put(
      .pollInterval,
      Feed.polled.compactMap { feed in
        polling.schedule(feed).map { (feed.rawValue, $0.effective.inSeconds) }
      })
    func put(_ metric: Metric, _ value: (Pace) -> Double) {
      text.put(
        metric, meter.paces.map { ($0.place.feed.rawValue, $0.place.label, value($0.pace)) })
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
    let isRegistered = keys.sessions.contains { $0.silence != nil && $0.plan.active > 0 }
    return FeedAtVenue.all.compactMap { place -> PaceMeter.Sight? in
      let isPolled = place.feed.isPolled
      let symbols =
        isPolled
        ? place.hours == .stock ? polling.polledCount(place.feed, at: place.venue) : 0
        : keys.sessions.reduce(0) { $0 + $1.subjects.count(at: place) }
      guard symbols > 0 else { return nil }
      let session = polling.hours.calendar.session(at: now.wall, place.venue, place.hours)
      return PaceMeter.Sight(
        place, symbols: symbols, records: counts.tally[place], isLive: isPolled || isRegistered,
        session: session.start)
    }
  }
}
