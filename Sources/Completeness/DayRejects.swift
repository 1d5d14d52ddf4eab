import Contract
import JSONBytes
import Plumbing

/// A line that a filter refused, as it stands in the filter's rejects file.
struct RejectFact: Sendable {
  /// Days since 1970-01-01, KST, by the time in the refused line; -1 where it has none.
  let day: Int
  /// Who refused it and the first error: `snap-validate: snapshot.meta missing`.
  let reason: String

  /// Reads `{"stage":…,"verdict":…,"input":…}`; nil for anything else.
  init?(_ line: JSONValue) {
    guard let stage = line["stage"]?.string, let verdict = line["verdict"] else { return nil }
    let why = verdict["errors"]?.elements?.first?.string ?? verdict["reason"]?.string ?? ""
    reason = String((why.isEmpty ? stage : "\(stage): \(why)").prefix(160))
    let input = line["input"]
    let meta = input?.snapshot[.meta]
    if let time = meta?[.timestampMS]?.numberText.flatMap({ Int64($0) }) {
      day = (KST.midnight(before: Timestamp.clamped(time)) + KST.offset) / .day
    } else {
      day = -1
    }
  }
}

/// Refused lines of a day by reason, bounded.
struct DayRejects: Sendable {
  private(set) var total: Int64 = 0
  private(set) var counts: [String: Int64] = [:]
  private static let most = 32

  mutating func note(_ reject: RejectFact) {
    total += 1
    let known = counts[reject.reason] != nil || counts.count < Self.most
    counts[known ? reject.reason : "…", default: 0] += 1
  }
}
