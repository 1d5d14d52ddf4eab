/// One registration: a channel of one symbol.
public struct Registration: Hashable, Sendable {
  /// Trades or book, at a venue.
  public let channel: Channel
  /// The symbol (tr_key).
  public let symbol: String

  /// Makes a registration.
  public init(_ channel: Channel, _ symbol: String) {
    self.channel = channel
    self.symbol = symbol
  }
}

/// Which registrations a session holds, and which message goes out next: pure, without a socket.
///
/// One message is in the air at a time and nothing is sent twice in one connection without a reply, because KIS
/// blocks keys that subscribe in loops (KIS notice 2026-02-24).
public struct SubscriptionPlan: Sendable {
  /// Where one registration stands in this connection.
  public enum State: Equatable, Sendable {
    /// Wanted, not sent.
    case idle
    /// Sent, not answered.
    case subscribing
    /// The server said yes, or that it had it already.
    case active
    /// Removal sent, not answered.
    case unsubscribing
    /// The server never answered: it may be served, and is not asked again in this connection.
    case unanswered
  }

  /// What to send.
  public enum Message: Equatable, Sendable {
    /// A registration (tr_type 1).
    case subscribe(Registration)
    /// A removal (tr_type 2).
    case unsubscribe(Registration)
  }

  /// Waits, nanoseconds.
  public struct Timing: Sendable {
    /// Between two messages: KIS asks for 50 to 100 ms.
    public var pace: Int64 = 75_000_000
    /// How long an answer may take.
    public var answer: Int64 = 5_000_000_000
    /// Before an item that the server could not take for a moment is asked for again.
    public var retry: Int64 = 30_000_000_000
    /// Before registrations beyond the limit are tried again: a server remembers a lost session for minutes.
    public var overflow: Int64 = 300_000_000_000
    /// Between taking an item away and asking for it again.
    public var flip: Int64 = 5_000_000_000

    /// The normal waits.
    public init() {}
  }

  private struct Item: Sendable {
    var state: State = .idle
    var notBefore: Int64 = 0
    var tries = 0
  }

  /// The most registrations that this session takes; it shrinks when the server teaches a smaller number.
  public private(set) var limit: Int
  private let ceiling: Int
  private let timing: Timing
  private var wanted: [Registration] = []
  private var isWanted: Set<Registration> = []
  private var items: [Registration: Item] = [:]
  private var waiting: Registration?
  private var sentAt: Int64 = .min / 2
  private var overflowAt: Int64?

  /// Plans for at most `limit` registrations.
  public init(limit: Int, timing: Timing = Timing()) {
    self.limit = limit
    ceiling = limit
    self.timing = timing
  }

  /// Registrations that count against the limit now.
  public var held: Int { items.values.count { $0.state != .idle } }
  /// Registrations that the server confirmed.
  public var active: Int { items.values.count { $0.state == .active } }
  /// Registrations that the server has left without an answer.
  public var unanswered: Int { items.values.count { $0.state == .unanswered } }
  /// The state of one registration; nil when it is neither wanted nor held.
  public func state(of registration: Registration) -> State? { items[registration]?.state }

  /// Wants one more.
  public mutating func want(_ registration: Registration) {
    guard isWanted.insert(registration).inserted else { return }
    wanted.append(registration)
    if items[registration] == nil { items[registration] = Item() }
  }

  /// Wants one less.
  public mutating func drop(_ registration: Registration) {
    forget(registration)
    if items[registration]?.state == .idle, (items[registration]?.notBefore ?? 0) == 0 {
      items[registration] = nil
    }
  }

  /// Wanted registrations that have no room: the first `limit` of the wanted ones have.
  public var overflow: [Registration] {
    let held = self.held
    var room = max(0, limit - held)
    return wanted.filter { registration in
      guard items[registration]?.state ?? .idle == .idle else { return false }
      if room > 0 {
        room -= 1
        return false
      }
      return true
    }
  }

  /// A connection begins: the server knows nothing of an earlier one.
  public mutating func reset() {
    waiting = nil
    sentAt = .min / 2
    items = Dictionary(uniqueKeysWithValues: wanted.map { ($0, Item(state: .idle, notBefore: 0, tries: 0)) })
  }

