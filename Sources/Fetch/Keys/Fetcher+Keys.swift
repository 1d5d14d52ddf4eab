import KIS
import Plumbing

/// Several app keys: one that fails hands its symbols to the others.
extension Fetcher {
  /// The name of a key in the log; empty where there is only one.
  func label(_ key: KeyLane) -> String { keys.keys.count > 1 ? "key \(key.number): " : "" }

  /// Says which keys do not serve from the beginning.
  func tellFailedKeys() {
    for key in keys.keys {
      if let failure = key.failure { log.warning("Key fails | \(label(key))\(failure.message)") }
    }
  }

  /// The session of a key cannot go on. Where no other is left, the run ends.
  func sessionFails(_ key: KeyLane, _ why: ToolFailure, _ now: Moment) {
    guard ending == nil, key.realtime != nil else { return }
    guard keys.sessions.count > 1 else { return stop(why, now) }
    // What the exchange refuses over the socket it refuses in calls.
    if why.status == .refused, key.makesCalls, keys.callers.count > 1 { return callsFail(key, why, now) }
    handOver(key, why, now) { key.giveUpSession(why, now.monotonic) }
  }

  /// The calls of a key cannot go on, and with them no new session.
  func callsFail(_ key: KeyLane, _ why: ToolFailure, _ now: Moment) {
    guard ending == nil, key.makesCalls else { return }
    let isNeeded = key.realtime != nil && keys.sessions.count == 1
    guard keys.callers.count > 1, !isNeeded else { return stop(why, now) }
    var rest: (events: [RestEvent], left: [RestWork]) = ([], [])
    handOver(key, why, now) { rest = key.giveUpCalls(why, now) }
    take(rest.events, key, now)
    for work in rest.left where isWanted(work) { keys.enqueue(work) }
    polling.changed()
  }

  private func handOver(_ key: KeyLane, _ why: ToolFailure, _ now: Moment, _ giveUp: () -> Void) {
    var wanted: [Subject] = []
    if let session = key.realtime {
      settle(session.takeOverflowChanges(), now)
      session.lose("\(label(key))\(why.message)", now) { take($0, key, session, now) }
      wanted = session.subjects.all.sorted { $0.instrument.symbol < $1.instrument.symbol }
      settle(session.plan.overflow.map { ($0, false) }, now)
    }
    giveUp()
    for subject in wanted { keys.want(subject.instrument, subject.feed) }
    log.warning(
      "Key fails | \(label(key))\(why.message)"
        + (wanted.isEmpty ? "" : " | the other keys observe its \(wanted.count) registrations, or REST does"))
  }

  /// Tries sessions again that were given up for a while.
  func reviveKeys(_ now: Moment) {
    for key in keys.keys {
      guard let again = key.againAt, now.monotonic >= again else { continue }
      do {
        try key.beginSession()
        log.info("Key tried again | \(label(key))its session")
        keys.balance()
      } catch {
        key.giveUpSession(error, now.monotonic)
        log.warning("Key fails | \(label(key))\(error.message)")
      }
    }
  }
}
