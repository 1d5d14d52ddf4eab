import JSONBytes
import KIS
import Plumbing

/// What was not observed, written down.
extension Fetcher {
  /// Opens a gap since the last observation.
  func beginGap(_ subject: Subject, _ reason: GapReason, _ now: Moment, detail: String?) {
    guard !options.once else { return }
    let from = lastGood[subject] ?? now.wall
    if let record = gaps.begin(subject, reason, from: from, at: now.wall, detail: detail) {
      write(record, now)
    }
  }

  /// Closes a gap, if one is open: the subject was observed again.
  func endGap(_ subject: Subject, _ now: Moment) {
    guard gaps.count > 0, let record = gaps.end(subject, at: now.wall) else { return }
    write(record, now)
  }

  /// Writes a gap that is over as soon as it is known: a symbol that will not be asked for again.
  func closeForGood(_ subject: Subject, _ detail: String, _ now: Moment) {
    gaps.forget(subject)
    write(
      GapRecord(
        subject: subject, reason: .noData, from: lastGood[subject] ?? now.wall, to: now.wall,
        isOpen: false, detail: detail), now)
  }

  /// Appends a gap to the output.
  func write(_ record: GapRecord, _ now: Moment) {
    builder.append(
      observation(record), at: SnapshotMoment(timestampMilliseconds: now.wall, source: source(of: record)),
      to: &output.buffer)
    gapLines += 1
    gapsByReason[record.reason, default: 0] += 1
    let seconds = (record.to - record.from) / 1000
    gapNotes.report(to: log, now: now.monotonic) {
      "Gap | symbol=\(record.subject.instrument.symbol) reason=\(record.reason.rawValue) seconds=\(seconds)"
        + " severity=\(record.severity.rawValue)" + (record.isOpen ? " (lasting)" : "")
    }
  }

  func observation(_ record: GapRecord) -> ObservationGap {
    ObservationGap(
      symbol: record.subject.instrument.symbol, venue: record.subject.instrument.venue,
      feed: record.subject.feed,
      reason: record.reason.rawValue,
      from: record.from, to: record.to, severity: record.severity.rawValue, detail: record.detail)
  }

  private func source(of record: GapRecord) -> TickSource {
    record.subject.feed.channelKind == nil ? .rest : .websocket
  }
}
