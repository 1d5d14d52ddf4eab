import JSONBytes
import KIS
import Plumbing
import WebSocket

/// The WebSocket session: when there is one, and what is done when it is lost.
extension Fetcher {
  /// Wants a registration.
  func want(_ instrument: Instrument, _ feed: Feed) {
    guard let realtime, let kind = feed.channelKind else { return }
    let registration = Registration(Channel(kind, instrument.venue), instrument.symbol)
    realtime.plan.want(registration)
    if let number = Realtime.number(registration) { realtime.known[number] = Subject(instrument, feed) }
  }

  /// Wants a registration no more.
  func unwant(_ instrument: Instrument, _ feed: Feed) {
    guard let realtime, let kind = feed.channelKind else { return }
    let registration = Registration(Channel(kind, instrument.venue), instrument.symbol)
    realtime.plan.drop(registration)
    if let number = Realtime.number(registration) { realtime.known[number] = nil }
  }

  /// Once a turn: what has no room in the session any more is polled, and what has got room is not.
  func settleOverflow(_ now: Moment) {
    guard let realtime else { return }
    let changes = realtime.plan.takeOverflowChanges()
    guard !changes.isEmpty else { return }
    let before = realtime.overflow.list.count
    let isPolledAnyway = options.feeds.contains(overflowFeed)
    for (registration, isOverflow) in changes {
      let named = Instrument(registration.symbol, registration.channel.venue)
      let instrument = watchlist.own(named) ?? named
      guard realtime.overflow.note(instrument, isOverflow: isOverflow) else { continue }
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
    let count = realtime.overflow.list.count
    guard count > before else { return }
    oddities.report(to: log, now: now.monotonic) {
      let last = changes.last { $0.isOverflow }
      return "Registrations full | limit=\(realtime.plan.limit); \(count) symbols are polled over REST,"
        + " the last is \(last?.registration.symbol ?? "")"
    }
  }

  /// Does what is due for the session.
  func serviceRealtime(_ now: Moment) {
    guard let realtime else { return }
    switch realtime.phase {
    case .idle:
      if ending == nil, options.maxRegistrations > 0, !watchlist.isEmpty { approve(now) }
    case .waiting(let until):
      if ending == nil, now.monotonic >= until { approve(now) }
    case .approving, .gone: break
    case .connected, .leaving:
      listen(realtime, now)
      watchSilence(now)
      sendPlanned(now)
    }
  }

  /// Hears what is there, before anybody judges what is not. Time in which nobody could listen is given on top of every
  /// wait for the server.
  private func listen(_ realtime: Realtime, _ now: Moment) {
    guard let connection = realtime.connection else { return }
    let turn = realtime.attention.turn(at: now.monotonic)
    connection.excuse(turn.pause)
    connection.service(now: now.monotonic) { handle($0, now) }
    var pause = turn.pause
    if connection.isBehind {
      // What was said is not all known yet: an answer may be among it.
      connection.excuse(turn.step - turn.pause)
      pause = turn.step
    }
    realtime.quiet.heard(at: max(realtime.openedAt ?? 0, connection.lastFrameAt))
    guard pause > 0 else { return }
    realtime.healthyAt = min(realtime.healthyAt + pause, now.monotonic)
    realtime.quiet.excuse(pause, at: now.monotonic)
    realtime.plan.excuse(pause)
    realtime.leaveBy = min(realtime.leaveBy + pause, endingSince + Self.longFarewell)
  }

  /// When the session has something to do, monotonic nanoseconds.
  var realtimeDeadline: Int64? {
    guard let realtime else { return nil }
    switch realtime.phase {
    case .idle, .approving, .gone: return nil
    case .waiting(let until): return until
    case .leaving:
      return [
        realtime.connection?.deadline, realtime.attention.deadline, realtime.leaveBy,
        realtime.farewells.isEmpty ? nil : realtime.farewellAt,
      ].compactMap { $0 }.min()
    case .connected:
      let isUp = realtime.openedAt != nil && realtime.verdict == nil
      return [
        realtime.connection?.deadline, realtime.attention.deadline,
        isUp ? realtime.quiet.since + options.watchdog : nil, isUp ? realtime.plan.deadline : nil,
      ].compactMap { $0 }.min()
    }
  }

  // MARK: - Beginning

  private func approve(_ now: Moment) {
    guard let realtime else { return }
    if realtime.approval != nil, now.monotonic - realtime.approvedAt < Realtime.approvalLife {
      return connect(now)
    }
    realtime.phase = .approving
    lane.enqueue(.approval)
  }

  func takeApproval(_ answer: RestAnswer, _ now: Moment) {
    guard let realtime, realtime.phase == .approving else { return }
    guard let key = answer.json?["approval_key"]?.string, (1...512).contains(key.utf8.count) else {
      return stop(ToolFailure(.unavailable, "Approval: the answer holds no usable approval_key"), now)
    }
    let approval = Secret(key)
    approval.hide()
    realtime.approval = approval
    realtime.approvedAt = now.monotonic
    connect(now)
  }

  private func connect(_ now: Moment) {
    guard let realtime else { return }
    var limits = WebSocketOptions()
    // A name with a broken byte would come again after each reconnect, and reconnecting in a loop gets a key
    // blocked: the builder repairs text instead.
    limits.requiresUTF8 = false
    let connection = WebSocketConnection(realtime.url, options: limits)
    realtime.connection = connection
    realtime.phase = .connected
    realtime.openedAt = nil
    realtime.verdict = nil
    realtime.connections += 1
    realtime.policy.attempted(now: now.monotonic)
    realtime.attention.begin(at: now.monotonic)
    log.debug("WebSocket connecting | \(realtime.url)")
    connection.begin(now: now.monotonic)
  }

  // MARK: - While it lasts

  private func sendPlanned(_ now: Moment) {
    guard let realtime, realtime.openedAt != nil, let connection = realtime.connection else { return }
    if realtime.phase == .leaving { return sendFarewell(now) }
    guard realtime.verdict == nil else { return }
    guard let due = realtime.plan.deadline, now.monotonic >= due, let key = realtime.approval else { return }
    switch realtime.plan.next(now: now.monotonic) {
    case .subscribe(let item):
      log.debug("Subscribing | \(item.channel) \(item.symbol)")
      connection.send(
        text: ControlMessage.subscribe(approvalKey: key.reveal(), channel: item.channel, symbol: item.symbol))
    case .unsubscribe(let item):
      log.debug("Unsubscribing | \(item.channel) \(item.symbol)")
      connection.send(
        text: ControlMessage.unsubscribe(
          approvalKey: key.reveal(), channel: item.channel, symbol: item.symbol))
    case .giveUp:
      // KIS says nothing, too, to a key that has ended: the next connection gets a new one.
      realtime.approval = nil
      giveUpConnection(.silent, "no registration was answered", now)
    case nil: break
    }
    for item in realtime.plan.takeSilent() {
      guard let subject = subject(of: item) else { continue }
      beginGap(subject, .silent, now, detail: "\(item.channel) \(item.symbol) was not answered")
      oddities.report(to: log, now: now.monotonic) {
        "Registration unanswered | \(item.channel) \(item.symbol); asked again once, then on a new connection"
      }
    }
  }

  /// A socket can be dead without an end: the only sign is that nothing comes, not even PINGPONG.
  private func watchSilence(_ now: Moment) {
    guard let realtime, realtime.openedAt != nil, realtime.phase == .connected else { return }
    let silence = realtime.silence
    guard silence >= options.watchdog else { return }
    let text = "no frame for \(silence / 1_000_000_000) s"
    giveUpConnection(.webSocketSilent, text, now)
  }

  /// Ends a connection that is of no use; what follows is decided when it is closed.
  func giveUpConnection(_ reason: GapReason, _ text: String, _ now: Moment) {
    guard let realtime, let connection = realtime.connection, realtime.verdict == nil else { return }
    realtime.verdict = (reason, text)
    if reason == .webSocketSilent { connection.abort(text) } else { connection.close(now: now.monotonic) }
  }

  // MARK: - After it

  func lost(_ end: WebSocketEnd, _ now: Moment) {
    guard let realtime else { return }
    let opened = realtime.openedAt
    let last = max(opened ?? 0, realtime.connection?.lastFrameAt ?? 0)
    realtime.connection = nil
    realtime.openedAt = nil
    guard ending == nil else {
      realtime.phase = .gone
      return
    }
    let (reason, text) = realtime.verdict ?? (.webSocketLost, end.message)
    let from = now.wall - (now.monotonic - last) / 1_000_000
    loseSubjects(reason, text, lastFrame: opened == nil ? nil : from, now)
    realtime.plan.reset()
    waitToReconnect(text, now)
  }

  /// Opens a gap for what was registered, since the connection's last frame (epoch milliseconds; nil: it never
  /// opened).
  private func loseSubjects(_ reason: GapReason, _ text: String, lastFrame: Int64?, _ now: Moment) {
    guard let realtime else { return }
    for item in realtime.plan.placed.sorted(by: { $0.symbol < $1.symbol }) {
      guard let subject = subject(of: item) else { continue }
      let state = realtime.plan.state(of: item) ?? .idle
      guard state != .idle || !realtime.overflow.list.contains(subject.instrument) else { continue }
      // The connection observed until its last frame, whether or not this symbol traded.
      if state == .active, let lastFrame { gaps.attended(subject, until: lastFrame) }
      beginGap(subject, reason, now, detail: text)
    }
  }

  private func waitToReconnect(_ text: String, _ now: Moment) {
    guard let realtime, realtime.phase == .connected else { return }
    let wait = realtime.keyWait ?? realtime.policy.wait(now: now.monotonic)
    realtime.keyWait = nil
    if let retries = options.retries, realtime.policy.failures > retries {
      return stop(
        ToolFailure(
          .unavailable, "KIS out of reach: \(text), \(realtime.policy.failures) connections failed"), now)
    }
    if let limit = options.maxWait, now.monotonic - realtime.healthyAt >= limit {
      return stop(
        ToolFailure(.unavailable, "KIS out of reach: \(text), for \(limit / 1_000_000_000) s"), now)
    }
    realtime.phase = .waiting(until: now.monotonic + wait)
    losses.report(to: log, now: now.monotonic) {
      "WebSocket lost | \(text); connecting again in \(wait / 1_000_000) ms"
    }
  }

  /// The approval call fails: nothing real-time is observed meanwhile.
  func realtimeTrouble(_ text: String, _ now: Moment) {
    loseSubjects(.apiError, text, lastFrame: nil, now)
  }

  // MARK: - Leaving

  /// Begins the end of the session: removals, then the close handshake.
  func leaveRealtime(_ now: Moment) {
    guard let realtime else { return }
    guard realtime.connection != nil, realtime.openedAt != nil, realtime.verdict == nil else {
      return dropRealtime()
    }
    realtime.phase = .leaving
    realtime.farewells = realtime.plan.takeAll().reversed()
    realtime.farewellAt = now.monotonic
    realtime.leaveBy = now.monotonic + Self.farewell
    sendFarewell(now)
  }

  /// One removal at a time, at the pace KIS asks for, faster when that would take longer than the end may.
  private func sendFarewell(_ now: Moment) {
    guard let realtime, let connection = realtime.connection, now.monotonic >= realtime.farewellAt else {
      return
    }
    guard let item = realtime.farewells.popLast(), let key = realtime.approval else {
      connection.close(now: now.monotonic)
      return
    }
    connection.send(
      text: ControlMessage.unsubscribe(approvalKey: key.reveal(), channel: item.channel, symbol: item.symbol))
    let left = realtime.leaveBy - Self.farewell / 3 - now.monotonic
    let pace = min(50_000_000, max(1_000_000, left / Int64(realtime.farewells.count + 1)))
    realtime.farewellAt = now.monotonic + pace
    if realtime.farewells.isEmpty { connection.close(now: now.monotonic) }
  }

  /// Gives the session up without a word.
  func dropRealtime() {
    guard let realtime else { return }
    realtime.connection?.abort("stopped")
    realtime.connection = nil
    realtime.phase = .gone
  }
}
