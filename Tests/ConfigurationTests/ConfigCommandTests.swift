import Configuration
import Plumbing
import Foundation
import TestSupport
import Testing

/// `observer-health config`, as a person and as a script would call it.
@Suite struct ConfigCommand {
  let root: String

  init() throws {
    root = try Tool.temporaryFolder("health")
    try FileManager.default.createDirectory(atPath: root + "/.git", withIntermediateDirectories: false)
    try FileManager.default.createDirectory(atPath: root + "/config", withIntermediateDirectories: false)
    let file = """
      {"environment":{"KIS_APP_SECRET":"hush","OBSERVER_LOG_DIR":"a=b c","OBSERVER_MODE":"X"},
       "rotation":{"enabled":true},"watchlist":"w.jsonl"}
      """
    try file.write(toFile: root + "/config/deployment_config.json", atomically: true, encoding: .utf8)
  }

  private func run(_ words: [String], env: [String: String] = [:]) throws -> Outcome {
    try Tool.run("observer-health", ["config"] + words, env: env, in: root)
  }

  @Test func everyKeyHasALine() throws {
    let outcome = try run([], env: ["KIS_APP_KEY": "visible?", "OBSERVER_LOG_LEVEL": "debug"])
    #expect(outcome.status == 0)
    var rows: [String: [String: Any]] = [:]
    for line in outcome.lines {
      let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      rows[try #require(row["name"] as? String)] = row
    }
    for key in ConfigKey.all { #expect(rows[key.name] != nil, "\(key.name)") }
    #expect(rows["rotation.enabled"]?["value"] as? String == "true")
    #expect(rows["log.level"]?["origin"] as? String == "variable OBSERVER_LOG_LEVEL")
    #expect(rows["sink.sync"]?["origin"] as? String == "default")
    #expect(rows["KIS_APP_KEY"]?["value"] as? String == SecretMask.replacement)
    #expect(rows["KIS_APP_SECRET"]?["value"] as? String == SecretMask.replacement)
    #expect(!outcome.outText.contains("hush") && !outcome.outText.contains("visible?"))
  }

  @Test func tableMasksToo() throws {
    let outcome = try run(["--format", "table"])
    #expect(outcome.status == 0)
    #expect(!outcome.outText.contains("hush"))
    #expect(outcome.outText.contains("archive_dir"))
  }

  @Test func environmentLinesForScripts() throws {
    let outcome = try run(["--format", "env"], env: ["OBSERVER_LOG_LEVEL": "debug"])
    #expect(outcome.status == 0)
    let lines = Set(outcome.lines)
    for line in [
      "OBSERVER_ROOT=\(root)", "OBSERVER_ARCHIVE_DIR=\(root)/config/observer",
      "OBSERVER_WATCHLIST=\(root)/w.jsonl",
      "OBSERVER_MODE=X", "OBSERVER_LOG_LEVEL=debug", "OBSERVER_LOG_DIR=a=b c",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(!outcome.outText.contains("SECRET"))
  }

  @Test(arguments: [("rotation.window_ms", "3600000\n"), ("OBSERVER_MODE", "X\n"), ("fetch.rate", "\n")])
  func oneValue(name: String, text: String) throws {
    #expect(try run(["--get", name]).outText == text)
  }

  @Test func unknownNameIsUsage() throws { #expect(try run(["--get", "nonsense"]).status == 64) }

  @Test func brokenFileEndsWithItsPlace() throws {
    try "{\n \"mode\": x}".write(
      toFile: root + "/config/deployment_config.json", atomically: true, encoding: .utf8)
    let outcome = try run([])
    #expect(outcome.status == 78)
    #expect(outcome.errText.contains("deployment_config.json:2:10: expected a value"))
  }
}
