import Foundation
import TestSupport
import Testing

/// Several app keys: each has its own session, and one that fails hands its symbols to the others.
@Suite(.serialized, .waiting) struct KisFetchKeysTests {
  private static let second = (
    key: String(repeating: "QSIM", count: 9), secret: String(repeating: "othersim==", count: 18)
  )

  /// Credentials files of a simulator that accepts two keys.
  private struct Keys {
    let simulator: Simulator
    let files: [String]

    init(_ arguments: [String]) throws {
      let second = KisFetchKeysTests.second
      let simulator = try Simulator(["--also-accept", "\(second.key):\(second.secret)"] + arguments)
      self.simulator = simulator
      files = try [(Simulator.appKey, Simulator.appSecret), second].enumerated().map { number, pair in
        let path = simulator.cache + "/key\(number + 1).env"
        try "KIS_APP_KEY=\(pair.0)\nKIS_APP_SECRET=\(pair.1)\n".write(
          toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o600)
        return path
      }
    }

    func start(_ arguments: [String], files: [String]? = nil) throws -> RunningTool {
      try Tool.start(
        "kis-fetch",
        simulator.arguments + (files ?? self.files).flatMap { ["--credentials", $0] } + arguments,
        env: [
          "KIS_TOKEN_CACHE_DIR": simulator.cache, "OBSERVER_METRICS_DIR": simulator.cache,
          "OBSERVER_METRICS_INTERVAL": "0.1",
        ])
    }

    var registrations: [Int] {
      let counts = (try? simulator.webSocketStats()["registrations_by_key"]) as? [String: Int] ?? [:]
      return [counts["1"] ?? -1, counts["2"] ?? -1]
    }

    /// The value of a metric with these labels.
    func metric(_ name: String, _ labels: String...) -> Double? {
      let text = (try? String(contentsOfFile: simulator.cache + "/kis-fetch.prom", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { line in
        line.hasPrefix(name + "{") && labels.allSatisfy { line.contains($0) }
      }
      return line.flatMap { Double($0.split(separator: " ")[1]) }
    }
  }

  private static func symbols(_ count: Int) -> [String] { (0..<count).map { String(100_010 + 10 * $0) } }

  private static func expectNoKey(_ outcome: Outcome) {
    Simulator.expectNoSecret(outcome)
    #expect(!outcome.errText.contains(second.key) && !outcome.outText.contains(second.key))
  }

  @Test func twoKeysTakeEightyTwoRegistrations() throws {
    let keys = try Keys(["--ticks-per-second", "200"])
    let running = try keys.start(["--feed", "trades"])
    running.write(Self.symbols(82).joined(separator: "\n") + "\n")
    #expect(Tool.waitUntil(60) { keys.registrations == [41, 41] }, "\(running.errText)")
    #expect(Tool.waitUntil { keys.metric("observer_kis_key_registrations", #"key="2""#) == 41 })
    #expect(keys.metric("observer_kis_registrations", #"state="confirmed""#) == 82)
    #expect(keys.metric("observer_kis_registration_limit") == 82)
    #expect(keys.metric("observer_kis_key_serving", #"key="1""#) == 1)
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 20)
    Self.expectNoKey(outcome)
    #expect(outcome.status == 0, "\(outcome.errText)")
    let stats = try keys.simulator.webSocketStats()
    #expect(stats["sessions_total"] as? Int == 2 && stats["unsubscribes"] as? Int == 82, "\(stats)")
    #expect(try Line.all(outcome).allSatisfy { !$0.isGap && $0.feed == "trades" })
  }

