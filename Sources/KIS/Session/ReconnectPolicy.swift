import Plumbing

/// When to connect again: patient and bounded, because KIS blocks keys and addresses that connect in loops
/// (KIS notices 2026-01-15, 2026-02-24).
public struct ReconnectPolicy: Sendable {
  /// Waits and counts.
  public struct Limits: Sendable {
    /// The first wait is drawn from this range.
    public var first: ClosedRange<Nanoseconds> = .seconds(1)...(.seconds(5))
    /// The longest wait.
    public var longest: Nanoseconds = .seconds(60)
    /// Frames for this long make a connection healthy: the next wait is a first one again.
    public var healthy: Nanoseconds = .seconds(60)
    /// Connections in any hour.
    public var attemptsPerHour = 90
    /// That hour.
    public var hour: Nanoseconds = .hours(1)
    /// The first wait after OPSP8996 (key in use).
    public var inUse: ClosedRange<Nanoseconds> = .seconds(60)...(.seconds(90))
    /// How often a key in use is waited for.
    public var inUseTries = 4

    /// The normal waits.
    public init() {}

    /// All waits multiplied by `factor`.
    public func scaled(by factor: Double) -> Limits {
      var limits = self
      limits.first = first.lowerBound.scaled(by: factor)...first.upperBound.scaled(by: factor)
      limits.longest = longest.scaled(by: factor)
      limits.healthy = healthy.scaled(by: factor)
      limits.hour = hour.scaled(by: factor)
      limits.inUse = inUse.lowerBound.scaled(by: factor)...inUse.upperBound.scaled(by: factor)
      return limits
    }
  }

  private let limits: Limits
  private var generator: SeededGenerator
  private var previous: Nanoseconds?
  private var inUseCount = 0
  private var attempts: [Nanoseconds] = []
  /// Connections that ended without ever having been healthy, since the last healthy one.
  public private(set) var failures = 0

  /// Starts with no attempt made.
  public init(limits: Limits = Limits(), seed: UInt64) {
    self.limits = limits
    generator = SeededGenerator(seed: seed)
  }

  /// Notes that a connection is attempted.
  public mutating func attempted(now: Nanoseconds) {
    attempts.removeAll { now - $0 >= limits.hour }
    attempts.append(now)
  }

  /// Notes that frames have been coming since `since`: long enough, and the waits start over.
  public mutating func sawFrame(since: Nanoseconds, now: Nanoseconds) {
    guard now - since >= limits.healthy, previous != nil || inUseCount > 0 || failures > 0 else { return }
    previous = nil
    inUseCount = 0
    failures = 0
  }

  /// How long to wait after a lost connection. More than the hourly bound waits for the hour to pass.
  public mutating func wait(now: Nanoseconds) -> Nanoseconds {
    failures += 1
    let pause: Nanoseconds
    if let previous {
      let bound = min(previous * 2, limits.longest)
      pause = Nanoseconds.random(in: (bound / 2)...bound, using: &generator)
      self.previous = bound
    } else {
      pause = Nanoseconds.random(in: limits.first, using: &generator)
      previous = max(pause, limits.first.lowerBound)
    }
    attempts.removeAll { now - $0 >= limits.hour }
    if attempts.count >= limits.attemptsPerHour, let oldest = attempts.first {
      return max(pause, oldest + limits.hour - now)
    }
    return pause
  }

  /// How long to wait because the key is in use elsewhere; nil when it was waited for often enough.
  public mutating func waitForKey() -> Nanoseconds? {
    guard inUseCount < limits.inUseTries else { return nil }
    inUseCount += 1
    failures += 1
    return Nanoseconds.random(in: limits.inUse, using: &generator) * inUseCount
  }
}
