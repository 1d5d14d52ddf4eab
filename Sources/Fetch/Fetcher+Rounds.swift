import KIS
import Plumbing

/// A round of a polled feed, while its calls are being asked for: a slice each turn, so that the loop hears signals
/// however long the list is.
struct PollRound {
  /// What was listed when it began.
  let slots: [Instrument?]
  /// Rounds missed before it.
  let missed: Int
  var next = 0
  /// What is gathered for one call: one venue a call, for a row of the answer does not say where it is from.
  var batches: [Venue: [Instrument]] = [:]
}

/// Polled feeds: what is asked for, and when.
extension Fetcher {
  /// How many symbols of a list are looked at in one turn.
  private static let slice = 1024
  /// How long a list may take to be read before the rounds begin, nanoseconds.
  private static let listTime: Int64 = 2_000_000_000

  /// The feed that registrations without room are polled by.
  var overflowFeed: Feed { options.profile.servesMulti && !isMultiRefused ? .multi : .price }

  /// What a feed is to poll, refused symbols and closed venues too.
  func listed(_ feed: Feed) -> Watchlist? {
    if options.feeds.contains(feed) && !(feed == .multi && isMultiRefused) {
      return watchlist
    } else if feed == .price && isMultiRefused && options.feeds.contains(.multi) {
      return watchlist
    }
    return feed == overflowFeed ? realtime.map { _ in overflow.list } : nil
  }

  /// How many symbols a feed polls now.
  func polledCount(_ feed: Feed, at venue: Venue? = nil) -> Int {
    guard let list = listed(feed) else { return 0 }
    return MarketPlace.all.reduce(0) { sum, place in
      guard venue == nil || place.venue == venue, hours.polls(place) else { return sum }
      return sum + max(0, list.count(at: place) - refused.resting(feed, at: place))
    }
  }

  /// Once a turn, when the number of things to poll has changed: rounds may have to be longer, so that they fit under
  /// the limit.
  func refit(_ now: Moment) {
    guard isRefitDue else { return }
    isRefitDue = false
    let (multi, price) = (polledCount(.multi), polledCount(.price))
    let calls = price + (multi + Profile.multiSymbols - 1) / Profile.multiSymbols
    let spacing = LimiterRule(callsPerSecond: options.rate).spacing
    for (feed, count) in [(Feed.price, price), (.multi, multi)] {
      guard count > 0 else {
        schedules[feed]?.pause()
        continue
      }
      schedules[feed]?.start(now: now.monotonic)
      guard schedules[feed]?.fit(calls: calls, spacing: spacing) == true, let schedule = schedules[feed],
        schedule.effective > schedule.interval
      else { continue }
      notes.tell(.odd, now.monotonic) {
        "Interval stretched | \(calls) calls a round at \(options.rate)/s take"
          + " \(schedule.effective / 1_000_000) ms, not \(schedule.interval / 1_000_000);"
          + " --feed multi takes 30 symbols a call"
      }
    }
  }

  /// Begins the rounds that are due, and goes on with those that have begun.
  func walkRounds(_ now: Moment) {
    guard !options.once else { return }
    for feed in [Feed.price, .multi] {
      guard let list = listed(feed) else {
        rounds[feed] = nil
        continue
      }
      if rounds[feed] == nil, !isListGrowing(now), let missed = schedules[feed]?.begin(now: now.monotonic) {
        rounds[feed] = PollRound(slots: list.slots, missed: missed)
      }
      if let round = rounds.removeValue(forKey: feed) { rounds[feed] = walk(round, feed, list, now) }
    }
  }

  /// Whether the first round would begin with the top of a list that is still being read: what comes after it would wait
  /// for the second, and that is minutes away. A list without an end is not waited for.
  private func isListGrowing(_ now: Moment) -> Bool {
    isInputOpen && loop.ready(Key.input) != 0 && now.monotonic - started.monotonic < Self.listTime
  }

  /// Asks for the next slice of a round. Gives what is left of it.
  private func walk(_ round: PollRound, _ feed: Feed, _ list: Watchlist, _ now: Moment) -> PollRound? {
    var round = round
    let end = min(round.next + Self.slice, round.slots.count)
    for case let instrument? in round.slots[round.next..<end] where list.contains(instrument) {
      let subject = Subject(instrument, feed)
      guard hours.polls(instrument), !refused.rests(subject) else { continue }
      if busy.contains(subject) {
        missInterval(subject, now)
        continue
      }
      if round.missed > 0 {
        beginGap(subject, .rateLimit, now, detail: "missed interval: output was blocked")
      }
      busy.insert(subject)
      if feed == .price {
        lane.enqueue(.price(instrument))
      } else if refused.contains(subject) {
        // Alone: if it is refused again, it spoils no answer to others.
        lane.enqueue(.multi([instrument]))
      } else {
        round.batches[instrument.venue, default: []].append(instrument)
        send(&round, instrument.venue, from: Profile.multiSymbols)
      }
    }
    round.next = end
    if end < round.slots.count { return round }
    for venue in Venue.allCases { send(&round, venue, from: 1) }
    return nil
  }

  private func send(_ round: inout PollRound, _ venue: Venue, from least: Int) {
    guard let batch = round.batches[venue], batch.count >= least else { return }
    lane.enqueue(.multi(batch))
    round.batches[venue] = []
  }

  /// A round came before the answer of the one before.
  private func missInterval(_ subject: Subject, _ now: Moment) {
    guard !gaps.isOpen(subject) else { return }
    let isQueued = lane.isQueued(subject.instrument, now)
    beginGap(
      subject, isQueued ? .rateLimit : .apiError, now,
      detail: isQueued ? "missed interval: the call waits for its turn" : "missed interval: no answer yet")
  }

  /// Whether somebody still waits for the answer of a call.
  func isWanted(_ work: RestWork) -> Bool {
    switch work {
    case .token, .approval: true
    case .price(let instrument): options.once || busy.contains(Subject(instrument, .price))
    case .multi(let instruments):
      options.once || instruments.contains { busy.contains(Subject($0, .multi)) }
    }
  }
}
