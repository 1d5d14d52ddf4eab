import KIS
import Plumbing

/// Asks KIS what watched stocks are called that the watchlist gives no name: each once a day, 30 in a call.
///
/// The calls have a lane of their own, so that nothing else hears of what becomes of them: no retry, no count, no gap, no
/// end of the run. They share the app key's limiter, and its token.
struct NameLookup {
  /// Between two looks whether something is to be asked.
  private static let pause: Nanoseconds = .seconds(1)

  /// Whether KIS may be asked at all.
  let isOn: Bool
  /// The lane while a call is under way.
  private(set) var lane: RestLane?
  /// What was asked for today.
  private var asked: Set<Instrument> = []
  private var date = ""
  private var nextLook: Nanoseconds = .min

  /// Nothing asked.
  init(isOn: Bool) { self.isOn = isOn }

  /// Whether it is time to see what is to be asked.
  mutating func isDue(at now: Nanoseconds) -> Bool {
    guard isOn, now >= nextLook else { return false }
    nextLook = now + Self.pause
    return true
  }

  /// The next call's instruments of those that have no name, all of one venue; none: all were asked for on this `date`.
  func next(of nameless: some Sequence<Instrument>, on date: String) -> [Instrument] {
    var batch: [Instrument] = []
    for instrument in nameless where date != self.date || !asked.contains(instrument) {
      guard batch.first.map({ $0.venue == instrument.venue }) ?? true else { continue }
      batch.append(instrument)
      if batch.count == Profile.multiSymbols { break }
    }
    return batch
  }

  /// Makes a call.
  mutating func ask(_ batch: [Instrument], on date: String, over lane: RestLane) {
    if date != self.date { (self.date, asked) = (date, []) }
    asked.formUnion(batch)
    lane.enqueue(.multi(batch))
    self.lane = lane
  }

  /// Ends what is under way.
  mutating func end(_ now: Moment) {
    _ = lane?.finish(now)
    lane = nil
  }
}

/// Names of watched stocks for the live page.
extension Fetcher {
  /// Goes on with a call for names, or makes one where a stock has none and the exchange is idle.
  func advanceNames(_ now: Moment) {
    if let lane = names.lane {
      for event in lane.advance(now) { takeName(event, now) }
    } else if names.isDue(at: now.monotonic), !board.board.namesRefused, hasRoomForNames(now) {
      askNames(now)
    }
  }

  private func askNames(_ now: Moment) {
    board.list(watched.list, at: now.wall)
    let nameless = watched.list.slots.lazy.compactMap { $0 }.filter { instrument in
      self.board.isNameless(instrument) && FeedTable.isPolled(instrument.product)
        && self.polling.listed(.multi)?.contains(instrument) != true
    }
    let date = board.board.date
    let batch = names.next(of: nameless, on: date)
    guard !batch.isEmpty, let make = keys.callers.first?.makeSideLane else { return }
    do {
      names.ask(batch, on: date, over: try make())
      log.debug("Names | asking KIS for \(batch.count), the first is \(batch[0].symbol)")
    } catch {
      refuseNames(error.message, now)
    }
  }

  /// Every registration is made, no call waits or is in the air, and no round begins before this one is over.
  private func hasRoomForNames(_ now: Moment) -> Bool {
    guard keys.callers.allSatisfy({ $0.rest.backlog == 0 }), keys.sessions.allSatisfy(\.isSettled),
      !options.isRealtime || !keys.sessions.isEmpty, !polling.isWalking, !polling.isMultiRefused
    else { return false }
    let call = LimiterRule(callsPerSecond: options.rate).spacing
    if let round = polling.deadline, round - now.monotonic < call * 4 { return false }
    if keys.hasServed { return true }
    return Feed.polled.allSatisfy { polling.polledCount($0) == 0 }
  }

  private func takeName(_ event: RestEvent, _ now: Moment) {
    switch event {
    case .answered(.multi(let instruments), let answer, _, _):
      var rows: [String: String] = [:]
      for row in answer.masked(.multi(instruments)).json?["output"]?.elements ?? [] {
        if let symbol = SnapshotBuilder.multiSymbol(row) { rows[symbol] = PolledQuote.name(row) }
      }
      let known = instruments.compactMap { instrument in rows[instrument.symbol].map { (instrument, $0) } }
      for (instrument, name) in known { board.note(name: name, instrument) }
      log.debug("Names | \(known.count) of \(instruments.count) told")
      names.end(now)
    case .note(.info, let text): log.info(text)
    case .note(_, let text), .retrying(_, _, let text): log.debug("Names | \(text)")
    case .gaveUp(_, let trouble): refuseNames(trouble.message, now)
    case .stop(let failure): refuseNames(failure.message, now)
    case .answered: break
    }
  }

  private func refuseNames(_ why: String, _ now: Moment) {
    log.debug("Names | not asked again today: \(why)")
    board.refuseNames()
    names.end(now)
  }
}