  /// The next message, if one may be sent now; it counts as sent.
  public mutating func next(now: Int64) -> Message? {
    expire(now: now)
    guard waiting == nil, now - sentAt >= timing.pace else { return nil }
    if let gone = items.first(where: { isSurplus($0.key, $0.value) })?.key {
      items[gone]?.state = .unsubscribing
      return sent(.unsubscribe(gone), gone, now)
    }
    if let at = overflowAt, now >= at {
      overflowAt = nil
      limit = ceiling
    }
    guard held < limit else { return nil }
    guard let next = wanted.first(where: { isReady($0, now) }) else { return nil }
    items[next, default: Item()].state = .subscribing
    items[next]?.tries += 1
    return sent(.subscribe(next), next, now)
  }

  /// All removals, for the end of a session; they count as sent and no answer is waited for.
  public mutating func takeAll() -> [Registration] {
    let held = wanted.filter { [.active, .subscribing, .unanswered].contains(items[$0]?.state ?? .idle) }
    wanted = []
    isWanted = []
    items = [:]
    waiting = nil
    return held
  }

  /// When `next` has something to do, monotonic nanoseconds; nil when only an event can change that.
  public var deadline: Int64? {
    if waiting != nil { return sentAt + timing.answer }
    let hasSurplus = items.contains { isSurplus($0.key, $0.value) }
    if hasSurplus { return sentAt + timing.pace }
    let ready = wanted.compactMap { registration -> Int64? in
      guard let item = items[registration], item.state == .idle else { return nil }
      return max(item.notBefore, sentAt + timing.pace)
    }.min()
    guard let ready else { return nil }
    return held < limit ? ready : overflowAt.map { max($0, ready) }
  }

  private mutating func forget(_ registration: Registration) {
    guard isWanted.remove(registration) != nil else { return }
    wanted.removeAll { $0 == registration }
  }

  private func isSurplus(_ registration: Registration, _ item: Item) -> Bool {
    (item.state == .active || item.state == .unanswered) && !isWanted.contains(registration)
  }

  private func isReady(_ registration: Registration, _ now: Int64) -> Bool {
    guard let item = items[registration] else { return true }
    return item.state == .idle && item.notBefore <= now
  }

  private mutating func sent(_ message: Message, _ registration: Registration, _ now: Int64) -> Message {
    waiting = registration
    sentAt = now
    return message
  }

  private mutating func expire(now: Int64) {
    guard let late = waiting, now - sentAt >= timing.answer else { return }
    waiting = nil
    if items[late]?.state == .unsubscribing { items[late] = nil } else { items[late]?.state = .unanswered }
  }
}

extension SubscriptionPlan {
  /// What the server said about a registration.
  public enum Verdict: Equatable, Sendable {
    /// Registered (or it was already).
    case subscribed
    /// Removed (or it was not there).
    case unsubscribed
    /// Not now: later again, at most three times.
    case retry
    /// No room.
    case overLimit
    /// Never for this symbol or channel.
    case refused
  }

  /// Which registration a reply is about. Rejects may name none: then it is the one in the air.
  public func subject(channel: Channel?, symbol: String?) -> Registration? {
    if let channel, let symbol {
      let named = Registration(channel, symbol)
      if items[named] != nil { return named }
    }
    return waiting
  }

  /// Takes a reply. Gives the new limit when the server taught one.
  public mutating func answer(_ registration: Registration, _ verdict: Verdict, now: Int64) -> Int? {
    if waiting == registration { waiting = nil }
    switch verdict {
    case .subscribed:
      items[registration]?.state = .active
      items[registration]?.tries = 0
    case .unsubscribed:
      items[registration] =
        isWanted.contains(registration) ? Item(state: .idle, notBefore: now + timing.flip, tries: 0) : nil
    case .retry:
      let tries = items[registration]?.tries ?? 0
      let wait = tries >= 3 ? timing.overflow : timing.retry
      items[registration]?.state = .idle
      items[registration]?.notBefore = now + wait
    case .overLimit:
      items[registration]?.state = .idle
      items[registration]?.tries = 0
      overflowAt = now + timing.overflow
      let learned = held
      if learned < limit {
        limit = learned
        return learned
      }
    case .refused:
      forget(registration)
      items[registration] = nil
    }
    return nil
  }
}
