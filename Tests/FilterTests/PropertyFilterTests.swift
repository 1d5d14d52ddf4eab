import Foundation
import TestSupport
import Testing

/// Random JSON text: objects with random white space, escapes and spellings of numbers, and broken versions.
struct RandomJSON {
  var random: SeededGenerator
  /// Share of places with white space, in percent.
  var space = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &random)]
  }

  mutating func blank() -> String {
    guard chance(space) else { return "" }
    return (0...Int.random(in: 0...3, using: &random)).map { _ in pick([" ", "\t", "\r"]) }.joined()
  }

  mutating func string(_ text: String) -> String {
    var out = "\""
    for unit in text.utf16 {
      if unit < 0x20 || unit == 0x22 || unit == 0x5C || unit >= 0xD800 && unit < 0xE000 || chance(space / 4) {
        let digits = String(unit, radix: 16, uppercase: chance(50))
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        out.unicodeScalars.append(Unicode.Scalar(unit) ?? "?")
      }
    }
    return out + "\""
  }

  mutating func scalar() -> String {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: "\(Int.random(in: -1000...1_000_000, using: &random))"
    case 1:
      pick([
        "0", "-0", "1e3", "0.10", "12345678901234567890", "-1.5E-7", "1e308",
        String(repeating: "9", count: 30),
      ])
    case 2: pick(["true", "false", "null"])
    case 3: string(pick(["", "raw", "BLOCK", "삼성전자", "😀", "\"", "\\", "a/b", "\u{1F}", "validation"]))
    default:
      string(
        String(
          (0..<Int.random(in: 0...30, using: &random)).map { _ in pick(["a", "é", "한", "\"", " ", "😀", "\n"])
          }))
    }
  }

  mutating func value(_ depth: Int = 0) -> String {
    if depth > 3 || chance(60) { return scalar() }
    let count = Int.random(in: 0...3, using: &random)
    if chance(50) {
      return "[" + (0..<count).map { _ in blank() + value(depth + 1) + blank() }.joined(separator: ",") + "]"
    }
    return object(
      (0..<count).map { _ in (pick(["a", "b", "", "price", "validation", "meta", "한"]), value(depth + 1)) })
  }

  mutating func object(_ members: [(String, String)]) -> String {
    let inner = members.map { blank() + string($0.0) + blank() + ":" + blank() + $0.1 + blank() }
    return "{" + (inner.isEmpty ? blank() : inner.joined(separator: ",")) + "}"
  }

  /// A snapshot that keeps the contract.
  mutating func snapshot() -> String {
    space = pick([0, 0, 10, 60])
    func required(_ members: [(String, String)]) -> [(String, String)] {
      members + (chance(30) ? [(pick(["x", "y", "한"]), value())] : [])
    }
    let meta = object(
      required(
        ["timestamp", "session_id", "run_id", "mode", "observer_version"].map { ($0, string("v\($0.count)")) }
          + [("timestamp_ms", "1785371021123")]
      )
      .shuffled(using: &random))
    let context = object(
      required([("source", string("market")), ("stage", string("raw"))]).shuffled(using: &random))
    let inputs = object(
      [("price", scalar()), ("volume", scalar()), ("raw", value())].shuffled(using: &random))
    let observation = object(
      [("inputs", inputs), ("computed", object([])), ("state", object([("a", value())]))].shuffled(
        using: &random))
    return object(
      required([("meta", meta), ("context", context), ("observation", observation)]).shuffled(using: &random))
  }

  /// A snapshot with an old verdict somewhere.
  mutating func judged() -> String {
    let verdict = #""validation":\#(value())"#
    let line = snapshot()
    return chance(50) ? line.dropLast() + "," + verdict + "}" : "{" + verdict + "," + line.dropFirst()
  }

  mutating func broken(_ line: String) -> [UInt8] {
    var bytes = Array(line.utf8)
    for _ in 0...Int.random(in: 0...3, using: &random) {
      let at = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
      case 1: if at < bytes.count { bytes.remove(at: at) }
      case 2: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
      default: bytes.removeSubrange(at...)
      }
    }
    return bytes.filter { $0 != 0x0A }
  }
}

/// What holds for every input. Each run has a new seed, which a failure prints.
struct PropertyFilterTests {
  let seed = UInt64.random(in: 0...UInt64.max)

  private func trimmed(_ line: String) -> String {
    line.trimmingCharacters(in: CharacterSet(charactersIn: " \t\r"))
  }

  private func run(_ tool: String, _ arguments: [String] = [], _ lines: [String]) throws -> [String] {
    try filter(tool, arguments, lines)
  }

  /// Good lines keep every byte, through --plain and through the whole chain.
  @Test func bytesArePreserved() throws {
    var random = RandomJSON(seed: seed)
    let lines = (0..<600).map { _ in random.snapshot() }
    #expect(try run("snap-validate", ["--plain"], lines) == lines, "seed \(seed)")
    #expect(try run("snap-guard", ["--plain"], lines) == lines, "seed \(seed)")
    let records = try run(
      "snap-enrich", ["--clock=event"], try run("snap-guard", [], try run("snap-validate", [], lines)))
    try #require(records.count == lines.count, "seed \(seed)")
    for (line, record) in zip(lines, records) {
      try #require(record.hasPrefix(#"{"snapshot":\#(trimmed(line)),"regime_tags":{},"#), "seed \(seed)")
    }
    #expect(try run("snap-validate", ["--unwrap", "--plain"], records) == records, "seed \(seed)")
  }

  /// Validating again changes nothing, whatever verdict came in.
  @Test func twiceIsOnce() throws {
    var random = RandomJSON(seed: seed)
    let lines = (0..<400).map { index in index % 2 == 0 ? random.snapshot() : random.judged() }
    for tool in ["snap-validate", "snap-guard"] {
      let once = try run(tool, ["--emit", "all"], lines)
      #expect(once.count == lines.count, "seed \(seed)")
      #expect(try run(tool, ["--emit", "all"], once) == once, "seed \(seed)")
    }
  }

  /// What leaves a stage is JSON for an independent reader, and every line is accounted for.
  @Test func outputIsJSONAndNothingIsLost() throws {
    var random = RandomJSON(seed: seed)
    var input: [UInt8] = []
    let count = 1500
    for index in 0..<count {
      switch index % 3 {
      case 0: input += Array(random.snapshot().utf8)
      case 1: input += random.broken(random.judged())
      default: input += random.broken(random.value())
      }
      input.append(0x0A)
    }
    let folder = try Tool.temporaryFolder()
    for tool in filters {
      let outcome = try Tool.run(tool, ["--rejects", "\(folder)/\(tool)"], input: input)
      #expect(outcome.status == 0)
      let numbers = counts(outcome)
      #expect(numbers[0] == count && numbers[0] == numbers[1] + numbers[2] + numbers[3], "seed \(seed)")
      #expect(outcome.lines.count == numbers[1], "seed \(seed)")
      let rejects = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(tool)")).split(separator: 0x0A)
      #expect(rejects.count == numbers[2], "seed \(seed)")
      for line in outcome.lines.map({ Data($0.utf8) }) + rejects {
        let value = try? JSONSerialization.jsonObject(with: line)
        try #require(value is [String: Any], "seed \(seed): \(String(decoding: line, as: UTF8.self))")
      }
    }
  }
}
