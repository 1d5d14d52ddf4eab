/// How much of the time that passes is our own pause and not the other side's silence: pure, without a clock.
///
/// A loop that waits for an answer comes round once a second. When its turn comes later than that, the process was
/// stopped, its host slept, or its output was blocked: whatever was sent meanwhile could not be heard. So what waits
/// reads what is there first, and is then given that time on top.
public struct Attention: Sendable {
  /// Where a turn stands.
  public struct Turn: Equatable, Sendable {
    /// Time since the turn before, nanoseconds.
    public let step: Int64
    /// What of it was our own pause.
    public let pause: Int64
  }

  /// Between two turns of a loop that is awake, nanoseconds.
  public static let beat: Int64 = 1_000_000_000

  /// The last turn, monotonic nanoseconds; nil before the first.
  public private(set) var last: Int64?

  /// Nothing is waited for yet.
  public init() {}

  /// When the next turn is to be taken, monotonic nanoseconds, for as long as something is waited for.
  public var deadline: Int64 { (last ?? 0) + Self.beat }

  /// A turn at `now`, monotonic nanoseconds. A beat is allowed twice its time.
  public mutating func turn(at now: Int64) -> Turn {
    defer { last = now }
    let step = max(0, now - (last ?? now))
    return Turn(step: step, pause: step > 2 * Self.beat ? step - Self.beat : 0)
  }

  /// Nothing was waited for until `now`.
  public mutating func begin(at now: Int64) { last = now }
}
