import JSONBytes
import KIS
import Plumbing

/// What the real-time session tells, turned into snapshots, gaps and log lines.
extension Fetcher {
  /// Lets the sessions work.
  func advanceRealtime(_ now: Moment) {
    for key in keys.keys {
      if let session = key.realtime { session.advance(now) { take($0, key, session, now) } }
      if let session = key.leaving {
        session.advance(now) { take($0, key, session, now) }
        key.closeIfDue(at: now.monotonic)
      }
    }
  }

  func take(_ event: RealtimeEvent, _ key: KeyLane, _ session: RealtimeLane, _ now: Moment) {
    switch event {
    case .frame(let frame): take(frame, session, now)
    case .message(let bytes): recorder?.webSocket(bytes, at: now.wall)
    case .approvalWanted: key.rest.enqueue(.approval)
    case .observed(let subject, let isRegistered):
      if isRegistered { watched.refused.forget(subject) }
      if isRegistered { endGapAwaitingTrade(subject, now) } else { leave(subject, now) }
      if isRegistered { doubt(subject, session, now) }
    case .attended(let subject, let until): gaps.attended(subject, until: until)
    case .missed(let subject, let reason, let text, let isHeld):
      // A symbol whose registration is not sent yet may still be polled.
      guard isHeld || !polling.overflow.list.contains(subject.instrument) else { return }
      beginGap(subject, reason, now, detail: text)
    case .refused(let subject, let text): suspend(subject, .noData, text, now)
    case .readable(let channel): recover(channel, session, now)
    case .refusedFrame(let bytes, let fault, let isUnreadable):
      refuse(bytes, fault, isUnreadable, session, now)
    case .note(let note, let text): notes.tell(note, now.monotonic) { named(text, key) }
    case .stop(let failure): sessionFails(key, failure, now)
    }
  }

  /// With several keys the text after the bar names the key.
  private func named(_ text: String, _ key: KeyLane) -> String {
    guard keys.keys.count > 1, let bar = text.firstRange(of: " | ") else { return text }
    return "\(text[..<bar.upperBound])\(label(key))\(text[bar.upperBound...])"
  }

  /// The answer to a call for an approval key.
  func takeApproval(_ answer: RestAnswer, _ key: KeyLane, _ now: Moment) {
    guard let text = answer.approvalKey, let session = key.realtime else { return }
    let approval = Secret(text)
    approval.hide()
    session.approve(approval, now) { take($0, key, session, now) }
  }

  /// The approval call fails.
  func approvalFails(_ text: String, _ key: KeyLane, _ now: Moment) {
    guard let session = key.realtime else { return }
    session.approvalFails(text) { take($0, key, session, now) }
  }

  /// Once a turn: polls symbols that have lost their room in the session, and stops polling those that have got room.
  func settleOverflow(_ now: Moment) {
    keys.balance()
    for session in keys.sessions { settle(session.takeOverflowChanges(), now) }
  }

  func settle(_ changes: [(registration: Registration, isOverflow: Bool)], _ now: Moment) {
    guard !changes.isEmpty else { return }
    let before = polling.overflow.list.count
    for (registration, isOverflow) in changes {
      let row = registration.channel.row
      let named = Instrument(registration.symbol, row.venue, row.product)
      let instrument = watched.list.own(named) ?? named
      guard row.hasStandIn else {
        tellNoRoom(Subject(instrument, row.feed), isOverflow: isOverflow, now)
        continue
      }
      // Symbols that wait for a new registration are polled from here on.
      if isOverflow { leave(Subject(instrument, registration.channel.feed), now) }
      polling.note(instrument, isOverflow: isOverflow) { take($0, now) }
    }
    let count = polling.overflow.list.count
    guard count > before else { return }
    notes.tell(.odd, now.monotonic) {
      let last = changes.last { $0.isOverflow }
      return "Registrations full | limit=\(keys.limit); \(count) symbols are polled over REST,"
        + " the last is \(last?.registration.symbol ?? "")"
    }
  }

  /// A registration without room that nothing can stand in for.
  private func tellNoRoom(_ subject: Subject, isOverflow: Bool, _ now: Moment) {
    guard isOverflow else { return endGap(subject, now) }
    let name = "\(subject.instrument.product.rawValue):\(subject.instrument.symbol) \(subject.feed.rawValue)"
    let text =
      "sessions take \(keys.limit) registrations and no REST call replaces \(subject.feed.rawValue)"
    notes.tell(.odd, now.monotonic) {
      "No room | \(name) is not observed: \(text); remove lines, or give them fewer feeds"
    }
    beginGap(subject, .rateLimit, now, detail: text)
  }

  // MARK: - Records

  private func take(_ frame: Frame, _ session: RealtimeLane, _ now: Moment) {
    // While the session says goodbye, for whatever reason, what still comes is still observed, if it can go anywhere.
    guard !output.isGone else { return }
    session.counts.records += frame.count
    let moment = SnapshotMoment(time: now.wall, source: .websocket)
    trades.begin(frame)
    for index in 0..<frame.count { take(frame[index], session, moment, now) }
    put(now) { output throws(ToolFailure) in try output.flushPortion() }
    if now.monotonic >= board.captureDue { sampleCapture(frame, now) }
  }

  @inline(__always)
  private func take(_ record: FrameRecord, _ session: RealtimeLane, _ moment: SnapshotMoment, _ now: Moment) {
    guard let subject = session.subject(of: record) else {
      session.counts.skippedRecords += 1
      return notes.tell(.odd, now.monotonic) {
        "Record skipped | \(record.symbol) is not watched on \(record.channel)"
      }
    }
    if let count = options.count, counts.snapshots >= count { return }
    judge(record, subject, now)
    guard builder.append(record, at: moment, to: &output.buffer) else {
      gaps.attended(subject, until: now.wall)
      return beginGap(subject, .noData, now, detail: "a record without a value")
    }
    endGap(subject, now)
    count(subject, now)
    notes.tell(.received, now.monotonic) { "Snapshot received | symbol=\(subject.instrument.symbol)" }
  }
}
