import KIS
import Plumbing

/// Trades that are missing: told as gap records, before the record that shows them.
extension Fetcher {
  /// Judges a record that is about to be written.
  @inline(__always)
  func judge(_ record: FrameRecord, _ subject: Subject, _ now: Moment) {
    if gaps.count > 0 { settleGap(of: record, subject, now) }
    if trades.judge(record, at: now.wall, subject) { tellNews(now) }
  }

  /// A record ends the gap of its symbol, and says what it has cost.
  private func settleGap(of record: FrameRecord, _ subject: Subject, _ now: Moment) {
    guard trades.judges(record, at: now.wall), let end = gaps.saw(subject, at: now.wall) else { return }
    if !trades.hold(caused(end)) { write(end, now) }
  }

  /// A registration is answered: the gap is over, and the next record says what it has cost.
  func endGapAwaitingTrade(_ subject: Subject, _ now: Moment) {
    guard let end = gaps.saw(subject, at: now.wall) else { return }
    if trades.hold(caused(end)) { tellNews(now) } else { write(end, now) }
  }

  /// The symbol has no registration any more: somebody else observes it, or nobody.
  func leave(_ subject: Subject, _ now: Moment) {
    endGap(subject, now)
    trades.leave(subject)
    tellNews(now)
  }

  /// Lets ends of gaps go that no record has settled.
  func releaseGaps(_ now: Moment) {
    guard let due = trades.nextRelease, due <= now.wall else { return }
    trades.release(at: now.wall)
    tellNews(now)
  }

  /// Lets all of them go, at the end of a run.
  func releaseAllGaps(_ now: Moment) {
    trades.release(at: nil)
    tellNews(now)
  }

  /// Writes what the ledger has to tell.
  func tellNews(_ now: Moment) { for record in trades.takeNews() { write(record, now) } }

  /// Whose doing a gap is.
  func caused(_ gap: GapRecord) -> GapRecord {
    guard gap.cause == nil, gap.reason == .webSocketLost || gap.reason == .webSocketSilent else { return gap }
    var gap = gap
    gap.cause = trades.cause(of: gap)
    return gap
  }

  /// Notes whether the exchange could be listened to since the turn before.
  func noteDeafness(_ now: Moment) {
    let isListening = keys.sessions.contains { $0.silence != nil }
    if let deafness = hearing.turn(now, isFull: output.isFull, isWaiting: output.isWaiting, isListening) {
      trades.note(deafness)
    }
  }
}

// MARK: - Metrics
extension Fetcher {
  /// What was verified and what is missing.
  func appendCompleteness(_ now: Moment, _ text: inout MetricsText) {
    let venues = trades.counts(at: now.wall)
    func each(_ value: (TradeLedger.VenueCounts) -> Int64) -> [(String, Double)] {
      venues.map { ($0.venue.rawValue, Double(value($0.counts))) }
    }
    func causes(_ value: (TradeCounts, LossCause) -> Int64) -> [(String, String, Double)] {
      venues.flatMap { venue, sums in
        LossCause.allCases.map { (venue.rawValue, $0.rawValue, Double(value(sums.counts, $0))) }
      }
    }
    text.put(.verifiedTrades, each(\.counts.verified))
    text.put(.tradeShares, each(\.counts.shares))
    text.put(.missedTrades, causes { $0.missedTrades(by: $1) })
    text.put(.missedShares, causes { $0.missedShares(by: $1) })
    text.put(.duplicateTrades, each(\.counts.duplicates))
    text.put(.reversedTrades, each(\.counts.reversals))
    text.put(.unverifiableTrades, each(\.counts.unverifiable))
    text.put(.suspectedTrades, each(\.suspected.trades))
    text.put(.suspectedShares, each(\.suspected.shares))
    text.put(.recentShares, each(\.recentShares))
    text.put(.recentMissedShares, each(\.recentMissed))
    text.put(.unfitChannels, venues.flatMap(\.counts.unfit).map { ($0.transactionID, 1.0) })
  }
}
