import Foundation
import TestSupport
import Testing

/// Lines that are no JSON object, and what is said about them.
struct ValidateLineTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let line: [UInt8]
    let error: String
    init(_ line: [UInt8], _ error: String) {
      self.line = line
      self.error = error
    }
    init(_ line: String, _ error: String) { self.init(Array(line.utf8), error) }
    var testDescription: String { String(decoding: line.prefix(40), as: UTF8.self) }
  }

  static let cases = [
    Case("[]", "not a JSON object"), Case("1", "not a JSON object"), Case(#""a""#, "not a JSON object"),
    Case("null", "not a JSON object"), Case(" true ", "not a JSON object"),
    Case("[NaN]", "not a JSON object"),
    Case("Infinity", "not a JSON object"), Case(#"[{"a":1}]"#, "not a JSON object"),
    Case("{", "invalid JSON: unexpected end at byte 1"),
    Case(#"{"a":"#, "invalid JSON: unexpected end at byte 5"),
    Case(#"{"a"#, "invalid JSON: unexpected end at byte 3"),
    Case(#"{"a":1"#, "invalid JSON: unexpected end at byte 6"),
    Case(#"{"a":1.}"#, "invalid JSON: expected a digit at byte 7"),
    Case(#"{"a":01}"#, "invalid JSON: leading zero at byte 5"),
    Case(#"{"a":+1}"#, "invalid JSON: expected a value at byte 5"),
    Case(#"{"a":1,}"#, "invalid JSON: expected a member name at byte 7"),
    Case("{'a':1}", "invalid JSON: expected a member name at byte 1"),
    Case(#"{"a" 1}"#, "invalid JSON: expected ':' at byte 5"),
    Case(#"{"a":1 "b":2}"#, "invalid JSON: expected ',' or '}' at byte 7"),
    Case(#"{"a":[1 2]}"#, "invalid JSON: expected ',' or ']' at byte 8"),
    Case("{\"a\":\"\t\"}", "invalid JSON: control character in a string at byte 6"),
    Case(#"{"a":"\x"}"#, "invalid JSON: invalid escape at byte 7"),
    Case(#"{"a":"\ud800"}"#, "invalid JSON: lone surrogate at byte 6"),
    Case(#"{"a":"x\udc00"}"#, "invalid JSON: lone surrogate at byte 7"),
    Case("{}{}", "invalid JSON: text after the value at byte 2"),
    Case("{}\u{0}", "invalid JSON: text after the value at byte 2"),
    Case("\u{FEFF}{}", "invalid JSON: expected a value at byte 0"),
    Case("x", "invalid JSON: expected a value at byte 0"),
    Case(Array(#"{"a":"삼"#.utf8) + [0xFF] + Array(#""}"#.utf8), "invalid UTF-8 at byte 9"),
    Case([0xFF, 0xFE], "invalid UTF-8 at byte 0"),
    // What is no text is not judged as JSON.
    Case(Array("{x".utf8) + [0xC0, 0x80], "invalid UTF-8 at byte 2"),
    Case(Array(#"{"a":"#.utf8) + [0xED, 0xA0, 0x80] + Array("}".utf8), "invalid UTF-8 at byte 5"),
    Case(#"{"a":"# + String(repeating: "[", count: 512), "nested deeper than 512"),
    Case(String(repeating: "[", count: 513) + String(repeating: "]", count: 513), "nested deeper than 512"),
    Case(String(repeating: "[", count: 512) + String(repeating: "]", count: 512), "not a JSON object"),
  ]

  @Test(arguments: cases) func isRefused(_ aCase: Case) throws {
    for tool in filters {
      let folder = try Tool.temporaryFolder()
      let outcome = try Tool.run(
        tool, ["--rejects", folder + "/r"], input: Array("{}\n".utf8) + aCase.line + Array("\n{}\n".utf8))
      #expect(outcome.status == 0)
      let rejects = try String(contentsOfFile: folder + "/r", encoding: .utf8)
      let entry = rejects.split(separator: "\n").first { $0.contains(#","line":2,"#) } ?? ""
      #expect(
        entry.hasPrefix(#"{"stage":"\#(tool)","line":2,"verdict":\#(blockVerdict([aCase.error])),"#),
        "\(entry)")
      #expect(counts(outcome)[0] == 3)
    }
  }

  /// 512 pass, with the outermost object counted.
  @Test(arguments: [(511, true), (512, false)])
  func nesting(arrays: Int, passes: Bool) throws {
    let deep = String(repeating: "[", count: arrays) + "1" + String(repeating: "]", count: arrays)
    let line = Sample.snapshot(extra: #""x":\#(deep)"#)
    #expect(try filter("snap-validate", ["--plain"], [line]) == (passes ? [line] : []))
    let objects = String(repeating: #"{"a":"#, count: arrays) + "{}" + String(repeating: "}", count: arrays)
    let odd = Sample.snapshot(extra: #""x":\#(objects)"#)
    #expect(try filter("snap-validate", ["--plain"], [odd]) == [])
  }

  /// What was accepted stays acceptable: a record wraps the snapshot and copies values two levels deeper.
  @Test func recordOfTheDeepestSnapshot() throws {
    let deep = String(repeating: "[", count: 510) + String(repeating: "]", count: 510)
    let line = Sample.snapshot(context: Sample.object([("source", deep), ("stage", "1")]))
    let checked = try filter("snap-validate", [], [line])
    let record = try filter("snap-enrich", ["--clock", "event"], checked)
    #expect(record.count == 1)
    #expect(try filter("snap-validate", ["--unwrap", "--plain"], record) == record)
    let folder = try Tool.temporaryFolder()
    #expect(try filter("jsonl-sink", ["--dir", folder], record) == record)
    let verified = try Tool.run("jsonl-verify", ["--dedupe", folder])
    #expect(verified.status == 0 && verified.lines == record, "\(verified.errText)")
    let audit = try Tool.run("snap-audit", [folder])
    #expect(audit.status == 0 && audit.outText.contains("\"records\":1,"), "\(audit.errText)")
  }

  @Test func millionLevelsDeep() throws {
    for bracket in ["[", #"{"a":"#] {
      let outcome = try Tool.run(
        "snap-validate", text: String(repeating: bracket, count: 1_000_000) + "\n" + Sample.good + "\n")
      #expect(outcome.lines.count == 1)
      #expect(outcome.errText.contains("nested deeper than 512"))
    }
  }

  @Test func lineEnds() throws {
    let good = Sample.good
    let out = annotated(good, "validation", infoVerdict) + "\n"
    let inputs: [(String, String, [Int])] = [
      ("", "", [0, 0, 0, 0]),
      ("\n", "", [1, 0, 0, 1]),
      ("\n\n \n\t\r\n\r\n", "", [5, 0, 0, 5]),
      (good, out, [1, 1, 0, 0]),
      (good + "\r\n", out, [1, 1, 0, 0]),
      (good + "\r", out, [1, 1, 0, 0]),
      (good + "\n" + good, out + out, [2, 2, 0, 0]),
      ("\r\n" + good + "\r\n\r\n" + good, out + out, [4, 2, 0, 2]),
      (good + "\n  ", out, [2, 1, 0, 1]),
      (good + "\n\u{0}\n", out, [2, 1, 1, 0]),
      ("  " + good + " \t\n", out, [1, 1, 0, 0]),
      ("\u{0B}\n", "", [1, 0, 1, 0]),
    ]
    for (input, wanted, numbers) in inputs {
      let outcome = try Tool.run("snap-validate", text: input)
      #expect(outcome.outText == wanted, "\(input.debugDescription)")
      #expect(counts(outcome) == numbers, "\(input.debugDescription)")
      #expect(outcome.status == 0)
    }
  }

  /// White space is legal inside; only the CR of a CR LF goes.
  @Test func plainKeepsEveryByte() throws {
    let spaced = "\t " + Sample.good.replacingOccurrences(of: ",", with: " ,\r\t") + "  "
    let outcome = try Tool.run("snap-validate", ["--plain"], text: spaced + "\r\n")
    #expect(outcome.outText == spaced + "\n")
  }
}

/// `--max-line`.
struct ValidateLongLineTests {
  private func line(_ count: Int) -> String {
    let frame = Sample.snapshot(extra: #""x":"""#)
    return Sample.snapshot(extra: #""x":"\#(String(repeating: "a", count: count - frame.utf8.count))""#)
  }

  /// The limit counts the bytes without the line end, however the input is cut into reads.
  @Test func limitIsInclusive() throws {
    let limit = 4096
    for ending in ["\n", "\r\n", ""] {
      let fits = try Tool.run("snap-validate", ["--max-line", "\(limit)"], text: line(limit) + ending)
      #expect(fits.lines.count == 1, "\(ending.debugDescription)")
      let long = try Tool.run("snap-validate", ["--max-line", "\(limit)"], text: line(limit + 1) + ending)
      #expect(long.lines.isEmpty)
      #expect(long.errText.contains(#"errors=["line too long"]"#))
    }
  }

  @Test func carriageReturnAloneInItsRead() throws {
    let running = try Tool.start("snap-validate", ["--max-line", "4096", "--plain"])
    running.write(Sample.good + "\n" + line(4096) + "\r")
    #expect(Tool.waitUntil { running.out.count > 0 })
    running.write("\n" + Sample.good + "\n")
    running.closeInput()
    #expect(running.wait().lines == [Sample.good, line(4096), Sample.good])
  }

  @Test func neighboursOfALongLinePass() throws {
    let folder = try Tool.temporaryFolder()
    let huge = "한" + String(repeating: "y", count: 3_000_000)
    let outcome = try Tool.run(
      "snap-validate", ["--max-line", "1000", "--plain", "--rejects", folder + "/r"],
      text: [Sample.good, huge, Sample.good, line(1001), Sample.good].joined(separator: "\n"))
    #expect(outcome.lines == [Sample.good, Sample.good, Sample.good])
    #expect(counts(outcome) == [5, 3, 2, 0])
    let rejects = try String(contentsOfFile: folder + "/r", encoding: .utf8).split(separator: "\n")
    let head = #"{"stage":"snap-validate","line":2,"verdict":\#(blockVerdict(["line too long"]))"#
    #expect(
      rejects[0] == head + #","truncated":true,"input_bytes":3000003,"input_text":"\#(huge.prefix(4094))"}"#)
    #expect(rejects[1].contains(#""line":4,"#) && rejects[1].contains(#""input_bytes":1001,"#))
  }

  /// A cut in the middle of a character does not turn a text into base64.
  @Test func longTextStaysText() throws {
    for shift in 0..<4 {
      let folder = try Tool.temporaryFolder()
      let text = String(repeating: "z", count: shift) + String(repeating: "삼😀", count: 2000)
      _ = try Tool.run(
        "snap-validate", ["--max-line", "1000", "--rejects", folder + "/r"], text: text + "\n")
      let rejects = try String(contentsOfFile: folder + "/r", encoding: .utf8)
      #expect(rejects.contains(#","input_text":"\#(text.prefix(100))"#), "shift \(shift)")
    }
  }
}
