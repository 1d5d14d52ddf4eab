/// Why something was not observed; the words that stand in the archive.
public enum GapReason: String, Sendable, CaseIterable {
  /// The WebSocket connection was lost or could not be made.
  case webSocketLost = "ws_disconnect"
  /// The connection was silent for too long and was given up.
  case webSocketSilent = "ws_timeout"
  /// The exchange answered with an error, or not at all.
  case apiError = "api_error"
  /// Calls had to wait for the limit: an interval was missed.
  case rateLimit = "rate_limit"
  /// The exchange has nothing for this symbol, or refuses it.
  case noData = "no_data"
}

/// How bad a gap is.
public enum GapSeverity: String, Sendable, Comparable {
  /// Under a minute; what is shorter than 10 s is MINOR too, because there is no lesser word.
  case minor = "MINOR"
  /// From a minute.
  case major = "MAJOR"
  /// From five minutes.
  case critical = "CRITICAL"

  /// The severity of a gap of `milliseconds`.
  public init(milliseconds: Int64) {
    self = milliseconds >= 300_000 ? .critical : milliseconds >= 60_000 ? .major : .minor
  }

  /// Orders by badness.
  public static func < (left: GapSeverity, right: GapSeverity) -> Bool { left.rank < right.rank }

  private var rank: Int { self == .minor ? 0 : self == .major ? 1 : 2 }
}

/// One gap as it is written down.
public struct GapRecord: Equatable, Sendable {
  /// What was not observed.
  public let subject: Subject
  /// Why.
  public let reason: GapReason
  /// Epoch milliseconds of the last observation before it.
  public let from: Int64
  /// Epoch milliseconds of its end; of the report, while it lasts.
  public let to: Int64
  /// Whether it still lasts.
  public let isOpen: Bool
  /// What the exchange or this program says about it; no secret.
  public let detail: String?

  /// Names a gap; `to` is not before `from`.
  public init(
    subject: Subject, reason: GapReason, from: Int64, to: Int64, isOpen: Bool, detail: String? = nil
  ) {
    self.subject = subject
    self.reason = reason
    self.from = from
    self.to = to
    self.isOpen = isOpen
    self.detail = detail
  }

  /// How bad it is.
  public var severity: GapSeverity { GapSeverity(milliseconds: to - from) }
}

/// Gaps that are open, one for each subject.
///
/// A gap is reported when it is over, and while it lasts each time it passes 10, 60 and 300 s, so that an outage
/// is in the archive while it happens; a lost connection and a symbol without data also at once. Reports of one
/// gap have the same `from`.
public struct GapTracker: Sendable {
  private struct Open: Sendable {
    var reason: GapReason
    var detail: String?
    let from: Int64
    var reported: Int
  }

  /// When a lasting gap is reported, milliseconds after its start.
  public static let marks: [Int64] = [10_000, 60_000, 300_000]

  private var open: [Subject: Open] = [:]

  /// No gap is open.
  public init() {}

  /// Whether a gap is open for `subject`.
  public func isOpen(_ subject: Subject) -> Bool { open[subject] != nil }
  /// What has an open gap for this reason.
  public func subjects(_ reason: GapReason) -> Set<Subject> {
    Set(open.filter { $0.value.reason == reason }.keys)
  }
  /// How many are open.
  public var count: Int { open.count }

  /// Opens a gap since `from`; an open one goes on and only takes the newer reason. Gives the record of a gap
  /// that is reported at once.
  public mutating func begin(
    _ subject: Subject, _ reason: GapReason, from: Int64, at now: Int64, detail: String? = nil
  ) -> GapRecord? {
    guard open[subject] == nil else {
      open[subject]?.reason = reason
      open[subject]?.detail = detail
      return nil
    }
    var gap = Open(reason: reason, detail: detail, from: from, reported: 0)
    gap.reported = Self.marks.count { now - from >= $0 }
    open[subject] = gap
    let isUrgent = reason == .webSocketLost || reason == .webSocketSilent || reason == .noData
    return isUrgent || gap.reported > 0 ? record(subject, gap, now, isOpen: true) : nil
  }

  /// Closes a gap, if one is open, and gives its record. A wall clock that went back gives an empty gap.
  public mutating func end(_ subject: Subject, at now: Int64) -> GapRecord? {
    guard let gap = open.removeValue(forKey: subject) else { return nil }
    return record(subject, gap, now, isOpen: false)
  }

  /// Forgets a gap without a record: nobody watches the subject any more.
  public mutating func forget(_ subject: Subject) { open[subject] = nil }

  /// Closes all gaps; records in order of symbol, at the end of a run.
  public mutating func endAll(at now: Int64) -> [GapRecord] {
    let gaps = open
    open = [:]
    return sorted(gaps.map { record($0.key, $0.value, now, isOpen: false) })
  }

  /// Reports of gaps that passed a mark since the last call.
  public mutating func due(at now: Int64) -> [GapRecord] {
    var records: [GapRecord] = []
    for (subject, gap) in open {
      let passed = Self.marks.count { now - gap.from >= $0 }
      guard passed > gap.reported else { continue }
      open[subject]?.reported = passed
      records.append(record(subject, gap, now, isOpen: true))
    }
    return sorted(records)
  }

  /// Epoch milliseconds at which `due` has something to say next.
  public var nextMark: Int64? {
    open.values.compactMap { gap in
      gap.reported < Self.marks.count ? gap.from + Self.marks[gap.reported] : nil
    }.min()
  }

  private func record(_ subject: Subject, _ gap: Open, _ now: Int64, isOpen: Bool) -> GapRecord {
    GapRecord(
      subject: subject, reason: gap.reason, from: gap.from, to: max(now, gap.from), isOpen: isOpen,
      detail: gap.detail)
  }

  private func sorted(_ records: [GapRecord]) -> [GapRecord] {
    records.sorted {
      ($0.subject.instrument.symbol, $0.subject.feed.rawValue)
        < ($1.subject.instrument.symbol, $1.subject.feed.rawValue)
    }
  }
}
