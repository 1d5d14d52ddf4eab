import Glibc

/// What one thread waits for: descriptors and a deadline, in one `poll`.
public struct EventLoop: Sendable {
  private var entries: [pollfd] = []
  private var keys: [Int] = []

  /// Nothing to wait for yet.
  public init() {}

  /// Forgets all descriptors.
  public mutating func clear() {
    entries.removeAll(keepingCapacity: true)
    keys.removeAll(keepingCapacity: true)
  }

  /// Watches `descriptor` (skipped when negative) for `events`; `key` tells it apart in `ready`. With no events
  /// only the end of the other side is seen.
  public mutating func watch(_ descriptor: Int32, _ events: Int16, key: Int) {
    guard descriptor >= 0 else { return }
    entries.append(pollfd(fd: descriptor, events: events, revents: 0))
    keys.append(key)
  }

  /// Waits until a descriptor is ready, the deadline (monotonic; nil: none) has passed, or a signal
  /// came. Never wakes before the deadline without a reason, so nothing can spin on it.
  public mutating func wait(until deadline: Nanoseconds?, now: Nanoseconds) {
    let timeout = (deadline ?? .max).pollTimeout(from: now)
    if poll(&entries, nfds_t(entries.count), timeout) < 0 {
      for index in entries.indices { entries[index].revents = 0 }
    }
  }

  /// What happened to the descriptor watched as `key`: 0 when nothing did.
  public func ready(_ key: Int) -> Int16 {
    guard let index = keys.firstIndex(of: key) else { return 0 }
    return entries[index].revents
  }
}
