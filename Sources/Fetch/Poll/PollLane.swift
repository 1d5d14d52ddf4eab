import KIS
import Market
import Plumbing

/// The watched symbols and the refused ones among them: one value for polling and registrations.
final class Watched {
  var list = Watchlist()
  /// The symbols of the polled feeds, and those that are polled because no session has room.
  var polled = Watchlist()
  var refused: RefusedSymbols

  init(_ waits: RefusedSymbols.Waits = RefusedSymbols.Waits()) { refused = RefusedSymbols(waits) }
}

/// Events of the polled feeds.
enum PollEvent {
  /// Ask for this.
  case call(RestWork)
  /// It is to be observed from now on.
  case watch(Subject)
  /// It is no longer to be observed.
  case drop(Subject)
  /// It was not observed.
  case missed(Subject, GapReason, String)
  /// Its next round is due and the last one is unanswered: a gap, unless one is open already.
  case late(Subject, GapReason, String)
  /// Something for the log.
  case note(FetchNote, String)
}

/// Polled feeds: what is asked for, and when. A state machine that never waits: `advance` begins the rounds that are due
/// and tells the calls, whose answers come to `answered`.
final class PollLane {
  typealias Emit = (PollEvent) -> Void

  /// What is polled, and how often.
  struct Settings {
    var feeds: [Feed] = [.price]
    /// Between two rounds.
    var interval: Nanoseconds = .seconds(1)
    /// Calls a second of one app key.
    var rate = 18.0
    /// Whether 30 symbols can be asked for in one call.
    var servesMulti = true
    var hours = PollingHours.Mode.all
    var calendar = MarketCalendar()
  }

  /// How many symbols of a list are looked at in one turn: the loop hears signals however long the list is.
  private static let slice = 1024
  /// How long a list may take to be read before the rounds begin.
  private static let listTime: Nanoseconds = .seconds(2)

  let watched: Watched
  private let settings: Settings
  private let begun: Nanoseconds
  private var schedules: [Feed: PollSchedule] = [:]
  private var rounds: [Feed: PollRound] = [:]
  /// Subjects that were asked for and not answered.
  private var busy: Set<Subject> = []
  /// Whether the number of things to poll has changed.
  private var isRefitDue = false
  private var pause = PollPause()
  private(set) var hours: PollingHours
  /// Whether the exchange does not serve the call for 30 symbols.
  private(set) var isMultiRefused = false
  /// Instruments that no real-time session has room for.
  private(set) var overflow = Overflow()
  /// Those of them that are polled for that alone, where others are polled anyway.
  private var lent: Set<Instrument> = []

  /// Nothing is polled yet; `now` is monotonic.
  init(_ settings: Settings, _ watched: Watched, now: Nanoseconds) {
    self.settings = settings
    begun = now
    self.watched = watched
    hours = PollingHours(settings.hours, settings.calendar)
    for feed in Feed.polled { schedules[feed] = PollSchedule(interval: settings.interval) }
  }

  // MARK: - What is polled

  /// The feed that registrations without room are polled by.
  var overflowFeed: Feed { settings.servesMulti && !isMultiRefused ? .multi : .price }

  /// What a feed is to poll, refused symbols and closed venues too.
  func listed(_ feed: Feed) -> Watchlist? {
    if settings.feeds.contains(feed) && !(feed == .multi && isMultiRefused) { return watched.polled }
    if feed == .price && isMultiRefused && settings.feeds.contains(.multi) { return watched.polled }
    return feed == overflowFeed && settings.feeds.contains { !$0.isPolled } ? overflow.list : nil
  }

  /// How many symbols a feed polls now.
  func polledCount(_ feed: Feed, at venue: Venue? = nil) -> Int {
    guard let list = listed(feed) else { return 0 }
    return MarketPlace.all.reduce(0) { sum, place in
      guard venue == nil || place.venue == venue, hours.polls(place) else { return sum }
      return sum + max(0, list.count(at: place) - watched.refused.resting(feed, at: place))
    }
  }

