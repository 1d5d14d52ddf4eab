/// Which members of a JSON text matter, and where each one's place is noted.
///
/// A shape is a small tree: an object node lists the member names it knows; a known member has a slot and may
/// be an object node itself. The scanner looks every name of a node's object up in one step; names inside
/// objects that are no node are never compared. Built once, read-only afterwards.
public struct Shape: ~Copyable {
  /// Index of a slot.
  public typealias Slot = Int

  /// A member that matters.
  public struct Field {
    let name: StaticString
    let slot: Slot
    let fields: [Field]

    /// A member with its slot and, if it is an object, the members of it that matter.
    public static func member(_ name: StaticString, _ slot: Slot, _ fields: [Field] = []) -> Field {
      precondition(name.utf8CodeUnitCount <= 16 && slot < Shape.maxSlots)
      return Field(name: name, slot: slot, fields: fields)
    }
  }

  /// One known name, ready to be compared in two words.
  @usableFromInline struct Entry {
    @usableFromInline var low: UInt64 = 0
    @usableFromInline var high: UInt64 = 0
    @usableFromInline var highMask: UInt64 = 0
    /// Length of the name; -1 in an empty place, which no name has.
    @usableFromInline var length: Int32 = -1
    @usableFromInline var slot: UInt8 = 0
    @usableFromInline var child: UInt8 = 0
  }

  /// Slots a shape may have.
  public static let maxSlots = 64
  /// Places in a node's table.
  @usableFromInline static let places = 64
  /// The node of objects that do not matter.
  @usableFromInline static let noNode: UInt8 = 0

  @usableFromInline let table: UnsafeMutablePointer<Entry>
  @usableFromInline let multipliers: UnsafeMutablePointer<UInt64>
  private let nodeCount: Int

  /// Builds the tables; the top-level object is node 1.
  public init(_ fields: [Field]) {
    var nodes: [[Field]] = [[]]
    var children: [[UInt8]] = [[]]
    func add(_ fields: [Field]) -> UInt8 {
      let index = nodes.count
      nodes.append(fields)
      children.append([])
      children[index] = fields.map { $0.fields.isEmpty ? Shape.noNode : add($0.fields) }
      return UInt8(index)
    }
    _ = add(fields)
    nodeCount = nodes.count
    table = .allocate(capacity: nodes.count * Self.places)
    table.initialize(repeating: Entry(), count: nodes.count * Self.places)
    multipliers = .allocate(capacity: nodes.count)
    multipliers.initialize(repeating: 1, count: nodes.count)
    for (node, fields) in nodes.enumerated() {
      let entries = zip(fields, children[node]).map { Self.entry($0, child: $1) }
      let multiplier = Self.collisionFreeMultiplier(entries)
      multipliers[node] = multiplier
      for entry in entries {
        table[node * Self.places + Self.place(entry.low, Int(entry.length), multiplier)] = entry
      }
    }
  }

  deinit {
    table.deallocate()
    multipliers.deallocate()
  }

  /// A name's place in its node's table.
  @inlinable @inline(__always)
  static func place(_ low: UInt64, _ length: Int, _ multiplier: UInt64) -> Int {
    Int(truncatingIfNeeded: ((low ^ UInt64(truncatingIfNeeded: length)) &* multiplier) >> 58)
  }

  /// The bytes of a name's first word that belong to it.
  @inlinable @inline(__always)
  static func lowMask(_ length: Int) -> UInt64 {
    length >= 8 ? UInt64.max : (1 &<< UInt64(truncatingIfNeeded: length &* 8)) &- 1
  }

  /// The bytes of a name's second word that belong to it, for names of at most 16 bytes.
  static func highMask(_ length: Int) -> UInt64 { length <= 8 ? 0 : lowMask(length - 8) }

  private static func entry(_ field: Field, child: UInt8) -> Entry {
    var entry = Entry()
    let length = field.name.utf8CodeUnitCount
    for index in 0..<length {
      let byte = UInt64(field.name.utf8Start[index])
      if index < 8 { entry.low |= byte << (8 * index) } else { entry.high |= byte << (8 * (index - 8)) }
    }
    entry.highMask = highMask(length)
    entry.length = Int32(length)
    entry.slot = UInt8(field.slot)
    entry.child = child
    return entry
  }

  /// Tries odd multipliers until every name of the node has a place of its own. With two dozen names at most in
  /// 64 places the search ends after a few hundred tries; two fields of one name would never end it.
  private static func collisionFreeMultiplier(_ entries: [Entry]) -> UInt64 {
    var multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
    while true {
      let taken = Set(entries.map { place($0.low, Int($0.length), multiplier) })
      if taken.count == entries.count { return multiplier }
      multiplier = multiplier &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 | 1
    }
  }
}
