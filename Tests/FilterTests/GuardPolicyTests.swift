import TestSupport
import Testing

/// snap-guard's table.
struct GuardPolicyTests {
  enum Wanted: String, Sendable {
    case pass = #"{"action":"PASS","reason":"OK"}"#
    case failed = #"{"action":"BLOCK","reason":"Validation failed"}"#
    case stage = #"{"action":"BLOCK","reason":"Invalid context.stage"}"#
    case notValidated = #"{"action":"BLOCK","reason":"Not validated"}"#
    case nonFinite = #"{"action":"BLOCK","reason":"Non-finite numbers"}"#
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let wanted: Wanted
    /// With --require-validation.
    let required: Wanted
    init(_ line: String, _ wanted: Wanted, required: Wanted? = nil) {
      self.line = line
      self.wanted = wanted
      self.required = required ?? wanted
    }
    var testDescription: String { line }
  }

  private static func snapshot(stage: String? = #""raw""#, validation: String?) -> String {
    Sample.snapshot(
      context: Sample.object([("stage", stage)]), extra: validation.map { #""validation":\#($0)"# } ?? "")
  }

  static let cases = [
    Case(snapshot(validation: infoVerdict), .pass),
    Case(snapshot(validation: #"{"severity":"BLOCK"}"#), .failed),
    Case(snapshot(validation: blockVerdict(["x"])), .failed),
    Case(snapshot(validation: #"{"severity":"BL\u004fCK"}"#), .failed),
    Case(snapshot(validation: #"{"\u0073everity":"BLOCK"}"#), .failed),
    Case(snapshot(validation: #"{"severity":"block"}"#), .pass),
    Case(snapshot(validation: #"{"severity":"BLOCKED"}"#), .pass),
    // Canonically equivalent to BLOCK, but another word: the last letter is the Kelvin sign.
    Case(snapshot(validation: #"{"severity":"BLOC\u212a"}"#), .pass),
    Case(snapshot(validation: #"{"severity":"WARNING"}"#), .pass),
    Case(snapshot(validation: nil), .pass, required: .notValidated),
    Case(snapshot(validation: "null"), .pass, required: .notValidated),
    Case(snapshot(validation: "{}"), .pass, required: .notValidated),
    Case(snapshot(validation: "[]"), .pass, required: .notValidated),
    Case(snapshot(validation: #""BLOCK""#), .pass, required: .notValidated),
    Case(snapshot(validation: #"{"severity":null}"#), .pass, required: .notValidated),
    Case(snapshot(validation: #"{"severity":""}"#), .pass, required: .notValidated),
    Case(snapshot(validation: #"{"severity":"SKIPPED"}"#), .pass, required: .notValidated),
    Case(snapshot(stage: nil, validation: infoVerdict), .stage),
    Case(snapshot(stage: "null", validation: infoVerdict), .stage),
    Case(snapshot(stage: #""""#, validation: infoVerdict), .stage),
    Case(snapshot(stage: #"" ""#, validation: infoVerdict), .pass),
    Case(snapshot(stage: "0", validation: infoVerdict), .pass),
    Case(snapshot(stage: nil, validation: nil), .stage),
    Case(snapshot(stage: nil, validation: #"{"severity":"BLOCK"}"#), .failed),
    Case(Sample.snapshot(context: nil), .stage),
    Case(Sample.snapshot(context: #"["stage"]"#), .stage),
    Case("{}", .stage),
    Case(#"{"stage":"raw"}"#, .stage),
    // It repeats no check of the validator.
    Case(#"{"context":{"stage":"raw"}}"#, .pass, required: .notValidated),
    Case(#"{"context":{"stage":"raw"},"x":NaN}"#, .nonFinite),
    Case(#"{"context":{"stage":"raw"},"validation":{"severity":"INFO"},"x":[1e999]}"#, .nonFinite),
  ]

  @Test(arguments: cases) func decides(_ aCase: Case) throws {
    for (arguments, wanted) in [([], aCase.wanted), (["--require-validation"], aCase.required)] {
      let line = annotated(aCase.line, "guard", wanted.rawValue)
      #expect(try filter("snap-guard", ["--emit", "all"] + arguments, [aCase.line]) == [line])
      #expect(try filter("snap-guard", arguments, [aCase.line]) == (wanted == .pass ? [line] : []))
      #expect(
        try filter("snap-guard", ["--emit", "blocked"] + arguments, [aCase.line])
          == (wanted == .pass ? [] : [line]))
      #expect(
        try filter("snap-guard", ["--plain"] + arguments, [aCase.line])
          == (wanted == .pass ? [aCase.line] : []))
    }
  }

  @Test func oldVerdictIsReplaced() throws {
    let line = #"{"guard":1,"context":{"stage":"raw"} , "gu\u0061rd":{"action":"BLOCK"},"x":{"guard":2}}"#
    #expect(
      try filter("snap-guard", [], [line])
        == [#"{"context":{"stage":"raw"} ,"x":{"guard":2},"guard":\#(passVerdict)}"#])
  }

  @Test func logsWhatOperatorsGrepFor() throws {
    let blocked = try Tool.run("snap-guard", text: "{}")
    #expect(
      blocked.errText.contains(" | WARNING | snap-guard | Guard blocked | reason=Invalid context.stage"))
    let failed = try Tool.run("snap-validate", text: Sample.snapshot(meta: nil))
    #expect(
      failed.errText.contains(
        #" | WARNING | snap-validate | Validation failed | errors=["snapshot.meta missing"]"#))
  }
}
