import KIS
import Plumbing

/// What the trigger tells about itself.
extension Fetcher {
  /// Keeps the metrics file, when it is due.
  func writeMetrics(_ now: Moment) {
    guard Metrics.isOn else { return }
    let unknown = unknownSymbols
    tellSymbols(unknown)
    Metrics.write(now.monotonic) { text in
      var common = StageMetrics()
      common.linesIn = lineNumber
      common.linesOut = snapshots + gapLines
      common.bytesOut = output.bytesWritten
      common.lastLine = lastSnapshot
      common.append(to: &text)
      text.put(.snapshots, Feed.allCases.map { ($0.rawValue, tally[$0]) })
      text.put(.serviceInfo, [(options.restURL, 1)])
      appendWatchlist(unknown.count, &text)
      appendPace(now, &text)
      appendGaps(&text)
      appendRest(now, &text)
      if let realtime { append(realtime, now, &text) }
    }
  }

  /// Says what was done so far, and what was left out of the log.
  func summarise(_ what: String) {
    notes.finish()
    var line = "\(what) | snapshots=\(snapshots) gaps=\(gapLines) lines=\(lineNumber) calls=\(lane.calls)"
    if let realtime {
      line +=
        " frames=\(realtime.counts.frames) records=\(realtime.counts.records) connections=\(realtime.counts.connections)"
    }
    log.info(line)
  }

  /// Counts a snapshot.
  func count(_ feed: Feed, _ venue: Venue, _ now: Moment) {
    snapshots += 1
    tally.add(feed, venue)
    lastSnapshot = now.wall
  }

  private func appendWatchlist(_ unknown: Int, _ text: inout MetricsText) {
    text.put(.watchedSymbols, Double(watchlist.count))
    text.put(.watchedSymbolsByVenue, Venue.allCases.map { ($0.rawValue, Double(watchlist.count(at: $0))) })
    text.put(.unknownSymbols, Double(unknown))
    let byFeed = refused.subjects.reduce(into: [Feed: Double]()) { $0[$1.feed, default: 0] += 1 }
    text.put(.refusedSymbols, Feed.allCases.map { ($0.rawValue, byFeed[$0] ?? 0) })
    text.put(.ignoredLines, ignored.count)
  }

  /// Instruments that are refused, or answered without data, on every feed that they are asked for on. A symbol
  /// that was registered and does not trade is none: nothing tells it from a quiet one.
  private var unknownSymbols: [Instrument] {
    let empty = gaps.subjects(.noData)
    let asked = [AnyCollection(empty), AnyCollection(refused.subjects)].joined().lazy.filter {
      self.isAsked($0)
    }
    return Set(asked.map(\.instrument)).filter { instrument in
      Feed.allCases.allSatisfy { feed in
        let subject = Subject(instrument, feed)
        return empty.contains(subject) || refused.contains(subject) || !isAsked(subject)
      }
    }
  }

  /// Whether the watchlist asks for it now, refused or not: in rounds, or by a registration that has room.
  private func isAsked(_ subject: Subject) -> Bool {
    guard let kind = subject.feed.channelKind else {
      return listed(subject.feed)?.contains(subject.instrument) ?? false
    }
    guard options.feeds.contains(subject.feed), watchlist.contains(subject.instrument) else { return false }
    let registration = Registration(Channel(kind, subject.instrument.venue), subject.instrument.symbol)
    return realtime.map { !$0.plan.isOverflow(registration) } ?? false
  }

  private func appendGaps(_ text: inout MetricsText) {
    text.put(.gaps, GapReason.allCases.map { ($0.rawValue, gapsByReason[$0] ?? 0) })
    text.put(.gapsOpen, Double(gaps.count))
  }

  private func appendRest(_ now: Moment, _ text: inout MetricsText) {
    let counts = lane.counts
    text.put(.requests, counts.byResult)
    text.put(.answersRepaired, counts.repairedAnswers)
    text.put(.failuresInRow, Double(counts.failuresInRow))
    text.put(.lastFailure, counts.lastFailure.map { [($0.rawValue, 1)] } ?? [])
    text.put(.lastSuccess, counts.lastSuccess.map { Double($0) / 1000 })
    text.put(.limiterWaits, counts.limiterWaits)
    text.put(.limiterWait, Double(counts.limiterWait) / 1_000_000_000)
    text.put(.clockOffset, counts.clockOffset.map { Double($0) / 1000 })
    let token = lane.keeper.token
    text.put(.tokenAge, token.map { Double(now.wall - $0.issued) / 1000 })
    text.put(.tokenExpiry, token.map { Double($0.expires) / 1000 })
  }

  private func append(_ realtime: RealtimeLane, _ now: Moment, _ text: inout MetricsText) {
    func seconds(_ time: Int64?) -> Double? { time.map { Double($0) / 1_000_000_000 } }
    let counts = realtime.counts
    let age = realtime.age(at: now.monotonic)
    text.put(.webSocketConnected, age == nil ? 0 : 1)
    text.put(.reconnects, max(0, counts.connections - 1))
    text.put(.webSocketFrames, counts.frames)
    text.put(.webSocketOpen, seconds(age))
    text.put(.pingPongIdle, seconds(counts.idleBeforePing))
    text.put(.webSocketSilence, seconds(realtime.silence))
    text.put(
      .registrations,
      [
        ("wanted", Double(realtime.subjects.count)), ("held", Double(realtime.plan.held)),
        ("confirmed", Double(realtime.plan.active)), ("overflow", Double(realtime.plan.overflowCount)),
        ("refused", Double(refused.subjects.count { $0.feed.channelKind != nil })),
        ("unanswered", Double(realtime.plan.unanswered)),
      ])
    text.put(.registrationLimit, Double(realtime.plan.limit))
    text.put(.layoutDrift, counts.drifts)
    append(realtime.account, &text)
    if let rejects {
      text.put(.framesKept, rejects.kept)
    }
  }

  /// What could be read, for each channel that sent anything.
  private func append(_ account: FrameAccount, _ text: inout MetricsText) {
    let heard = Channel.all.filter { account[$0].read + account[$0].refused > 0 }
    func each(_ value: (FrameAccount.Reading) -> Int) -> [(String, Int)] {
      heard.map { ($0.transactionID, value(account[$0])) }
    }
    text.put(.framesRefused, account.refused)
    text.put(.channelFramesRead, each(\.read))
    text.put(.channelFramesRefused, each(\.refused))
    text.put(.channelRefusedInRow, each(\.inRow).map { ($0, Double($1)) })
    text.put(
      .channelLastRefusal,
      heard.compactMap { channel in
        account[channel].lastColumn.map {
          (channel.transactionID, $0, Double(account[channel].lastAt) / 1000)
        }
      })
  }
}
