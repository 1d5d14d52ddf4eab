import JSONBytes
import KIS
import Plumbing

/// What the real-time session tells, turned into snapshots, gaps and log lines.
extension Fetcher {
  /// Lets the session work.
  func advanceRealtime(_ now: Moment) { realtime?.advance(now) { take($0, now) } }

  private func take(_ event: RealtimeEvent, _ now: Moment) {
    switch event {
    case .frame(let frame): take(frame, now)
    case .message(let bytes): recorder?.webSocket(bytes, at: now.wall)
    case .approvalWanted: lane.enqueue(.approval)
    case .observed(let subject, let isRegistered):
      if isRegistered { refused.forget(subject) }
      endGap(subject, now)
    case .attended(let subject, let until): gaps.attended(subject, until: until)
    case .missed(let subject, let reason, let text, let isHeld):
      // What is only about to be registered may be polled as yet.
      guard isHeld || !overflow.list.contains(subject.instrument) else { return }
      beginGap(subject, reason, now, detail: text)
    case .refused(let subject, let text): rest(subject, text, now)
    case .readable(let channel): recover(channel, now)
    case .refusedFrame(let bytes, let fault, let isUnreadable): refuse(bytes, fault, isUnreadable, now)
    case .note(let note, let text): notes.tell(note, now.monotonic) { text }
    case .stop(let failure): stop(failure, now)
    }
  }

  /// The answer to a call for an approval key.
  func takeApproval(_ answer: RestAnswer, _ now: Moment) {
    guard let key = answer.json?["approval_key"]?.string, (1...512).contains(key.utf8.count) else {
      return stop(ToolFailure(.unavailable, "Approval: the answer holds no usable approval_key"), now)
    }
    let approval = Secret(key)
    approval.hide()
    realtime?.approve(approval, now) { take($0, now) }
  }

  /// The approval call fails.
  func approvalFails(_ text: String, _ now: Moment) {
    realtime?.approvalFails(text) { take($0, now) }
  }

  /// Once a turn: what has no room in the session any more is polled, and what has got room is not.
  func settleOverflow(_ now: Moment) {
    guard let realtime else { return }
    let changes = realtime.takeOverflowChanges()
    guard !changes.isEmpty else { return }
    let before = overflow.list.count
    let isPolledAnyway = options.feeds.contains(overflowFeed)
    for (registration, isOverflow) in changes {
      let named = Instrument(registration.symbol, registration.channel.venue)
      let instrument = watchlist.own(named) ?? named
      guard overflow.note(instrument, isOverflow: isOverflow) else { continue }
      isRefitDue = true
      if isPolledAnyway { continue }
      let subject = Subject(instrument, overflowFeed)
      if isOverflow {
        gaps.watch(subject, at: now.wall)
      } else {
        dropGap(subject, now)
        refused.forget(subject)
      }
    }
    let count = overflow.list.count
    guard count > before else { return }
    notes.tell(.odd, now.monotonic) {
      let last = changes.last { $0.isOverflow }
      return "Registrations full | limit=\(realtime.plan.limit); \(count) symbols are polled over REST,"
        + " the last is \(last?.registration.symbol ?? "")"
    }
  }

  // MARK: - Records

  private func take(_ frame: Frame, _ now: Moment) {
    // While the session says goodbye, for whatever reason, what still comes is still observed, if it can go anywhere.
    guard let realtime, !output.isGone else { return }
    realtime.counts.records += frame.count
    let moment = SnapshotMoment(timestampMilliseconds: now.wall, source: .websocket)
    for index in 0..<frame.count { take(frame[index], realtime, moment, now) }
  }

  @inline(__always)
  private func take(_ record: FrameRecord, _ realtime: RealtimeLane, _ moment: SnapshotMoment, _ now: Moment)
  {
    guard let subject = realtime.subject(of: record) else {
      return notes.tell(.odd, now.monotonic) {
        "Record skipped | \(record.symbol) is not watched on \(record.channel)"
      }
    }
    if let count = options.count, snapshots >= count { return }
    guard builder.append(record, at: moment, to: &output.buffer) else {
      gaps.attended(subject, until: now.wall)
      return beginGap(subject, .noData, now, detail: "a record without a price")
    }
    endGap(subject, now)
    count(subject.feed, record.channel.venue, now)
    notes.tell(.received, now.monotonic) { "Snapshot received | symbol=\(subject.instrument.symbol)" }
  }
}

/// Instruments of which at least one registration has no room, in the order in which that happened.
struct Overflow {
  /// The instruments.
  private(set) var list = Watchlist()
  private var counts: [Instrument: Int] = [:]

  /// One registration of an instrument came to have no room, or has it no longer. True when that moved the
  /// instrument.
  mutating func note(_ instrument: Instrument, isOverflow: Bool) -> Bool {
    let count = (counts[instrument] ?? 0) + (isOverflow ? 1 : -1)
    counts[instrument] = count > 0 ? count : nil
    return count > 0 ? list.add(instrument) : list.remove(instrument) != nil
  }
}
