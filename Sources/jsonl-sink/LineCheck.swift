import Archive
import Contract
import Glibc
import JSONBytes
import Plumbing

/// What the archive takes: one whole JSON object a line that every reader can read.
struct LineCheck: ~Copyable {
  private enum Member {
    static let snapshot = 0, recordMeta = 1, recordTime = 2, meta = 3, time = 4
  }

  private var scanner: JSONScanner
  private let byEvent: Bool

  /// - Parameter byEvent: whether lines are asked for their own time.
  init(byEvent: Bool) {
    self.byEvent = byEvent
    let meta: [Shape.Field] = [.member(.timestampMS, Member.time)]
    let recordMeta: [Shape.Field] = [.member(.timestampMS, Member.recordTime)]
    let fields: [Shape.Field] = [
      .member(.snapshot, Member.snapshot, [.member(.meta, Member.recordMeta, recordMeta)]),
      .member(.meta, Member.meta, meta),
    ]
    scanner = JSONScanner(Shape(byEvent ? fields : []), depthLimit: JSONScanner.maxRecordDepth)
  }

  /// Whether the line may be archived; a line feed and readable bytes stand behind it.
  @inline(__always)
  mutating func accepts(_ start: UnsafePointer<UInt8>, count: Int) -> Bool {
    scanner.scan(start, count: count) && scanner.nonFinite == 0
  }

  /// Why the last line was not accepted.
  func fault(count: Int) -> ContractError {
    scanner.nonFinite > 0
      ? .nonFinite(in: nil, count: scanner.nonFinite) : .unreadable(scanner.fault(count: count))
  }

  /// `meta.timestamp_ms` of the snapshot in the last accepted line, before the year 10000 in Korea, where windows have their names from.
  @inline(__always)
  func eventTime(_ start: UnsafePointer<UInt8>) -> Milliseconds? {
    guard byEvent else { return nil }
    if scanner.count(of: Member.recordTime) > 0 { return number(start, scanner.place(of: Member.recordTime)) }
    if scanner.count(of: Member.time) > 0 { return number(start, scanner.place(of: Member.time)) }
    return nil
  }

  /// `meta.timestamp_ms` where kis-fetch and snap-enrich put it; nil when it stands elsewhere.
  @inline(__always)
  static func captureTime(_ start: UnsafePointer<UInt8>, count: Int) -> Milliseconds? {
    // {"snapshot":{"meta":{"timestamp":"2026-07-30T09:23:41.123+09:00","timestamp_ms":1785371021123,
    let head: StaticString = SnapshotText.recordHead
    let next: StaticString = SnapshotText.timestampMS
    let at = head.utf8CodeUnitCount + KST.isoLength
    let from = at + next.utf8CodeUnitCount
    guard count > from + 13, memcmp(start, head.utf8Start, head.utf8CodeUnitCount) == 0,
      memcmp(start + at, next.utf8Start, next.utf8CodeUnitCount) == 0
    else { return nil }
    var value: Int64 = 0
    for index in from..<from + 13 {
      let digit = start[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    return Milliseconds(value)
  }

  private func number(_ start: UnsafePointer<UInt8>, _ place: JSONScanner.Place) -> Milliseconds? {
    guard place.end - place.start <= 15 else { return nil }
    var value: Int64 = 0
    for index in Int(place.start)..<Int(place.end) {
      let digit = start[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    let time = Milliseconds(value)
    return time <= KST.latest ? time : nil
  }
}

/// The archive's questions about records, answered off the hot path: it repairs with these.
final class RecordProbe {
  private var check = LineCheck(byEvent: false)
  private var copy = ByteBuffer(capacity: 4096)
  private let quarantine: Quarantine

  private init(_ quarantine: Quarantine) { self.quarantine = quarantine }

  static func rules(_ quarantine: Quarantine, longestLine: Int) -> RecordRules {
    let probe = RecordProbe(quarantine)
    return RecordRules(longestLine: longestLine) { bytes in
      probe.isWhole(bytes)
    } quarantine: { fragment in
      try probe.putAway(fragment)
    }
  }

  private func isWhole(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    copy.removeAll()
    copy.append(bytes)
    copy.append(0x0A)
    copy.reserve(JSONScanner.padding)
    return check.accepts(copy.start, count: bytes.count)
  }

  /// The reject's line in the form that every stage has, with the place in the archive instead of a line number.
  private func putAway(_ fragment: Fragment) throws {
    var line = ByteBuffer(capacity: fragment.bytes.count * 2 + 512)
    line.append("{\"stage\":\"jsonl-sink\",\"file\":")
    line.append(jsonString: fragment.file)
    line.append(",\"offset\":")
    line.append(decimal: Int(fragment.offset))
    line.append(",\"nul_bytes\":")
    line.append(decimal: Int(fragment.nulls))
    line.append(",\"verdict\":")
    RejectRecord.appendVerdict(error: "torn tail", to: &line)
    line.append(unknown: fragment.bytes, as: "input")
    line.append("}\n")
    let appended = quarantine.append(line.bytes)
    if let error = appended.error ?? quarantine.sync() { throw error }
  }
}