  /// Whether there are symbols to poll, and all of them rest now.
  var isPaused: Bool {
    let lists = Feed.polled.compactMap { listed($0) }.filter { !$0.isEmpty }
    return !lists.isEmpty
      && lists.allSatisfy { list in
        MarketPlace.all.allSatisfy { !hours.polls($0) || list.count(at: $0) == 0 }
      }
  }

  /// Whether a subject is to be observed now: real-time feeds always are.
  func isDue(_ subject: Subject) -> Bool {
    !subject.feed.isPolled || hours.polls(subject.instrument)
  }

  /// Whether the answer of a call is still wanted.
  func isWanted(_ work: RestWork) -> Bool { work.instruments.isEmpty || !waiting(for: work).isEmpty }

  /// The subjects of a call that are still unanswered.
  func waiting(for work: RestWork) -> [Subject] {
    work.instruments.map { Subject($0, work.feed) }.filter { busy.contains($0) }
  }

  /// All subjects that were asked for and not answered.
  var asked: Set<Subject> { busy }

  /// The length of a feed's rounds now.
  func schedule(_ feed: Feed) -> PollSchedule? { schedules[feed] }

  // MARK: - Changes

  /// An instrument joined or left the list, or its refusal began or ended.
  func changed() { isRefitDue = true }

  /// An instrument came whose venue is closed now.
  func added(_ instrument: Instrument) {
    isRefitDue = true
    if !pause.wasSaid, !hours.polls(instrument) { pause.isUnsaid = true }
  }

  /// The answer is there, or is no longer wanted. False when nothing waited for it.
  @discardableResult
  func answered(_ subject: Subject) -> Bool { busy.remove(subject) != nil }

  /// A registration has no room (true) and is polled from now on, or has room again and is not.
  func note(_ instrument: Instrument, isOverflow: Bool, _ emit: Emit) {
    guard overflow.note(instrument, isOverflow: isOverflow) else { return }
    isRefitDue = true
    if settings.feeds.contains(overflowFeed) {
      // It is polled anyway, unless its line asks for something else.
      if isOverflow {
        guard watched.polled.add(instrument) else { return }
        lent.insert(instrument)
      } else {
        guard lent.remove(instrument) != nil else { return }
        _ = watched.polled.remove(instrument)
      }
    }
    let subject = Subject(instrument, overflowFeed)
    if isOverflow {
      emit(.watch(subject))
    } else {
      emit(.drop(subject))
      watched.refused.forget(subject)
    }
  }

  /// The exchange does not serve the call for 30 symbols: each is asked for alone.
  func refuseMulti(_ instruments: [Instrument], isOnce: Bool, _ emit: Emit) {
    isMultiRefused = true
    for instrument in instruments {
      busy.remove(Subject(instrument, .multi))
      emit(.drop(Subject(instrument, .multi)))
      if !isOnce { busy.insert(Subject(instrument, .price)) }
      emit(.call(.price(instrument)))
    }
    isRefitDue = true
  }

  // MARK: - Turns

  /// Begins the rounds that are due, and goes on with those that have begun.
  ///
  /// - Parameters:
  ///   - callers: app keys that calls can be made with.
  ///   - isInputWaiting: whether more of the list can be read at once.
  ///   - isQueued: whether a call for an instrument waits for nothing but its turn.
  func advance(
    _ now: Moment, callers: Int, isInputWaiting: Bool, isQueued: (Instrument) -> Bool, _ emit: Emit
  ) {
    lookAtHours(now, isInputWaiting, emit)
    refit(now, callers, emit)
    // A first round would begin with the top of a list that is still being read: what comes after it would wait for the
    // second, and that is minutes away. A list without an end is not waited for.
    let isListGrowing = isInputWaiting && now.monotonic - begun < Self.listTime
    for feed in Feed.polled {
      guard let list = listed(feed) else {
        rounds[feed] = nil
        continue
      }
      if rounds[feed] == nil, !isListGrowing, let missed = schedules[feed]?.begin(now: now.monotonic) {
        rounds[feed] = PollRound(slots: list.slots, missed: missed)
      }
      if let round = rounds.removeValue(forKey: feed) {
        rounds[feed] = walk(round, feed, list, isQueued, emit)
      }
    }
  }

