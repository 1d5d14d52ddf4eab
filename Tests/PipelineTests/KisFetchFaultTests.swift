import Foundation
import TestSupport
import Testing

/// Servers that misbehave: what is lost is said, what is wrong is skipped, and the run goes on.
@Suite(.serialized, .waiting) struct KisFetchFaultTests {
  private func run(
    _ fault: String, _ arguments: [String] = [], sim: [String] = []
  ) throws -> (outcome: Outcome, lines: [Line], stats: [String: Any]) {
    let simulator = try Simulator(["--ticks-per-second", "200", "--fault", fault] + sim)
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--count", "150", "--duration", "12"] + arguments, "005930\n000660\n")
    return (outcome, try Line.all(outcome), try simulator.webSocketStats())
  }

  /// The connection is of no use any more: a gap with the right reason, then all registrations again.
  @Test(arguments: [
    ("cut=20", "ws_disconnect"), ("close=20", "ws_disconnect"), ("half-dead=20", "ws_timeout"),
    ("big-frame", "ws_disconnect"), ("masked-server-frame", "ws_disconnect"),
    ("reserved-bits", "ws_disconnect"),
    ("unknown-opcode", "ws_disconnect"), ("long-control", "ws_disconnect"),
    ("fragmented-ping", "ws_disconnect"),
    ("lonely-continuation", "ws_disconnect"), ("resource=1", "ws_disconnect"),
    ("bad-approval=1", "ws_disconnect"),
    ("in-use=1", "ws_disconnect"),
  ])
  func lostConnectionIsAGapAndComesBack(_ fault: String, _ reason: String) throws {
    let (outcome, lines, stats) = try run(fault, fault.hasPrefix("half-dead") ? ["--watchdog", "2"] : [])
    #expect(outcome.status == 0, "\(outcome.errText)")
    #expect(lines.count { !$0.isGap } == 150)
    let gaps = lines.filter { $0.isGap }
    #expect(!gaps.isEmpty && gaps.allSatisfy { $0.reason == reason && $0.severity == "MINOR" })
    #expect(gaps.allSatisfy { $0.source == "system" && $0["context", "stage"] as? String == "state" })
    #expect(stats["sessions_total"] as? Int == 2)
    // After the gap both are observed again.
    let last = lines.lastIndex { $0.isGap } ?? 0
    #expect(Set(lines[last...].filter { !$0.isGap }.compactMap(\.symbol)).count == 2)
  }

  /// One message is of no use: it is skipped with a warning, or is none of our business, and nothing is lost.
  @Test(arguments: [
    ("bad-utf8", true), ("bad-json", true), ("wrong-count", true), ("negative-count", true),
    ("huge-count", true),
    ("short-frame", true), ("foreign-symbol", true), ("encrypted", true), ("ping", false),
    ("fragment=20", false),
    ("split=3", false), ("binary", false), ("duplicate", false), ("pingpong=3", false),
  ])
  func oddMessageCostsNothingElse(_ fault: String, _ isWarned: Bool) throws {
    let (outcome, lines, stats) = try run(fault)
    #expect(outcome.status == 0, "\(outcome.errText)")
    // What a frame that cannot be read held is not known: its symbol has a gap until the next one.
    let gaps = lines.filter { $0.isGap }
    let isUnreadable = ["wrong-count", "negative-count", "huge-count", "short-frame"].contains(fault)
    #expect(gaps.map(\.isFinal) == (isUnreadable ? [false, true] : []))
    #expect(gaps.allSatisfy { $0.reason == "unreadable" && $0.symbol == gaps[0].symbol })
    #expect(lines.count == 150 + gaps.count && lines.allSatisfy { $0.isGap || ($0.price ?? 0) > 0 })
    #expect(Set(lines.compactMap(\.symbol)) == ["005930", "000660"])
    #expect(outcome.log("WARNING").isEmpty != isWarned, "\(outcome.errText)")
    #expect(stats["sessions_total"] as? Int == 1)
  }

  @Test func recordWithoutPriceIsAGapOfNoData() throws {
    let (outcome, lines, _) = try run("empty-field")
    #expect(outcome.status == 0 && lines.count { !$0.isGap } == 150)
    let gaps = lines.filter { $0.isGap }
    #expect(!gaps.isEmpty && gaps.allSatisfy { $0.reason == "no_data" && $0.tickSource == "websocket" })
  }

