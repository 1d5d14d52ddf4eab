import Plumbing

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

extension SubscriptionPlan {
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
    /// The server has not answered: it may be served all the same.
    case unanswered
  }

  /// What to send.
  public enum Message: Equatable, Sendable {
    /// A registration (tr_type 1).
    case subscribe(Registration)
    /// A removal (tr_type 2).
    case unsubscribe(Registration)
    /// Nothing: no registration of this connection was answered, and only a new one can help.
    case giveUp
  }

  /// Waits.
  public struct Timing: Sendable {
    /// Between two messages: KIS asks for 50 to 100 ms.
    public var pace: Nanoseconds = .milliseconds(75)
    /// How long an answer may take before the next message goes out.
    public var answer: Nanoseconds = .seconds(5)
    /// After an ask without an answer: before it is asked again, and then before the connection is given up.
    public var unanswered: Nanoseconds = .seconds(10)
    /// Before an item that the server could not take for a moment is asked for again.
    public var retry: Nanoseconds = .seconds(30)
    /// Before registrations beyond the limit are tried again: a server remembers a lost session for minutes.
    public var overflow: Nanoseconds = .seconds(300)
    /// Between taking an item away and asking for it again.
    public var flip: Nanoseconds = .seconds(5)

    /// The normal waits.
    public init() {}
  }

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
}
