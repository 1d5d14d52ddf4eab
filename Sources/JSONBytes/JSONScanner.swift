import Glibc

/// Checks one JSON text strictly and notes where the members of a `Shape` stand, in one pass.
///
/// The text must be followed by a line feed, which is never legal inside a one-line JSON text and so stops every
/// loop without a bounds check, and by `padding` readable bytes, because strings and numbers are read in blocks
/// of sixteen bytes, and a skeleton's text in two of them at once. Nothing is decoded, copied or allocated; an error's
/// words are made by `fault` when asked.
///
/// `NaN`, `Infinity`, `-Infinity` and numbers whose double overflows are taken and counted in `nonFinite`.
public struct JSONScanner: ~Copyable {
  /// Readable bytes that must follow the text.
  public static let padding = 2 * JSONBlock.width
  /// Objects and arrays inside one another, the outermost included, in a snapshot.
  public static let maxDepth = 512
  /// The same in a record, which wraps a snapshot and copies values of it two levels deeper than they stood.
  public static let maxRecordDepth = maxDepth + 2

  /// Where a member stands, as offsets into the text. Valid where `count(of:)` is not 0.
  public struct Place: Sendable {
    /// The opening quote of the name.
    public var name: Int32 = 0
    /// The first byte of the value.
    public var start: Int32 = 0
    /// Just after the last byte of the value.
    public var end: Int32 = 0
    /// Members of the value, if it is an object.
    public var members: Int32 = 0

    @inlinable init(name: Int32, start: Int32, end: Int32, members: Int32) {
      self.name = name
      self.start = start
      self.end = end
      self.members = members
    }
  }

  /// The offset just after the top-level value.
  public private(set) var end = 0
  /// Offset of the first byte of the top-level value.
  public private(set) var start = 0
  /// Numbers that no finite double holds.
  public internal(set) var nonFinite = 0
  /// Whether a member of the shape stands twice in its object.
  public private(set) var hasDuplicates = false

  let shape: Shape
  let depthLimit: Int
  /// Where the members of the text scanned last stand: by the skeleton that it has, or `found` by a full scan, for which it
  /// is one segment.
  @usableFromInline private(set) var places: UnsafePointer<Skeleton>
  private let found: UnsafeMutablePointer<Skeleton>
  /// The text scanned last; before the first scan, nothing to read.
  public private(set) var base: UnsafePointer<UInt8>
  var failure = Failure.none
  var failureOffset = 0
  /// Members of the object that closed last.
  var lastMembers: Int32 = 0
  /// The backslash seen last: tells without a second look whether a name has escapes.
  var lastEscape: UnsafePointer<UInt8>
  /// What opened the containers that are open, where no member matters.
  let stack: UnsafeMutablePointer<UInt8>
  /// What earlier texts looked like: the fine skeletons, each value apart.
  let skeletons: UnsafeMutablePointer<Skeleton>
  /// The coarse ones, with the values that stay left in the text around them; empty where there is none.
  let coarse: UnsafeMutablePointer<Skeleton>
  /// Which values those are.
  let steady: UnsafeMutablePointer<SteadyValues>
  var choice = SkeletonChoice()

  /// Makes a scanner for texts of one shape, nested at most `depthLimit` deep.
  public init(_ shape: consuming Shape, depthLimit: Int = maxDepth) {
    self.shape = shape
    self.depthLimit = depthLimit
    found = .allocate(capacity: 1)
    found.initialize(to: Skeleton())
    places = UnsafePointer(found)
    base = UnsafePointer(found.pointee.counts)
    lastEscape = base
    stack = .allocate(capacity: depthLimit + 1)
    skeletons = .allocate(capacity: SkeletonChoice.limit)
    coarse = .allocate(capacity: SkeletonChoice.limit)
    steady = .allocate(capacity: SkeletonChoice.limit)
    for index in 0..<SkeletonChoice.limit {
      (skeletons + index).initialize(to: Skeleton())
      (coarse + index).initialize(to: Skeleton())
      (steady + index).initialize(to: SteadyValues())
    }
  }

