import KIS
import Plumbing
import WebSocket

/// The real-time session of one app key: shaped like `RestLane`, a state machine that never waits.
///
/// `advance` does what is due and tells it as events, `deadline` says when to come back, and `descriptor` when bytes are
/// there. It owns the connection, the registrations, the watches for answers and for silence, the way back after a loss,
/// and the farewell; what its events mean for snapshots and gaps is the caller's business.
final class RealtimeLane {
  typealias Emit = (RealtimeEvent) -> Void

  /// Where the session stands.
  enum Phase: Equatable {
    /// Nothing is wanted yet.
    case idle
    /// The approval key is asked for.
    case approving
    /// The socket connects or is open.
    case connected
    /// Waits to try again.
    case waiting(until: Nanoseconds)
    /// Says goodbye.
    case leaving
    /// Over.
    case gone
  }

  let settings: RealtimeSettings
  let connect: () -> any RealtimeLink
  var phase = Phase.idle
  var line: RealtimeLine?
  var approval = Approval()
  var policy: ReconnectPolicy
  var farewell = Farewell()
  /// When the exchange was last reachable, monotonic.
  var healthyAt: Nanoseconds
  var plan: SubscriptionPlan
  var subjects = RegisteredSubjects()
  /// What the server has refused on this connection: it is observed all the same when it is acknowledged later, or comes.
  var refused = RegisteredSubjects()
  /// What came, and what could be read of it.
  var counts = RealtimeCounts()
  var account = FrameAccount()
  var parser = FrameParser()

  /// A session that waits for something to observe; `connect` makes each connection.
  init(
    _ settings: RealtimeSettings, now: Nanoseconds, seed: UInt64, connect: @escaping () -> any RealtimeLink
  ) {
    self.settings = settings
    self.connect = connect
    plan = SubscriptionPlan(limit: settings.registrations, timing: settings.timing)
    policy = ReconnectPolicy(limits: settings.reconnect, seed: seed)
    healthyAt = now
  }

  // MARK: - What is wanted

  /// Wants a registration.
  func want(_ instrument: Instrument, _ feed: Feed) {
    guard let channel = Channel(of: instrument, feed) else { return }
    let registration = Registration(channel, instrument.symbol)
    refused[registration] = nil
    plan.want(registration)
    subjects[registration] = Subject(instrument, feed)
  }

  /// Drops a registration.
  func unwant(_ instrument: Instrument, _ feed: Feed) {
    guard let channel = Channel(of: instrument, feed) else { return }
    let registration = Registration(channel, instrument.symbol)
    refused[registration] = nil
    plan.drop(registration)
    subjects[registration] = nil
  }

  /// Registrations that lost their room in the session (true) or got it back since the last call.
  func takeOverflowChanges() -> [(registration: Registration, isOverflow: Bool)] {
    plan.takeOverflowChanges()
  }

  /// The registration that a record belongs to; nil for a record that was not asked for.
  @inline(__always)
  func subject(of record: FrameRecord) -> Subject? { subjects[record.channel, record.symbolBytes] }

  // MARK: - Turns

  /// Does what is due.
  func advance(_ now: Moment, _ emit: Emit) {
    switch phase {
    case .idle: if settings.registrations > 0, !subjects.isEmpty { begin(now, emit) }
    case .waiting(let until): if now.monotonic >= until { begin(now, emit) }
    case .approving, .gone: break
    case .connected, .leaving:
      listen(now, emit)
      watchSilence(now)
      sendDue(now, emit)
    }
  }

  /// When to call `advance` again, monotonic, if nothing else happens.
  var deadline: Nanoseconds? {
    switch phase {
    case .idle, .approving, .gone: return nil
    case .waiting(let until): return until
    case .leaving:
      return [line?.link.deadline, line?.attention.deadline, farewell.deadline].compactMap { $0 }.min()
    case .connected:
      guard let line else { return nil }
      let silence = line.isUsed ? line.deadline(settings.watchdog) : nil
      let due = line.isUsed ? plan.deadline : nil
      return [line.link.deadline, line.attention.deadline, silence, due].compactMap { $0 }.min()
    }
  }

  /// Whether it observes, and has no registration to send.
  var isSettled: Bool { phase == .connected && plan.isSettled }
  /// Age of the open connection; nil without one.
  func age(at now: Nanoseconds) -> Nanoseconds? { line?.openedAt.map { now - $0 } }
  /// Silence of the open connection when it was last read; nil without one.
  var silence: Nanoseconds? { line?.openedAt == nil ? nil : line?.silence }

  /// What to poll, and for what; -1 when there is nothing.
  var descriptor: Int32 { line?.link.descriptor ?? -1 }
  var pollEvents: Int16 { line?.link.pollEvents ?? 0 }

  /// Reads what has arrived before any wait is judged. Every wait for the server is extended by the time in which the
  /// process could not listen.
  private func listen(_ now: Moment, _ emit: Emit) {
    guard let link = line?.link, let turn = line?.attention.turn(at: now.monotonic) else { return }
    link.excuse(turn.pause)
    link.service(now: now.monotonic) { handle($0, now, emit) }
    var pause = turn.pause
    if link.isBehind, phase != .leaving || link.received < farewell.toRead {
      // Not everything is read yet: an answer may be among the rest.
      link.excuse(turn.step - turn.pause)
      pause = turn.step
    }
    line?.listened(now.monotonic, pause: pause)
    guard pause > .zero else { return }
    healthyAt = min(healthyAt + pause, now.monotonic)
    plan.excuse(pause)
    farewell.excuse(pause)
  }

