import Configuration
import Foundation
import TestSupport
import Testing

/// The table of keys in config/README.md is what is read. `RECORD_GOLDEN=1` rewrites it, and fails.
@Test func readmeHasEveryKey() throws {
  let url = Tool.repository.appendingPathComponent("config/README.md")
  let text = try String(contentsOf: url, encoding: .utf8)
  let start = try #require(text.range(of: "(RECORD_GOLDEN=1) -->\n")).upperBound
  let end = try #require(text.range(of: "<!-- /keys -->")).lowerBound
  func code(_ word: String?) -> String { word.map { "`\($0)`" } ?? "" }
  let rows = ConfigKey.all.map { key in
    let cells = [
      code(key.name), code(key.option.map { "--\($0.name)" }), code(key.variable), code(key.standard),
      key.meaning,
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }
  let table = (["| key | option | variable | default | meaning |", "| --- | --- | --- | --- | --- |"] + rows)
    .map {
      $0 + "\n"
    }.joined()
  if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
    try (text[..<start] + table + text[end...]).write(to: url, atomically: true, encoding: .utf8)
    Issue.record("recorded \(url.path)")
  }
  #expect(text[start..<end] == table)
}
