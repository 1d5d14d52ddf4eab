import KIS
import Plumbing

/// How a connection begins, is given up, comes again, and ends.
extension RealtimeLane {
  // MARK: - Beginning

  func begin(_ now: Moment, _ emit: Emit) {
    if approval.isFresh(now.monotonic) { return open(now, emit) }
    phase = .approving
    emit(.approvalWanted)
  }

  /// An approval key has come.
  func approve(_ key: Secret, _ now: Moment, _ emit: Emit) {
    guard phase == .approving else { return }
    approval.take(key, now: now.monotonic)
    open(now, emit)
  }

  /// The approval call fails: nothing real-time is observed meanwhile.
  func approvalFails(_ text: String, _ emit: Emit) {
    loseSubjects(.apiError, text, lastFrame: nil, emit)
  }

  private func open(_ now: Moment, _ emit: Emit) {
    let link = connect()
    line = RealtimeLine(link, now: now.monotonic)
    phase = .connected
    counts.connections += 1
    policy.attempted(now: now.monotonic)
    emit(.note(.debug, "WebSocket connecting | \(settings.place)"))
    link.begin(now: now.monotonic)
  }

  // MARK: - Giving up and coming back

  /// Ends a useless connection; the next step is decided when it is closed.
  func giveUp(_ reason: GapReason, _ text: String, wait: Nanoseconds? = nil, _ now: Moment) {
    guard let link = line?.link, line?.verdict == nil else { return }
    line?.verdict = RealtimeLine.Verdict(reason: reason, text: text, wait: wait)
    if reason == .webSocketSilent { link.abort(text) } else { link.close(now: now.monotonic) }
  }

  func lost(_ message: String, _ now: Moment, _ emit: Emit) {
    guard let line else { return }
    self.line = nil
    guard phase != .leaving else {
      phase = .gone
      return
    }
    let reason = line.verdict?.reason ?? .webSocketLost
    let text = line.verdict?.text ?? message
    let lastFrame = now.wall - Milliseconds(now.monotonic - line.lastSign)
    loseSubjects(reason, text, lastFrame: line.openedAt == nil ? nil : lastFrame, emit)
    plan.reset()
    comeBack(text, line.verdict?.wait, now, emit)
  }

  /// Tells that what was registered is not observed, since the connection's last frame (nil: it never opened).
  private func loseSubjects(_ reason: GapReason, _ text: String, lastFrame: Milliseconds?, _ emit: Emit) {
    for item in plan.placed.sorted(by: { $0.symbol < $1.symbol }) {
      guard let subject = subjects[item] else { continue }
      let state = plan.state(of: item) ?? .idle
      // The connection observed until its last frame, whether or not this symbol traded.
      if state == .active, let lastFrame { emit(.attended(subject, until: lastFrame)) }
      emit(.missed(subject, reason, text, isHeld: state != .idle))
    }
  }

  /// The session is given up although the run goes on: tells what was registered as not observed.
  func lose(_ text: String, _ now: Moment, _ emit: Emit) {
    let lastFrame = line.flatMap { line in
      line.openedAt.map { _ in now.wall - Milliseconds(now.monotonic - line.lastSign) }
    }
    loseSubjects(.webSocketLost, text, lastFrame: lastFrame, emit)
  }

  private func comeBack(_ text: String, _ keyWait: Nanoseconds?, _ now: Moment, _ emit: Emit) {
    guard phase == .connected else { return }
    let wait = keyWait ?? policy.wait(now: now.monotonic)
    if let retries = settings.retries, policy.failures > retries {
      return emit(
        .stop(
          ToolFailure(.unavailable, "KIS out of reach: \(text), \(policy.failures) connections failed")))
    }
    if let limit = settings.maxWait, now.monotonic - healthyAt >= limit {
      return emit(
        .stop(ToolFailure(.unavailable, "KIS out of reach: \(text), for \(limit.wholeSeconds) s")))
    }
    phase = .waiting(until: now.monotonic + wait)
    emit(.note(.loss, "WebSocket lost | \(text); connecting again in \(Milliseconds(wait)) ms"))
  }

  // MARK: - Leaving

  /// Begins the end of the session: removals, then the close handshake.
  func leave(_ now: Nanoseconds) {
    guard let line, line.isUsed else { return drop() }
    phase = .leaving
    farewell = Farewell(plan.takeAll(), toRead: line.link.received + line.link.waiting, now: now)
    sendFarewell(now)
  }

  /// Cuts a farewell short that takes too long; whether the session is over.
  func closeIfDue(at now: Nanoseconds) -> Bool {
    if phase == .leaving, now >= farewell.until { drop() }
    return phase == .gone
  }

  func sendFarewell(_ now: Nanoseconds) {
    guard let link = line?.link else { return }
    while let item = farewell.next(now), let key = approval.inUse {
      link.send(
        text: ControlMessage.unsubscribe(
          approvalKey: key.reveal(), channel: item.channel, symbol: item.symbol))
    }
    if farewell.isDone { link.close(now: now) }
  }

  /// Gives the session up without a word.
  private func drop() {
    line?.link.abort("stopped")
    line = nil
    phase = .gone
  }
}
