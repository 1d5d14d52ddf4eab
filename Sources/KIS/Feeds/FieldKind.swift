/// What a column of a real-time record holds, as far as its form tells.
///
/// A record names none of its fields, so what a position means is checked by kind before it is believed: a field put in
/// or taken out in the middle moves all that follow, and a price read one place off is still a number.
enum FieldKind: UInt8, Sendable {
  /// Anything.
  case text
  /// A whole number, possibly negative.
  case integer
  /// A number with a point; 0 may come without.
  case decimal
  /// A code of one character at most.
  case code
  /// A code of two characters at most.
  case pair
  /// One letter: `Y`, `N`.
  case letter
  /// `HHMMSS`.
  case time
  /// `YYYYMMDD`.
  case date

  /// Kinds by column.
  static func table(_ columns: [FieldKind: [Int]]) -> [Int: FieldKind] {
    Dictionary(columns.flatMap { kind, places in places.map { ($0, kind) } }) { first, _ in first }
  }

  /// Whether a field can be of this kind. An empty one can be of any: the exchange leaves out what it has not.
  @inline(__always)
  func fits(_ start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    if length == 0 { return true }
    switch self {
    case .text: return true
    case .code: return length == 1
    case .pair: return length <= 2
    case .letter: return length == 1 && start.pointee &- 0x41 < 26
    case .time: return length == 6 && FieldKind.isDigits(start, length)
    case .date: return length == 8 && FieldKind.isDigits(start, length)
    case .integer:
      let number = SnapshotNumber(start, length)
      return number.isInteger || number.isEmpty
    case .decimal:
      // Two digits follow the point in all that was seen: the usual case needs one look.
      if length > 3, start[length - 3] == 0x2E { return true }
      let number = SnapshotNumber(start, length)
      return number.isNumber && (!number.isWhole || number.isZero) || number.isEmpty
    }
  }

  @inline(__always)
  private static func isDigits(_ start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    for place in 0..<length where start[place] &- 0x30 >= 10 { return false }
    return true
  }
}

/// The anchors of all channels, laid out for the check of every record.
struct FieldAnchors: ~Copyable {
  private struct Anchor {
    let column: UInt16
    let kind: FieldKind
  }

  /// Most anchors of a channel.
  private static let slots = 16
  private let anchors: UnsafeMutablePointer<Anchor>
  private let counts: UnsafeMutablePointer<Int>

  /// Lays out `tables`, which stand in the order of `Channel.index`.
  init(_ tables: [FieldTable]) {
    anchors = .allocate(capacity: tables.count * Self.slots)
    counts = .allocate(capacity: tables.count)
    for (index, table) in tables.enumerated() {
      precondition(table.anchors.count <= Self.slots, "a channel has too many anchors")
      counts[index] = table.anchors.count
      for (place, column) in table.anchors.sorted().enumerated() {
        let anchor = Anchor(column: UInt16(column), kind: table.kind(column))
        (anchors + index * Self.slots + place).initialize(to: anchor)
      }
    }
  }

  deinit {
    anchors.deallocate()
    counts.deallocate()
  }

  /// Whether each anchor before `end` holds what it should.
  @inline(__always)
  func hold(_ record: FrameRecord, before end: Int) -> Bool {
    let first = anchors + record.channel.index &* Self.slots
    for place in 0..<counts[record.channel.index] {
      let anchor = first[place]
      let column = Int(anchor.column)
      if column >= end { return true }
      if !anchor.kind.fits(record.start(column), record.length(column)) { return false }
    }
    return true
  }
}
