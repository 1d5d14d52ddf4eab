import JSONBytes
import KIS
import Plumbing
import WebSocket

/// What comes over the WebSocket session.
extension Fetcher {
  func handle(_ event: WebSocketEvent, _ now: Moment) {
    guard let realtime else { return }
    switch event {
    case .opened:
      realtime.openedAt = now.monotonic
      realtime.plan.reset()
      log.info("WebSocket connected | \(realtime.url)")
    case .text(let bytes), .binary(let bytes):
      sawFrame(now)
      recorder?.webSocket(bytes, at: now.wall)
      if bytes.first == UInt8(ascii: "{") { takeControl(bytes, now) } else { takeFrame(bytes, now) }
    case .ping, .pong: sawFrame(now)
    case .closed(let end): lost(end, now)
    }
  }

  private func sawFrame(_ now: Moment) {
    guard let realtime else { return }
    realtime.frames += 1
    realtime.idle = now.monotonic - max(realtime.healthyAt, realtime.openedAt ?? 0)
    realtime.healthyAt = now.monotonic
    if let opened = realtime.openedAt { realtime.policy.sawFrame(since: opened, now: now.monotonic) }
  }

  private func takeFrame(_ bytes: UnsafeBufferPointer<UInt8>, _ now: Moment) {
    // While the session says goodbye, for whatever reason, what still comes is still observed, if it can go anywhere.
    guard let realtime, !output.isGone else { return }
    switch realtime.parser.parse(bytes) {
    case .records(let frame):
      if realtime.account.read(frame.channel) { recover(frame.channel, now) }
      if let drift = realtime.parser.takeDrift() {
        realtime.drifts += 1
        log.warning("Schema drift | \(drift)")
      }
      for index in 0..<frame.count { take(frame[index], now) }
    case .encrypted:
      realtime.account.skipped()
      oddities.report(to: log, now: now.monotonic) { "Frame skipped | it is encrypted" }
    case .fault(let fault): refuse(bytes, fault, now)
    }
  }

  private func take(_ record: FrameRecord, _ now: Moment) {
    guard let realtime else { return }
    realtime.records += 1
    guard let number = Realtime.number(record.channel, record.symbolBytes),
      let subject = realtime.known[number]
    else {
      return oddities.report(to: log, now: now.monotonic) {
        "Record skipped | \(record.symbol) is not watched on \(record.channel)"
      }
    }
    if let count = options.count, snapshots >= count { return }
    let moment = SnapshotMoment(timestampMilliseconds: now.wall, source: .websocket)
    guard builder.append(record, at: moment, to: &output.buffer) else {
      gaps.attended(subject, until: now.wall)
      return beginGap(subject, .noData, now, detail: "a record without a price")
    }
    if realtime.plan.unanswered > 0 {
      realtime.plan.served(Registration(record.channel, subject.instrument.symbol))
    }
    endGap(subject, now)
    count(subject.feed, record.channel.venue, now)
    received.report(to: log, now: now.monotonic) { "Snapshot received | symbol=\(subject.instrument.symbol)" }
  }

  // MARK: - Control messages

  private func takeControl(_ bytes: UnsafeBufferPointer<UInt8>, _ now: Moment) {
    guard let realtime else { return }
    switch ControlMessage.parse(bytes) {
    case .pingpong:
      // Of the two answers that work, the Pong frame with the same bytes: KIS's own samples send it.
      realtime.connection?.pong(bytes)
      realtime.idleBeforePing = max(realtime.idleBeforePing ?? 0, realtime.idle)
    case .malformed(let what): oddities.report(to: log, now: now.monotonic) { "Message skipped | \(what)" }
    case .reply(let reply): if ending == nil { take(reply, now) }
    }
  }

