import Foundation
import TestSupport
import Testing

/// Old verdicts, and which lines go out in which form.
struct ValidateVerdictTests {
  static let old = #""validation":{"severity":"BLOCK","errors":["x"],"details":{}}"#
  static let body = String(Sample.good.dropFirst().dropLast())

  /// What came in, and what is left of it when the old verdict is gone.
  static let places: [(line: String, rest: String)] = [
    ("{\(body),\(old)}", "{\(body)}"),
    ("{\(old),\(body)}", "{\(body)}"),
    ("{\(old), \(body)}", "{ \(body)}"),
    ("{ \(old) , \(body) }", "{  \(body) }"),
    (#"{"a":1,\#(old),\#(body)}"#, #"{"a":1,\#(body)}"#),
    (#"{"a":1 , \#(old) , \#(body)}"#, #"{"a":1  , \#(body)}"#),
    ("{\(old),\(body),\(old)}", "{\(body)}"),
    ("{\(old),\(old),\(body)}", "{\(body)}"),
    ("{\(body),\(old),\(old),\(old)}", "{\(body)}"),
    (#"{\#(body),"v\u0061lidation":null}"#, "{\(body)}"),
    (
      #"{\#(body),"validation":1,"validatio\u006e":[{"a":"}"}],"x":"\"validation\""}"#,
      #"{\#(body),"x":"\"validation\""}"#
    ),
    (#"{\#(body),"validation":{"severity":"INFO"} }"#, "{\(body) }"),
    ("{\(body) ,\t\(old)\r}", "{\(body) \r}"),
  ]

  @Test(arguments: places.map(\.line), ["--emit=pass", "--emit=all"])
  func oldVerdictIsReplaced(line: String, emit: String) throws {
    let rest = try #require(Self.places.first { $0.line == line }?.rest)
    #expect(try filter("snap-validate", [emit], [line]) == [annotated(rest, "validation", infoVerdict)])
  }

  /// A stage run twice gives what it gave the first time.
  @Test func twiceIsOnce() throws {
    let lines = Self.places.map(\.line) + [Sample.good, Sample.snapshot(meta: "[]")]
    for tool in ["snap-validate", "snap-guard"] {
      let once = try filter(tool, ["--emit", "all"], lines)
      #expect(try filter(tool, ["--emit", "all"], once) == once, "\(tool)")
    }
  }

  @Test func verdictsThatAreAllThereIs() throws {
    let errors = ["snapshot.meta missing", "snapshot.context missing", "snapshot.observation missing"]
    let bare = #"{"validation":\#(blockVerdict(errors))}"#
    let lines = ["{}", "{\(Self.old)}", "{\(Self.old),\(Self.old)}"]
    #expect(try filter("snap-validate", ["--emit", "all"], lines) == [bare, bare, bare])
    #expect(
      try filter(
        "snap-validate", ["--emit", "all"], ["{ }", "{ \(Self.old)\t}", "{\(Self.old) , \(Self.old)}"])
        == ["{ ", "{ \t", "{ "].map { $0 + bare.dropFirst() })
  }

  /// A crafted line must not take hours.
  @Test func manyOldVerdicts() throws {
    let many = Array(repeating: Self.old, count: 20_000).joined(separator: ",")
    let out = try filter("snap-validate", [], ["{\(many),\(Self.body)}"])
    #expect(out == [annotated("{\(Self.body)}", "validation", infoVerdict)])
  }

  @Test func severityInsideOtherObjectsIsNotTheVerdict() throws {
    let line = Sample.snapshot(extra: #""x":{"validation":{"severity":"BLOCK"}},"severity":"BLOCK""#)
    #expect(try filter("snap-guard", [], [line]) == [annotated(line, "guard", passVerdict)])
  }
}

/// `--emit`, `--plain`, `--unwrap`, `--strict`.
struct ValidateEmitTests {
  static let bad = Sample.snapshot(context: nil)
  static let badVerdict = blockVerdict(["snapshot.context missing"])
  static let lines = [Sample.good, bad, "{", "[]", "", Sample.good]

  @Test func pass() throws {
    let good = annotated(Sample.good, "validation", infoVerdict)
    #expect(try filter("snap-validate", [], Self.lines) == [good, good])
    #expect(
      try filter("snap-validate", ["--emit=pass", "--plain"], Self.lines) == [Sample.good, Sample.good])
  }

  @Test func blocked() throws {
    #expect(
      try filter("snap-validate", ["--emit", "blocked"], Self.lines)
        == [annotated(Self.bad, "validation", Self.badVerdict)])
    #expect(try filter("snap-validate", ["--emit", "blocked", "--plain"], Self.lines) == [Self.bad])
  }

  @Test func all() throws {
    let good = annotated(Sample.good, "validation", infoVerdict)
    #expect(
      try filter("snap-validate", ["--emit", "all"], Self.lines)
        == [good, annotated(Self.bad, "validation", Self.badVerdict), good])
    #expect(
      try filter("snap-validate", ["--emit", "all", "--plain"], Self.lines) == [
        Sample.good, Self.bad, Sample.good,
      ])
  }

