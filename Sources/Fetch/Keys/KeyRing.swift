import KIS
import Plumbing

/// The app keys of a run. Registrations are spread over their sessions, so that each has about as many; calls go to the
/// key with the fewest that wait.
struct KeyRing {
  let keys: [KeyLane]

  init(_ keys: [KeyLane]) { self.keys = keys }

  // MARK: - Calls

  /// Keys whose calls are made.
  var callers: [KeyLane] { keys.filter(\.makesCalls) }
  /// Calls made so far.
  var calls: Int { keys.reduce(0) { $0 + $1.rest.calls } }
  /// Whether any quote was answered, with data or with a refusal that is known.
  var hasServed: Bool { keys.contains { $0.rest.hasServed } }

  /// Asks for a quote.
  func enqueue(_ work: RestWork, isPart: Bool = false) {
    callers.min { $0.rest.backlog < $1.rest.backlog }?.rest.enqueue(work, isPart: isPart)
  }

  /// Whether a call for `instrument` waits for nothing but its turn under a limit.
  func isQueued(_ instrument: Instrument, _ now: Moment) -> Bool {
    callers.contains { $0.rest.isQueued(instrument, now) }
  }

  // MARK: - Registrations

  /// Sessions that registrations go to.
  var sessions: [RealtimeLane] { keys.compactMap(\.realtime) }

  /// Wants a registration: of the session with the most room, else of the first, where it waits for room.
  func want(_ instrument: Instrument, _ feed: Feed) {
    guard let channel = Channel(of: instrument, feed) else { return }
    let registration = Registration(channel, instrument.symbol)
    for session in sessions { session.refused[registration] = nil }
    if let own = sessions.first(where: { $0.plan.state(of: registration) != nil }) {
      return own.want(instrument, feed)
    }
    roomiest?.want(instrument, feed)
  }

  /// Drops a registration.
  func unwant(_ instrument: Instrument, _ feed: Feed) {
    for session in sessions { session.unwant(instrument, feed) }
  }

  /// Moves registrations without room to sessions that have some.
  func balance() {
    guard sessions.count > 1 else { return }
    for session in sessions where session.plan.overflowCount > 0 {
      for other in sessions where other !== session && other.plan.room > 0 {
        for registration in session.plan.overflow.prefix(other.plan.room) {
          guard let subject = session.subjects[registration] else { continue }
          session.unwant(subject.instrument, subject.feed)
          other.want(subject.instrument, subject.feed)
        }
      }
    }
  }

  /// The most registrations, as far as is known.
  var limit: Int { sessions.reduce(0) { $0 + $1.plan.limit } }

  /// Whether a registration has no room in any session.
  func isOverflow(_ registration: Registration) -> Bool {
    sessions.contains { $0.plan.isOverflow(registration) }
  }

  private var roomiest: RealtimeLane? {
    // (`max` would take the last of equals.)
    sessions.reduce(nil as RealtimeLane?) { best, session in
      guard let best else { return session }
      return session.plan.room > best.plan.room ? session : best
    }
  }

  // MARK: - Time

  /// When something is due, monotonic.
  var deadline: Nanoseconds? { (callers.map(\.rest.deadline) + [sessionDeadline]).compactMap { $0 }.min() }
  /// The same of the sessions alone.
  var sessionDeadline: Nanoseconds? {
    keys.flatMap { $0.open.map(\.deadline) + [$0.againAt] }.compactMap { $0 }.min()
  }
}
