import Plumbing

/// What was counted in a file, or in all.
struct Findings {
  /// Lines with something on them, good or bad.
  var lines = 0
  var bytes = 0
  var blank = 0
  var malformed = 0
  /// Records whose run_id was there before, in this file or an earlier one.
  var duplicates = 0
  /// Records whose time is before that of an earlier one.
  var backwards = 0
  /// The largest step back.
  var largestStepBack: Milliseconds = .zero
  /// Records without a run_id (none to compare).
  var withoutID = 0
  /// run_ids that were not compared because `--max-ids` were remembered.
  var unchecked = 0
  /// Snapshots that record a gap, by reason as spelled in JSON.
  var gaps: [String: Int] = [:]
  /// The last line has no line feed.
  var unterminated = 0
  /// Inputs that could not be read, or not to their end: nothing is known of the rest.
  var unreadable = 0
  /// Compressed inputs whose program refuses what is in them, from there on.
  var corrupt = 0
  /// Earliest and latest `meta.timestamp_ms`.
  var firstTime: Milliseconds?
  var lastTime: Milliseconds?

  /// Reasons are few and short (bytes); a file that invents more does not fill the memory.
  static let maxReasons = 64

  /// Whether everything was read and nothing is wrong. A gap is a record of what happened, not damage.
  var isClean: Bool {
    malformed + duplicates + backwards + unterminated + unreadable + corrupt == 0
  }

  /// All gaps.
  var gapCount: Int { gaps.values.reduce(0, +) }

  mutating func noteGap(_ reason: String, count: Int = 1) {
    let known = gaps[reason] != nil || (gaps.count < Self.maxReasons && reason.utf8.count <= Self.maxReasons)
    gaps[known ? reason : "\"other\"", default: 0] += count
  }

  mutating func noteTime(_ time: Milliseconds) {
    firstTime = min(firstTime ?? time, time)
    lastTime = max(lastTime ?? time, time)
  }

  mutating func add(_ other: Findings) {
    lines += other.lines
    bytes += other.bytes
    blank += other.blank
    malformed += other.malformed
    duplicates += other.duplicates
    backwards += other.backwards
    largestStepBack = max(largestStepBack, other.largestStepBack)
    withoutID += other.withoutID
    unchecked += other.unchecked
    unterminated += other.unterminated
    unreadable += other.unreadable
    corrupt += other.corrupt
    for (reason, count) in other.gaps { noteGap(reason, count: count) }
    for time in [other.firstTime, other.lastTime].compactMap(\.self) { noteTime(time) }
  }
}

/// One thing that is wrong, and where.
struct Finding {
  enum Kind: String, CaseIterable {
    case malformed, duplicate, order, unterminated, unreadable, corrupt
  }

  let kind: Kind
  let file: String
  /// From 1.
  let line: Int
  /// Bytes from the file's start to the line's.
  let offset: Int
  let reason: String
}
