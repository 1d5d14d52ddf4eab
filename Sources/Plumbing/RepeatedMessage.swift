/// A message that a busy stage would log a thousand times a second.
///
/// At debug level every occurrence is written. Otherwise the first one is, and then one every ten seconds
/// with the count since, so that a flood cannot fill a disk or hide another message.
public struct RepeatedMessage: Sendable {
  private let severity: LogLevel
  private let interval: Nanoseconds
  private var next: Nanoseconds = .min
  private var suppressed = 0

  /// Makes a message of one kind.
  public init(_ severity: LogLevel, interval: Nanoseconds = .seconds(10)) {
    self.severity = severity
    self.interval = interval
  }

  /// Counts one occurrence and writes it if it is due. `now` is monotonic.
  @inline(__always)
  public mutating func report(to log: Log, now: Nanoseconds, _ message: () -> String) {
    if now < next && log.level != .debug {
      suppressed &+= 1
      return
    }
    write(to: log, now: now, message)
  }

  @inline(never)
  private mutating func write(to log: Log, now: Nanoseconds, _ message: () -> String) {
    next = now &+ interval
    let count = suppressed
    suppressed = 0
    log.write(log.level == .debug ? max(severity, .debug) : severity) {
      count > 0 ? "\(message()) | and \(count) more since the last such line" : message()
    }
  }

  /// At the end: says how many were not written.
  public mutating func finish(to log: Log, _ what: String) {
    guard suppressed > 0 else { return }
    let count = suppressed
    suppressed = 0
    log.write(severity) { "\(what) | and \(count) more since the last such line" }
  }
}
