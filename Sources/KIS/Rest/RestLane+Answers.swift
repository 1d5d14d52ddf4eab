import Plumbing

/// What happens to a call when its answer, or none, is there.
extension RestLane {
  func take(_ call: Call, _ outcome: RestCompletion.Outcome, _ now: Moment) {
    switch outcome {
    case .answered(let status, let body):
      react(call, RestAnswer(call.work, status: status, body: body), now)
    case .failed(let fault):
      counts.note(RestResult(fault.kind), now)
      var call = call
      call.isAnswered = fault.kind == .tooLarge
      // What was lost on its way may have been a token, and the next one is a minute away.
      if call.work == .token && fault.kind.mayBeExecuted { call.floor = now.monotonic + keeper.floor }
      let isKnown = hasAnswered || policy.isKISAddress
      if fault.kind == .security, !(policy.isPatient && isKnown) {
        refuse(call, .configuration, "\(call.work.transactionID): \(fault.message); nothing was sent")
      } else if fault.kind == .tooLarge {
        again(call, .normal, "\(call.work.transactionID): \(fault.message)", now)
      } else {
        again(call, .outage, "\(call.work.transactionID): \(fault.message)", now)
      }
    }
  }

  private func react(_ call: Call, _ answer: RestAnswer, _ now: Moment) {
    let text = "\(call.work.transactionID): \(answer.summary)"
    counts.note(RestResult(answer.reaction), now)
    if answer.isRepaired { counts.repairedAnswers += 1 }
    switch answer.reaction {
    case .accept: accept(call, answer, now)
    case .retry(let patience):
      let isSuccess = (200..<300).contains(answer.status)
      guard call.work == .token, isSuccess else {
        var call = call
        call.isAnswered = isSuccess || answer.code != nil
        return again(call, patience, text, now)
      }
      waitForToken(call, "\(text), but no usable access_token", now)
    case .slowDown: slowDown(call, text, now)
    case .renewToken:
      guard call.work.needsToken, let sent = call.token else { return again(call, .normal, text, now) }
      keeper.reject(sent)
      events.append(.retrying(call.work, .apiError, "\(text) | the token is dropped"))
      requeue(call, at: now.monotonic, attempts: call.attempts - 1)
    case .waitForToken:
      guard call.work == .token else { return again(call, .normal, text, now) }
      waitForToken(call, text, now)
    case .dropSymbol:
      // A token and a key are of no symbol.
      guard call.work.needsToken else { return again(call, .outage, text, now) }
      service.noteServed(at: now.monotonic)
      giveUp(call, call.work.isBatch ? .batch : .symbol, .noData, text)
    case .doubtSymbol: doubt(call, text, now)
    case .refuseEndpoint: refuseEndpoint(call, answer, text, now)
    case .refuseCredentials:
      let hint =
        answer.code == "EGW00207"
        ? "this host's address is not allowed for the app key"
        : "check the app key and secret, and that they belong to --env \(profile.environment.rawValue)"
      refuse(call, .refused, "KIS refuses the credentials (\(text)); \(hint)")
    case .misconfigured:
      notTheService(
        call, answer, text, ": not the service that was expected; check --env and --rest-url", now)
    case .malformed:
      if call.work.needsToken && service.hasServed { return doubt(call, text, now) }
      refuse(call, .unavailable, "\(text): KIS calls the request malformed; its API may have changed")
    }
  }

  /// A call that is not served. What served others is there: this one request is refused.
  private func refuseEndpoint(_ call: Call, _ answer: RestAnswer, _ text: String, _ now: Moment) {
    switch call.work {
    case .price where service.hasServed: doubt(call, text, now)
    case .price, .multi: giveUp(call, .endpoint, .apiError, text)
    case .token, .approval:
      if policy.isKISAddress { return again(call, .outage, text, now) }
      notTheService(call, answer, text, "; check --rest-url", now)
    }
  }

