import Plumbing

/// How something is told in the log.
enum FetchNote {
  /// As it happens.
  case debug, info, warning
  /// Often, and then summarised.
  case received, trouble, gap, loss, odd, ignored, refusal, removal
}

/// The log of a run: what happens often is told once and then counted.
struct FetchNotes {
  let log: Log
  private var received = RepeatedMessage(.info)
  private var troubles = RepeatedMessage(.warning)
  private var gaps = RepeatedMessage(.warning)
  private var losses = RepeatedMessage(.warning)
  private var oddities = RepeatedMessage(.warning)
  private var ignored = RepeatedMessage(.warning)
  private var refusals = RepeatedMessage(.warning)
  private var removals = RepeatedMessage(.info)

  init(_ log: Log) { self.log = log }

  /// Tells something at `now`, monotonic. `text` is made only when it is written.
  @inline(__always)
  mutating func tell(_ note: FetchNote, _ now: Nanoseconds, _ text: () -> String) {
    switch note {
    case .debug: log.write(.debug, text)
    case .info: log.write(.info, text)
    case .warning: log.write(.warning, text)
    case .received: received.report(to: log, now: now, text)
    case .trouble: troubles.report(to: log, now: now, text)
    case .gap: gaps.report(to: log, now: now, text)
    case .loss: losses.report(to: log, now: now, text)
    case .odd: oddities.report(to: log, now: now, text)
    case .ignored: ignored.report(to: log, now: now, text)
    case .refusal: refusals.report(to: log, now: now, text)
    case .removal: removals.report(to: log, now: now, text)
    }
  }

  /// Says what was left out.
  mutating func finish() {
    received.finish(to: log, "Snapshot received")
    gaps.finish(to: log, "Gap")
    losses.finish(to: log, "WebSocket lost")
    troubles.finish(to: log, "REST trouble")
    oddities.finish(to: log, "Skipped")
    ignored.finish(to: log, "Watchlist lines ignored")
    refusals.finish(to: log, "Symbols refused")
    removals.finish(to: log, "Watchlist | removed")
  }
}
