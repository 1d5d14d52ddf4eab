import TestSupport
import Testing

/// A contract member that stands twice.
struct ValidateDuplicateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let errors: [String]
    var testDescription: String { errors.joined(separator: ", ") }
  }

  static let cases: [Case] =
    [
      Case(line: Sample.snapshot(extra: #""meta":\#(Sample.meta)"#), errors: ["snapshot.meta duplicated"]),
      Case(
        line: Sample.snapshot(extra: #""\u006deta":\#(Sample.meta)"#), errors: ["snapshot.meta duplicated"]),
      Case(
        line: Sample.snapshot(extra: #""\u006D\u0065\u0074\u0061":\#(Sample.meta)"#),
        errors: ["snapshot.meta duplicated"]),
      Case(
        line: Sample.snapshot(extra: #""context":\#(Sample.context)"#),
        errors: ["snapshot.context duplicated"]),
      Case(
        line: Sample.snapshot(extra: #""observation":\#(Sample.observation)"#),
        errors: ["snapshot.observation duplicated"]),
      // The later one counts, for every other rule.
      Case(
        line: Sample.snapshot(extra: #""meta":null,"context":[]"#),
        errors: [
          "snapshot.meta missing", "snapshot.context must be dict", "snapshot.meta duplicated",
          "snapshot.context duplicated",
        ]),
      Case(
        line: #"{"meta":null,"meta":\#(Sample.meta),"context":\#(Sample.context),"#
          + #""observation":\#(Sample.observation)}"#,
        errors: ["snapshot.meta duplicated"]),
      Case(
        line: Sample.snapshot(
          observation: #"{"inputs":{"price":1,"price":2,"volume":3,"volum\u0065":4},"#
            + #""computed":{},"state":{},"state":{},"state":{}}"#),
        errors: [
          "snapshot.observation.state duplicated", "snapshot.observation.inputs.price duplicated",
          "snapshot.observation.inputs.volume duplicated",
        ]),
    ]
    + Sample.metaMembers.map { name, value in
      Case(
        line: Sample.snapshot(meta: Sample.object(Sample.metaMembers + [(name, value)])),
        errors: ["snapshot.meta.\(name) duplicated"])
    }
    + ["source", "stage"].map { name in
      Case(
        line: Sample.snapshot(context: Sample.object(Sample.contextMembers + [(name, #""x""#)])),
        errors: ["snapshot.context.\(name) duplicated"])
    }
    + Sample.sectionMembers.map { name, value in
      Case(
        line: Sample.snapshot(observation: Sample.object(Sample.sectionMembers + [(name, value)])),
        errors: ["snapshot.observation.\(name) duplicated"])
    }

  @Test(arguments: cases) func isNamed(_ aCase: Case) throws {
    #expect(try validationVerdict(aCase.line) == blockVerdict(aCase.errors))
  }

  /// Members that the contract does not name may stand as often as they like, and in any depth.
  @Test(arguments: [
    Sample.snapshot(context: Sample.object(Sample.contextMembers + [("symbol", "1"), ("market", "2")])),
    Sample.snapshot(extra: #""a":1,"a":2,"x":{"meta":1,"meta":2}"#),
    Sample.snapshot(
      observation:
        #"{"inputs":{"a":1,"a":2,"raw":{"price":1,"price":2}},"computed":{"price":1,"price":2},"state":{}}"#),
    Sample.snapshot(
      observation: #"{"inputs":{},"computed":{},"state":{}}"#, extra: #""inputs":{},"inputs":{}"#),
  ])
  func othersMayRepeat(line: String) throws {
    #expect(try validationVerdict(line) == infoVerdict)
  }

  @Test func recordWithTwoSnapshots() throws {
    let line = #"{"snapshot":{},"snapshot":\#(Sample.good)}"#
    let out = try filter("snap-validate", ["--unwrap", "--emit", "all"], [line])
    #expect(out == [annotated(Sample.good, "validation", blockVerdict(["snapshot duplicated"]))])
  }
}
