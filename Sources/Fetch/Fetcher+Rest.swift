import JSONBytes
import KIS
import Plumbing

/// Calls and their answers.
extension Fetcher {
  /// Lets the lane work and takes what it has to tell.
  func takeAnswers(_ now: Moment) {
    for key in keys.callers { take(key.rest.advance(now, isWanted: isWanted), key, now) }
    if options.once { flushOnce() }
  }

  func take(_ events: [RestEvent], _ key: KeyLane, _ now: Moment) {
    // Whatever ends the run: the answers that came with it are delivered first.
    var end: ToolFailure?
    for event in events {
      switch event {
      case .answered(.approval, let answer, _, _): takeApproval(answer, key, now)
      case .answered(let work, let answer, let at, let latency): take(work, answer, at, latency)
      case .retrying(let work, let reason, let text):
        notes.tell(.trouble, now.monotonic) { "\(text) | trying again" }
        if work.needsToken {
          for subject in subjects(of: work) { beginGap(subject, reason, now, detail: text) }
        } else if keys.callers.count == 1 {
          sweep = GapSweep(subjects: subjects(of: work), reason: reason, text: text)
        }
        if work == .approval { approvalFails(text, key, now) }
      case .gaveUp(let work, let trouble): giveUp(work, trouble, now)
      case .note(let level, let text): log.write(level) { text }
      case .stop(let failure): end = end ?? failure
      }
    }
    if let end { callsFail(key, end, now) }
  }

  /// Ends the calls, and delivers the answers that have arrived.
  func finishCalls(_ now: Moment) {
    for event in keys.callers.flatMap({ $0.rest.finish(now) }) {
      if case .answered(let work, let answer, let at, let latency) = event { take(work, answer, at, latency) }
    }
    if options.once { finishOnce() }
  }

  private func take(_ work: RestWork, _ answer: RestAnswer, _ at: Moment, _ latency: Nanoseconds) {
    let answer = answer.masked(work)
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
      if isData { noteQuote(instrument, output, at) }
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
        if isData, let row = rows[instrument.symbol] { noteQuote(instrument, row, at) }
        if !isData { noData(instrument, .multi, "KIS answered without a row that has a price", at) }
      }
    case .token, .approval: break
    }
  }

  /// Appends one snapshot where it belongs. False when there was no data to make one of.
  private func appendAnswer(
    _ instrument: Instrument, _ feed: Feed, _ at: Moment, _ latency: Nanoseconds,
    _ append: (SnapshotMoment, inout ByteBuffer) -> Bool
  ) -> Bool {
    var moment = SnapshotMoment(time: at.wall, source: .rest, latency: latency)
    moment.session = polling.hours.session(of: instrument, at: at.wall)
    if options.once {
      var scratch = ByteBuffer()
      guard append(moment, &scratch) else { return false }
      once.queue.answer(instrument, Array(scratch.bytes), isGap: false, all: feed == .multi)
    } else {
      let subject = Subject(instrument, feed)
      // Removed since it was asked for.
      guard polling.answered(subject) else { return true }
      if let count = options.count, counts.snapshots >= count { return true }
      let schedule = polling.schedule(feed)
      moment.iterationID = schedule?.iteration
      moment.loopInterval = schedule?.effective
      guard append(moment, &output.buffer) else { return false }
      if !watched.refused.isEmpty { watched.refused.forget(subject) }
      endGap(subject, at)
      count(subject, at)
    }
    notes.tell(.received, at.monotonic) { "Snapshot received | symbol=\(instrument.symbol)" }
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
    work.needsToken ? polling.waiting(for: work) : polling.asked.filter { gaps.isWatched($0) }
  }

  /// Whether the answer of a call is still wanted.
  func isWanted(_ work: RestWork) -> Bool { options.once || polling.isWanted(work) }

  private func giveUp(_ work: RestWork, _ trouble: RestTrouble, _ now: Moment) {
    switch (trouble.kind, work) {
    case (.batch, .multi(let instruments)):
      // One of them is refused, and the answer does not say which.
      let half = instruments.count / 2
      keys.enqueue(.multi(Array(instruments[..<half])), isPart: true)
      keys.enqueue(.multi(Array(instruments[half...])), isPart: true)
    case (.symbol, _), (.batch, _):
      for instrument in work.instruments {
        refuse(instrument, work.feed, trouble, now)
      }
    case (.endpoint, .multi(let instruments)):
      log.warning("\(trouble.message) | intstock-multprice is not served; polling symbol by symbol")
      polling.refuseMulti(instruments, isOnce: options.once) { take($0, now) }
    case (.endpoint, _):
      stop(ToolFailure(.unavailable, "\(trouble.message): KIS does not serve this call"), now)
    case (.exhausted, _) where options.once:
      for instrument in work.instruments {
        refuseOnce(instrument, trouble.reason, trouble.message, now, all: work.feed == .multi)
      }
    case (.exhausted, _):
      for subject in subjects(of: work) {
        beginGap(subject, trouble.reason, now, detail: trouble.message)
        polling.answered(subject)
      }
      notes.tell(.trouble, now.monotonic) { "\(trouble.message) | given up for this interval" }
    }
  }

  private func refuse(_ instrument: Instrument, _ feed: Feed, _ trouble: RestTrouble, _ now: Moment) {
    if options.once {
      return refuseOnce(instrument, trouble.reason, trouble.message, now, all: feed == .multi)
    }
    let subject = Subject(instrument, feed)
    guard polling.answered(subject) else { return }
    suspend(subject, trouble.reason, trouble.message, now)
  }
}

extension RestAnswer {
  /// The answer without the secrets of ours that it repeats.
  func masked(_ work: RestWork) -> RestAnswer {
    guard let clean = body.withUnsafeBufferPointer({ SecretMask.masked($0) }) else { return self }
    return RestAnswer(work, status: status, body: clean)
  }
}
