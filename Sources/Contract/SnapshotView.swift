import Glibc
import JSONBytes

/// One line, checked, with the places of its snapshot's members.
public struct SnapshotView: ~Copyable {
  @usableFromInline var scanner: JSONScanner
  /// Whether lines are PatternRecords, of which `snapshot` counts.
  public let unwraps: Bool
  /// Bytes of the line.
  public private(set) var count = 0

  /// Makes a view for lines that are snapshots, or PatternRecords whose `snapshot` counts.
  ///
  /// - Parameter values: members of `inputs` besides price and volume whose places are noted too, from
  ///   `Field.firstValue` on; with them product, feed and the event of the state.
  public init(unwrap: Bool, values: [MemberName]? = nil) {
    unwraps = unwrap
    let members = Field.snapshotMembers(values: values)
    scanner = JSONScanner(
      Shape(unwrap ? [.member(.snapshot, Field.snapshot, members)] : members),
      depthLimit: unwrap ? JSONScanner.maxRecordDepth : JSONScanner.maxDepth)
  }

  /// Checks a line (`text[count]` is a line feed); whether it holds a snapshot object.
  public mutating func read(_ text: UnsafePointer<UInt8>, count: Int) -> Bool {
    self.count = count
    guard scanner.scan(text, count: count) else { return false }
    return !unwraps || isObject(Field.snapshot)
  }

  /// Why `read` answered false.
  public var fault: ContractError {
    if hasFailedScan { return .unreadable(scanner.fault(count: count)) }
    return isMissing(Field.snapshot) ? .missing("snapshot") : .wrongType("snapshot", expected: "dict")
  }

  /// Whether the line is not a JSON object (as opposed to an object without a snapshot).
  public var hasFailedScan: Bool { scanner.hasFailed }

  /// Whether the line is JSON, but no object.
  public var isOtherValue: Bool { scanner.isOtherValue }

  /// The line's text.
  @inlinable @inline(__always)
  var text: UnsafePointer<UInt8> { scanner.base }

  /// Numbers in the line that no finite double holds.
  @inline(__always)
  public var nonFinite: Int { scanner.nonFinite }

  /// Whether a contract member may stand twice.
  @inline(__always)
  var hasDuplicates: Bool { scanner.hasDuplicates }

  /// The snapshot's first byte and the one after its last, as offsets.
  @inline(__always)
  var extent: (start: Int, end: Int) {
    guard unwraps else { return (scanner.start, scanner.end) }
    let place = scanner.place(of: Field.snapshot)
    return (Int(place.start), Int(place.end))
  }

  /// How often a member stands in its object: 0, 1, or 2 for more than once.
  @inlinable @inline(__always)
  func occurrences(_ field: Int) -> Int { scanner.count(of: field) }

  /// Where a member stands.
  @inlinable @inline(__always)
  func place(_ field: Int) -> JSONScanner.Place { scanner.place(of: field) }

  /// The first byte of a member's value, 0 when the member is absent.
  @inline(__always)
  func firstByte(_ field: Int) -> UInt8 {
    occurrences(field) == 0 ? 0 : text[Int(place(field).start)]
  }

  /// Absent or null.
  @inline(__always)
  func isMissing(_ field: Int) -> Bool {
    let first = firstByte(field)
    return first == 0 || first == 0x6E
  }

  /// Absent, null, or the empty string.
  @inline(__always)
  func isMissingOrEmpty(_ field: Int) -> Bool {
    let first = firstByte(field)
    if first == 0x22 { return length(field) == 2 }
    return first == 0 || first == 0x6E
  }

  /// Whether the member is there and an object.
  @inline(__always)
  func isObject(_ field: Int) -> Bool { firstByte(field) == 0x7B }

  /// Whether the member is there and a JSON number.
  @inline(__always)
  func isNumber(_ field: Int) -> Bool {
    let first = firstByte(field)
    return first &- 0x30 < 10 || first == 0x2D
  }

  /// Bytes of the member's value.
  @inlinable @inline(__always)
  func length(_ field: Int) -> Int { Int(place(field).end &- place(field).start) }

  /// The bytes of a member's value; empty when the member is absent.
  @inlinable @inline(__always)
  public func value(_ field: Int) -> UnsafeBufferPointer<UInt8> {
    guard occurrences(field) > 0 else { return UnsafeBufferPointer(start: text, count: 0) }
    return UnsafeBufferPointer(start: text + Int(place(field).start), count: length(field))
  }

  /// Members of an object member, 0 for anything else.
  @inline(__always)
  func memberCount(_ field: Int) -> Int { isObject(field) ? Int(place(field).members) : 0 }

  /// Whether the member's value is the string `word`, `plain` in its usual spelling; escapes are seen through.
  @inline(__always)
  func isString(_ field: Int, _ word: String, plain: StaticString) -> Bool {
    guard firstByte(field) == 0x22 else { return false }
    let bytes = value(field)
    let start = text + Int(place(field).start)
    if bytes.count == plain.utf8CodeUnitCount && memcmp(start, plain.utf8Start, bytes.count) == 0 {
      return true
    }
    return JSONSpelling.matches(bytes, word)
  }
}
