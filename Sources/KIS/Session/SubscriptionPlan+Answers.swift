import Plumbing

/// Answers of the server, and what is done without them.
extension SubscriptionPlan {
  /// Which registration a reply is about. Rejects may name none: then it is the one in the air, if what is named fits it.
  /// One that names what is not asked for is about nothing: an answer to what was forgotten meanwhile, or a stray one.
  public func subject(transactionID: String?, symbol: String?) -> Registration? {
    if let transactionID, let symbol {
      guard let channel = Channel(transactionID: transactionID) else { return nil }
      if let named = item(Registration(channel, symbol)) { return named.registration }
    }
    guard let waiting, waiting.channel.transactionID == transactionID ?? waiting.channel.transactionID,
      Self.isSpelled(symbol ?? waiting.symbol, waiting.symbol)
    else { return nil }
    return waiting
  }

  /// Whether a key is meant by another one: with a letter before it, as `A005930`, or without the one that it has.
  private static func isSpelled(_ key: String, _ symbol: String) -> Bool {
    key == symbol
      || min(key.utf8.count, symbol.utf8.count) >= 6 && (key.hasSuffix(symbol) || symbol.hasSuffix(key))
  }

  /// Takes a reply. Gives the new limit when the server taught one.
  public mutating func answer(_ registration: Registration, _ verdict: Verdict, now: Nanoseconds) -> Int? {
    if waiting == registration { waiting = nil }
    answers.forget(registration)
    guard let item = item(registration) else { return nil }
    switch verdict {
    case .subscribed:
      change(registration) {
        $0.state = .active
        $0.tries = 0
      }
    case .unsubscribed:
      var again = Item(registration: registration)
      again.notBefore = now + timing.flip
      put(registration, item.isWanted ? again : nil)
    case .retry:
      let wait = item.tries >= 3 ? timing.overflow : timing.retry
      change(registration) {
        $0.state = .idle
        $0.notBefore = now + wait
      }
    case .overLimit:
      change(registration) {
        $0.state = .idle
        $0.tries = 0
      }
      overflowAt = now + timing.overflow
      let learned = held
      if learned < limit {
        setLimit(learned)
        return learned
      }
    case .refused: put(registration, nil)
    }
    return nil
  }

  // MARK: - No answer

  /// What the server has left without an answer since this was asked last.
  public mutating func takeSilent() -> [Registration] {
    defer { silent = [] }
    return silent
  }

  /// A record came of a registration that was not answered: it is served.
  public mutating func served(_ registration: Registration) {
    guard state(of: registration) == .unanswered else { return }
    _ = answer(registration, .subscribed, now: sentAt)
  }

  /// Nobody listened for so long: what is waited for may still come.
  public mutating func excuse(_ pause: Nanoseconds) {
    if waiting != nil { sentAt += pause }
    answers.excuse(pause)
  }

  /// Waits no longer for the answer to what is in the air, when that has had its time.
  mutating func expire(now: Nanoseconds) {
    guard let late = waiting, now - sentAt >= timing.answer else { return }
    waiting = nil
    guard let item = item(late) else { return }
    if item.state == .unsubscribing {
      put(late, item.isWanted ? Item(registration: late) : nil)
    } else {
      change(late) { $0.state = .unanswered }
      guard item.isWanted else { return }
      answers.missed(late, sentAt: sentAt, wait: timing.unanswered)
      silent.append(late)
    }
  }
}
