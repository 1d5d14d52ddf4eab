import KIS
import Plumbing

/// What the polled feeds tell, turned into calls, gaps and log lines.
extension Fetcher {
  /// Lets the rounds go on.
  func advancePolling(_ now: Moment) {
    guard !options.once else { return }
    polling.advance(
      now, callers: keys.callers.count, isInputWaiting: loop.ready(Key.input) != 0,
      isQueued: { keys.isQueued($0, now) }
    ) { take($0, now) }
  }

  func take(_ event: PollEvent, _ now: Moment) {
    switch event {
    case .call(let work): keys.enqueue(work)
    case .watch(let subject): gaps.watch(subject, at: now.wall)
    case .drop(let subject): dropGap(subject, now)
    case .missed(let subject, let reason, let text): beginGap(subject, reason, now, detail: text)
    case .late(let subject, let reason, let text):
      if !gaps.isOpen(subject) { beginGap(subject, reason, now, detail: text) }
    case .note(let note, let text): notes.tell(note, now.monotonic) { text }
    }
  }
}
