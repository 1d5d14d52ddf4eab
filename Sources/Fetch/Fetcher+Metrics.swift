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
      common.linesIn = input.number
      common.linesOut = counts.snapshots + counts.gapLines
      common.bytesOut = output.bytesWritten
      common.lastLine = counts.lastSnapshot
      common.append(to: &text)
      text.put(.snapshots, Feed.allCases.map { ($0.rawValue, counts.tally[$0]) })
      text.put(.serviceInfo, [(options.restURL, 1)])
      appendWatchlist(unknown.count, &text)
      appendPace(now, &text)
      appendGaps(&text)
      appendCompleteness(now, &text)
      keys.appendCalls(now, &text)
      if keys.hasSessions {
        keys.appendSessions(
          now, refused: watched.refused.subjects.count { !$0.feed.isPolled }, &text)
        if let rejects { text.put(.framesKept, rejects.kept) }
      }
      keys.appendKeys(&text)
      text.put(.oddValues, builder.complaints.counts.map { ($0.kind, $0.count) })
    }
    if !options.once { writeBoard(now) }
  }

  /// Says what was done so far, and what was left out of the log.
  func summarise(_ what: String) {
    notes.finish()
    var line =
      "\(what) | snapshots=\(counts.snapshots) gaps=\(counts.gapLines) lines=\(input.number) calls=\(keys.calls)"
    if keys.hasSessions {
      let all = keys.counts
      line += " frames=\(all.frames) records=\(all.records) connections=\(all.connections)"
    }
    log.info(line)
  }

  /// Counts a snapshot.
  func count(_ subject: Subject, _ now: Moment) { counts.add(subject, now.wall) }

  private func appendWatchlist(_ unknown: Int, _ text: inout MetricsText) {
    text.put(.watchedSymbols, Double(watched.list.count))
    text.put(.watchedSymbolsByVenue, watched.list.countsByPlace.map { ($0.label, Double($0.count)) })
    text.put(.unknownSymbols, Double(unknown))
    let byFeed = watched.refused.subjects.reduce(into: [Feed: Double]()) { $0[$1.feed, default: 0] += 1 }
    text.put(.refusedSymbols, Feed.allCases.map { ($0.rawValue, byFeed[$0] ?? 0) })
    text.put(.ignoredLines, input.ignored.count)
  }

  /// Instruments that are refused, or answered without data, on every feed that they are asked for on. A symbol
  /// that is registered and does not trade is not counted: it looks like a quiet one.
  private var unknownSymbols: [Instrument] {
    let empty = gaps.subjects(.noData)
    let asked = [AnyCollection(empty), AnyCollection(watched.refused.subjects)].joined().lazy.filter {
      self.isAsked($0)
    }
    return Set(asked.map(\.instrument)).filter { instrument in
      Feed.allCases.allSatisfy { feed in
        let subject = Subject(instrument, feed)
        return empty.contains(subject) || watched.refused.contains(subject) || !isAsked(subject)
      }
    }
  }

  /// Whether the watchlist asks for it now, refused or not: in rounds, or by a registration that has room.
  private func isAsked(_ subject: Subject) -> Bool {
    guard let channel = subject.channel else {
      return polling.listed(subject.feed)?.contains(subject.instrument) ?? false
    }
    guard watched.list.contains(subject.instrument),
      (watched.list.note(of: subject.instrument).feeds ?? options.feeds).contains(subject.feed)
    else { return false }
    let registration = Registration(channel, subject.instrument.symbol)
    return !keys.sessions.isEmpty && !keys.isOverflow(registration)
  }

  private func appendGaps(_ text: inout MetricsText) {
    text.put(.gaps, GapReason.allCases.map { ($0.rawValue, counts.gapsByReason[$0] ?? 0) })
    text.put(.gapsOpen, Double(gaps.count))
  }
}