  /// An answer that gives nothing, for a reason that is not known: this request's, as far as anybody can tell.
  private func doubt(_ call: Call, _ text: String, _ now: Moment) {
    if let number = service.noteDoubt() {
      holdUntil = now.monotonic + wait(Patience.outage.backoff, number)
    }
    if call.work.isBatch { return giveUp(call, .batch, .noData, text) }
    var call = call
    call.doubts += 1
    guard call.doubts > min(Patience.doubtTries, policy.retries) else {
      return later(call, Patience.brief.backoff, call.doubts, .apiError, text, now)
    }
    // While others are served it is this symbol that is refused; otherwise the cause is unknown.
    let isRefused = service.hasServed(since: call.begun ?? now.monotonic)
    giveUp(call, isRefused ? .symbol : .exhausted, .noData, "\(text), \(call.attempts) tries")
  }

  /// An answer that this service would not give. Without a code of KIS, and from a service that has answered before
  /// or must be KIS's, it is an outage (a maintenance page, a balancer's own 404), and no reason to end the
  /// observation.
  private func notTheService(
    _ call: Call, _ answer: RestAnswer, _ text: String, _ advice: String, _ now: Moment
  ) {
    if (hasAnswered || policy.isKISAddress) && !answer.hasKnownCode {
      again(call, .outage, "\(text): a page that stands in for KIS", now)
    } else {
      refuse(call, .configuration, text + advice)
    }
  }

  private func accept(_ call: Call, _ answer: RestAnswer, _ now: Moment) {
    hasAnswered = true
    silentSince = nil
    outageFailures = 0
    if call.work == .token {
      earlyTokens = 0
      keepToken(call, answer, now)
      return
    }
    if call.work.needsToken {
      keeper.accepted()
      service.noteServed(at: now.monotonic)
    }
    let latency = now.monotonic - (call.sent?.monotonic ?? now.monotonic)
    events.append(.answered(call.work, answer, at: now, latency: latency))
  }

  /// A token was issued, to another process or in an answer that is of no use: the next one is a minute away.
  private func waitForToken(_ call: Call, _ text: String, _ now: Moment) {
    keeper.tooSoon(now)
    earlyTokens += 1
    if !policy.isPatient && earlyTokens > max(policy.retries, 1) {
      return outOfReach(call, "\(text), \(earlyTokens) times")
    }
    events.append(.note(.warning, "\(text) | waiting a minute, looking into the cache meanwhile"))
  }

  private func keepToken(_ call: Call, _ answer: RestAnswer, _ now: Moment) {
    guard let value = answer.json?["access_token"]?.string, AccessToken.isUsable(value) else {
      return waitForToken(call, "tokenP: the answer holds no usable access_token", now)
    }
    // The date decides: with a token that was issued before, the start of expires_in is unknown.
    let stated = answer.json?["access_token_token_expired"]?.string.flatMap(AccessToken.parseExpiry)
    let seconds = min(max(answer.json?["expires_in"]?.integer ?? 21_600, 0), 86_400)
    let expires = stated ?? now.wall + .seconds(seconds)
    let token = AccessToken(value: Secret(value), issued: now.wall, expires: expires)
    if let warning = keeper.issued(token, now) { events.append(.note(.warning, warning)) }
    events.append(.note(.info, "Access token issued | valid until \(KST(expires).iso)"))
  }

  private func slowDown(_ call: Call, _ text: String, _ now: Moment) {
    penalty.refuse(now: now.monotonic)
    let pause = profile.limitPause
    let backoff = Backoff(floor: pause, base: .milliseconds(500), cap: max(.seconds(10), pause))
    let tries = policy.retries * 2
    guard !isStuck(call) || call.attempts <= tries else { return again(call, .outage, text, now) }
    schedule(call, backoff, .rateLimit, text, now, tries: tries)
  }

  /// Another call answered so short a time ago shows that the service is there.
  private static let servedLately: Nanoseconds = .seconds(3)

