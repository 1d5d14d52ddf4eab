import KIS
import Plumbing

/// Finds times in which this process did not listen although a connection stood. Pure: time is a parameter.
struct Hearing {
  /// Shorter ones cost nothing: the kernel keeps what comes.
  static let least: Nanoseconds = .seconds(1)
  /// The longest time between two turns of a loop that is awake.
  static let beat: Nanoseconds = .seconds(3)

  private var turned: Moment?
  private var wasListening = false
  private var wasWaiting = false
  private var fullSince: Moment?

  /// A turn of the loop. Gives a time of deafness when it is over.
  mutating func turn(_ now: Moment, isFull: Bool, isWaiting: Bool, _ isListening: Bool) -> Deafness? {
    defer { (turned, wasListening, wasWaiting) = (now, isListening, isWaiting) }
    if isFull {
      fullSince = fullSince ?? turned ?? now
      return nil
    }
    if let since = fullSince {
      fullSince = nil
      return since.monotonic + Self.least <= now.monotonic ? deafness(since, now, .outputBlocked) : nil
    }
    guard let turned, wasListening, now.monotonic - turned.monotonic >= Self.beat else { return nil }
    return deafness(turned, now, wasWaiting ? .outputBlocked : .paused)
  }

  private func deafness(_ since: Moment, _ now: Moment, _ cause: LossCause) -> Deafness {
    Deafness(from: now.wall - Milliseconds(now.monotonic - since.monotonic), to: now.wall, cause: cause)
  }
}