  /// The law holds whatever is emitted.
  @Test(arguments: filters, ["pass", "blocked", "all"])
  func everyLineIsAccountedFor(tool: String, emit: String) throws {
    let outcome = try Tool.run(tool, ["--emit", emit], text: Self.lines.joined(separator: "\n"))
    let numbers = counts(outcome)
    #expect(numbers[0] == 6 && numbers[0] == numbers[1] + numbers[2] + numbers[3] && numbers[3] == 1)
  }

  @Test func unwrap() throws {
    let inner = Sample.snapshot(extra: #""x":1e3"#)
    let record = #"{"a":{"meta":1}, "snapshot" : \#(inner) ,"metadata":{"snapshot":2}}"#
    #expect(
      try filter("snap-validate", ["--unwrap"], [record]) == [annotated(inner, "validation", infoVerdict)])
    #expect(try filter("snap-guard", ["--unwrap"], [record]) == [annotated(inner, "guard", passVerdict)])
    #expect(try filter("snap-validate", ["--unwrap", "--plain"], [record]) == [record])
    #expect(
      try filter("snap-enrich", ["--unwrap"], [record])[0].hasPrefix(#"{"snapshot":\#(inner),"regime_tags""#))
  }

  @Test(arguments: [
    (#"{"a":1}"#, "snapshot missing"), (#"{"snapshot":null}"#, "snapshot missing"),
    (#"{"snapshot":[]}"#, "snapshot must be dict"),
  ])
  func nothingToUnwrap(line: String, error: String) throws {
    let folder = try Tool.temporaryFolder()
    for tool in filters {
      let outcome = try Tool.run(tool, ["--unwrap", "--rejects", "r"], text: line, in: folder)
      #expect(outcome.out.isEmpty && counts(outcome) == [1, 0, 1, 0])
    }
    let rejects = try String(contentsOfFile: folder + "/r", encoding: .utf8)
    #expect(
      rejects
        == filters.map {
          #"{"stage":"\#($0)","line":1,"verdict":\#(blockVerdict([error])),"input":\#(line)}"# + "\n"
        }
        .joined())
  }

  @Test(arguments: filters)
  func strictStopsAtTheFirstReject(tool: String) throws {
    let folder = try Tool.temporaryFolder()
    let input = [Sample.good, "", "{", Sample.good, "["].joined(separator: "\n")
    let outcome = try Tool.run(tool, ["--strict", "--rejects", "r"], text: input, in: folder)
    #expect(outcome.status == 65)
    #expect(outcome.lines.count == 1)
    #expect(counts(outcome) == [3, 1, 1, 1])
    #expect(outcome.errText.contains("line 3"))
    #expect(try String(contentsOfFile: folder + "/r", encoding: .utf8).split(separator: "\n").count == 1)
    #expect(try Tool.run(tool, ["--strict"], text: Sample.good).status == 0)
  }
}
