import JSONBytes
import KIS
import Plumbing

/// What comes over the connection: frames of records, and answers to registrations.
extension RealtimeLane {
  func takeFrame(_ bytes: UnsafeBufferPointer<UInt8>, _ now: Moment, _ emit: Emit) {
    switch parser.parse(bytes) {
    case .records(let frame):
      // A frame in which the server repeats a secret is taken without it.
      if SecretMask.knowsAny, frame.hasLongText || SecretMask.seeksNumbers,
        let masked = SecretMask.masked(bytes)
      {
        return masked.withUnsafeBufferPointer { takeFrame($0, now, emit) }
      }
      let recovery = account.read(frame.channel)
      if recovery != .none { tell(recovery, frame.channel, emit) }
      if let drift = parser.takeDrift() {
        counts.drifts += 1
        emit(.note(.warning, "Schema drift | \(drift)"))
      }
      serve(frame, now, emit)
      emit(.frame(frame))
    case .encrypted:
      account.skipped()
      emit(.note(.odd, "Frame skipped | it is encrypted"))
    case .fault(let fault):
      let isUnreadable = account.refused(fault, at: now.wall)
      emit(.note(.odd, "Frame skipped | \(fault)"))
      emit(.refusedFrame(bytes, fault, isUnreadable: isUnreadable))
    }
  }

  @inline(never)
  private func tell(_ recovery: FrameAccount.Recovery, _ channel: Channel, _ emit: Emit) {
    guard recovery == .all else { return emit(.readable(channel)) }
    for channel in Channel.all
    where !account.isUnreadable(channel) && subjects.all.contains(where: { $0.channel == channel }) {
      emit(.readable(channel))
    }
  }

  func take(
    _ message: ControlMessage, _ bytes: UnsafeBufferPointer<UInt8>, _ now: Moment, _ emit: Emit
  ) {
    switch message {
    case .pingpong: pong(bytes)
    case .malformed(let what):
      counts.skippedMessages += 1
      emit(.note(.odd, "Message skipped | \(what)"))
    case .reply(let reply): if !isLeaving { take(reply, now, emit) }
    }
  }

  private func take(_ reply: ControlReply, _ now: Moment, _ emit: Emit) {
    let item = plan.subject(transactionID: reply.transactionID, symbol: reply.key)
    let text = "\(reply.messageCode) \(reply.message)"
    emit(.note(.debug, "Reply | \(item.map { "\($0.channel) \($0.symbol) " } ?? "")\(text)"))
    switch reply.reaction {
    case .newApprovalKey: renewApproval(text, now, emit)
    case .keyInUse: waitForKey(text, now, emit)
    case .reconnect: giveUp(.webSocketLost, text, now)
    case .fatalCredentials:
      emit(.stop(ToolFailure(.refused, "KIS refuses the app key for real-time data (\(text))")))
    case .ourBug:
      emit(
        .stop(
          ToolFailure(.unavailable, "\(text): KIS calls the message malformed; its API may have changed")))
    case .unknown:
      emit(.note(.odd, "Reply not understood | \(text)"))
      if let item { answer(item, reply.rtCode == "0" ? .subscribed : .retry, now) }
    case .subscribed, .unsubscribed, .retryItem, .overLimit, .dropSymbol, .dropChannel:
      guard let item else { return takeStray(reply, text, now, emit) }
      take(reply.reaction, item, text, now, emit)
    }
  }

  /// An answer about nothing that is asked for: it teaches nothing about what is, unless it takes a refusal back.
  private func takeStray(_ reply: ControlReply, _ text: String, _ now: Moment, _ emit: Emit) {
    if reply.reaction == .unsubscribed { return }
    if reply.reaction == .subscribed, let symbol = reply.key,
      let channel = reply.transactionID.flatMap(Channel.init(transactionID:)),
      takeBack(Registration(channel, symbol), now, emit)
    {
      return
    }
    counts.skippedMessages += 1
    let named = [reply.transactionID, reply.key].compactMap { $0 }.joined(separator: " ")
    emit(.note(.odd, "Reply skipped | \(named.isEmpty ? "nothing" : named) is not asked for: \(text)"))
  }

  /// An answer about one registration.
  private func take(
    _ reaction: ControlReaction, _ item: Registration, _ text: String, _ now: Moment, _ emit: Emit
  ) {
    switch reaction {
    case .subscribed:
      answer(item, .subscribed, now)
      if let subject = subjects[item] { emit(.observed(subject, isRegistered: true)) }
    case .unsubscribed: answer(item, .unsubscribed, now)
    case .retryItem:
      let advice = item.channel.row.postponed
      emit(.note(.trouble, "Registration postponed | \(text)\(advice)"))
      answer(item, .retry, now)
      if !advice.isEmpty, let subject = subjects[item] {
        emit(.missed(subject, .noData, text + advice, isHeld: true))
      }
    case .overLimit:
      if let limit = answer(item, .overLimit, now) {
        emit(.note(.warning, "Limit learned | \(text): this session takes \(limit) registrations"))
      }
      // From here on it is polled.
      if let subject = subjects[item] { emit(.observed(subject, isRegistered: false)) }
    case .dropChannel:
      let all = subjects.all.filter { $0.channel == item.channel }
      for subject in all.sorted(by: { $0.instrument.symbol < $1.instrument.symbol }) {
        refuse(Registration(item.channel, subject.instrument.symbol), text, now, emit)
      }
    default: refuse(item, text, now, emit)
    }
  }

  private func refuse(_ item: Registration, _ text: String, _ now: Moment, _ emit: Emit) {
    guard let subject = subjects[item] else { return }
    answer(item, .refused, now)
    refused[item] = subject
    emit(.refused(subject, text))
  }
}
