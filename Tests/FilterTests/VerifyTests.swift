import Foundation
import TestSupport
import Testing

/// jsonl-verify at the pipe: each kind of damage is found, counted and placed, and nothing else is.
@Suite struct Verify {
  private func report(_ outcome: Outcome, onError: Bool = false) throws -> [[String: Any]] {
    try (onError ? outcome.errText : outcome.outText).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func snapshot(_ runID: String, at time: Int, symbol: String = "005930") -> String {
    "{\"meta\":{\"timestamp_ms\":\(time),\"run_id\":\"\(runID)\"},\"context\":{\"symbol\":\"\(symbol)\"}}"
  }

  private func record(_ runID: String, at time: Int) -> String {
    "{\"snapshot\":" + snapshot(runID, at: time) + ",\"metadata\":{\"run_id\":\"x\"}}"
  }

  private func id(_ number: Int) -> String { String(format: "%032x", number) }

  @Test func cleanArchive() throws {
    let text = (1...5000).map { ($0 % 2 == 0 ? record : { self.snapshot($0, at: $1) })(id($0), $0) + "\n" }
      .joined()
    let run = try Tool.run("jsonl-verify", text: text)
    let total = try #require(try report(run).last)
    #expect(run.status == 0 && run.err.isEmpty)
    #expect(total["lines"] as? Int == 5000 && total["bytes"] as? Int == text.utf8.count)
    #expect(total["ok"] as? Bool == true)
  }

  /// What follows two good lines, what it is called, and at which line and offset.
  @Test(arguments: [
    ("{\"a\":", "malformed"), ("[]", "malformed"), ("{}{}", "malformed"), ("{\"a\":NaN}", "malformed"),
    ("{\"a\":\"\u{0}\"}", "malformed"), ("{\"meta\":{\"run_id\":\"one\"}}", "duplicate"),
    ("{\"meta\":{\"run_id\":\"\\u006fne\"}}", "duplicate"),
    ("{\"snapshot\":{\"meta\":{\"run_id\":\"one\"}}}", "duplicate"),
    ("{\"meta\":{\"timestamp_ms\":4}}", "order"),
  ]) func findings(line: String, kind: String) throws {
    let head = "{\"meta\":{\"run_id\":\"one\",\"timestamp_ms\":5}}\n\n"
    let run = try Tool.run("jsonl-verify", text: head + line + "\n{\"after\":1}\n")
    let rows = try report(run)
    #expect(run.status == 65)
    let finding = try #require(rows.first)
    #expect(rows.count == 3)
    #expect(finding["kind"] as? String == kind)
    #expect(finding["line"] as? Int == 3 && finding["offset"] as? Int == head.utf8.count)
  }

  @Test func longLineKeepsOffsetsRight() throws {
    let long = "{\"a\":\"" + String(repeating: "x", count: 3 << 20) + "\"}"
    let run = try Tool.run(
      "jsonl-verify", ["--max-line", "1000"], text: "{}\n" + long + "\n{\"b\"\n{\"c\":1}")
    let rows = try report(run)
    #expect(
      rows.prefix(3).map { $0["offset"] as? Int } == [3, 3 + long.utf8.count + 1, 3 + long.utf8.count + 6])
    #expect(rows[0]["reason"] as? String == "line too long")
    #expect(rows[2]["kind"] as? String == "unterminated")
  }

  @Test func gapsAreCountedAndAreNoDamage() throws {
    let gap = { (reason: String) in
      "{\"snapshot\":{\"observation\":{\"state\":{\"event\":\"gap\",\"reason\":\"\(reason)\"}}}}\n"
    }
    let run = try Tool.run("jsonl-verify", text: gap("no_data") + gap("ws_timeout") + gap("no_data"))
    #expect(run.status == 0)
    #expect(try report(run).last?["gaps"] as? [String: Int] == ["no_data": 2, "ws_timeout": 1])
  }

  @Test(arguments: [("all", 65, 2), ("symbol", 65, 1), ("none", 0, 0)]) func order(
    rule: String, status: Int32, count: Int
  ) throws {
    let lines = [
      snapshot("1", at: 10, symbol: "A"), snapshot("2", at: 5, symbol: "B"),
      snapshot("3", at: 10, symbol: "A"),
      snapshot("4", at: 9, symbol: "A"), snapshot("5", at: 11, symbol: "B"),
    ]
    let run = try Tool.run("jsonl-verify", ["--order", rule], text: lines.joined(separator: "\n") + "\n")
    #expect(run.status == status)
    #expect(try report(run).last?["backwards"] as? Int == count)
  }