  @Test func refusedSymbolIsAGapAndTheOtherGoesOn() throws {
    let (outcome, lines, _) = try run("bad-key=000660")
    #expect(outcome.status == 0)
    let gaps = lines.filter { $0.isGap }
    #expect(gaps.map { [$0.symbol, $0.reason] } == [["000660", "no_data"], ["000660", "no_data"]])
    #expect(gaps.map(\.isFinal) == [false, true] && gaps[0].gapID == gaps[1].gapID, "it lasts to the end")
    #expect(lines.filter { !$0.isGap }.allSatisfy { $0.symbol == "005930" })
    #expect(outcome.log("WARNING").contains { $0.contains("symbol=000660") })
  }

  @Test func postponedRegistrationIsAskedForAgainLater() throws {
    let (outcome, lines, stats) = try run("internal-error=1", sim: ["--ticks-per-second", "50"])
    #expect(outcome.status == 0 && Set(lines.compactMap(\.symbol)).count == 2)
    #expect(stats["sessions_total"] as? Int == 1)
  }

  @Test(arguments: [("bad-approval=9", 77), ("reply=OPSP9994", 77), ("reply=OPSP9999", 69)])
  func fatalReplies(_ fault: String, _ status: Int32) throws {
    let (outcome, lines, _) = try run(fault)
    #expect(outcome.status == status && lines.allSatisfy { $0.isGap })
    #expect(outcome.log("ERROR").count == 1)
  }

  @Test func keyInUseForLongEnds75() throws {
    let simulator = try Simulator(["--fault", "in-use=9"])
    let outcome = try Tool.run(
      "kis-fetch",
      [
        "--rest-url", simulator.restURL, "--ws-url", simulator.webSocketURL, "--time-scale", "0.002",
        "--feed", "trades",
      ],
      text: "005930\n", env: simulator.environment(), timeout: 20)
    #expect(outcome.status == 75, "\(outcome.errText)")
    #expect(outcome.log("WARNING").count { $0.contains("OPSP8996") } >= 4)
    #expect(try simulator.webSocketStats()["sessions_total"] as? Int ?? 0 <= 5)
  }

  @Test func unreachableSessionEnds69AfterItsRetries() throws {
    let simulator = try Simulator()
    let outcome = try Tool.run(
      "kis-fetch",
      [
        "--rest-url", simulator.restURL, "--ws-url", "ws://127.0.0.1:9", "--time-scale", "0.01", "--feed",
        "trades",
        "--retries", "2",
      ],
      text: "005930\n", env: simulator.environment(), timeout: 20)
    #expect(outcome.status == 69)
    #expect(try Line.all(outcome).allSatisfy { $0.reason == "ws_disconnect" })
  }

  @Test func pingpongIsAnswered() throws {
    let simulator = try Simulator(["--pingpong", "0.2", "--pingpong-timeout", "5", "--count", "5"])
    let outcome = try simulator.fetch(["--feed", "trades", "--duration", "2"], "005930\n")
    #expect(outcome.status == 0 && outcome.lines.count == 5)
    let stats = try simulator.webSocketStats()
    let sent = stats["pingpongs_sent"] as? Int ?? 0
    let answered = try #require(stats["pongs"] as? Int)
    #expect(sent >= 4 && stats["pingpong_timeouts"] as? Int == 0)
    // The simulator may send the last one in the moment in which the client leaves.
    #expect((sent - 1...sent).contains(answered) && stats["unsolicited_pongs"] as? Int == 0)
  }

  /// Polled feeds: errors that pass are gaps, and the polling goes on.
  @Test(arguments: [
    ("http-500=3", "api_error"), ("rate-limit=2", "rate_limit"), ("expired-token=1", "api_error"),
    ("refuse=0.5", "api_error"), ("cut-answer=20", "api_error"), ("cut-answer=150", "api_error"),
  ])
  func pollingOutlivesTrouble(_ fault: String, _ reason: String) throws {
    let simulator = try Simulator(["--fault", fault + "@3"])
    let outcome = try simulator.fetch(
      ["--feed", "price", "--interval", "0.25", "--count", "12", "--duration", "15"], "005930\n000660\n")
    #expect(outcome.status == 0)
    let lines = try Line.all(outcome)
    #expect(lines.count { !$0.isGap } == 12, "\(outcome.errText)")
    #expect(lines.contains { $0.isGap && $0.reason == reason }, "\(outcome.errText)")
  }
}
