import Plumbing

/// Registrations that the server leaves without an answer: pure, without a clock.
///
/// Each is asked for once more in its connection. If that is not answered either, it depends on the others: a session
/// in which nothing was confirmed is of no use, whatever PINGPONG says; in one that serves others the odd one waits.
struct AnswerWatch: Sendable {
  /// What is to be done.
  enum Step: Equatable, Sendable {
    /// Ask for it again.
    case ask(Registration)
    /// Nobody answers: only a new connection can help.
    case giveUp
  }

  private struct Entry: Sendable {
    var due: Nanoseconds
    var asks = 1
    /// Whether it was given a long rest already.
    var isRested = false
  }

  private var entries: [Registration: Entry] = [:]

  /// When `next` has something to do; nil when all are answered.
  var deadline: Nanoseconds? { entries.values.map(\.due).filter { $0 < .max }.min() }

  /// An ask at `sentAt` was not answered in time; it is looked at again `wait` after it.
  mutating func missed(_ registration: Registration, sentAt: Nanoseconds, wait: Nanoseconds) {
    if var entry = entries[registration] {
      entry.asks += 1
      entry.due = sentAt + wait
      entry.isRested = false
      entries[registration] = entry
    } else {
      entries[registration] = Entry(due: sentAt + wait)
    }
  }

  /// Nobody listened for so long: that was no silence of the server.
  mutating func excuse(_ pause: Nanoseconds) {
    for (registration, entry) in entries where entry.due < .max {
      entries[registration]?.due = entry.due + pause
    }
  }

  /// The answer came, or is no longer wanted.
  mutating func forget(_ registration: Registration) { if !entries.isEmpty { entries[registration] = nil } }

  /// A new connection begins.
  mutating func reset() { entries = [:] }

  /// What is due. Where others are served, `rest` passes before one that was asked for twice is asked for again.
  mutating func next(now: Nanoseconds, isServed: Bool, rest: Nanoseconds) -> Step? {
    while let (registration, entry) = entries.filter({ $0.value.due <= now }).min(by: {
      $0.value.due < $1.value.due
    }) {
      if entry.asks == 1 || entry.isRested {
        entries[registration]?.due = .max
        return .ask(registration)
      }
      guard isServed else { return .giveUp }
      entries[registration]?.due = now + rest
      entries[registration]?.isRested = true
    }
    return nil
  }
}