  /// Whether a round is being walked: the next turn is due at once.
  var isWalking: Bool { !rounds.isEmpty }
  /// When the next round begins, monotonic.
  var deadline: Nanoseconds? { schedules.values.compactMap(\.next).min() }

  /// When the number of things to poll has changed: rounds may have to be longer, so that they fit under the limit.
  private func refit(_ now: Moment, _ callers: Int, _ emit: Emit) {
    guard isRefitDue else { return }
    isRefitDue = false
    let (multi, price) = (polledCount(.multi), polledCount(.price))
    let calls = price + (multi + Profile.multiSymbols - 1) / Profile.multiSymbols
    let rate = settings.rate * Double(max(1, callers))
    for (feed, count) in [(Feed.price, price), (.multi, multi)] {
      guard count > 0 else {
        schedules[feed]?.pause()
        continue
      }
      schedules[feed]?.start(now: now.monotonic)
      guard schedules[feed]?.fit(calls: calls, spacing: LimiterRule(callsPerSecond: rate).spacing) == true,
        let schedule = schedules[feed], schedule.effective > schedule.interval
      else { continue }
      emit(
        .note(
          .odd,
          "Interval stretched | \(calls) calls a round at \(rate)/s take \(Milliseconds(schedule.effective)) ms,"
            + " not \(Milliseconds(schedule.interval)); --feed multi takes 30 symbols a call"))
    }
  }

  /// Asks for the next slice of a round. Gives what is left of it.
  private func walk(
    _ round: PollRound, _ feed: Feed, _ list: Watchlist, _ isQueued: (Instrument) -> Bool, _ emit: Emit
  ) -> PollRound? {
    var round = round
    let end = min(round.next + Self.slice, round.slots.count)
    for case let instrument? in round.slots[round.next..<end] where list.contains(instrument) {
      let subject = Subject(instrument, feed)
      guard hours.polls(instrument), !watched.refused.rests(subject) else { continue }
      guard busy.insert(subject).inserted else {
        missInterval(subject, isQueued(instrument), emit)
        continue
      }
      if round.missed > 0 { emit(.missed(subject, .rateLimit, "missed interval: output was blocked")) }
      if feed == .price {
        emit(.call(.price(instrument)))
      } else if watched.refused.contains(subject) {
        // Alone: if it is refused again, it spoils no answer to others.
        emit(.call(.multi([instrument])))
      } else if let batch = round.add(instrument) {
        emit(.call(.multi(batch)))
      }
    }
    round.next = end
    if end < round.slots.count { return round }
    for batch in round.rest { emit(.call(.multi(batch))) }
    return nil
  }

  /// A round came before the answer of the one before.
  private func missInterval(_ subject: Subject, _ isQueued: Bool, _ emit: Emit) {
    emit(
      isQueued
        ? .late(subject, .rateLimit, "missed interval: the call waits for its turn")
        : .late(subject, .apiError, "missed interval: no answer yet"))
  }

  // MARK: - Hours

  /// When to look at the clock again.
  var wake: Milliseconds? { hours.wake }

  /// Polling rests while its venues are closed: that is no gap, for nothing is to be observed.
  private func lookAtHours(_ now: Moment, _ isInputWaiting: Bool, _ emit: Emit) {
    if hours.isDue(at: now.wall), hours.look(at: now.wall) {
      // The calls of what rests now are dropped when their turn comes.
      for subject in busy where !isDue(subject) { busy.remove(subject) }
      for feed in Feed.polled {
        for case let instrument? in listed(feed)?.slots ?? [] {
          let subject = Subject(instrument, feed)
          if hours.hasOpened(instrument) { emit(.watch(subject)) }
          if !isDue(subject) { emit(.drop(subject)) }
        }
      }
      pause.isUnsaid = true
      isRefitDue = true
    }
    if !isInputWaiting, let text = pause.words(lists, hours, now.wall) { emit(.note(.info, text)) }
  }

  private var lists: [Watchlist] { Feed.polled.compactMap { listed($0) } }
}
