import Plumbing

/// One instant on both clocks. Deadlines use the monotonic one; whatever leaves the process uses the wall.
public struct Moment: Equatable, Sendable {
  /// Of the monotonic clock.
  public var monotonic: Nanoseconds
  /// Of the wall clock.
  public var wall: Milliseconds

  /// Makes a moment.
  public init(monotonic: Nanoseconds, wall: Milliseconds) {
    self.monotonic = monotonic
    self.wall = wall
  }

  /// This moment, `time` later on both clocks.
  public func advanced(by time: Nanoseconds) -> Moment {
    Moment(monotonic: monotonic + time, wall: wall + Milliseconds(time))
  }
}
