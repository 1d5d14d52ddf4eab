import Foundation
import TestSupport
import Testing

/// Snapshots by their parts, so that a case says only what is odd about it.
enum Sample {
  static let metaMembers = [
    ("timestamp", #""2026-07-30T09:23:41.123+09:00""#), ("timestamp_ms", "1785371021123"),
    ("session_id", #""observer-20260730""#), ("run_id", #""0123456789abcdef0123456789abcdef""#),
    ("mode", #""PROD""#), ("observer_version", #""v1.0.0""#),
  ]
  static let contextMembers = [
    ("source", #""market""#), ("stage", #""raw""#), ("symbol", #""005930""#), ("market", #""KRX""#),
  ]
  static let sectionMembers = [
    ("inputs", #"{"price":71100,"volume":1523400}"#), ("computed", "{}"), ("state", "{}"),
  ]

  static let meta = object(metaMembers)
  static let context = object(contextMembers)
  static let observation = object(sectionMembers)
  /// A good snapshot.
  static let good = snapshot()

  /// An object of members whose values are JSON text; nil leaves one out.
  static func object(_ members: [(String, String?)]) -> String {
    let texts = members.compactMap { name, value in value.map { #""\#(name)":\#($0)"# } }
    return "{" + texts.joined(separator: ",") + "}"
  }

  /// A snapshot with parts replaced, left out (nil), or added before its closing brace.
  static func snapshot(
    meta: String? = meta, context: String? = context, observation: String? = observation, extra: String = ""
  ) -> String {
    let core = object([("meta", meta), ("context", context), ("observation", observation)])
    return extra.isEmpty ? core : core.dropLast() + (core.count > 2 ? "," : "") + extra + "}"
  }

  /// `members` with one value replaced, or left out.
  static func changed(_ members: [(String, String)], _ name: String, _ value: String?) -> String {
    object(members.map { ($0.0, $0.0 == name ? value : $0.1) })
  }
}

/// The verdict of a snapshot that failed.
func blockVerdict(_ errors: [String], details: String = "{}") -> String {
  let list = errors.map { "\"\($0)\"" }.joined(separator: ",")
  return #"{"severity":"BLOCK","errors":[\#(list)],"details":\#(details)}"#
}

/// `line`, a compact object, with a member appended.
func annotated(_ line: String, _ name: String, _ verdict: String) -> String {
  let comma = line == "{}" ? "" : ","
  return line.dropLast() + #"\#(comma)"\#(name)":\#(verdict)}"#
}

let infoVerdict = #"{"severity":"INFO"}"#
let passVerdict = #"{"action":"PASS","reason":"OK"}"#

/// Runs a filter over lines and gives back its lines; it must end with 0.
func filter(
  _ tool: String, _ arguments: [String] = [], _ lines: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> [String] {
  let outcome = try Tool.run(tool, arguments, text: lines.map { $0 + "\n" }.joined())
  #expect(outcome.status == 0, "\(outcome.errText)", sourceLocation: sourceLocation)
  let out = outcome.outText
  #expect(out.isEmpty || out.hasSuffix("\n"), sourceLocation: sourceLocation)
  return out.isEmpty
    ? [] : out.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

/// The verdict that snap-validate gives a line, INFO or BLOCK.
func validationVerdict(_ line: String, _ arguments: [String] = []) throws -> String {
  let out = try filter("snap-validate", ["--emit", "all"] + arguments, [line])
  guard out.count == 1, let range = out[0].range(of: #""validation":{"severity":"#) else {
    return "no verdict"
  }
  return String(out[0][range.lowerBound...].dropFirst(#""validation":"#.count).dropLast())
}

/// The last line on stderr that sums up a run, without its time.
func summary(_ outcome: Outcome) -> String? {
  outcome.errText.split(separator: "\n").last { $0.contains("in=") }.map(String.init)
}

/// in, out, rejected, blank of a run's summary.
func counts(_ outcome: Outcome) -> [Int] {
  let words = summary(outcome)?.split(separator: " ") ?? []
  return ["in=", "out=", "rejected=", "blank="].map { key in
    words.first { $0.hasPrefix(key) }.flatMap { Int($0.dropFirst(key.count)) } ?? -1
  }
}

/// The three filters.
let filters = ["snap-validate", "snap-guard", "snap-enrich"]
