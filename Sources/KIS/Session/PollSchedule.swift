import Plumbing

/// When the next round of polling is due, and how long a round must be for the limit.
public struct PollSchedule: Sendable {
  /// Asked for.
  public let interval: Nanoseconds
  /// When the next round starts, monotonic; nil before the first symbol.
  public private(set) var next: Nanoseconds?
  /// Rounds begun so far.
  public private(set) var iteration = 0
  /// What a round takes at least: `interval`, or more when there are more calls than it has room for.
  public private(set) var effective: Nanoseconds

  /// Rounds of `interval`.
  public init(interval: Nanoseconds) {
    self.interval = interval
    effective = interval
  }

  /// Fits the round to `calls` calls, `spacing` apart. True when the round's length changed.
  public mutating func fit(calls: Int, spacing: Nanoseconds) -> Bool {
    let before = effective
    effective = max(interval, spacing * calls)
    return effective != before
  }

  /// Makes a round due now, if none is planned yet.
  public mutating func start(now: Nanoseconds) { if next == nil { next = now } }

  /// Plans no rounds until `start`.
  public mutating func pause() { next = nil }

  /// Begins the round that is due and plans the next one. Gives the number of rounds that were missed, because
  /// the process was held up; nil when none is due.
  public mutating func begin(now: Nanoseconds) -> Int? {
    guard let due = next, now >= due else { return nil }
    iteration += 1
    let missed = (now - due) / effective
    next = due + effective * (missed + 1)
    return missed
  }
}
