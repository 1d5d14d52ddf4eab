import Plumbing

/// Records archived in each of the last minutes, from a counter that starts anew with each sink.
public struct HealthHistory: Sendable {
  /// Minutes that are kept.
  public static let minutes = 240
  private var counts: [Int: Int] = [:]
  private var last: (start: Double, total: Double)?
  private var first: Int?

  /// Nothing seen yet.
  public init() {}

  /// Notes the sink's counter at a time; `observed` is the share of what it counts that is no gap record.
  public mutating func note(_ sample: Sample?, at wall: Milliseconds, observed: Double = 1) {
    let minute = wall / .minutes(1)
    if first == nil { first = minute }
    counts = counts.filter { $0.key > minute - Self.minutes }
    guard let sample, let total = sample[.archiveRecords],
      let start = sample[.startTime]
    else { return }
    if let last {
      let grown = last.start == start ? max(0, total - last.total) : total
      counts[minute, default: 0] += Int(clamping: grown * observed)
    }
    last = (start, total)
  }

  /// Counts by minute, oldest first, up to the minute of `wall`; minutes before the first look are left out.
  public func series(at wall: Milliseconds) -> [(minute: Int, count: Int)] {
    let minute = wall / .minutes(1)
    guard let first else { return [] }
    let start = max(first, minute - Self.minutes + 1)
    return start > minute ? [] : (start...minute).map { ($0, counts[$0] ?? 0) }
  }
}