  private func take(_ reply: ControlReply, _ now: Moment) {
    guard let realtime else { return }
    let channel = reply.transactionID.flatMap(Channel.init(transactionID:))
    let item = realtime.plan.subject(channel: channel, symbol: reply.key)
    let text = "\(reply.messageCode) \(reply.message)"
    log.debug("Reply | \(item.map { "\($0.channel) \($0.symbol) " } ?? "")\(text)")
    switch reply.reaction {
    case .subscribed: subscribed(item, now)
    case .unsubscribed: answer(item, .unsubscribed, now)
    case .retryItem:
      troubles.report(to: log, now: now.monotonic) { "Registration postponed | \(text)" }
      answer(item, .retry, now)
    case .overLimit: overLimit(item, text, now)
    case .dropSymbol: refuse(item, text, now)
    case .dropChannel:
      let all = realtime.known.values.filter { $0.feed.channelKind == item?.channel.kind }
      for subject in all.sorted(by: { $0.instrument.symbol < $1.instrument.symbol }) {
        refuse(item.map { Registration($0.channel, subject.instrument.symbol) }, text, now)
      }
    case .fatalCredentials:
      stop(ToolFailure(.refused, "KIS refuses the app key for real-time data (\(text))"), now)
    case .newApprovalKey: renewApproval(text, now)
    case .keyInUse: waitForKey(text, now)
    case .reconnect: giveUpConnection(.webSocketLost, text, now)
    case .ourBug:
      stop(
        ToolFailure(.unavailable, "\(text): KIS calls the message malformed; its API may have changed"), now)
    case .unknown:
      oddities.report(to: log, now: now.monotonic) { "Reply not understood | \(text)" }
      answer(item, reply.rtCode == "0" ? .subscribed : .retry, now)
    }
  }

  private func answer(_ item: Registration?, _ verdict: SubscriptionPlan.Verdict, _ now: Moment) {
    guard let realtime, let item else { return }
    _ = realtime.plan.answer(item, verdict, now: now.monotonic)
  }

  private func subscribed(_ item: Registration?, _ now: Moment) {
    guard let realtime, let item else { return }
    realtime.approvalRefusals = 0
    answer(item, .subscribed, now)
    // From here on silence means that nothing happens, not that nobody looks.
    if let subject = subject(of: item) {
      refused.forget(subject)
      endGap(subject, now)
    }
  }

  private func overLimit(_ item: Registration?, _ text: String, _ now: Moment) {
    guard let realtime, let item else { return }
    if let limit = realtime.plan.answer(item, .overLimit, now: now.monotonic) {
      log.warning("Limit learned | \(text): this session takes \(limit) registrations")
    }
    // From here on it is polled.
    if let subject = subject(of: item) { endGap(subject, now) }
  }

  private func refuse(_ item: Registration?, _ text: String, _ now: Moment) {
    guard let realtime, let item, let subject = subject(of: item) else { return }
    if let number = Realtime.number(item) { realtime.known[number] = nil }
    answer(item, .refused, now)
    rest(subject, text, now)
  }

  func subject(of item: Registration) -> Subject? {
    Realtime.number(item).flatMap { realtime?.known[$0] }
  }

  /// The approval key is not known (any more): one new key, then the credentials are at fault.
  private func renewApproval(_ text: String, _ now: Moment) {
    guard let realtime else { return }
    realtime.approvalRefusals += 1
    realtime.approval = nil
    if realtime.approvalRefusals >= 2 {
      return stop(
        ToolFailure(.refused, "KIS refuses a fresh approval key too (\(text)): check the app key"), now)
    }
    giveUpConnection(.webSocketLost, text, now)
  }

  /// Another session holds the key, or our own that the server still believes in.
  private func waitForKey(_ text: String, _ now: Moment) {
    guard let realtime, realtime.verdict == nil else { return }
    guard let wait = realtime.policy.waitForKey() else {
      return stop(
        ToolFailure(.tryLater, "app key in use by another session (\(text)); KIS allows one: stop the other"),
        now)
    }
    log.warning("App key in use | \(text); trying again in \(wait / 1_000_000_000) s")
    realtime.keyWait = wait
    giveUpConnection(.webSocketLost, text, now)
  }
}
