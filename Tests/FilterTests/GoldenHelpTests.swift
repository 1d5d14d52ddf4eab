import Foundation
import TestSupport
import Testing

/// `--help` and `--version`, word for word. `RECORD_GOLDEN=1` rewrites the files, and fails.
struct GoldenHelpTests {
  @Test(arguments: filters)
  func help(tool: String) throws {
    let outcome = try Tool.run(tool, ["--help"])
    #expect(outcome.status == 0 && outcome.err.isEmpty)
    let path = Tool.repository.appendingPathComponent("Tests/Golden/\(tool).help").path
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try outcome.outText.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("recorded \(path)")
    }
    #expect(outcome.outText == (try String(contentsOfFile: path, encoding: .utf8)))
    #expect(try Tool.run(tool, ["-h"]).out == outcome.out)
    #expect(try Tool.run(tool, ["--emit", "all", "--help"]).out == outcome.out)
    let lines = outcome.outText.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 50 && lines.allSatisfy { $0.count <= 110 })
  }

  @Test(arguments: filters)
  func version(tool: String) throws {
    let outcome = try Tool.run(tool, ["--version"])
    #expect(outcome.outText == "\(tool) 1.0.0\n")
    #expect(outcome.status == 0 && outcome.err.isEmpty)
  }

  /// Every option that the help names is taken, and every option that is taken is named.
  @Test(arguments: filters)
  func helpNamesTheOptions(tool: String) throws {
    let help = try Tool.run(tool, ["--help"]).outText
    let values = [
      "emit": "pass", "rejects": FileManager.default.temporaryDirectory.path + "/golden-rejects.jsonl",
      "max-line": "100", "grace": "1", "log-level": "info",
      "log-format": "text",
      "session-id": "s", "mode": "m", "clock": "now",
      "metrics": FileManager.default.temporaryDirectory.path + "/golden-\(tool).prom",
    ]
    let flags = ["plain", "unwrap", "strict", "require-validation", "help", "version"]
    for name in Array(values.keys) + flags {
      let words = values[name].map { ["--\(name)", $0] } ?? ["--\(name)"]
      let isTaken = try Tool.run(tool, words).status == 0
      #expect(
        isTaken == help.contains("--\(name) ") || isTaken == help.contains("--\(name),")
          || isTaken == help.contains("--\(name)\n"), "\(name)")
      #expect(isTaken || !help.contains("--\(name) "), "\(name)")
    }
  }

  /// The example under `--help` of snap-validate, run as it stands where jq is at hand.
  @Test func exampleRuns() throws {
    guard FileManager.default.isExecutableFile(atPath: Tool.path("jq")) else { return }
    let folder = try Tool.temporaryFolder()
    try [Sample.good, Sample.snapshot(meta: nil), Sample.snapshot(meta: nil, context: nil)].joined(
      separator: "\n"
    )
    .write(toFile: folder + "/snapshots.jsonl", atomically: true, encoding: .utf8)
    let help = try Tool.run("snap-validate", ["--help"]).outText
    let command = try #require(help.split(separator: "\n").last.map(String.init))
    let outcome = try Tool.run(
      "bash", ["-c", command], env: ["PATH": "\(Tool.folder.path):/usr/bin:/bin"], in: folder)
    #expect(outcome.outText == "      1 snapshot.context missing\n      2 snapshot.meta missing\n")
  }
}