  deinit {
    found.deinitialize(count: 1)
    found.deallocate()
    stack.deallocate()
    skeletons.deinitialize(count: SkeletonChoice.limit)
    skeletons.deallocate()
    coarse.deinitialize(count: SkeletonChoice.limit)
    coarse.deallocate()
    steady.deinitialize(count: SkeletonChoice.limit)
    steady.deallocate()
  }

  /// How often a member stands in its object: 0, 1, or 2 for more than once.
  @inlinable @inline(__always)
  public func count(of slot: Shape.Slot) -> Int { Int(places.pointee.counts[slot]) }

  /// Where a member stands; the last one where it stands twice.
  @inlinable @inline(__always)
  public func place(of slot: Shape.Slot) -> Place {
    let member = places.pointee.members + slot
    let start = offset(member.pointee.start)
    return Place(
      name: start &- member.pointee.nameLength, start: start, end: offset(member.pointee.end),
      members: member.pointee.members)
  }

  /// Checks `text[0..<count]`; `text[count]` must be a line feed. Whether it is one JSON object.
  public mutating func scan(_ text: UnsafePointer<UInt8>, count: Int) -> Bool {
    assert(text[count] == 0x0A)
    base = text
    hasDuplicates = false
    if let skeleton = skeleton(of: text, before: text + count) {
      failure = .none
      places = UnsafePointer(skeleton)
      start = Int(offset(skeleton.pointee.whole.start))
      end = Int(offset(skeleton.pointee.whole.end))
      return true
    }
    guard scanInFull(text) else { return false }
    learn(count)
    return true
  }

  @inline(never)
  private mutating func scanInFull(_ text: UnsafePointer<UInt8>) -> Bool {
    lastEscape = text
    failure = .none
    nonFinite = 0
    places = UnsafePointer(found)
    found.pointee.begin(text)
    let first = skipSpace(text)
    start = first - text
    guard first.pointee == 0x7B else { return notAnObject(first) }
    guard let last = object(first + 1, node: 1, depth: 1) else { return false }
    end = last - text
    return isEnd(skipSpace(last))
  }

  @inline(__always)
  private mutating func isEnd(_ at: UnsafePointer<UInt8>) -> Bool {
    if at.pointee == 0x0A { return true }
    _ = fail(.trailing, at)
    return false
  }

  @inline(never)
  private mutating func notAnObject(_ first: UnsafePointer<UInt8>) -> Bool {
    guard let last = value(first, node: Shape.noNode, depth: 0) else { return false }
    if isEnd(skipSpace(last)) { _ = fail(.notAnObject, first) }
    return false
  }
}

// MARK: - Containers

extension JSONScanner {
  /// An object's members and its closing brace; `at` is just after the opening one.
  private mutating func object(
    _ at: UnsafePointer<UInt8>, node: UInt8, depth: Int
  ) -> UnsafePointer<UInt8>? {
    guard depth <= depthLimit else { return fail(.tooDeep, at - 1) }
    var at = skipSpace(at)
    if at.pointee == 0x7D {
      lastMembers = 0
      return at + 1
    }
    var members: Int32 = 0
    while true {
      guard at.pointee == 0x22 else { return fail(.expectedName, at) }
      let name = at
      guard let nameEnd = string(name + 1) else { return nil }
      at = skipSpace(nameEnd)
      guard at.pointee == 0x3A else { return fail(.expectedColon, at) }
      at = skipSpace(at + 1)
      members &+= 1
      var known: UnsafeMutablePointer<Shape.Entry>?
      if node != Shape.noNode {
        known = entry(name, nameEnd, node)
        if let known, found.pointee.counts[Int(known.pointee.slot)] != 0 { noteDuplicate(of: known) }
      }
      let value = at
      guard let next = self.value(at, node: known?.pointee.child ?? Shape.noNode, depth: depth) else {
        return nil
      }
      if let known { note(known, name, value, next) }
      at = skipSpace(next)
      if at.pointee == 0x2C {
        at = skipSpace(at + 1)
        continue
      }
      guard at.pointee == 0x7D else { return fail(.expectedCommaOrBrace, at) }
      lastMembers = members
      return at + 1
    }
  }

