import KIS
import Plumbing

/// Frames that cannot be read: counted, kept, and a gap for what they held.
extension Fetcher {
  func refuse(
    _ frame: UnsafeBufferPointer<UInt8>, _ fault: FrameFault, _ isUnreadable: Bool,
    _ session: RealtimeLane, _ now: Moment
  ) {
    rejects?.add(frame, at: now.wall)
    // The name of a channel that is not known is the server's text.
    let what = SecretMask.mask(fault.description)
    var isNamed = false
    if let channel = fault.channel {
      FrameSuspects.visit(frame, of: channel) { symbol in
        guard let subject = session.subjects[channel, symbol] else { return }
        isNamed = true
        beginGap(subject, .unreadable, now, detail: what)
      }
    }
    guard isUnreadable else { return }
    let place =
      switch rejects {
      case nil: "; --rejects FILE would keep them"
      case let rejects? where rejects.isFull: "; they are not kept: \(rejects.path) is full"
      case let rejects?: "; they are kept in \(rejects.path)"
      }
    log.warning("Feed unreadable | \(fault)\(place)")
    if !isNamed {
      // What names no channel may be of any.
      for subject in subjects(of: fault.channel, session) {
        beginGap(subject, .unreadable, now, detail: what)
      }
    }
  }

  /// A registration was confirmed: it observes nothing while its channel cannot be read.
  func doubt(_ subject: Subject, _ session: RealtimeLane, _ now: Moment) {
    guard let channel = subject.channel, session.account.isUnreadable(channel) else { return }
    beginGap(subject, .unreadable, now, detail: "no frame of \(channel) can be read")
  }

  /// A channel that was unreadable is readable again.
  func recover(_ channel: Channel, _ session: RealtimeLane, _ now: Moment) {
    log.info("Feed readable again | \(channel)")
    let unreadable = gaps.subjects(.unreadable)
    for subject in subjects(of: channel, session) where unreadable.contains(subject) { endGap(subject, now) }
  }

  /// Writes refused frames out, once a turn. A full disk costs the frames, never the snapshots.
  func flushRejects(_ now: Moment) {
    guard let rejects else { return }
    do {
      guard try rejects.flush() else { return }
      log.warning(
        "Refused frames not kept | no room in \(rejects.path) (\(FrameRejects.limit >> 20) MiB): move it away, and the next"
          + " are kept")
    } catch {
      notes.tell(.trouble, now.monotonic) { "Refused frames not kept | \(error)" }
    }
  }

  /// What is registered on a channel; nil: on any.
  private func subjects(of channel: Channel?, _ session: RealtimeLane) -> [Subject] {
    session.subjects.all.filter { channel == nil || $0.channel == channel }
      .sorted { $0.instrument.symbol < $1.instrument.symbol }
  }
}
