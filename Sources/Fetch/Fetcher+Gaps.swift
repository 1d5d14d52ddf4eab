import JSONBytes
import KIS
import Plumbing

/// Gaps of everything that is waited for, while they are being opened: some each turn, so that the loop hears signals.
struct GapSweep {
  let subjects: [Subject]
  let reason: GapReason
  let text: String
  var next = 0
}

/// What was not observed, written down.
extension Fetcher {
  /// Continues a sweep, without the subjects that were answered meanwhile.
  func walkSweep(_ now: Moment) {
    guard var rest = sweep else { return }
    let end = min(rest.next + 1024, rest.subjects.count)
    for subject in rest.subjects[rest.next..<end] where polling.asked.contains(subject) {
      beginGap(subject, rest.reason, now, detail: rest.text)
    }
    rest.next = end
    sweep = end < rest.subjects.count ? rest : nil
  }

  /// Opens a gap since the last observation.
  func beginGap(_ subject: Subject, _ reason: GapReason, _ now: Moment, detail: String?) {
    // At the end of a run all gaps were closed: what goes wrong while it says goodbye opens no new one.
    guard !options.once, ending == nil, polling.isDue(subject) else { return }
    trades.release(subject)
    tellNews(now)
    if let record = gaps.miss(subject, reason, at: now.wall, detail: detail) { write(record, now) }
  }

  /// The subject is observed: closes its gap, if one is open.
  func endGap(_ subject: Subject, _ now: Moment) {
    if let record = gaps.saw(subject, at: now.wall) { write(record, now) }
  }

  /// The subject is no longer watched.
  func dropGap(_ subject: Subject, _ now: Moment) {
    if let record = gaps.drop(subject, at: now.wall) { write(record, now) }
    trades.forget(subject)
    tellNews(now)
  }

  /// Appends a gap to the output.
  func write(_ record: GapRecord, _ now: Moment) {
    let record = caused(record)
    builder.append(
      record, at: SnapshotMoment(time: now.wall, source: source(of: record)),
      to: &output.buffer)
    counts.add(gap: record.reason)
    board.note(record)
    let seconds = (record.to - record.from) / 1000
    notes.tell(.gap, now.monotonic) {
      "Gap | symbol=\(record.subject.instrument.symbol) reason=\(record.reason.rawValue) seconds=\(seconds)"
        + " severity=\(record.severity.rawValue)"
        + (record.missed.map { " missed_trades=\($0.trades) missed_volume=\($0.shares)" } ?? "")
        + (record.isFinal ? "" : " (lasting)")
    }
  }

  private func source(of record: GapRecord) -> TickSource {
    record.subject.feed.isPolled ? .rest : .websocket
  }
}
