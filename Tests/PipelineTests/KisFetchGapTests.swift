import Foundation
import TestSupport
import Testing

/// Gap records as a reader of the archive adds them up: the final ones are the time that was not observed.
@Suite struct KisFetchGapTests {
  /// Two feeds of two symbols, one outage that is long enough to be told while it lasts, and two short ones: what the
  /// final records say is held against what the server says of its sessions.
  @Test func finalGapsAddUpToWhatWasWithheld() throws {
    let folder = try Tool.temporaryFolder("gaps")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let simulator = try Simulator([
      "--ticks-per-second", "200", "--books-per-second", "200", "--record-sessions", folder + "/sessions",
    ])
    let running = try simulator.start(["--feed", "trades", "--feed", "book"])
    running.write("005930\n000660\n")
    for (session, outage) in [11, 1.5, 1.5].enumerated() {
      try Self.observe(simulator, running, session: session + 1)
      // (Together: the refusal's time runs from its own beginning.)
      try simulator.fault(#"{"name":"refuse","seconds":\#(outage),"target":"ws"}"#, #"{"name":"cut"}"#)
    }
    try Self.observe(simulator, running, session: 4)
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 10)
    #expect(outcome.status == 0, "\(outcome.errText)")
    func told() -> String { (try? String(contentsOfFile: folder + "/sessions", encoding: .utf8)) ?? "" }
    try #require(Tool.waitUntil { told().count { $0 == "\n" } == 4 })
    let sessions = try told().split(separator: "\n")
      .map {
        let line = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        return (
          opened: try #require(line?["opened"] as? Double), spoke: try #require(line?["spoke"] as? Double)
        )
      }
    let withheld = zip(sessions, sessions.dropFirst()).reduce(0) { $0 + $1.1.opened - $1.0.spoke } / 1000
    // (Trades that are missing on a channel that is not proven yet are told later, on their own.)
    let gaps = try Line.all(outcome).filter { $0.isGap && $0.reason != "missed_trades" }
    for symbol in ["005930", "000660"] {
      for feed in ["trades", "book"] {
        let own = gaps.filter { $0.symbol == symbol && $0.feed == feed }
        let final = own.filter { $0.isFinal }
        let told = final.reduce(0) { $0 + ($1.seconds ?? 0) }
        // Registrations go out 75 ms apart; beyond that only what this host was too busy for.
        #expect(final.count == 3 && abs(told - withheld) < 1.5, "\(symbol) \(feed): \(told) of \(withheld) s")
        #expect(Set(own.compactMap(\.gapID)).count == 3)
        #expect(own.count(where: { !$0.isFinal }) == 4, "each at once, the long one also after 10 s")
        #expect(own.reduce(0) { $0 + ($1.seconds ?? 0) } > told + 9, "a sum of all records counts twice")
      }
    }
  }

  /// Waits until all registrations of the session are answered and records come.
  private static func observe(_ simulator: Simulator, _ running: RunningTool, session: Int) throws {
    try #require(
      Tool.waitUntil(40) { (try? simulator.webSocketStats()["subscribes"] as? Int) == session * 4 },
      "\(running.errText)")
    let before = running.out.count
    try #require(Tool.waitUntil(20) { running.out.count > before + 200_000 })
  }

  /// An end during an outage closes its gaps; a kill cannot, and leaves the last that was told.
  @Test(arguments: [SIGTERM, SIGKILL])
  func theEndDuringAnOutage(_ signal: Int32) throws {
    let simulator = try Simulator(["--ticks-per-second", "200"])
    let running = try simulator.start(["--feed", "trades"])
    running.write("005930\n")
    #expect(Tool.waitUntil(20) { !running.out.isEmpty })
    try simulator.fault(#"{"name":"refuse","seconds":60,"target":"ws"}"#)
    try simulator.fault(#"{"name":"cut"}"#)
    #expect(Tool.waitUntil(20) { String(decoding: running.out, as: UTF8.self).contains("\"event\":\"gap\"") })
    running.signal(signal)
    let gaps = try Line.all(running.wait(timeout: 20)).filter { $0.isGap }
    #expect(gaps.map(\.isFinal) == (signal == SIGTERM ? [false, true] : [false]))
    #expect(Set(gaps.compactMap(\.gapID)).count == 1)
  }

  /// PINGPONG goes on, and no registration is answered: asked again once, then on a new connection with a new approval
  /// key; the time is a gap of both symbols, also of the one that was not asked for yet.
  @Test func aSessionThatAnswersNothingIsReplaced() throws {
    let simulator = try Simulator([
      "--ticks-per-second", "100", "--mute-registrations", "2", "--pingpong", "0.5",
    ])
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--count", "100", "--duration", "60"], "005930\n000660\n", timeout: 90)
    #expect(outcome.status == 0, "\(outcome.errText)")
    let lines = try Line.all(outcome)
    let gaps = lines.filter { $0.isGap }
    #expect(Set(gaps.compactMap(\.reason)) == ["silent"])
    for symbol in ["005930", "000660"] {
      let own = gaps.filter { $0.symbol == symbol }
      #expect(
        own.count(where: \.isFinal) == 1 && own.last?.isFinal == true && Set(own.map(\.gapID)).count == 1)
      #expect(own.last?.seconds ?? 0 > 9, "\(own.last?.seconds ?? 0)")
      #expect(lines.contains { !$0.isGap && $0.symbol == symbol })
    }
    let stats = try simulator.webSocketStats()
    #expect(stats["sessions_total"] as? Int == 2 && stats["pingpong_timeouts"] as? Int == 0, "\(stats)")
    #expect(outcome.log("WARNING").contains { $0.contains("no registration was answered") })
  }

  /// One of two is never answered: it has a gap, and costs the other nothing.
  @Test func anOddRegistrationCostsTheOthersNothing() throws {
    let simulator = try Simulator(["--ticks-per-second", "50", "--mute-registrations", "1"])
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--duration", "9"], "005930\n000660\n", timeout: 60)
    let lines = try Line.all(outcome)
    let gaps = lines.filter { $0.isGap }
    #expect(gaps.allSatisfy { $0.symbol == "005930" && $0.reason == "silent" })
    #expect(gaps.count(where: \.isFinal) == 1)
    #expect(lines.contains { !$0.isGap && $0.symbol == "000660" })
    #expect(try simulator.webSocketStats()["sessions_total"] as? Int == 1)
  }
}
