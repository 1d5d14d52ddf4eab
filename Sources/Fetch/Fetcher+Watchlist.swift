import Glibc
import KIS
import Plumbing

/// Standard input: lines take effect as they arrive.
extension Fetcher {
  /// Bytes read in one turn: the loop hears signals between two.
  private static let slice = 1 << 14

  func readInput(_ now: Moment) {
    let got = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.slice) { block -> Int? in
      guard let base = block.baseAddress else { return nil }
      do {
        let got = try System.read(0, into: base, room: block.count, name: "standard input")
        for line in input.lines.feed(UnsafeBufferPointer(start: base, count: got)) { take(line, now) }
        return got
      } catch {
        stop(ToolFailure(.ioError, "\(error)"), now)
        return nil
      }
    }
    guard got == 0 else { return sendBatch(ifMoreWaits: false) }
    input.isOpen = false
    if let last = input.lines.finish() { take(last, now) }
    sendBatch(ifMoreWaits: true)
    if !options.once {
      log.info("Watchlist read | symbols=\(watched.list.count), going on with these")
    }
    // The list's first ignored lines are reported at once: `observer start` reads them.
    writeMetrics(now)
  }

  private func take(_ line: WatchlistReader.Line, _ now: Moment) {
    input.number += 1
    guard case .text(let bytes) = line else {
      return warn("longer than \(options.maxLine) bytes", now)
    }
    let entry: WatchlistEntry
    do { entry = try WatchlistLine.parse(bytes, venue: options.venue) } catch {
      return warn(error.what, now)
    }
    switch entry {
    case .nothing: break
    case .add(let instrument, let note): take(instrument, note, now)
    case .remove(let instrument):
      if options.once { return warn("remove means nothing with --once", now) }
      remove(instrument, now)
    }
  }

  private func take(_ instrument: Instrument, _ note: WatchlistNote, _ now: Moment) {
    // With --once a line is answered over REST, whatever it would be watched for.
    let asked = options.once ? options.feeds : note.feeds ?? options.feeds
    let choice = FeedChoice(instrument, asked, options.profile)
    guard !choice.feeds.isEmpty, note.feeds == nil || options.once || choice.reasons.isEmpty else {
      return warn(choice.reasons.joined(separator: "; "), now)
    }
    if options.once { return askOnce(instrument) }
    if let polled = note.feeds?.first(where: { $0.isPolled && !options.feeds.contains($0) }) {
      return warn("\(polled.rawValue) is asked for all lines alike: give --feed \(polled.rawValue)", now)
    }
    guard options.isRealtime || choice.feeds.allSatisfy(\.isPolled) else {
      return warn(
        "its feeds need a real-time session, and --feed asks for none: give --feed trades too", now)
    }
    add(instrument, note, choice, now)
  }

  private func warn(_ what: String, _ now: Moment) {
    input.ignored.add(input.number, what)
    // Of a list written by hand each is named, of a million lines of something else the first few.
    guard input.ignored.count > 5 else {
      return log.warning("Watchlist line \(input.number) ignored | \(what)")
    }
    notes.tell(.ignored, now.monotonic) { "Watchlist line \(input.number) ignored | \(what)" }
  }

  private func add(_ instrument: Instrument, _ note: WatchlistNote, _ choice: FeedChoice, _ now: Moment) {
    input.hasWatched = true
    guard watched.list.add(instrument, note) else {
      log.debug("Watchlist | \(instrument.symbol) is watched already")
      let own = watched.list.own(instrument) ?? instrument
      let before =
        watched.list.note(of: own).feeds ?? FeedChoice(own, options.feeds, options.profile).feeds
      let more = choice.feeds.filter { !before.contains($0) }
      if !more.isEmpty {
        watched.list.widen(own, to: before + more)
        observe(instrument, more, now)
        if more.contains(where: \.isPolled) { _ = watched.polled.add(own) }
      }
      return askAtOnce(own, now)
    }
    log.debug("Watchlist | added \(instrument.symbol) \(instrument.venue.rawValue)")
    observe(instrument, choice.feeds + (FeedTable.isPolled(instrument.product) ? Feed.polled : []), now)
    if choice.feeds.contains(where: \.isPolled) { _ = watched.polled.add(instrument) }
    polling.added(instrument)
  }

  private func observe(_ instrument: Instrument, _ feeds: [Feed], _ now: Moment) {
    for feed in feeds {
      gaps.watch(Subject(instrument, feed), at: now.wall)
      keys.want(instrument, feed)
    }
    polling.changed()
  }

  private func remove(_ named: Instrument, _ now: Moment) {
    guard let instrument = watched.list.remove(named) else {
      return warn("\(named.symbol) is not watched", now)
    }
    notes.tell(.removal, now.monotonic) {
      "Watchlist | removed \(instrument.symbol) \(instrument.venue.rawValue)"
    }
    for feed in Feed.allCases {
      let subject = Subject(instrument, feed)
      dropGap(subject, now)
      polling.answered(subject)
      watched.refused.forget(subject)
      keys.unwant(instrument, feed)
    }
    _ = watched.polled.remove(instrument)
    polling.changed()
  }
}
