import Glibc
import JSONBytes

/// How far a record can be believed, by what the guard's rules of values said.
enum RecordQuality {
  case normal
  /// A rule flagged it.
  case degraded
  /// It tells of a gap, or is the first after one.
  case gap
  /// The guard blocked it.
  case rejected

  /// The quality that the guard's verdict means; nil where it has no flags, or no list of words for them.
  init?(_ view: borrowing SnapshotView) {
    guard view.firstByte(Field.guardFlags) == 0x5B else { return nil }
    var quality = RecordQuality.normal
    let bytes = view.value(Field.guardFlags)
    guard var at = bytes.baseAddress.map({ MemberWalk.afterSpace($0 + 1) }) else { return nil }
    while at.pointee != 0x5D {
      guard at.pointee == 0x22 else { return nil }
      let end = MemberWalk.afterString(at)
      let word = UnsafeBufferPointer(start: at, count: end - at)
      if Self.matches(word, "GAP") || Self.matches(word, "AFTER_GAP") {
        quality = .gap
      } else if quality == .normal, !Self.matches(word, "WARMING_UP") {
        quality = .degraded
      }
      at = MemberWalk.afterSpace(end)
      if at.pointee == 0x2C { at = MemberWalk.afterSpace(at + 1) }
    }
    let isBlocked = view.isString(Field.guardAction, "BLOCK", plain: "\"BLOCK\"")
    self = isBlocked ? .rejected : quality
  }

  /// Appends the members of the metadata.
  func append(_ view: borrowing SnapshotView, to out: inout ByteBuffer) {
    out.append(",\"quality_flags\":")
    out.append(view.value(Field.guardFlags))
    switch self {
    case .normal: out.append(",\"quality\":\"normal\"")
    case .degraded: out.append(",\"quality\":\"degraded\"")
    case .gap: out.append(",\"quality\":\"gap\"")
    case .rejected: out.append(",\"quality\":\"rejected\"")
    }
  }

  /// Whether a quoted text is `word`; escapes are seen through.
  @inline(__always)
  private static func matches(_ quoted: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
    guard let start = quoted.baseAddress else { return false }
    let length = word.utf8CodeUnitCount
    if quoted.count == length + 2, memcmp(start + 1, word.utf8Start, length) == 0 { return true }
    return memchr(start, 0x5C, quoted.count) != nil && JSONSpelling.matches(quoted, "\(word)")
  }
}