  private func again(_ call: Call, _ patience: Patience, _ text: String, _ now: Moment) {
    if silentSince == nil { silentSince = min(call.until - policy.whole, now.monotonic) }
    if let limit = policy.maxWait, let since = silentSince, now.monotonic - since >= limit {
      return outOfReach(call, "\(text), for \((now.monotonic - since).wholeSeconds) s")
    }
    // What fails while others are served is this call alone.
    let since = min(call.sent?.monotonic ?? now.monotonic, now.monotonic - Self.servedLately)
    let isAlone = call.work.needsToken && service.hasServed(since: since)
    guard patience == .outage && !isAlone || isStuck(call) && call.attempts > policy.retries else {
      let patience = patience == .outage ? .normal : patience
      return schedule(call, patience.backoff, .apiError, text, now, tries: policy.retries)
    }
    // One outage fails all calls in the air: only those sent after the last failure count as a further try.
    if (call.sent?.monotonic ?? .max) >= lastFailure {
      outageFailures += 1
      holdUntil = now.monotonic + wait(Patience.outage.backoff, outageFailures)
      lastFailure = now.monotonic
    }
    let tries = policy.isPatient ? Int.max : policy.retries
    guard call.attempts <= tries else { return exhausted(call, .apiError, text, now) }
    events.append(.retrying(call.work, .apiError, text))
    requeue(call, at: holdUntil, attempts: call.attempts)
  }

  /// Whether nothing works without this call, a token or a key: a patient run waits for it.
  private func isStuck(_ call: Call) -> Bool { !call.work.needsToken && policy.isPatient }

  private func schedule(
    _ call: Call, _ backoff: Backoff, _ reason: GapReason, _ text: String, _ now: Moment, tries: Int
  ) {
    let isDoubtful = call.isPart || call.work.isBatch && call.isAnswered
    let tries = isDoubtful ? min(tries, Patience.doubtTries) : tries
    guard call.attempts <= tries else { return exhausted(call, reason, text, now) }
    later(call, backoff, call.attempts, reason, text, now)
  }

  private func later(
    _ call: Call, _ backoff: Backoff, _ number: Int, _ reason: GapReason, _ text: String, _ now: Moment
  ) {
    events.append(.retrying(call.work, reason, text))
    requeue(call, at: now.monotonic + wait(backoff, number), attempts: call.attempts)
  }

  /// How long to wait after the failure with this number.
  private func wait(_ backoff: Backoff, _ number: Int) -> Nanoseconds {
    backoff.scaled(by: policy.timeScale).delay(attempt: number, using: &generator)
  }

  private func requeue(_ call: Call, at time: Nanoseconds, attempts: Int) {
    var later = call
    later.notBefore = max(time, call.floor)
    later.attempts = attempts
    later.sent = nil
    later.token = nil
    waiting.addAgain(later)
  }

  private func exhausted(_ call: Call, _ reason: GapReason, _ text: String, _ now: Moment) {
    let text = "\(text), \(call.attempts) tries"
    // A service that answers other calls is up: only this call is given up. The first call in a row without an answer
    // may be an odd one; a second, with no call served between, means an outage.
    let isFirst = lastExhausted == nil && !(waiting.isEmpty && flying.isEmpty)
    let isServing = call.work.needsToken && (isFirst || service.hasServed(since: lastExhausted ?? .min))
    lastExhausted = now.monotonic
    if call.work.isBatch && (isServing || call.isAnswered && service.countSplit()) {
      giveUp(call, .batch, reason, text)
    } else if call.isPart && isServing {
      giveUp(call, .symbol, reason, text)
    } else if isServing || (call.work.needsToken && policy.isPatient) {
      giveUp(call, .exhausted, reason, text)
    } else {
      outOfReach(call, text)
    }
  }

  /// Nobody gets anything.
  private func outOfReach(_ call: Call, _ text: String) {
    refuse(call, .unavailable, "KIS out of reach: \(text)")
  }

  private func giveUp(_ call: Call, _ kind: RestTrouble.Kind, _ reason: GapReason, _ text: String) {
    events.append(.gaveUp(call.work, RestTrouble(kind: kind, reason: reason, message: text)))
  }

  private func refuse(_ call: Call, _ status: ExitStatus, _ text: String) {
    if call.work == .token { keeper.abandon() }
    events.append(.stop(ToolFailure(status, text)))
    // Somebody else may ask for it.
    if call.work.needsToken { waiting.addAgain(call) }
    isStopped = true
  }
}