  /// What the shape knows of a name.
  @inline(__always)
  private mutating func entry(
    _ name: UnsafePointer<UInt8>, _ nameEnd: UnsafePointer<UInt8>, _ node: UInt8
  ) -> UnsafeMutablePointer<Shape.Entry>? {
    let length = nameEnd - name - 2
    let low = JSONWord.load(name + 1) & Shape.lowMask(length)
    let place = Shape.place(low, length, shape.multipliers[Int(node)])
    let entry = shape.table + (Int(node) &* Shape.places &+ place)
    if Int(entry.pointee.length) == length && entry.pointee.low == low
      && entry.pointee.high == JSONWord.load(name + 9) & entry.pointee.highMask
    {
      return entry
    }
    return lastEscape > name ? entryBehindEscapes(name, nameEnd, node) : nil
  }

  /// Notes where a known member stands.
  @inline(__always)
  private mutating func note(
    _ entry: UnsafeMutablePointer<Shape.Entry>, _ name: UnsafePointer<UInt8>, _ value: UnsafePointer<UInt8>,
    _ end: UnsafePointer<UInt8>
  ) {
    let slot = Int(entry.pointee.slot)
    found.pointee.counts[slot] = found.pointee.counts[slot] == 0 ? 1 : 2
    found.pointee.members[slot] = Skeleton.Member(
      start: .init(offset: Int32(truncatingIfNeeded: value - base)),
      end: .init(offset: Int32(truncatingIfNeeded: end - base)),
      nameLength: Int32(truncatingIfNeeded: value - name), members: lastMembers)
  }

  /// A member that is there already: the later one counts, as most readers have it.
  @inline(never)
  private mutating func noteDuplicate(of entry: UnsafeMutablePointer<Shape.Entry>) {
    hasDuplicates = true
    forget(entry.pointee.child)
  }

  /// Forgets the members of a node, for an object that is replaced by a later one.
  private func forget(_ node: UInt8) {
    guard node != Shape.noNode else { return }
    for place in 0..<Shape.places {
      let entry = shape.table[Int(node) * Shape.places + place]
      guard entry.length >= 0, found.pointee.counts[Int(entry.slot)] > 0 else { continue }
      forget(entry.child)
      found.pointee.counts[Int(entry.slot)] = 0
    }
  }

  /// The entry of a name that is spelled with escapes.
  @inline(never)
  private func entryBehindEscapes(
    _ name: UnsafePointer<UInt8>, _ nameEnd: UnsafePointer<UInt8>, _ node: UInt8
  ) -> UnsafeMutablePointer<Shape.Entry>? {
    let quoted = Array(UnsafeBufferPointer(start: name, count: nameEnd - name))
    guard let decoded = try? JSONValue.parse(quoted).string else { return nil }
    let bytes = Array(decoded.utf8)
    guard bytes.count <= 16 else { return nil }
    var padded = bytes + Array(repeating: 0, count: 16 - bytes.count)
    return padded.withUnsafeMutableBufferPointer { buffer -> UnsafeMutablePointer<Shape.Entry>? in
      guard let start = buffer.baseAddress else { return nil }
      let low = JSONWord.load(start)
      let place = Shape.place(low, bytes.count, shape.multipliers[Int(node)])
      let entry = shape.table + (Int(node) * Shape.places + place)
      let found =
        Int(entry.pointee.length) == bytes.count && entry.pointee.low == low
        && entry.pointee.high == JSONWord.load(start + 8)
      return found ? entry : nil
    }
  }

  /// Any value; the result is just after its last byte.
  @inline(__always)
  private mutating func value(
    _ at: UnsafePointer<UInt8>, node: UInt8, depth: Int
  ) -> UnsafePointer<UInt8>? {
    let first = at.pointee
    if first != 0x7B && first != 0x5B { return scalar(at) }
    if first == 0x7B && node != Shape.noNode { return object(at + 1, node: node, depth: depth &+ 1) }
    return nested(at, depth: depth)
  }
}
