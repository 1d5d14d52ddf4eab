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
    // Who has just started it asks at once what became of its list.
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
    case .add(let instrument):
      if instrument.venue != .krx && !options.profile.servesOtherVenues {
        return warn("venue \(instrument.venue.rawValue) is not served by --env virtual", now)
      }
      if options.once { askOnce(instrument) } else { add(instrument, now) }
    case .remove(let instrument):
      if options.once { return warn("remove means nothing with --once", now) }
      remove(instrument, now)
    }
  }

  private func warn(_ what: String, _ now: Moment) {
    input.ignored.add(input.number, what)
    // Of a list written by hand each is named, of a million lines of something else the first few.
    guard input.ignored.count > 5 else {
      return log.warning("Watchlist line \(input.number) ignored | \(what)")
    }
    notes.tell(.ignored, now.monotonic) { "Watchlist line \(input.number) ignored | \(what)" }
  }

  private func add(_ instrument: Instrument, _ now: Moment) {
    input.hasWatched = true
    guard watched.list.add(instrument) else {
      log.debug("Watchlist | \(instrument.symbol) is watched already")
      return askAtOnce(watched.list.own(instrument) ?? instrument, now)
    }
    log.debug("Watchlist | added \(instrument.symbol) \(instrument.venue.rawValue)")
    for feed in Feed.allCases where feed.channelKind == nil || options.feeds.contains(feed) {
      gaps.watch(Subject(instrument, feed), at: now.wall)
    }
    for feed in options.feeds { keys.want(instrument, feed) }
    polling.added(instrument)
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
    polling.changed()
  }
}
