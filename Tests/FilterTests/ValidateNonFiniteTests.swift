import TestSupport
import Testing

/// Numbers that no finite double holds.
struct ValidateNonFiniteTests {
  static let spellings = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1E+999", "1.0e400", "2e308", "1.7976931348623159e308",
    String(repeating: "9", count: 309), "-" + String(repeating: "9", count: 400) + ".5",
    "1" + String(repeating: "0", count: 400) + "e-1",
  ]
  static let finite = [
    "1.7976931348623157e308", "1.7976931348623158e308", "-1.7976931348623157e+308", "1e308", "1e-999",
    "0e999", "-0.0e999",
    String(repeating: "9", count: 308), "1" + String(repeating: "0", count: 400) + "e-400",
    "0." + String(repeating: "0", count: 400) + "1e401", "4.9e-324", "-0", "12345678901234567890",
  ]

  @Test(arguments: spellings) func isFound(number: String) throws {
    let line = Sample.snapshot(observation: #"{"inputs":{"a":\#(number)},"computed":{},"state":{}}"#)
    #expect(
      try validationVerdict(line)
        == blockVerdict(
          ["non-finite numbers detected in inputs: 1"],
          details: #"{"non_finite_inputs":["observation.inputs.a"]}"#))
  }

  @Test func finiteNumbersPassAsTheyAre() throws {
    let lines = Self.finite.map {
      Sample.snapshot(observation: #"{"inputs":{"price":\#($0)},"computed":{"a":[\#($0)]},"state":{}}"#)
    }
    #expect(
      try filter("snap-validate", [], lines) == lines.map { annotated($0, "validation", infoVerdict) })
  }

  @Test func pathsPerSectionAndElsewhere() throws {
    let line = Sample.snapshot(
      context: Sample.object(Sample.contextMembers + [("x", "[[NaN]]")]),
      observation:
        #"{"inputs":{"a":{"b":[[0,NaN],[1e999]]},"price":Infinity},"computed":{"c":[{"d":-Infinity}]},"#
        + #""state":{"e\"f":NaN,"\u0067":NaN,"h.i":NaN,"":NaN},"other":[NaN]}"#,
      extra: #""observation.inputs":{"j":NaN},"inputs":NaN"#)
    #expect(
      try validationVerdict(line)
        == blockVerdict(
          [
            "non-finite numbers detected in inputs: 3", "non-finite numbers detected in computed: 1",
            "non-finite numbers detected in state: 4", "non-finite numbers detected in snapshot: 4",
          ],
          details:
            #"{"non_finite_inputs":["observation.inputs.a.b[0][1]","observation.inputs.a.b[1][0]","observation.inputs.price"],"#
            + #""non_finite_computed":["observation.computed.c[0].d"],"#
            + #""non_finite_state":["observation.state.e\"f","observation.state.\u0067","observation.state.h.i","observation.state."],"#
            + #""non_finite_snapshot":["context.x[0][0]","observation.other[0]","observation.inputs.j","inputs"]}"#
        ))
  }

  /// A section is told by where it stands and by its name with escapes seen through, not by how its path reads.
  @Test func sectionsByPlaceNotByPath() throws {
    let line = Sample.snapshot(
      observation: #"{"inputs[0]":NaN,"inputs.x":NaN,"in\u0070uts":{"a":NaN},"computed":{},"state":{}}"#)
    #expect(
      try validationVerdict(line)
        == blockVerdict(
          ["non-finite numbers detected in inputs: 1", "non-finite numbers detected in snapshot: 2"],
          details: #"{"non_finite_inputs":["observation.in\u0070uts.a"],"#
            + #""non_finite_snapshot":["observation.inputs[0]","observation.inputs.x"]}"#))
  }

  @Test func sectionThatIsOneAndErrorsInOrder() throws {
    #expect(
      try validationVerdict(Sample.snapshot(observation: #"{"inputs":NaN,"computed":[Infinity]}"#))
        == blockVerdict(
          [
            "snapshot.observation.inputs must be dict", "non-finite numbers detected in inputs: 1",
            "snapshot.observation.computed must be dict", "non-finite numbers detected in computed: 1",
            "snapshot.observation.state missing",
          ],
          details:
            #"{"non_finite_inputs":["observation.inputs"],"non_finite_computed":["observation.computed[0]"]}"#
        ))
  }

  /// An observation that is no object has no sections, whatever an earlier one had.
  @Test func observationThatIsNone() throws {
    let line = Sample.snapshot(observation: #"{"inputs":{"a":NaN}}"#, extra: #""observation":[NaN]"#)
    #expect(
      try validationVerdict(line)
        == blockVerdict(
          [
            "snapshot.observation must be dict", "non-finite numbers detected in snapshot: 2",
            "snapshot.observation duplicated",
          ], details: #"{"non_finite_snapshot":["observation.inputs.a","observation[0]"]}"#))
  }

  @Test func fiftyPathsAtMost() throws {
    let many = Array(repeating: "NaN", count: 60).joined(separator: ",")
    let line = Sample.snapshot(observation: #"{"inputs":{"a":[\#(many)]},"computed":{},"state":{}}"#)
    let paths = (0..<50).map { "\"observation.inputs.a[\($0)]\"" }.joined(separator: ",")
    #expect(
      try validationVerdict(line)
        == blockVerdict(
          ["non-finite numbers detected in inputs: 60"], details: #"{"non_finite_inputs":[\#(paths)]}"#))
  }

  /// Names as long as the line must not make the verdict a multiple of it.
  @Test func verdictStaysSmall() throws {
    let name = String(repeating: "n", count: 30_000)
    let many = Array(repeating: "NaN", count: 60).joined(separator: ",")
    let line = Sample.snapshot(observation: #"{"inputs":{"\#(name)":[\#(many)]},"computed":{},"state":{}}"#)
    let verdict = try validationVerdict(line)
    #expect(verdict.contains("non-finite numbers detected in inputs: 60"))
    #expect(verdict.utf8.count < 80_000)
  }

  @Test func insideAndOutsideOfAnUnwrappedSnapshot() throws {
    let inner = Sample.snapshot(observation: #"{"inputs":{"a":NaN},"computed":{},"state":{}}"#)
    let line = #"{"snapshot":\#(inner),"metadata":{"b":NaN},"observation":{"inputs":{"c":NaN}}}"#
    #expect(
      try validationVerdict(line, ["--unwrap"])
        == blockVerdict(
          ["non-finite numbers detected in inputs: 1", "non-finite numbers detected in snapshot: 2"],
          details: #"{"non_finite_inputs":["observation.inputs.a"],"#
            + #""non_finite_snapshot":["metadata.b","observation.inputs.c"]}"#))
  }
}
