import KIS
import Plumbing

/// Frames that cannot be read: counted, kept, and a gap for what they held.
extension Fetcher {
  func refuse(_ frame: UnsafeBufferPointer<UInt8>, _ fault: FrameFault, _ now: Moment) {
    guard let realtime else { return }
    oddities.report(to: log, now: now.monotonic) { "Frame skipped | \(fault)" }
    realtime.rejects?.add(frame, at: now.wall)
    let isUnreadable = realtime.account.refused(fault, at: now.wall)
    guard let channel = fault.channel else { return }
    var isNamed = false
    FrameSuspects.visit(frame) { symbol in
      guard let number = Realtime.number(channel, symbol), let subject = realtime.known[number] else {
        return
      }
      isNamed = true
      beginGap(subject, .unreadable, now, detail: fault.description)
    }
    guard isUnreadable else { return }
    let place = options.rejects.map { "; they are kept in \($0)" } ?? "; --rejects FILE would keep them"
    log.warning("Feed unreadable | \(fault)\(place)")
    if !isNamed {
      for subject in subjects(of: channel) { beginGap(subject, .unreadable, now, detail: fault.description) }
    }
  }

  /// A channel that was unreadable is readable again.
  func recover(_ channel: Channel, _ now: Moment) {
    log.info("Feed readable again | \(channel)")
    let unreadable = gaps.subjects(.unreadable)
    for subject in subjects(of: channel) where unreadable.contains(subject) { endGap(subject, now) }
  }

  /// Writes refused frames out, once a turn. A full disk costs the frames, never the snapshots.
  func flushRejects(_ now: Moment) {
    do { try realtime?.rejects?.flush() } catch {
      troubles.report(to: log, now: now.monotonic) { "Refused frames not kept | \(error)" }
    }
  }

  private func subjects(of channel: Channel) -> [Subject] {
    guard let known = realtime?.known.values else { return [] }
    return known.filter { $0.feed == channel.feed && $0.instrument.venue == channel.venue }
      .sorted { $0.instrument.symbol < $1.instrument.symbol }
  }
}
