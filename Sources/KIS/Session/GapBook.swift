import Plumbing

/// What is observed of each subject and what is not: pure, without a clock.
///
/// At most one gap of a subject is open, gaps of a subject never overlap, and each gap gets exactly one final record:
/// so the final records of an archive add up to the time that was not observed. While a gap lasts it is told again as
/// it passes 10, 60 and 300 s and each hour, with the same id, so that an outage is in the archive while it happens;
/// a process that is killed leaves the last of these. Times are of the wall clock. What is done for one subject costs
/// O(log n), whatever their number.
public struct GapBook: Sendable {
  private struct Open: Sendable {
    let id: String
    var reason: GapReason
    var detail: String?
    let from: Milliseconds
    /// When it is told again.
    var next: Milliseconds
    /// Reasons that stand in a record of it already.
    var told: Set<GapReason> = []
  }

  /// Until when each watched subject was observed.
  private var seen: [Subject: Milliseconds] = [:]
  private var open: [Subject: Open] = [:]
  private var reasons: [GapReason: Set<Subject>] = [:]
  /// When open gaps are told again; entries whose gap is over, or has another mark, are out of date.
  private var marks = DueQueue<Subject, Milliseconds>()
  private var ids: RunIDGenerator

  /// Nothing is watched. A `seed` makes the ids repeatable.
  public init(seed: UInt64? = nil) { ids = RunIDGenerator(seed: seed) }

  /// Whether a gap is open for `subject`.
  public func isOpen(_ subject: Subject) -> Bool { open[subject] != nil }
  /// How many are open.
  public var count: Int { open.count }
  /// Whether `subject` is watched.
  public func isWatched(_ subject: Subject) -> Bool { seen[subject] != nil }
  /// What has an open gap for this reason.
  public func subjects(_ reason: GapReason) -> Set<Subject> { reasons[reason] ?? [] }
  /// When `due` may have something to say; never later than that. Nil: no gap is open.
  public var nextMark: Milliseconds? { open.isEmpty ? nil : marks.first?.time }

  /// Watches a subject from now on: what came before is not missing.
  public mutating func watch(_ subject: Subject, at now: Milliseconds) {
    if open[subject] == nil { seen[subject] = now }
  }

  /// The subject is observed at `now`, or it is watched again from now on: gives the final record of its gap.
  public mutating func saw(_ subject: Subject, at now: Milliseconds) -> GapRecord? {
    seen[subject] = now
    guard !open.isEmpty, let gap = open.removeValue(forKey: subject) else { return nil }
    reasons[gap.reason]?.remove(subject)
    if open.isEmpty { marks = DueQueue() }
    return record(subject, gap, now, isFinal: true)
  }

  /// Somebody looked until `moment`, whether or not anything happened.
  public mutating func attended(_ subject: Subject, until moment: Milliseconds) {
    if open[subject] == nil { seen[subject] = max(seen[subject] ?? moment, moment) }
  }

  /// The subject is not observed, since it was last: opens a gap; an open one goes on and takes the newer reason.
  /// Gives the record of a gap that is told at once: for a reason that an operator can act on and that was not told yet.
  public mutating func miss(
    _ subject: Subject, _ reason: GapReason, at now: Milliseconds, detail: String? = nil
  ) -> GapRecord? {
    // A wall clock that was set back must not give a gap that ends before it begins.
    let from = min(seen[subject] ?? now, now)
    let isNew = open[subject] == nil
    var gap =
      open[subject]
      ?? Open(id: ids.text(), reason: reason, detail: nil, from: from, next: Self.mark(from, after: now))
    if isNew { marks.add(subject, at: gap.next) }
    if isNew || gap.reason != reason {
      reasons[gap.reason]?.remove(subject)
      reasons[reason, default: []].insert(subject)
    }
    gap.reason = reason
    gap.detail = detail
    let isTold = reason.isUrgent ? gap.told.insert(reason).inserted : isNew && now - from >= Self.firstMark
    open[subject] = gap
    return isTold ? record(subject, gap, now, isFinal: false) : nil
  }

  /// A gap without length, over as soon as it is known: the answer to a question that is asked once.
  public mutating func instant(
    _ subject: Subject, _ reason: GapReason, at now: Milliseconds, detail: String? = nil
  ) -> GapRecord {
    GapRecord(
      subject: subject, reason: reason, id: ids.text(), from: now, to: now, isFinal: true, detail: detail)
  }

  /// The subject is no longer watched: gives the final record of its gap.
  public mutating func drop(_ subject: Subject, at now: Milliseconds) -> GapRecord? {
    defer { seen[subject] = nil }
    return saw(subject, at: now)
  }

  /// Closes all gaps, at the end of a run: final records in order of symbol and feed.
  public mutating func endAll(at now: Milliseconds) -> [GapRecord] {
    let gaps = open
    open = [:]
    reasons = [:]
    marks = DueQueue()
    for subject in gaps.keys { seen[subject] = now }
    return sorted(gaps.map { record($0.key, $0.value, now, isFinal: true) })
  }

  /// Reports of gaps that passed a mark since the last call; at most `most` of them, the others next time.
  public mutating func due(at now: Milliseconds, most: Int = .max) -> [GapRecord] {
    var records: [GapRecord] = []
    while records.count < most, let (time, subject) = marks.first, time <= now {
      marks.removeFirst()
      guard let gap = open[subject], gap.next == time else { continue }
      let next = Self.mark(gap.from, after: now)
      open[subject]?.next = next
      marks.add(subject, at: next)
      records.append(record(subject, gap, now, isFinal: false))
    }
    return sorted(records)
  }

  private static let firstMark: Milliseconds = .seconds(10)
  private static let ages: [Milliseconds] = [firstMark, .minutes(1), .minutes(5)]
  private static let hour: Milliseconds = .hours(1)

  /// When a gap since `from` is told next.
  private static func mark(_ from: Milliseconds, after now: Milliseconds) -> Milliseconds {
    let age = max(.zero, now - from)
    return from + (ages.first { $0 > age } ?? hour * (age / hour + 1))
  }

  private func record(_ subject: Subject, _ gap: Open, _ now: Milliseconds, isFinal: Bool) -> GapRecord {
    GapRecord(
      subject: subject, reason: gap.reason, id: gap.id, from: gap.from, to: max(now, gap.from),
      isFinal: isFinal, detail: gap.detail)
  }

  private func sorted(_ records: [GapRecord]) -> [GapRecord] {
    records.sorted {
      ($0.subject.instrument.symbol, $0.subject.feed.rawValue)
        < ($1.subject.instrument.symbol, $1.subject.feed.rawValue)
    }
  }
}
