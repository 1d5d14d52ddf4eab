/// When the next round of polling is due, and how long a round must be for the limit.
public struct PollSchedule: Sendable {
  /// Asked for, nanoseconds.
  public let interval: Int64
  /// When the next round starts, monotonic nanoseconds; nil before the first symbol.
  public private(set) var next: Int64?
  /// Rounds begun so far.
  public private(set) var iteration = 0
  /// What a round takes at least, nanoseconds: `interval`, or more when there are more calls than it has room for.
  public private(set) var effective: Int64

  /// Rounds of `interval` nanoseconds.
  public init(interval: Int64) {
    self.interval = interval
    effective = interval
  }

  /// Fits the round to `calls` calls, `spacing` nanoseconds apart. True when the round's length changed.
  public mutating func fit(calls: Int, spacing: Int64) -> Bool {
    let before = effective
    effective = max(interval, Int64(calls) * spacing)
    return effective != before
  }

  /// Makes a round due now, if none is planned yet.
  public mutating func start(now: Int64) { if next == nil { next = now } }

  /// Plans no round any more, until `start`.
  public mutating func pause() { next = nil }

  /// Begins the round that is due and plans the next one. Gives the number of rounds that were missed, because
  /// the process was held up; nil when none is due.
  public mutating func begin(now: Int64) -> Int? {
    guard let due = next, now >= due else { return nil }
    iteration += 1
    let missed = (now - due) / effective
    next = due + (missed + 1) * effective
    return Int(missed)
  }
}