  @Test func dedupePassesEachRunIDOnceAndAllThatHasNone() throws {
    let lines = (0..<20_000).map { record(id($0 / 2), at: 1) } + ["{\"no\": 1.0 }", "{\"no\": 1.0 }", "{bad"]
    let run = try Tool.run(
      "jsonl-verify", ["--dedupe", "--details", "0"], text: lines.joined(separator: "\n") + "\n")
    let expected = (0..<10_000).map { record(id($0), at: 1) } + ["{\"no\": 1.0 }", "{\"no\": 1.0 }"]
    #expect(run.status == 65)
    #expect(run.lines == expected)
    #expect(try report(run, onError: true).last?["duplicates"] as? Int == 10_000)
  }

  /// Ids that differ in one place only, and ids that are no hex, are told apart.
  @Test func differentIDsAreNoDuplicates() throws {
    var ids = (0..<32).map { place in
      String(String(repeating: "0", count: 32).enumerated().map { $0.offset == place ? "f" : $0.element })
    }
    ids +=
      ids.map { $0.uppercased() } + ["", "a", "aa", "0", id(0), "\u{AC00}", id(0).replacing("0", with: "A")]
    let run = try Tool.run("jsonl-verify", text: ids.map { snapshot($0, at: 1) + "\n" }.joined())
    #expect(run.status == 0, "\(run.outText)")
  }

  /// Ids that were counted up, at either end, do not crowd in one corner of the table.
  @Test(arguments: [0, 31]) func countedIDsAreFast(place: Int) throws {
    let rest = String(repeating: "0", count: 24)
    let text = (0..<100_000).map { number in
      let digits = String(format: "%08x", number)
      return snapshot(place == 0 ? digits + rest : rest + digits, at: 1) + "\n"
    }.joined()
    let begin = Date()
    let run = try Tool.run("jsonl-verify", text: text)
    #expect(run.status == 0)
    #expect(Date().timeIntervalSince(begin) < 20)
  }

  @Test func boundedMemoryOfIDs() throws {
    let text = (0..<20).map { snapshot(id($0 % 10), at: 1) + "\n" }.joined()
    let run = try Tool.run("jsonl-verify", ["--max-ids", "5"], text: text)
    let total = try #require(try report(run).last)
    #expect(total["duplicates"] as? Int == 5 && total["ids_unchecked"] as? Int == 10)
    #expect(try Tool.run("jsonl-verify", ["--max-ids", "0"], text: text).status == 0)
  }

  @Test func filesAndFolders() throws {
    let folder = try Tool.temporaryFolder()
    for (name, line) in [
      ("observer_1.jsonl", snapshot("a", at: 1)), ("observer_2.jsonl", snapshot("b", at: 2)),
      ("observer_3.jsonl", snapshot("a", at: 3)), ("observer.lock", "no record"),
    ] { try (line + "\n").write(toFile: folder + "/" + name, atomically: true, encoding: .utf8) }
    let run = try Tool.run("jsonl-verify", [folder])
    #expect(run.status == 65)
    let rows = try report(run)
    #expect(rows.map { $0["kind"] as? String } == ["file", "file", "duplicate", "file", "total"])
    #expect(rows[2]["file"] as? String == folder + "/observer_3.jsonl")
    let table = try Tool.run("jsonl-verify", ["--format", "table", folder + "/observer_1.jsonl"])
    #expect(table.status == 0 && table.lines.count == 3)
    let missing = try Tool.run("jsonl-verify", [folder + "/none.jsonl", folder + "/observer_1.jsonl"])
    #expect(missing.status == 74 && missing.errText.contains("none.jsonl"))
    #expect(try report(missing).last?["lines"] as? Int == 1)
  }

  @Test(arguments: [["--bogus"], ["--order", "x"], ["--dedupe", "--max-ids", "0"]]) func usage(
    _ words: [String]
  ) throws {
    #expect(try Tool.run("jsonl-verify", words, text: "{}\n").status == 64)
  }

  @Test func fullOutputIsAnError() throws {
    let run = try Tool.run("bash", ["-c", "echo {} | \"$0\" >/dev/full", Tool.path("jsonl-verify")])
    #expect(run.status == 74)
  }
}
