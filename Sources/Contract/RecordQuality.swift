import Glibc
import JSONBytes

/// How far a record can be believed, by what the guard's rules of values said.
struct RecordQuality {
  private enum Level {
    case normal
    /// A rule flagged it.
    case degraded
    /// It tells of a gap, or is the first after one.
    case gap
    /// The guard blocked it.
    case rejected
  }

  private let level: Level
  /// The list as the guard wrote it.
  private let flags: UnsafeBufferPointer<UInt8>

  /// The quality that the guard's verdict means; nil where it has no flags, or no list of words for them.
  @inline(__always)
  init?(_ view: borrowing SnapshotView) {
    let verdict = view.value(Field.guardVerdict)
    // Nearly all verdicts of a guard without rules, at the cost of one comparison.
    if Self.isEqual(verdict, GuardDecision.pass.verdict) { return nil }
    self.init(verdict)
  }

  @inline(never)
  private init?(_ verdict: UnsafeBufferPointer<UInt8>) {
    guard let start = verdict.baseAddress, verdict.first == 0x7B else { return nil }
    var flags: UnsafeBufferPointer<UInt8>?
    var isBlocked = false
    var walk = MemberWalk(start)
    while let member = walk.next() {
      if member.isNamed(.flags) { flags = member.value }
      if member.isNamed(.action) { isBlocked = Self.matches(member.value, "BLOCK") }
    }
    guard let flags, let level = Self.level(flags) else { return nil }
    self.flags = flags
    self.level = isBlocked ? .rejected : level
  }

  /// The worst of the words; nil for anything but a list of words.
  private static func level(_ flags: UnsafeBufferPointer<UInt8>) -> Level? {
    guard let start = flags.baseAddress, start.pointee == 0x5B else { return nil }
    var level = Level.normal
    var at = MemberWalk.afterSpace(start + 1)
    while at.pointee != 0x5D {
      guard at.pointee == 0x22 else { return nil }
      let end = MemberWalk.afterString(at)
      let word = UnsafeBufferPointer(start: at, count: end - at)
      if matches(word, "GAP") || matches(word, "AFTER_GAP") {
        level = .gap
      } else if level == .normal, !matches(word, "WARMING_UP") {
        level = .degraded
      }
      at = MemberWalk.afterSpace(end)
      if at.pointee == 0x2C { at = MemberWalk.afterSpace(at + 1) }
    }
    return level
  }

  /// Appends the members of the metadata.
  func append(to out: inout ByteBuffer) {
    out.append(",\"quality_flags\":")
    out.append(flags)
    switch level {
    case .normal: out.append(",\"quality\":\"normal\"")
    case .degraded: out.append(",\"quality\":\"degraded\"")
    case .gap: out.append(",\"quality\":\"gap\"")
    case .rejected: out.append(",\"quality\":\"rejected\"")
    }
  }

  @inline(__always)
  private static func isEqual(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
    guard let start = bytes.baseAddress, bytes.count == text.utf8CodeUnitCount else { return false }
    return memcmp(start, text.utf8Start, bytes.count) == 0
  }

  /// Whether a value is the text `word`; escapes are seen through.
  @inline(__always)
  private static func matches(_ quoted: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
    guard let start = quoted.baseAddress, start.pointee == 0x22 else { return false }
    let length = word.utf8CodeUnitCount
    if quoted.count == length + 2, memcmp(start + 1, word.utf8Start, length) == 0 { return true }
    return memchr(start, 0x5C, quoted.count) != nil && JSONSpelling.matches(quoted, "\(word)")
  }
}
