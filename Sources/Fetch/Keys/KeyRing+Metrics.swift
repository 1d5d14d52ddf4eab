import KIS
import Plumbing

/// What the keys tell about themselves. A key is named by its number.
extension KeyRing {
  /// Whether a real-time session exists or existed.
  var hasSessions: Bool { keys.contains { $0.counts != nil } }
  /// What was counted over all sessions.
  var counts: RealtimeCounts {
    keys.compactMap(\.counts).reduce(into: RealtimeCounts()) { $0.add($1) }
  }
  private var account: FrameAccount? {
    let all = keys.compactMap(\.account)
    return all.dropFirst().reduce(all.first) { sum, other in sum.map { $0 + other } }
  }

  /// The calls of all keys together.
  func appendCalls(_ now: Moment, _ text: inout MetricsText) {
    let counts = (callers.isEmpty ? keys : callers).map(\.rest.counts).reduced()
    text.put(.requests, counts.byResult)
    text.put(.answersRepaired, counts.repairedAnswers)
    text.put(.failuresInRow, Double(counts.failuresInRow))
    text.put(.lastFailure, counts.lastFailure.map { [($0.rawValue, 1)] } ?? [])
    text.put(.lastSuccess, counts.lastSuccess?.inSeconds)
    text.put(.limiterWaits, counts.limiterWaits)
    text.put(.limiterWait, counts.limiterWait.inSeconds)
    text.put(.clockOffset, counts.clockOffset?.inSeconds)
    // The one that ends first.
    let token = callers.compactMap(\.rest.keeper.token).min { $0.expires < $1.expires }
    text.put(.tokenAge, token.map { (now.wall - $0.issued).inSeconds })
    text.put(.tokenExpiry, token.map { $0.expires.inSeconds })
  }

  /// The sessions of all keys together: what is silent the longest, and what was opened last.
  func appendSessions(_ now: Moment, refused: Int, _ text: inout MetricsText) {
    func seconds(_ time: Nanoseconds?) -> Double? { time?.inSeconds }
    func sum(_ value: (RealtimeLane) -> Int) -> Double { Double(sessions.reduce(0) { $0 + value($1) }) }
    let counts = counts
    let ages = sessions.map { $0.age(at: now.monotonic) }
    text.put(.webSocketConnected, ages.isEmpty || ages.contains { $0 == nil } ? 0 : 1)
    text.put(.reconnects, max(0, counts.connections - keys.count { $0.counts?.connections ?? 0 > 0 }))
    text.put(.webSocketFrames, counts.frames)
    text.put(.webSocketOpen, seconds(ages.compactMap { $0 }.min()))
    text.put(.pingPongIdle, seconds(counts.idleBeforePing))
    text.put(.webSocketSilence, seconds(sessions.compactMap(\.silence).max()))
    text.put(
      .registrations,
      [
        ("wanted", sum(\.subjects.count)), ("held", sum(\.plan.held)), ("confirmed", sum(\.plan.active)),
        ("overflow", sum(\.plan.overflowCount)), ("refused", Double(refused)),
        ("unanswered", sum(\.plan.unanswered)),
      ])
    text.put(.registrationLimit, Double(limit))
    text.put(.layoutDrift, counts.drifts)
    text.put(.messagesSkipped, counts.skippedMessages)
    text.put(.recordsSkipped, counts.skippedRecords)
    if let account { append(account, &text) }
  }

  /// Each key by its number.
  func appendKeys(_ text: inout MetricsText) {
    func by(_ value: (KeyLane) -> Double?) -> [(String, Double)] {
      keys.compactMap { key in value(key).map { ("\(key.number)", $0) } }
    }
    text.put(.keyServing, by { $0.failure == nil ? 1 : 0 })
    text.put(
      .keyFailed, keys.compactMap { key in key.failure.map { ("\(key.number)", "\($0.status.code)", 1) } })
    text.put(.keyRegistrations, by { $0.realtime.map { Double($0.plan.active) } })
    text.put(.keyRegistrationLimit, by { $0.realtime.map { Double($0.plan.limit) } })
    text.put(.keyCalls, keys.map { ("\($0.number)", $0.rest.calls) })
  }

  /// What could be read, for each channel that sent anything.
  private func append(_ account: FrameAccount, _ text: inout MetricsText) {
    let heard = Channel.all.filter { account[$0].read + account[$0].refused > 0 }
    func each(_ value: (FrameAccount.Reading) -> Int) -> [(String, Int)] {
      heard.map { ($0.transactionID, value(account[$0])) }
    }
    text.put(.framesRefused, account.refused)
    text.put(.channelFramesRead, each(\.read))
    text.put(.channelFramesRefused, each(\.refused))
    text.put(.channelRefusedInRow, each(\.inRow).map { ($0, Double($1)) })
    text.put(
      .channelLastRefusal,
      heard.compactMap { channel in
        account[channel].lastColumn.map {
          (channel.transactionID, $0, account[channel].lastAt.inSeconds)
        }
      })
  }
}

extension [RestCounts] {
  /// All together.
  fileprivate func reduced() -> RestCounts { dropFirst().reduce(first ?? RestCounts()) { $0 + $1 } }
}
