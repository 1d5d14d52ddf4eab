import KIS
import Plumbing
import TestSupport
import Testing

@testable import Fetch

/// Several app keys: how registrations and calls are spread, and what becomes of them when a key fails.
@Suite struct KeyRingTests {
  private static let start = Moment(monotonic: 1_000 * ScriptedExchange.second, wall: 1_785_369_600_000)

  private let exchanges: [ScriptedExchange]
  private let ring: KeyRing

  init() throws {
    let exchanges = (1...3).map { _ in ScriptedExchange() }
    let folder = try Tool.temporaryFolder("ring")
    self.exchanges = exchanges
    ring = KeyRing(
      try exchanges.enumerated().map { index, exchange in
        exchange.now = Self.start.monotonic
        return KeyLane(number: index + 1, rest: try Self.calls(index, folder)) {
          (
            RealtimeLane(RealtimeSettings(), now: Self.start.monotonic, seed: 3) { exchange.connect() }, nil
          )
        }
      })
  }

  static func calls(_ index: Int, _ folder: String) throws -> RestLane {
    RestLane(
      transport: NoTransport(), credentials: Credentials(appKey: Secret("k\(index)"), appSecret: Secret("s")),
      keeper: TokenKeeper(store: TokenStore(folder: folder, fingerprint: "\(index)"), seed: 1),
      limiter: try LimiterFile(path: "\(folder)/\(index)", boot: "test"), profile: Profile.of(.real),
      rate: 18,
      policy: RestPolicy(), seed: 1)
  }

  private func symbol(_ number: Int) -> Instrument {
    Instrument(String(String(number + 1_000_000).dropFirst()), .krx)
  }

  private func begin(_ keys: Int) throws {
    for key in ring.keys.prefix(keys) { try key.beginSession() }
  }

  private var wanted: [Int] { ring.sessions.map(\.subjects.count) }
  private var overflow: Int { ring.sessions.reduce(0) { $0 + $1.plan.overflowCount } }

  @Test(arguments: [(1, [1, 0]), (2, [1, 1]), (81, [41, 40]), (82, [41, 41]), (100, [59, 41])])
  func registrationsAreSpreadEvenly(_ count: Int, _ expected: [Int]) throws {
    try begin(2)
    for number in 0..<count { ring.want(symbol(number), .trades) }
    #expect(wanted == expected && overflow == max(0, count - 82))
    ring.balance()
    #expect(wanted == expected, "there is nowhere to go")
    for number in 0..<count { ring.unwant(symbol(number), .trades) }
    #expect(wanted == [0, 0])
  }

  @Test func whatIsWantedAgainStaysWhereItIs() throws {
    try begin(2)
    for _ in 1...3 { ring.want(symbol(1), .trades) }
    ring.want(symbol(1), .book)
    #expect(wanted == [1, 1])
  }

  /// One of 60 is wanted no more: those without room move up, whichever session they wait in.
  @Test func roomIsGivenToThoseThatWait() throws {
    try begin(2)
    for number in 0..<90 { ring.want(symbol(number), .trades) }
    #expect(overflow == 8)
    // Every second one is in the second session.
    for number in [1, 3, 5] { ring.unwant(symbol(number), .trades) }
    ring.balance()
    #expect(overflow == 5 && wanted == [46, 41])
  }

  /// A session learns that it takes three: the others take what it cannot hold.
  @Test func aLearnedLimitMovesTheRest() throws {
    try begin(2)
    for number in 0..<20 { ring.want(symbol(number), .trades) }
    var taken = 0
    exchanges[0].answer = { _ in
      taken += 1
      return taken > 3 ? "OPSP0008" : "OPSP0000"
    }
    var now = Self.start
    var needsKey: [RealtimeLane] = []
    for _ in 0..<100 {
      for (exchange, session) in zip(exchanges, ring.sessions) {
        exchange.now = now.monotonic
        session.advance(now) { if case .approvalWanted = $0 { needsKey.append(session) } }
      }
      for session in needsKey { session.approve(Secret("key"), now) { _ in } }
      needsKey = []
      ring.balance()
      now = Moment(monotonic: now.monotonic + .milliseconds(100), wall: now.wall + .milliseconds(100))
    }
    #expect(ring.sessions.map(\.plan.active) == [3, 17] && ring.sessions[0].plan.limit == 3)
    #expect(overflow == 0)
  }

  @Test func callsGoToTheKeyWithTheFewest() throws {
    for number in 0..<9 { ring.enqueue(.price(symbol(number))) }
    #expect(ring.keys.map(\.rest.backlog) == [3, 3, 3])
    let left = ring.keys[1].giveUpCalls(ToolFailure(.refused, "no"), Self.start).left
    #expect(left.count == 3 && ring.callers.map(\.number) == [1, 3])
    for work in left { ring.enqueue(work) }
    #expect(ring.callers.map(\.rest.backlog).reduce(0, +) == 9)
  }

  /// A session that is in use elsewhere is tried again after 10 min, 20 min, and so on to an hour; a refused one is not.
  @Test func sessionsThatWereGivenUpComeBack() throws {
    try begin(3)
    let key = ring.keys[1]
    var now = Self.start.monotonic
    var waits: [Int] = []
    for _ in 1...5 {
      key.giveUpSession(ToolFailure(.tryLater, "in use"), now)
      #expect(ring.sessions.count == 2 && key.closeIfDue(at: now))
      let again = try #require(key.againAt)
      waits.append((again - now) / ScriptedExchange.second / 60)
      now = again
      try key.beginSession()
      #expect(ring.sessions.count == 3 && key.failure == nil)
    }
    #expect(waits == [10, 20, 40, 60, 60])
    _ = key.giveUpCalls(ToolFailure(.refused, "no"), Moment(monotonic: now, wall: 0))
    try key.beginSession()
    #expect(key.againAt == nil && key.realtime == nil && ring.sessions.count == 2)
  }
}

/// Answers nothing.
private final class NoTransport: RestTransport {
  let descriptor: Int32 = -1
  func start(_ request: RestRequest) {}
  func cancel(_ id: Int) {}
  func takeCompletions() -> [RestCompletion] { [] }
}
