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
