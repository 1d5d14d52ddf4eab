import Foundation
import TestSupport
import Testing

/// `--rejects`: nothing is lost, and the file is NDJSON for every reader.
struct CommonRejectsTests {
  private func rejects(_ tool: String, _ input: [UInt8], _ arguments: [String] = []) throws -> String {
    let folder = try Tool.temporaryFolder()
    let outcome = try Tool.run(tool, ["--rejects", folder + "/r"] + arguments, input: input)
    #expect(outcome.status == 0)
    return try String(contentsOfFile: folder + "/r", encoding: .utf8)
  }

  private func entry(_ tool: String, _ line: Int, _ verdict: String, _ input: String) -> String {
    #"{"stage":"\#(tool)","line":\#(line),"verdict":\#(verdict),\#(input)}"# + "\n"
  }

  @Test func inputAsAValue() throws {
    let line = #" {"price" : 1e3, "x":0.10} "#
    let errors = ["snapshot.meta missing", "snapshot.context missing", "snapshot.observation missing"]
    #expect(
      try rejects("snap-validate", Array((Sample.good + "\n\n" + line + "\n").utf8))
        == entry("snap-validate", 3, blockVerdict(errors), #""input":\#(line)"#))
    #expect(
      try rejects("snap-guard", Array(#"{"context":{}}"#.utf8))
        == entry(
          "snap-guard", 1, #"{"action":"BLOCK","reason":"Invalid context.stage"}"#, #""input":{"context":{}}"#
        ))
    #expect(
      try rejects("snap-enrich", Array("[1, 2]\n".utf8))
        == entry("snap-enrich", 1, blockVerdict(["not a JSON object"]), #""input":[1, 2]"#))
  }

  @Test func inputAsText() throws {
    #expect(
      try rejects("snap-validate", Array("{\"a\":\"\\\t\u{1}\u{7F}삼\r\n".utf8))
        == entry(
          "snap-validate", 1, blockVerdict(["invalid JSON: invalid escape at byte 7"]),
          #""input_text":"{\"a\":\"\\\t\u0001"# + "\u{7F}삼\""))
  }

  /// Numbers that overflow in readers make a line text, not a value: the rejects file is JSON itself.
  @Test(arguments: filters)
  func nonFiniteIsText(tool: String) throws {
    let text = try rejects(tool, Array((Sample.snapshot(extra: #""x":1e999"#) + "\n[NaN]\n").utf8))
    #expect(text.contains(#","input_text":"{\"meta\""#))
    #expect(text.hasSuffix(#","input_text":"[NaN]"}"# + "\n"))
    for line in text.split(separator: "\n") {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
  }

  @Test(arguments: [
    ([0xFF], "/w=="), ([0xFF, 0xFE], "//4="), ([0xFB, 0xEF, 0xBE], "++++"),
    ([0x7B, 0xC3, 0x7D, 0], "e8N9AA=="),
  ])
  func inputAsBase64(bytes: [UInt8], text: String) throws {
    let at = bytes.firstIndex { $0 >= 0x80 } ?? 0
    #expect(
      try rejects("snap-validate", bytes + [0x0A])
        == entry(
          "snap-validate", 1, blockVerdict(["invalid UTF-8 at byte \(at)"]), #""input_base64":"\#(text)""#))
  }

  @Test func isAppendedTo() throws {
    let folder = try Tool.temporaryFolder()
    try "before\n".write(toFile: folder + "/r", atomically: false, encoding: .utf8)
    for _ in 0..<2 { _ = try Tool.run("snap-guard", ["--rejects=r"], text: "{}", in: folder) }
    let lines = try String(contentsOfFile: folder + "/r", encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3 && lines[0] == "before" && lines[1] == lines[2])
  }

  @Test func fileIsPrivate() throws {
    let folder = try Tool.temporaryFolder()
    _ = try Tool.run("snap-validate", ["--rejects", folder + "/r"], text: "{}")
    let mode = try FileManager.default.attributesOfItem(atPath: folder + "/r")[.posixPermissions] as? Int
    #expect(mode.map { $0 & 0o077 } == 0)
  }

  /// Garbage between good lines: neighbours pass in order, every reject is there with its number.
  @Test func garbageInTheMiddle() throws {
    let folder = try Tool.temporaryFolder()
    var input: [String] = []
    for index in 0..<2000 {
      input.append(index % 50 == 7 ? "garbage \(index)" : Sample.snapshot(extra: #""n":\#(index)"#))
    }
    let outcome = try Tool.run(
      "snap-validate", ["--plain", "--rejects", folder + "/r"], text: input.joined(separator: "\n"))
    #expect(outcome.lines == input.filter { !$0.hasPrefix("garbage") })
    let rejects = try String(contentsOfFile: folder + "/r", encoding: .utf8).split(separator: "\n")
    #expect(rejects.count == 40)
    for (index, line) in rejects.enumerated() {
      let number = index * 50 + 7
      #expect(
        line.contains(#""line":\#(number + 1),"#) && line.hasSuffix(#""input_text":"garbage \#(number)"}"#))
    }
    #expect(counts(outcome) == [2000, 1960, 40, 0])
  }
}
