import KIS
import Plumbing

/// Refused symbols are asked for again: slowly, or when their line is given again.
extension Fetcher {
  /// One symbol is refused: it is a gap, and asked for again later.
  func suspend(_ subject: Subject, _ reason: GapReason, _ text: String, _ now: Moment) {
    let wait = watched.refused.refuse(subject, at: now)
    polling.changed()
    notes.tell(.refusal, now.monotonic) {
      "Symbol refused | symbol=\(subject.instrument.symbol) feed=\(subject.feed.rawValue) \(text) | asked again in"
        + " \(wait.wholeSeconds) s, at midnight (KST), or when its line is given again"
    }
    beginGap(subject, reason, now, detail: text)
  }

  /// Asks again for symbols that have waited long enough.
  func askAgain(_ now: Moment) {
    for subject in watched.refused.takeDue(at: now) { ask(subject, now) }
  }

  /// The line of a watched symbol was given again.
  func askAtOnce(_ instrument: Instrument, _ now: Moment) {
    for feed in Feed.allCases where watched.refused.wish(Subject(instrument, feed), at: now) {
      ask(Subject(instrument, feed), now)
    }
  }

  private func ask(_ subject: Subject, _ now: Moment) {
    log.debug("Asked again | symbol=\(subject.instrument.symbol) feed=\(subject.feed.rawValue)")
    polling.changed()
    keys.want(subject.instrument, subject.feed)
  }
}
