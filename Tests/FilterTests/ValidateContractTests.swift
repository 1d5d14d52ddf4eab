import TestSupport
import Testing

/// Every error text of the contract, alone and in company, in the contract's order.
struct ValidateContractTests {
  @Test func goodSnapshotIsAnnotatedAtItsEnd() throws {
    #expect(
      try filter("snap-validate", [], [Sample.good]) == [annotated(Sample.good, "validation", infoVerdict)])
  }

  /// Absent, null and "" are missing or empty; any other value of any type is there.
  @Test(arguments: Sample.metaMembers.map(\.0))
  func requiredMetaMember(name: String) throws {
    try check(
      name: "meta.\(name)", isInteger: name == "timestamp_ms",
      line: { Sample.snapshot(meta: Sample.changed(Sample.metaMembers, name, $0)) })
  }

  @Test(arguments: ["source", "stage"])
  func requiredContextMember(name: String) throws {
    try check(
      name: "context.\(name)", isInteger: false,
      line: { Sample.snapshot(context: Sample.changed(Sample.contextMembers, name, $0)) })
  }

  private func check(name: String, isInteger: Bool, line: (String?) -> String) throws {
    let missing = "snapshot.\(name) missing/empty"
    let noInteger = isInteger ? ["snapshot.\(name) must be int"] : []
    let cases: [(String?, [String])] = [
      (nil, [missing]), ("null", [missing]), (#""""#, [missing] + noInteger), (#"" ""#, noInteger),
      (#""\u0000""#, noInteger), ("0", []), ("-0", []), ("-7", []), ("123456789012345678901234567890", []),
      ("false", noInteger), ("true", noInteger), ("{}", noInteger), ("[]", noInteger), ("0.0", noInteger),
      ("1e3", noInteger), ("1E3", noInteger), ("1.5", noInteger), (#""1785371021123""#, noInteger),
    ]
    for (value, errors) in cases {
      let wanted = errors.isEmpty ? infoVerdict : blockVerdict(errors)
      #expect(try validationVerdict(line(value)) == wanted, "\(name) = \(value ?? "absent")")
    }
  }

  @Test(arguments: ["NaN", "Infinity", "-Infinity", "1e999"])
  func nonFiniteTimestampIsNoIntegerAndNonFinite(number: String) throws {
    let meta = Sample.changed(Sample.metaMembers, "timestamp_ms", number)
    #expect(
      try validationVerdict(Sample.snapshot(meta: meta))
        == blockVerdict(
          ["snapshot.meta.timestamp_ms must be int", "non-finite numbers detected in snapshot: 1"],
          details: #"{"non_finite_snapshot":["meta.timestamp_ms"]}"#))
  }

  /// All 64 subsets of the required members of `meta`.
  @Test func metaMembersInCombination() throws {
    try checkSubsets(of: Sample.metaMembers.map(\.0), in: "meta") { kept in
      Sample.snapshot(
        meta: Sample.object(Sample.metaMembers.map { ($0.0, kept.contains($0.0) ? $0.1 : nil) }))
    }
  }

  @Test func contextMembersInCombination() throws {
    try checkSubsets(of: ["source", "stage"], in: "context") { kept in
      Sample.snapshot(
        context: Sample.object(Sample.contextMembers.map { ($0.0, kept.contains($0.0) ? $0.1 : "null") }))
    }
  }

  private func checkSubsets(of names: [String], in parent: String, _ line: ([String]) -> String) throws {
    var lines: [String] = []
    var wanted: [String] = []
    for bits in 0..<(1 << names.count) {
      let kept = names.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
      let errors = names.filter { !kept.contains($0) }.map { "snapshot.\(parent).\($0) missing/empty" }
      lines.append(line(kept))
      wanted.append(annotated(lines[bits], "validation", errors.isEmpty ? infoVerdict : blockVerdict(errors)))
    }
    #expect(try filter("snap-validate", ["--emit", "all"], lines) == wanted)
  }

  /// What a parent or a section can be, and what the contract says about it.
  private static let states: [(value: String?, problem: String?)] = [
    ("{}", nil), (nil, "missing"), ("null", "missing"), ("[]", "must be dict"), (#""x""#, "must be dict"),
    ("0", "must be dict"), ("true", "must be dict"),
  ]

  /// All 343 combinations of the three sections.
  @Test func sectionsInCombination() throws {
    var lines: [String] = []
    var wanted: [String] = []
    for inputs in Self.states {
      for computed in Self.states {
        for state in Self.states {
          let values = [("inputs", inputs), ("computed", computed), ("state", state)]
          let line = Sample.snapshot(observation: Sample.object(values.map { ($0.0, $0.1.value) }))
          let errors = values.compactMap { name, state in
            state.problem.map { "snapshot.observation.\(name) \($0)" }
          }
          lines.append(line)
          wanted.append(annotated(line, "validation", errors.isEmpty ? infoVerdict : blockVerdict(errors)))
        }
      }
    }
    #expect(try filter("snap-validate", ["--emit", "all"], lines) == wanted)
  }

  /// All 343 combinations of the three parents: a parent that is no object hides its children's errors.
  @Test func parentsInCombination() throws {
    let children = [
      "meta": Sample.metaMembers.map { "snapshot.meta.\($0.0) missing/empty" },
      "context": ["source", "stage"].map { "snapshot.context.\($0) missing/empty" },
      "observation": ["inputs", "computed", "state"].map { "snapshot.observation.\($0) missing" },
    ]
    var lines: [String] = []
    var wanted: [String] = []
    for meta in Self.states {
      for context in Self.states {
        for observation in Self.states {
          let values = [("meta", meta), ("context", context), ("observation", observation)]
          let line = Sample.object(values.map { ($0.0, $0.1.value) })
          let errors = values.flatMap { name, state in
            state.problem.map { ["snapshot.\(name) \($0)"] } ?? children[name] ?? []
          }
          lines.append(line)
          wanted.append(annotated(line, "validation", blockVerdict(errors)))
        }
      }
    }
    #expect(try filter("snap-validate", ["--emit", "all"], lines) == wanted)
  }

  @Test func unknownMembersPass() throws {
    let line = Sample.snapshot(
      meta: Sample.object(Sample.metaMembers + [("meta", "null"), ("timestamp_m", "[]"), ("", "{}")]),
      extra: #""":1,"metaa":null,"met":{},"xmeta":[],"Meta":0,"a name of more than sixteen bytes":1"#)
    #expect(try validationVerdict(line) == infoVerdict)
  }
}

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
