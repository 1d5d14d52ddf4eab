import KIS
import Market
import Plumbing

/// What the health check needs to know whether silence is plausible.
extension Fetcher {
  /// The pace of each feed at each venue.
  func appendPace(_ now: Moment, _ text: inout MetricsText) {
    meter.look(at: now.monotonic, sights(now))
    text.put(.pollingPaused, polling.isPaused ? 1 : 0)
    text.put(
      .pollInterval,
      [Feed.price, .multi].compactMap { feed in
        polling.schedule(feed).map { (feed.rawValue, Double($0.effective) / 1_000_000_000) }
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
    let isRegistered = keys.sessions.contains { $0.silence != nil && $0.plan.active > 0 }
    return Feed.allCases.flatMap { feed in
      let isPolled = feed.channelKind == nil
      let list = options.feeds.contains(feed) ? watched.list : Watchlist()
      return Venue.allCases.compactMap { venue -> PaceMeter.Sight? in
        let symbols = isPolled ? polling.polledCount(feed, at: venue) : list.count(at: venue)
        guard symbols > 0 else { return nil }
        return PaceMeter.Sight(
          FeedAtVenue(feed, venue), symbols: symbols, records: counts.tally[feed, venue],
          isLive: isPolled || isRegistered, session: polling.hours.calendar.session(at: now.wall, venue).start
        )
      }
    }
  }
}
