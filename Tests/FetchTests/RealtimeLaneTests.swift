import KIS
import Plumbing
import Testing

@testable import Fetch

/// The session against a scripted server on a fake clock: reconnecting, watching, silence and farewell.
@Suite struct RealtimeLaneTests {
  private static let two = ["005930", "000660"]

  @Test func registersOneAfterTheOther() {
    let bench = RealtimeBench(Self.two)
    bench.run(5)
    #expect(bench.told == ["0 WebSocket connected", "0 observed 005930", "0 observed 000660"])
    #expect(bench.exchange.said == ["1000 +005930", "1000 +000660"] && bench.approvals == 1)
    #expect(bench.lane.plan.active == 2 && bench.lane.silence != nil)
  }

  /// What one answer to the first registration does, within 200 s.
  @Test(arguments: [
    ("OPSP0002", ["0 observed 005930", "0 observed 000660"]),
    ("OPSP0007", ["0 observed 000660", "30 observed 005930"]),
    ("OPSP0008", ["0 Limit learned", "0 no room 005930"]),
    ("OPSP8992", ["0 refused 005930", "0 observed 000660"]),
    ("OPSP8991", ["0 refused 000660", "0 refused 005930"]),
    ("OPSP0010", ["0 stop 77"]), ("OPSP9994", ["0 stop 77"]), ("OPSP8993", ["0 stop 69"]),
    ("NEW99999", ["0 observed 000660"]),
  ])
  func answers(_ code: String, _ expected: [String]) {
    let bench = RealtimeBench(Self.two)
    bench.exchange.pingEvery = 20 * ScriptedExchange.second
    var first = true
    bench.exchange.answer = { symbol in
      defer { if symbol == "005930" { first = false } }
      return symbol == "005930" && first ? code : "OPSP0000"
    }
    bench.run(200)
    #expect(Array(bench.told.dropFirst().prefix(expected.count)) == expected, "\(bench.told)")
  }

  @Test func pingpongIsAnswered() {
    let bench = RealtimeBench(Self.two)
    bench.exchange.pingEvery = 60 * ScriptedExchange.second
    bench.run(650)
    #expect(bench.exchange.pongs == 10 && bench.exchange.links.count == 1)
    #expect(bench.lane.counts.idleBeforePing.map { $0 / ScriptedExchange.second } == 60)
  }

  // MARK: - Silence

