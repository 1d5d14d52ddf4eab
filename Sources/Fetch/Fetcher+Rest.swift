import JSONBytes
import KIS
import Plumbing

/// Polled feeds: rounds, calls, answers.
extension Fetcher {
  /// The feed that registrations without room are polled by.
  var overflowFeed: Feed { options.profile.servesMulti && !isMultiRefused ? .multi : .price }

  /// What a feed is to poll now, refused symbols too.
  func listed(_ feed: Feed) -> [Instrument] {
    if options.feeds.contains(feed) && !(feed == .multi && isMultiRefused) {
      return watchlist.instruments
    } else if feed == .price && isMultiRefused && options.feeds.contains(.multi) {
      return watchlist.instruments
    }
    return feed == overflowFeed ? realtime?.overflow ?? [] : []
  }

  /// What a feed polls now.
  func polled(_ feed: Feed) -> [Instrument] {
    let found = listed(feed)
    return found.filter { hours.polls($0) && (refused.isEmpty || !refused.contains(Subject($0, feed))) }
  }

  /// The number of things to poll changed: rounds may have to be longer, so that they fit under the limit.
  func refit(_ now: Moment) {
    let multi = polled(.multi).count
    let price = polled(.price).count
    let calls = price + (multi + Profile.multiSymbols - 1) / Profile.multiSymbols
    let spacing = LimiterRule(callsPerSecond: options.rate).spacing
    for (feed, count) in [(Feed.price, price), (.multi, multi)] where count > 0 {
      schedules[feed]?.start(now: now.monotonic)
      guard schedules[feed]?.fit(calls: calls, spacing: spacing) == true, let schedule = schedules[feed]
      else {
        continue
      }
      guard schedule.effective > schedule.interval else { continue }
      oddities.report(to: log, now: now.monotonic) {
        "Interval stretched | \(calls) calls a round at \(options.rate)/s take"
          + " \(schedule.effective / 1_000_000) ms, not \(schedule.interval / 1_000_000);"
          + " --feed multi takes 30 symbols a call"
      }
    }
  }

  /// Begins the rounds that are due.
  func startRounds(_ now: Moment) {
    guard !options.once else { return }
    for feed in [Feed.price, .multi] {
      guard let missed = schedules[feed]?.begin(now: now.monotonic) else { continue }
      let instruments = polled(feed)
      var free: [Instrument] = []
      for instrument in instruments {
        let subject = Subject(instrument, feed)
        if busy.contains(subject) {
          missInterval(subject, now)
        } else {
          if missed > 0 { beginGap(subject, .rateLimit, now, detail: "missed interval: output was blocked") }
          busy.insert(subject)
          free.append(instrument)
        }
      }
      enqueue(free, feed)
    }
  }

  /// A round came before the answer of the one before.
  private func missInterval(_ subject: Subject, _ now: Moment) {
    guard !gaps.isOpen(subject) else { return }
    let isQueued = lane.isQueued(subject.instrument, now)
    beginGap(
      subject, isQueued ? .rateLimit : .apiError, now,
      detail: isQueued ? "missed interval: the call waits for its turn" : "missed interval: no answer yet")
  }

  private func enqueue(_ instruments: [Instrument], _ feed: Feed) {
    if feed == .price {
      for instrument in instruments { lane.enqueue(.price(instrument)) }
    } else {
      // One venue a call: a row of the answer does not say where it is from.
      for venue in Venue.allCases {
        let own = instruments.filter { $0.venue == venue }
        for start in stride(from: 0, to: own.count, by: Profile.multiSymbols) {
          lane.enqueue(.multi(Array(own[start..<min(start + Profile.multiSymbols, own.count)])))
        }
      }
    }
  }

  /// Lets the lane work and takes what it has to tell.
  func takeAnswers(_ now: Moment) {
    // Whatever ends the run: the answers that came with it are delivered first.
    var end: ToolFailure?
    for event in lane.advance(now) {
      switch event {
      case .answered(.approval, let answer, _, _): takeApproval(answer, now)
      case .answered(let work, let answer, let at, let latency): take(work, answer, at, latency)
      case .retrying(let work, let reason, let text):
        troubles.report(to: log, now: now.monotonic) { "\(text) | trying again" }
        for subject in subjects(of: work) { beginGap(subject, reason, now, detail: text) }
        if work == .approval { realtimeTrouble(text, now) }
      case .gaveUp(let work, let trouble): giveUp(work, trouble, now)
      case .note(let level, let text): log.write(level) { text }
      case .stop(let failure): end = end ?? failure
      }
    }
    if options.once { flushOnce() }
    if let end { stop(end, now) }
  }

  /// Ends the calls, and delivers the answers that have arrived.
  func finishCalls(_ now: Moment) {
    for event in lane.finish(now) {
      if case .answered(let work, let answer, let at, let latency) = event { take(work, answer, at, latency) }
    }
    if options.once { finishOnce() }
  }

