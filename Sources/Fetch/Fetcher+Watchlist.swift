import Glibc
import KIS
import Plumbing

/// Standard input: lines take effect as they arrive.
extension Fetcher {
  func readInput(_ now: Moment) {
    let got = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { block -> Int? in
      guard let base = block.baseAddress else { return nil }
      do {
        let got = try System.read(0, into: base, room: block.count, name: "standard input")
        for line in lines.feed(UnsafeBufferPointer(start: base, count: got)) { take(line, now) }
        return got
      } catch {
        stop(ToolFailure(.ioError, "\(error)"), now)
        return nil
      }
    }
    guard got == 0 else { return sendBatch(ifMoreWaits: false) }
    isInputOpen = false
    if let last = lines.finish() { take(last, now) }
    sendBatch(ifMoreWaits: true)
    if !options.once {
      log.info("Watchlist read | symbols=\(watchlist.instruments.count), going on with these")
    }
  }

  private func take(_ line: WatchlistReader.Line, _ now: Moment) {
    lineNumber += 1
    guard case .text(let bytes) = line else {
      return warn("longer than \(options.maxLine) bytes")
    }
    let entry: WatchlistEntry
    do { entry = try WatchlistLine.parse(bytes, venue: options.venue) } catch { return warn(error.what) }
    switch entry {
    case .nothing: break
    case .add(let instrument):
      if instrument.venue != .krx && !options.profile.servesOtherVenues {
        return warn("venue \(instrument.venue.rawValue) is not served by --env virtual")
      }
      if options.once { askOnce(instrument) } else { add(instrument, now) }
    case .remove(let instrument):
      if options.once { return warn("remove means nothing with --once") }
      remove(instrument, now)
    }
  }

  private func warn(_ what: String) { log.warning("Watchlist line \(lineNumber) ignored | \(what)") }

  private func add(_ instrument: Instrument, _ now: Moment) {
    hasWatched = true
    guard watchlist.add(instrument) else {
      return log.debug("Watchlist | \(instrument.symbol) is watched already")
    }
    log.debug("Watchlist | added \(instrument.symbol) \(instrument.venue.rawValue)")
    for feed in Feed.allCases { gaps.watch(Subject(instrument, feed), at: now.wall) }
    for feed in options.feeds where feed.channelKind != nil { want(instrument, feed) }
    if !hours.polls(instrument) && !isPauseSaid { isPauseUnsaid = true }
    refit(now)
  }

  private func remove(_ instrument: Instrument, _ now: Moment) {
    guard watchlist.remove(instrument) else {
      return warn("\(instrument.symbol) is not watched")
    }
    log.info("Watchlist | removed \(instrument.symbol) \(instrument.venue.rawValue)")
    lane.withdraw { $0 == .price(instrument) }
    for feed in Feed.allCases {
      let subject = Subject(instrument, feed)
      dropGap(subject, now)
      busy.remove(subject)
      refused.remove(subject)
      if feed.channelKind != nil { unwant(instrument, feed) }
    }
    refit(now)
  }
}
