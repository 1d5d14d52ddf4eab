import Plumbing

/// Whom the service has served, and since when: what tells a refusal of one request from an outage of everything.
struct ServiceRecord: Equatable, Sendable {
  /// Doubtful answers in a row that one list can give by itself; more are the service's doing, and it is given rest.
  static let doubtsOfOneList = 64

  /// Batches in a row that may be split while no call is served; more than that is an outage.
  static let splitsInVain = 16

  private var lastServed: Nanoseconds?
  private var doubts = 0
  private var splits = 0

  /// Whether a quote was ever answered with what was asked for, or with a refusal that is known.
  var hasServed: Bool { lastServed != nil }

  /// Whether a quote was answered at `time` or later, monotonic.
  func hasServed(since time: Nanoseconds) -> Bool { lastServed.map { $0 >= time } ?? false }

  /// Somebody's quote was answered.
  mutating func noteServed(at time: Nanoseconds) {
    lastServed = time
    doubts = 0
    splits = 0
  }

  /// Counts a call of several symbols that gave nothing; whether it may be asked for in halves.
  mutating func countSplit() -> Bool {
    splits += 1
    return splits <= Self.splitsInVain
  }

  /// An answer gave nothing, for an unknown reason. The number of the pause that is due, from 1; nil: go on.
  mutating func noteDoubt() -> Int? {
    doubts += 1
    return doubts > Self.doubtsOfOneList ? doubts - Self.doubtsOfOneList : nil
  }
}