  @Test func aSilentConnectionIsReplaced() {
    let bench = RealtimeBench(["005930"])
    bench.run(99)
    #expect(bench.exchange.links.count == 1)
    bench.run(10)
    #expect(
      bench.told.dropFirst(2) == [
        "100 attended 005930 until 0", "100 missed 005930 ws_timeout", "100 WebSocket lost",
        bench.told[5], bench.told[6],
      ], "\(bench.told)")
    #expect(bench.told.last?.hasSuffix("observed 005930") == true && bench.exchange.links.count == 2)
    #expect(bench.approvals == 1, "the approval key is still good")
  }

  /// An hour of our own is no silence: what came meanwhile is read, and where nothing came the wait goes on.
  @Test(arguments: [true, false])
  func aPauseIsNoSilence(_ isPinged: Bool) {
    let bench = RealtimeBench(["005930"])
    if isPinged { bench.exchange.pingEvery = 50 * ScriptedExchange.second }
    bench.run(40)
    bench.sleep(3600)
    bench.run(50)
    #expect(bench.exchange.links.count == 1 && bench.told.count == 2, "\(bench.told)")
    #expect(bench.link?.excused ?? 0 > 3590 * ScriptedExchange.second)
    bench.exchange.pingEvery = nil
    bench.run(20)
    #expect(bench.exchange.links.count == (isPinged ? 1 : 2), "100 s awake were silent")
  }

  /// PINGPONG goes on and no registration is answered: asked again after 10 s, given up after 20 s, a new approval key.
  @Test func aSessionThatAnswersNothingIsReplaced() {
    let bench = RealtimeBench(Self.two)
    bench.exchange.pingEvery = 5 * ScriptedExchange.second
    bench.exchange.answer = { _ in nil }
    bench.run(19)
    #expect(bench.exchange.said == ["1000 +005930", "1005 +000660", "1010 +005930", "1015 +000660"])
    bench.exchange.answer = { _ in "OPSP0000" }
    bench.run(11)
    let words = bench.told.map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
    #expect(
      words == [
        "WebSocket connected", "missed 005930 silent", "missed 000660 silent", "missed 005930 silent",
        "missed 000660 silent", "missed 000660 silent", "missed 005930 silent", "WebSocket lost",
        "WebSocket connected", "observed 005930", "observed 000660",
      ], "\(bench.told)")
    #expect(bench.approvals == 2 && bench.link?.isAsked == false)
  }

  /// An answer may stand behind what was not read yet, and was on its way while we slept.
  @Test(arguments: [true, false])
  func anAnswerBehindABacklogIsNotMissed(_ isBehind: Bool) {
    let bench = RealtimeBench(["005930"])
    bench.exchange.answer = { _ in nil }
    bench.run(1)
    bench.exchange.isBehind = isBehind
    if isBehind { bench.run(60) } else { bench.sleep(60) }
    bench.link?.come(
      .text(
        #"{"header":{"tr_id":"H0STCNT0","tr_key":"005930"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":""}}"#
      ))
    bench.exchange.isBehind = false
    bench.run(30)
    #expect(
      bench.told.last?.hasSuffix("observed 005930") == true && !bench.told.contains { $0.contains("missed") })
    #expect(bench.exchange.said.count == 1, "\(bench.exchange.said)")
  }

  @Test func aRecordIsAnAnswerToo() {
    let bench = RealtimeBench(["005930"])
    bench.exchange.pingEvery = 5 * ScriptedExchange.second
    bench.exchange.answer = { _ in nil }
    bench.run(6)
    bench.link?.come(.text(Self.trade))
    bench.run(60)
    #expect(bench.told.suffix(1) == ["6 record 005930"] && bench.lane.plan.active == 1)
    #expect(bench.exchange.said == ["1000 +005930"])
  }

  // MARK: - Coming back

  /// However long it lasts: first waits of 1 to 5 s, at most 60 s, and at most 90 connections in any hour.
  @Test func anOutageIsWaitedForWithinTheBanPolicy() {
    let bench = RealtimeBench(["005930"])
    bench.exchange.refusals = .max
    bench.run(3 * 3600)
    let times = bench.told.filter { $0.hasSuffix("WebSocket lost") }.compactMap {
      Int($0.prefix { $0 != " " })
    }
    let waits = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect((0...5).contains(waits[0]) && waits.allSatisfy { $0 <= 61 } && waits.last ?? 0 >= 29)
    for (index, time) in times.enumerated() where index >= 90 { #expect(time - times[index - 90] >= 3600) }
    #expect(
      bench.told.filter { $0.hasSuffix("missed 005930 ws_disconnect (not asked yet)") }.count == times.count)
    #expect(bench.approvals == 1)
  }

  @Test func retriesAndMaxWaitEndIt() {
    var settings = RealtimeSettings()
    settings.retries = 3
    let first = RealtimeBench(["005930"], settings)
    first.exchange.refusals = .max
    first.run(3600)
    #expect(first.stopped?.status == .unavailable && first.exchange.links.count == 4)
    settings = RealtimeSettings()
    settings.maxWait = 60 * ScriptedExchange.second
    let second = RealtimeBench(["005930"], settings)
    second.exchange.refusals = .max
    second.run(3600)
    #expect(second.stopped?.status == .unavailable && (60...180).contains(second.seconds), "\(second.told)")
  }

  @Test(arguments: [1, 2])
  func anUnknownApprovalKeyIsRenewedOnce(_ refusals: Int) {
    let bench = RealtimeBench(["005930"])
    var left = refusals
    bench.exchange.answer = { _ in
      left -= 1
      return left < 0 ? "OPSP0000" : "OPSP0011"
    }
    bench.run(60)
    #expect(bench.approvals == 2)
    #expect(bench.stopped?.status == (refusals == 1 ? nil : .refused))
    #expect(
      bench.told.last?.hasSuffix(refusals == 1 ? "observed 005930" : "stop 77") == true, "\(bench.told)")
  }

  /// Four waits, each a minute longer at least than nothing and growing; then 75.
  @Test func aKeyInUseElsewhereIsWaitedForFourTimes() {
    let bench = RealtimeBench(["005930"])
    bench.exchange.answer = { _ in "OPSP8996" }
    bench.run(3600)
    #expect(bench.stopped?.status == .tryLater && bench.exchange.links.count == 5)
    let times = bench.told.filter { $0.hasSuffix("WebSocket connected") }.compactMap {
      Int($0.prefix { $0 != " " })
    }
    for (number, wait) in zip(times, times.dropFirst()).map({ $1 - $0 }).enumerated() {
      #expect((60 * (number + 1)...90 * (number + 1) + 1).contains(wait))
    }
  }

  /// The key's age counts when a session begins; an open one outlives it.
  @Test func anOldApprovalKeyIsNotUsedAgain() {
    let bench = RealtimeBench(["005930"])
    bench.exchange.pingEvery = 60 * ScriptedExchange.second
    // A thousand PINGPONGs, then silence.
    bench.run(60_200)
    #expect(bench.approvals == 1 && bench.exchange.links.count == 2)
    bench.run(60_200)
    #expect(bench.approvals == 2 && bench.exchange.links.count == 3)
  }

  // MARK: - Farewell

  @Test(arguments: [1, 41])
  func allIsTakenBackThenClosed(_ count: Int) {
    let symbols = (0..<count).map { String(String($0 + 1_000_000).dropFirst()) }
    let bench = RealtimeBench(symbols)
    bench.run(10)
    bench.exchange.said = []
    bench.leave()
    #expect(!bench.isOver)
    bench.run(2)
    #expect(bench.exchange.said.map { String($0.dropFirst(5)) } == symbols.map { "-" + $0 })
    #expect(bench.link?.isAsked == true && bench.isOver)
  }

  /// A process that seldom gets to run takes all back in the same time: it sends what was due since its last turn.
  @Test(arguments: [0.07, 0.3, 0.9])
  func slowTurnsTakeAllBack(_ turn: Double) {
    let symbols = (0..<41).map { String(100_010 + 10 * $0) }
    let bench = RealtimeBench(symbols)
    bench.run(10)
    bench.exchange.said = []
    bench.leave()
    var waited = 0.0
    while !bench.isOver, waited < 10 {
      bench.sleep(turn)
      bench.look()
      waited += turn
    }
    #expect(bench.exchange.said.map { String($0.dropFirst(5)) } == symbols.map { "-" + $0 })
    #expect(bench.link?.isAsked == true && waited < 2 + turn)
  }

  /// A server that agrees to nothing is left after 2 s, one that sends faster than is read, too; frames that had come
  /// by then have 6 s.
  @Test(arguments: [(false, 0, 2), (true, 0, 2), (true, 1 << 20, 6)])
  func aFarewellIsCutShort(_ isBehind: Bool, _ waiting: Int, _ limit: Double) {
    let bench = RealtimeBench(["005930"])
    bench.run(10)
    bench.exchange.agrees = false
    bench.exchange.isBehind = isBehind
    bench.exchange.waiting = waiting
    bench.leave()
    bench.run(limit - 0.1)
    #expect(!bench.isOver)
    bench.run(0.2)
    #expect(bench.isOver)
  }

  @Test func whatIsNotOpenIsLeftAtOnce() {
    let bench = RealtimeBench(["005930"])
    bench.exchange.refusals = .max
    bench.run(1)
    bench.leave()
    bench.run(0.01)
    #expect(bench.isOver && bench.lane.deadline == nil)
  }

  static let trade =
    "0|H0STCNT0|001|005930^094751^71950^2^1350^1.91^71690.50^71000^72300^70600^72000^71900^1^8305216^595403999350"
    + "^21115^28170^7055^136.06^3060313^4163762^5^0.51^29.46^090014^2^950^090708^5^-350^090030^2^1350^20250730^20^N"
    + "^93994^113056^1668973^822214^0.14^10584139^78.47^0^^71000"
}
