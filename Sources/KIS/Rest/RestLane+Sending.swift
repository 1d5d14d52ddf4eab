import Plumbing

/// How the next call is sent: with a token, in its time, and by a permit of those that all processes share.
extension RestLane {
  /// Sends one call if one is due. False when there is nothing more to do now.
  func sendNext(_ now: Moment, _ isWanted: (RestWork) -> Bool) throws(SystemError) -> Bool {
    tokenWait = nil
    guard !isStopped, flying.count < policy.inFlight, now.monotonic >= holdUntil,
      let (place, next) = waiting.next(now.monotonic)
    else { return false }
    guard !next.work.needsToken || isWanted(next.work) else {
      waiting.remove(place)
      return true
    }
    var token: Secret?
    if next.work.needsToken {
      switch takeToken(now) {
      case .ready(let valid): token = valid
      case .asked: return true
      case .missing: return false
      }
    }
    let due = try reserveSlot(now)
    guard max(due, blockedUntil ?? due) <= now.monotonic, let sending = try takePermit(next, now) else {
      return false
    }
    waiting.remove(place)
    send(next, token, sending)
    return true
  }

  /// What a call that needs a token finds.
  private enum TokenStep {
    /// A token.
    case ready(Secret)
    /// None; the call that asks for one stands in the queue now.
    case asked
    /// None, and nothing to do about it now.
    case missing
  }

  private func takeToken(_ now: Moment) -> TokenStep {
    // While a token is being issued nothing else can go: what needs none stands before it.
    if let issue = (waiting.urgent + flying.values).first(where: { $0.work == .token }) {
      tokenWait = issue.sent == nil ? issue.notBefore : now.monotonic + policy.whole
      return .missing
    }
    switch keeper.step(now) {
    case .ready(let valid): return .ready(valid.value)
    case .wait(let until): tokenWait = until
    case .issue:
      enqueue(.token)
      return .asked
    case .stop(let failure):
      events.append(.stop(failure))
      isStopped = true
    }
    return .missing
  }

  /// The time from which the next call may go; it is kept until the call has gone.
  private func reserveSlot(_ now: Moment) throws(SystemError) -> Nanoseconds {
    if let slot { return slot }
    let due = try limiter.reserve(
      now: now.monotonic, rule: rule, multiplier: penalty.multiplier(now: now.monotonic))
    slot = due
    guard due > now.monotonic else { return due }
    counts.limiterWaits += 1
    counts.limiterWait += due - now.monotonic
    if due - now.monotonic > Self.longWait {
      let seconds = (due - now.monotonic).wholeSeconds
      events.append(.note(.warning, "Rate limit | the next call of this app key is free in \(seconds) s"))
    }
    return due
  }

  /// Takes one of the calls that all processes share, in place of the slot. When it is sent; nil: none is free, and it
  /// is looked again soon.
  private func takePermit(_ call: Call, _ now: Moment) throws(SystemError) -> Moment? {
    blockedUntil = nil
    // The clock is read again: what went before may have taken a while.
    var sending = now
    sending.monotonic = max(clock(), now.monotonic)
    if let free = try limiter.commit(now: sending.monotonic, rule: rule, id: owner | UInt64(call.id)) {
      // An answer, here or in another process, may free it earlier.
      blockedUntil = min(free, sending.monotonic + Self.look)
      return nil
    }
    slot = nil
    return sending
  }

  /// Between two looks at permits that other processes hold.
  private static let look: Nanoseconds = .milliseconds(20)
  /// A wait for a slot that is said.
  private static let longWait: Nanoseconds = .seconds(3)

  /// An answer tells when its call had arrived at the latest; without one it stays in doubt.
  func noteArrival(of call: Call, _ outcome: RestCompletion.Outcome, _ now: Moment) {
    blockedUntil = nil
    guard case .answered = outcome, let sent = call.sent else { return }
    latency.note(now.monotonic - sent.monotonic)
    do {
      try limiter.complete(
        now: now.monotonic, id: owner | UInt64(call.id), latest: now.monotonic - latency.value, rule: rule)
    } catch {
      events.append(.note(.warning, "rate limiter: \(error)"))
    }
  }

  private func send(_ waitingCall: Call, _ token: Secret?, _ now: Moment) {
    var call = waitingCall
    call.attempts += 1
    call.sent = now
    call.until = now.monotonic + policy.whole
    call.begun = call.begun ?? now.monotonic
    call.token = token
    calls += 1
    flying[call.id] = call
    transport.start(call.work.request(id: call.id, credentials: credentials, token: token))
  }
}
