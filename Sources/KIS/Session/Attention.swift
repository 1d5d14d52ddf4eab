import Plumbing

/// How much of the time that passes is our own pause and not the other side's silence: pure, without a clock.
///
/// A loop that waits for an answer comes round once a second. When its turn comes later than that, the process was
/// stopped, its host slept, or its output was blocked: whatever was sent meanwhile could not be heard. So what waits
/// reads what is there first, and is then given that time on top.
public struct Attention: Sendable {
  /// Where a turn stands.
  public struct Turn: Equatable, Sendable {
    /// Time since the turn before.
    public let step: Nanoseconds
    /// What of it was our own pause.
    public let pause: Nanoseconds
  }

  /// Between two turns of a loop that is awake.
  public static let beat: Nanoseconds = .seconds(1)

  /// The last turn, monotonic; nil before the first.
  public private(set) var last: Nanoseconds?

  /// Nothing is waited for yet.
  public init() {}

  /// When the next turn is to be taken, monotonic, for as long as something is waited for.
  public var deadline: Nanoseconds { (last ?? .zero) + Self.beat }

  /// A turn at `now`, monotonic. A beat is allowed twice its time.
  public mutating func turn(at now: Nanoseconds) -> Turn {
    defer { last = now }
    let step = max(.zero, now - (last ?? now))
    return Turn(step: step, pause: step > 2 * Self.beat ? step - Self.beat : .zero)
  }

  /// Nothing was waited for until `now`.
  public mutating func begin(at now: Nanoseconds) { last = now }
}
