import Foundation
import TestSupport
import Testing

/// One odd symbol, one odd byte, a sudden end: the others are served, and what was received is delivered.
@Suite(.serialized, .waiting) struct KisFetchOddTests {
  private static let symbols = [
    "005930", "000660", "035720", "900001", "005380", "051910", "000270", "068270", "105560", "055550",
    "012330",
    "096770",
  ]
  private static let list = symbols.joined(separator: "\n") + "\n"

  @Test(
    arguments: [
      "rt:40270000", "rt:MCA00124", "rt:MCA05918", "rt:APBK0656", "rt:", "null", "list", "empty", "absent",
    ], ["price", "multi"])
  func oneOddAnswerIsAGapAndTheOthersAreServed(_ kind: String, _ feed: String) throws {
    let simulator = try Simulator(["--rest-odd", "900001=\(kind)"])
    let outcome = try simulator.fetch(["--once", "--feed", feed], Self.list)
    #expect(outcome.status == 0, "\(outcome.errText)")
    let lines = try Line.all(outcome)
    #expect(lines.map(\.symbol) == Self.symbols)
    #expect(lines.filter(\.isGap).map(\.symbol) == ["900001"], "\(outcome.errText)")
    #expect(lines.first { $0.isGap }?.reason == "no_data")
    #expect(outcome.log("WARNING").contains { $0.contains("No data | symbol=900001") })
    let calls = try #require(try simulator.stats()["calls"] as? [String: Int])
    if feed == "price" { #expect(calls["FHKST01010100"] == Self.symbols.count + 2) }
  }

  /// In a stream: the others go on, and the odd one has a gap.
  @Test(arguments: ["price", "multi"]) func oneOddAnswerDoesNotStopAStream(_ feed: String) throws {
    let simulator = try Simulator(["--rest-odd", "900001=rt:MCA05918"])
    let outcome = try simulator.fetch(["--feed", feed, "--interval", "1", "--count", "44"], Self.list)
    let lines = try Line.all(outcome)
    #expect(outcome.status == 0 && Set(lines.filter { !$0.isGap }.compactMap(\.symbol)).count == 11)
    let gaps = lines.filter(\.isGap)
    #expect(!gaps.isEmpty && gaps.allSatisfy { $0.symbol == "900001" && $0.reason == "no_data" })
  }

  /// KIS answers, and gives nothing to anybody: the gaps are delivered, and the status says it.
  @Test func nothingUsableForAnybodyEnds69() throws {
    let simulator = try Simulator(["--rest-odd", "900001=null", "--rest-odd", "900002=rt:MCA00124"])
    let outcome = try simulator.fetch(["--once"], "900001\n900002\n")
    #expect(outcome.status == 69 && outcome.log("ERROR").count == 1, "\(outcome.errText)")
    #expect(try Line.all(outcome).map(\.reason) == ["no_data", "no_data"])
    // With one symbol alone nobody can tell: it is that symbol's refusal.
    let single = try simulator.fetch(["--once"], "900001\n")
    #expect(single.status == 0 && single.lines.count == 1)
  }

  /// The key is refused after some answers: they are delivered, in order.
  @Test func answersBeforeARefusalAreDelivered() throws {
    let simulator = try Simulator(["--fault", "code=EGW00105@6"])
    let outcome = try simulator.fetch(["--once", "--rate", "2"], Self.list)
    #expect(outcome.status == 77 && outcome.log("ERROR").count == 1, "\(outcome.errText)")
    let symbols = try Line.all(outcome).compactMap(\.symbol)
    #expect(symbols == Array(Self.symbols.prefix(symbols.count)))
    #expect(symbols.count >= 5)
    #expect(outcome.log("WARNING").contains { $0.contains("Not answered | lines=") })
  }

  /// A refusal ends the run while trades come: all that was received is delivered, as the recording shows.
  @Test func framesBeforeTheEndAreDelivered() throws {
    let simulator = try Simulator(["--fault", "code=EGW00105@20", "--ticks-per-second", "500"])
    let record = simulator.cache + "/wire.jsonl"
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--feed", "price", "--interval", "0.2", "--record", record], "005930\n000660\n")
    #expect(outcome.status == 77, "\(outcome.errText)")
    func made(_ outcome: Outcome) throws -> Int { try Line.all(outcome).count { !$0.isGap } }
    let replay = try Tool.run("kis-fetch", ["--replay", record, "--speed", "max"])
    #expect(try made(outcome) > 20)
    #expect(try made(outcome) == made(replay), "\(outcome.errText)")
  }

  /// The first line never gets an answer; a signal delivers the others.
  @Test func aSignalDeliversWhatWasAnswered() throws {
    let simulator = try Simulator(["--fault", "endless-body"])
    let running = try simulator.start(["--once"])
    running.write("005930\n000660\n035720\n")
    func calls() -> Int { (try? simulator.stats()["calls"] as? [String: Int])?["FHKST01010100"] ?? 0 }
    #expect(Tool.waitUntil { calls() >= 3 })
    #expect(
      Tool.waitUntil { running.errText.contains("Snapshot received") }, "\(running.errText)")
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 10)
    #expect(outcome.status == 0, "\(outcome.errText)")
    let symbols = try Line.all(outcome).compactMap(\.symbol)
    #expect(!symbols.isEmpty && !symbols.contains("005930") || symbols.count == 3)
  }

  @Test func countIsKeptByOnce() throws {
    let simulator = try Simulator()
    let outcome = try simulator.fetch(["--once", "--feed", "multi", "--count", "2"], Self.list)
    #expect(outcome.status == 0 && outcome.lines.count == 2)
  }

  @Test(arguments: ["005930", "005930=cut"]) func aNameThatIsNoTextCostsNobodyAnything(_ spoiled: String)
    throws
  {
    let simulator = try Simulator(["--bad-bytes", spoiled])
    let metrics = simulator.cache + "/m.prom"
    let outcome = try simulator.fetch(
      ["--once", "--feed", "multi", "--metrics", metrics], "000660\n005930\n035720\n")
    #expect(outcome.status == 0, "\(outcome.errText)")
    let lines = try Line.all(outcome)
    #expect(lines.map(\.symbol) == ["000660", "005930", "035720"] && lines.allSatisfy { !$0.isGap })
    let name = lines[1]["observation", "inputs", "raw", "inter_kor_isnm"] as? String
    #expect(name?.contains("\u{FFFD}") == true)
    let text = try String(contentsOfFile: metrics, encoding: .utf8)
    #expect(text.contains("observer_kis_answers_repaired_total{stage=\"kis-fetch\"} 1"))
  }
}