  private func handle(_ event: WebSocketEvent, _ now: Moment, _ emit: Emit) {
    switch event {
    case .opened:
      line?.openedAt = now.monotonic
      plan.reset()
      refused = RegisteredSubjects()
      emit(.note(.info, "WebSocket connected | \(settings.place)"))
    case .text(let bytes), .binary(let bytes):
      sawFrame(now)
      if bytes.first == UInt8(ascii: "{") {
        // Read before anybody sees it: what it says is a secret is masked in it, too.
        let message = ControlMessage.parse(bytes)
        emit(.message(bytes))
        take(message, bytes, now, emit)
      } else {
        emit(.message(bytes))
        takeFrame(bytes, now, emit)
      }
    case .ping, .pong: sawFrame(now)
    case .closed(let end): lost(end.message, now, emit)
    }
  }

  private func sawFrame(_ now: Moment) {
    counts.frames += 1
    counts.idle = now.monotonic - max(healthyAt, line?.openedAt ?? .zero)
    healthyAt = now.monotonic
    if let opened = line?.openedAt { policy.sawFrame(since: opened, now: now.monotonic) }
  }

  /// A socket can be dead without an end: the only sign is that nothing comes, not even PINGPONG.
  private func watchSilence(_ now: Moment) {
    guard phase == .connected, let line, line.openedAt != nil, line.silence >= settings.watchdog else {
      return
    }
    giveUp(.webSocketSilent, "no frame for \(line.silence.wholeSeconds) s", now)
  }

  private func sendDue(_ now: Moment, _ emit: Emit) {
    guard let line, line.openedAt != nil else { return }
    if phase == .leaving { return sendFarewell(now.monotonic) }
    guard line.isUsed, let due = plan.deadline, now.monotonic >= due, let key = approval.inUse else { return }
    switch plan.next(now: now.monotonic) {
    case .subscribe(let item):
      emit(.note(.debug, "Subscribing | \(item.channel) \(item.symbol)"))
      line.link.send(
        text: ControlMessage.subscribe(approvalKey: key.reveal(), channel: item.channel, symbol: item.symbol))
    case .unsubscribe(let item):
      emit(.note(.debug, "Unsubscribing | \(item.channel) \(item.symbol)"))
      line.link.send(
        text: ControlMessage.unsubscribe(
          approvalKey: key.reveal(), channel: item.channel, symbol: item.symbol))
    case .giveUp:
      // KIS says nothing, too, to a key that has ended: the next connection gets a new one.
      approval.forget()
      giveUp(.silent, "no registration was answered", now)
    case nil: break
    }
    for item in plan.takeSilent() {
      guard let subject = subjects[item] else { continue }
      let text = "\(item.channel) \(item.symbol)"
      emit(.missed(subject, .silent, "\(text) was not answered", isHeld: true))
      emit(
        .note(.odd, "Registration unanswered | \(text); asked again once, then on a new connection"))
    }
  }

  // MARK: - Answers

  /// Whether what the server answers still matters.
  var isLeaving: Bool { phase == .leaving }

  /// Answers a PINGPONG: of the two answers that work, the Pong frame with the same bytes; KIS's own samples send it.
  func pong(_ bytes: UnsafeBufferPointer<UInt8>) {
    line?.link.pong(bytes)
    counts.idleBeforePing = max(counts.idleBeforePing ?? .zero, counts.idle)
  }

  /// An answer about a registration. Gives the new limit when it taught one.
  @discardableResult
  func answer(_ item: Registration, _ verdict: SubscriptionPlan.Verdict, _ now: Moment) -> Int? {
    if verdict == .subscribed { approval.refusals = 0 }
    if verdict == .refused { subjects[item] = nil }
    return plan.answer(item, verdict, now: now.monotonic)
  }

  /// Records came of registrations that were not answered, or were refused: they are served.
  @inline(__always)
  func serve(_ frame: Frame, _ now: Moment, _ emit: Emit) {
    if plan.unanswered > 0 || !refused.isEmpty { serveOdd(frame, now, emit) }
  }

  @inline(never)
  private func serveOdd(_ frame: Frame, _ now: Moment, _ emit: Emit) {
    for index in 0..<frame.count {
      let registration = Registration(frame.channel, frame[index].symbol)
      plan.served(registration)
      takeBack(registration, now, emit)
    }
  }

  /// What was refused is served all the same. False: it was not refused on this connection.
  @discardableResult
  func takeBack(_ item: Registration, _ now: Moment, _ emit: Emit) -> Bool {
    guard !isLeaving, let subject = refused[item] else { return false }
    refused[item] = nil
    plan.want(item)
    subjects[item] = subject
    answer(item, .subscribed, now)
    emit(.note(.info, "Registration served | \(item.channel) \(item.symbol), which was refused before"))
    emit(.observed(subject, isRegistered: true))
    return true
  }

  /// The server does not know the approval key: try one new key, then blame the credentials.
  func renewApproval(_ text: String, _ now: Moment, _ emit: Emit) {
    approval.refusals += 1
    approval.forget()
    guard approval.refusals < 2 else {
      return emit(
        .stop(
          ToolFailure(.refused, "KIS refuses a fresh approval key too (\(text)): check the app key")))
    }
    giveUp(.webSocketLost, text, now)
  }

  /// Another session holds the key, or the server still counts our last one.
  func waitForKey(_ text: String, _ now: Moment, _ emit: Emit) {
    guard let line, line.verdict == nil else { return }
    guard let wait = policy.waitForKey() else {
      return emit(
        .stop(
          ToolFailure(
            .tryLater, "app key in use by another session (\(text)); KIS allows one: stop the other")))
    }
    emit(.note(.warning, "App key in use | \(text); trying again in \(wait.wholeSeconds) s"))
    giveUp(.webSocketLost, text, wait: wait, now)
  }
}
