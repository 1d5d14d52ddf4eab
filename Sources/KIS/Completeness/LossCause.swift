import Plumbing

/// Whose doing it is that trades are missing: `cause` in a gap record, and the metrics' label.
public enum LossCause: String, CaseIterable, Sendable {
  /// They did not arrive: the connection stood and was listened to.
  case notReceived = "not_received"
  /// Our output was blocked by a slow reader, so that nothing was read from the exchange.
  case outputBlocked = "output_blocked"
  /// This process was stopped, or its host slept.
  case paused
  /// The registrations were full: meanwhile the symbol was polled, or not observed.
  case noRoom = "no_room"
  /// A gap whose end had to be told before the next trade came.
  case gap
  /// A trade that was counted as missing came late: what it takes back.
  case cameLate = "came_late"
  /// The channel's records were found not to add up after the loss was told: what that takes back.
  case withdrawn

  /// Whether we did it ourselves.
  public var isOurs: Bool { self == .outputBlocked || self == .paused || self == .noRoom }
  /// Whether it takes back what was told.
  public var takesBack: Bool { self == .cameLate || self == .withdrawn }
}

/// When this process last could not listen to the exchange, and why.
public struct Deafness: Equatable, Sendable {
  /// Of the wall clock.
  public let from: Milliseconds, to: Milliseconds
  /// `outputBlocked` or `paused`.
  public let cause: LossCause

  /// Names it.
  public init(from: Milliseconds, to: Milliseconds, cause: LossCause) {
    self.from = from
    self.to = to
    self.cause = cause
  }

  /// For how long after it losses are of its making: what the kernel kept is read first, and then the
  /// exchange's end of the connection.
  private static let echo: Milliseconds = .seconds(10)

  /// Whether what was lost between two moments was lost by it.
  func explains(_ from: Milliseconds, _ to: Milliseconds) -> Bool {
    self.from <= to && from <= self.to + Self.echo
  }
}