  /// A key that is revoked: its symbols go to the other as far as there is room, the rest is polled; each has one gap, and
  /// what was sent while somebody listened is all there.
  @Test(arguments: [(20, [20, 0]), (60, [41, 0])])
  func aRevokedKeyHandsItsSymbolsOver(_ count: Int, _ expected: [Int]) throws {
    let keys = try Keys(["--ticks-per-second", "400"])
    let symbols = Self.symbols(count)
    let running = try keys.start(["--feed", "trades"])
    running.write(symbols.joined(separator: "\n") + "\n")
    #expect(Tool.waitUntil(60) { keys.registrations == [count / 2, count / 2] }, "\(running.errText)")
    let before = running.out.count
    #expect(Tool.waitUntil(20) { running.out.count > before + 300_000 })
    try keys.simulator.fault(#"{"name":"revoke","key":2}"#)
    #expect(Tool.waitUntil(60) { keys.registrations == expected }, "\(keys.registrations) \(running.errText)")
    #expect(Tool.waitUntil { keys.metric("observer_kis_key_serving", #"key="2""#) == 0 })
    #expect(keys.metric("observer_kis_key_failed", #"key="2""#, #"status="77""#) == 1)
    let after = running.out.count
    #expect(Tool.waitUntil(30) { running.out.count > after + 1_500_000 })
    #expect(
      Tool.waitUntil(20) {
        Int(keys.metric("observer_snapshots_total", #"feed="multi""#) ?? 0) >= count - 41
      })
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 20)
    Self.expectNoKey(outcome)
    #expect(outcome.status == 0, "\(outcome.errText)")
    let failures = outcome.log("WARNING").filter { $0.contains("Key fails") }
    #expect(failures.count == 1 && failures[0].contains("key 2: KIS refuses"), "\(outcome.errText)")
    let lines = try Line.all(outcome)
    let all = lines.filter { $0.isGap && $0.feed == "trades" && $0.isFinal }
    let told = all.map { "\($0.symbol ?? "") \($0.reason ?? "") \($0.seconds ?? 99) s" }
    let gaps = all.filter { $0.reason == "ws_disconnect" }
    #expect(gaps.count == count / 2 && Set(gaps.compactMap(\.symbol)).count == count / 2, "\(told)")
    #expect(gaps.allSatisfy { ($0.seconds ?? 99) < 20 }, "\(told)")
    let lost = Set(gaps.compactMap(\.symbol))
    // What went by unheard meanwhile is told too, once the channel's totals have proved themselves.
    #expect(all.allSatisfy { $0.reason == "ws_disconnect" || $0.reason == "missed_trades" }, "\(told)")
    #expect(lost.isSuperset(of: all.compactMap(\.symbol)), "\(told)")
    for symbol in lost {
      let final = try #require(
        lines.lastIndex {
          $0.isGap && $0.symbol == symbol && $0.feed == "trades" && $0.reason == "ws_disconnect"
        })
      #expect(lines[final...].contains { !$0.isGap && $0.symbol == symbol }, "\(symbol)")
    }
    let polled = Set(lines.filter { !$0.isGap && $0.feed == "multi" }.compactMap(\.symbol))
    #expect(polled.count >= count - 41 && polled.isSubset(of: lost), "\(polled.count)")
    // Every record that the server sent came out: none was sent to nobody.
    let stats = try keys.simulator.stats()
    let sent = ((stats["sent"] as? [String: Any])?["H0STCNT0"] as? [String: Any])?["records"] as? Int
    #expect(lines.count { !$0.isGap && $0.feed == "trades" } == sent)
  }

  /// The session of a key that another process of this host holds is not there; its calls are.
  @Test func aKeyInUseElsewhereIsLeftOut() throws {
    let keys = try Keys(["--ticks-per-second", "100"])
    let other = try keys.start(["--feed", "trades"], files: [keys.files[1]])
    other.write("005930\n")
    #expect(Tool.waitUntil(20) { keys.registrations == [0, 1] })
    let running = try keys.start(["--feed", "trades"])
    running.write(Self.symbols(10).joined(separator: "\n") + "\n")
    #expect(Tool.waitUntil(30) { keys.registrations == [10, 1] }, "\(running.errText)")
    #expect(running.errText.contains("Key fails | key 2: app key in use"))
    running.signal(SIGTERM)
    #expect(running.wait(timeout: 20).status == 0)
    let neither = try keys.start(["--feed", "trades"], files: [keys.files[1]])
    #expect(neither.wait(timeout: 20).status == 75)
    other.signal(SIGTERM)
    #expect(other.wait(timeout: 20).status == 0)
  }

  /// Calls of a key that is refused are made with the other: each line is answered, in order.
  @Test func onceOutlivesARevokedKey() throws {
    let keys = try Keys([])
    try keys.simulator.fault(#"{"name":"revoke","key":1}"#)
    let running = try keys.start(["--once", "--feed", "price"])
    let symbols = Self.symbols(12)
    running.write(symbols.joined(separator: "\n") + "\n")
    running.closeInput()
    let outcome = running.wait(timeout: 30)
    Self.expectNoKey(outcome)
    #expect(outcome.status == 0, "\(outcome.errText)")
    #expect(try Line.all(outcome).map(\.symbol) == symbols)
    #expect(outcome.errText.contains("Key fails | key 1: KIS refuses the credentials"))
  }

  @Test func withoutAnyKeyTheRunEnds() throws {
    let keys = try Keys([])
    for number in [1, 2] { try keys.simulator.fault(#"{"name":"revoke","key":\#(number)}"#) }
    let running = try keys.start(["--feed", "trades"])
    running.write("005930\n")
    let outcome = running.wait(timeout: 30)
    #expect(outcome.status == 77, "\(outcome.errText)")
    Self.expectNoKey(outcome)
  }

  @Test func theSameKeyTwiceIsAMistake() throws {
    let keys = try Keys([])
    let outcome = try keys.start(["--once"], files: [keys.files[0], keys.files[0]]).wait(timeout: 10)
    #expect(outcome.status == 64 && outcome.errText.contains("hold the same app key"), "\(outcome.errText)")
  }
}