  private func take(_ work: RestWork, _ answer: RestAnswer, _ at: Moment, _ latency: Int) {
    guard let output = answer.json?["output"] else { return }
    record(work, answer, at)
    switch work {
    case .price(let instrument):
      let isData = answer.body.withUnsafeBufferPointer { body in
        appendAnswer(instrument, .price, at, latency) { moment, buffer in
          builder.appendPrice(
            body: body, output: output, symbol: instrument.symbol, venue: instrument.venue, at: moment,
            to: &buffer)
        }
      }
      if !isData { noData(instrument, .price, "KIS answered without a price", at) }
    case .multi(let instruments):
      var rows: [String: JSONValue] = [:]
      for row in output.elements ?? [] {
        if let symbol = SnapshotBuilder.multiSymbol(row) { rows[symbol] = row }
      }
      for instrument in instruments {
        let isData = answer.body.withUnsafeBufferPointer { body in
          appendAnswer(instrument, .multi, at, latency) { moment, buffer in
            guard let row = rows[instrument.symbol] else { return false }
            return builder.appendMulti(body: body, row: row, venue: instrument.venue, at: moment, to: &buffer)
          }
        }
        if !isData { noData(instrument, .multi, "KIS answered without a row that has a price", at) }
      }
    case .token, .approval: break
    }
  }

  /// Appends one snapshot where it belongs. False when there was no data to make one of.
  private func appendAnswer(
    _ instrument: Instrument, _ feed: Feed, _ at: Moment, _ latency: Int,
    _ append: (SnapshotMoment, inout ByteBuffer) -> Bool
  ) -> Bool {
    var moment = SnapshotMoment(
      timestampMilliseconds: at.wall, source: .rest, latencyMicroseconds: latency)
    moment.session = hours.session(of: instrument.symbol, instrument.venue, at: at.wall)
    if options.once {
      var scratch = ByteBuffer()
      guard append(moment, &scratch) else { return false }
      once.answer(instrument, Array(scratch.bytes), isGap: false, all: feed == .multi)
    } else {
      let subject = Subject(instrument, feed)
      // Removed since it was asked for.
      guard busy.remove(subject) != nil else { return true }
      if let count = options.count, snapshots >= count { return true }
      moment.iterationID = schedules[feed]?.iteration
      moment.loopIntervalMicroseconds = schedules[feed].map { Int($0.effective / 1000) }
      guard append(moment, &output.buffer) else { return false }
      endGap(subject, at)
      count(feed, instrument.venue, at)
    }
    received.report(to: log, now: at.monotonic) { "Snapshot received | symbol=\(instrument.symbol)" }
    return true
  }

  private func noData(_ instrument: Instrument, _ feed: Feed, _ text: String, _ now: Moment) {
    let subject = Subject(instrument, feed)
    if options.once { return refuseOnce(instrument, .noData, text, now, all: feed == .multi) }
    if !gaps.isOpen(subject) { log.warning("No data | symbol=\(instrument.symbol) \(text)") }
    beginGap(subject, .noData, now, detail: text)
  }

  /// The subjects that a call in streaming mode observes.
  func subjects(of work: RestWork) -> [Subject] {
    switch work {
    case .price(let instrument):
      busy.contains(Subject(instrument, .price)) ? [Subject(instrument, .price)] : []
    case .multi(let instruments): instruments.map { Subject($0, .multi) }.filter { busy.contains($0) }
    case .token, .approval: busy.filter { gaps.isWatched($0) }.map { $0 }
    }
  }

  private func giveUp(_ work: RestWork, _ trouble: RestTrouble, _ now: Moment) {
    switch (trouble.kind, work) {
    case (.batch, .multi(let instruments)):
      // One of them is refused, and the answer does not say which.
      let half = instruments.count / 2
      lane.enqueue(.multi(Array(instruments[..<half])), isPart: true)
      lane.enqueue(.multi(Array(instruments[half...])), isPart: true)
    case (.symbol, _), (.batch, _):
      for instrument in Self.instruments(of: work) {
        refuse(instrument, Self.feed(of: work), trouble.message, now)
      }
    case (.endpoint, .multi(let instruments)):
      log.warning("\(trouble.message) | intstock-multprice is not served; polling symbol by symbol")
      isMultiRefused = true
      for instrument in instruments {
        busy.remove(Subject(instrument, .multi))
        dropGap(Subject(instrument, .multi), now)
        if !options.once { busy.insert(Subject(instrument, .price)) }
        lane.enqueue(.price(instrument))
      }
      refit(now)
    case (.endpoint, _):
      stop(ToolFailure(.unavailable, "\(trouble.message): KIS does not serve this call"), now)
    case (.exhausted, _) where options.once:
      for instrument in Self.instruments(of: work) {
        refuseOnce(instrument, trouble.reason, trouble.message, now, all: Self.feed(of: work) == .multi)
      }
    case (.exhausted, _):
      for subject in subjects(of: work) {
        beginGap(subject, trouble.reason, now, detail: trouble.message)
        busy.remove(subject)
      }
      troubles.report(to: log, now: now.monotonic) { "\(trouble.message) | given up for this interval" }
    }
  }

  private func refuse(_ instrument: Instrument, _ feed: Feed, _ text: String, _ now: Moment) {
    if options.once { return refuseOnce(instrument, .noData, text, now, all: feed == .multi) }
    let subject = Subject(instrument, feed)
    guard busy.remove(subject) != nil else { return }
    log.warning("Symbol refused | symbol=\(instrument.symbol) \(text) | not asked for again")
    refused.insert(subject)
    beginGap(subject, .noData, now, detail: text)
  }

  private static func instruments(of work: RestWork) -> [Instrument] {
    switch work {
    case .price(let instrument): [instrument]
    case .multi(let instruments): instruments
    case .token, .approval: []
    }
  }

  private static func feed(of work: RestWork) -> Feed { if case .multi = work { .multi } else { .price } }
}
