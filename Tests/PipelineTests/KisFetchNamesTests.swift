import Foundation
import TestSupport
import Testing

/// Names of watched stocks for the live page: asked of KIS once a day, and never at the cost of anything else.
@Suite struct KisFetchNamesTests {
  private func board(_ simulator: Simulator) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: simulator.cache + "/board.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func names(_ simulator: Simulator) throws -> [String: String] {
    let rows = try #require(try board(simulator)["symbols"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: rows.compactMap { row in
        (row["symbol"] as? String).flatMap { symbol in (row["name"] as? String).map { (symbol, $0) } }
      })
  }

  private func start(_ simulator: Simulator, _ words: [String] = []) throws -> RunningTool {
    try simulator.start(
      ["--feed", "trades", "--metrics", simulator.cache + "/fetch.prom", "--log-level", "debug"] + words)
  }

  private func multiCalls(_ simulator: Simulator) throws -> Int {
    ((try simulator.stats()["calls"] as? [String: Int])?["FHKST11300006"]) ?? 0
  }

  /// Ends a run that only listened to trades, and looks for anything that it should not have said.
  private func end(_ running: RunningTool) throws {
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 20)
    let lines = try Line.all(outcome)
    #expect(outcome.status == 0 && !lines.isEmpty && lines.allSatisfy { $0.feed == "trades" && !$0.isGap })
    #expect(outcome.log("WARNING").isEmpty && outcome.log("ERROR").isEmpty, "\(outcome.log("WARNING"))")
    Simulator.expectNoSecret(outcome)
  }

  /// One call tells the name, with one token, after the registrations; a call that fails changes nothing and is not made
  /// again, and a restart has the names that were told before.
  @Test func oneCallADayAndAFailureIsSilent() throws {
    let simulator = try Simulator(["--ticks-per-second", "40", "--books-per-second", "0"])
    let first = try start(simulator)
    first.write("005930\n{\"symbol\":\"000660\",\"name\":\"하이닉스 (내 이름)\"}\n")
    try #require(
      Tool.waitUntil(20) { first.errText.contains("Names | 1 of 1 told") }, "\(first.errText.suffix(400))")
    #expect(try multiCalls(simulator) == 1 && simulator.stats()["tokens_issued"] as? Int == 1)
    #expect(try simulator.webSocketStats()["subscribes"] as? Int == 2)
    try simulator.fault(#"{"name":"code","msg_cd":"EGW00300","n":1}"#)
    first.write("035420\n")
    try #require(Tool.waitUntil(20) { first.errText.contains("Names | not asked again today") })
    #expect(first.errText.contains("EGW00300"))
    try end(first)
    let told = try names(simulator)
    #expect(told["000660"] == "하이닉스 (내 이름)" && told["035420"] == nil)
    #expect(told["005930"]?.isEmpty == false)
    #expect(try board(simulator)["names_refused"] as? Bool == true && multiCalls(simulator) == 2)
    let text = try String(contentsOfFile: simulator.cache + "/fetch.prom", encoding: .utf8)
    #expect(text.contains("observer_kis_failures_in_row{stage=\"kis-fetch\"} 0"))

    let second = try start(simulator)
    second.write("005930\n035420\n")
    try #require(Tool.waitUntil(20) { (try? simulator.webSocketStats()["subscribes"] as? Int) == 5 })
    // Its next turns would ask.
    let before = second.out.count
    try #require(Tool.waitUntil(20) { second.out.count > before + 60_000 })
    try end(second)
    #expect(try names(simulator)["005930"] == told["005930"] && multiCalls(simulator) == 2)
  }

  /// What the exchange answers to nobody costs the names alone: there is not even a token.
  @Test func withoutRESTTheSessionGoesOn() throws {
    let simulator = try Simulator(["--ticks-per-second", "40", "--books-per-second", "0"])
    let running = try start(simulator)
    running.write("{\"symbol\":\"000660\",\"name\":\"N\"}\n")
    try #require(Tool.waitUntil(20) { (try? simulator.webSocketStats()["subscribes"] as? Int) == 1 })
    try simulator.fault(#"{"name":"refuse","target":"rest","seconds":20}"#)
    running.write("005930\n")
    try #require(
      Tool.waitUntil(20) { running.errText.contains("Names | not asked again today") },
      "\(running.errText.suffix(400))")
    let before = running.out.count
    try #require(Tool.waitUntil(20) { running.out.count > before + 20_000 })
    try end(running)
  }

  /// Without leave nothing is asked, and a run that listens needs no token.
  @Test func nothingIsAskedWhereItIsNotWanted() throws {
    let simulator = try Simulator(["--ticks-per-second", "40", "--books-per-second", "0"])
    let config = simulator.cache + "/config.json"
    try #"{"fetch":{"names":"watchlist"}}"#.write(toFile: config, atomically: true, encoding: .utf8)
    let running = try start(simulator, ["--config", config])
    running.write("005930\n")
    try #require(Tool.waitUntil(20) { running.out.count > 60_000 })
    try end(running)
    #expect(try multiCalls(simulator) == 0 && simulator.stats()["tokens_issued"] as? Int == 0)
    #expect(try names(simulator).isEmpty)
  }
}
