import Glibc

/// The memory of all subjects by product, market and symbol: an open table that grows with subjects, up to a bound,
/// and never with lines.
struct SubjectTable: ~Copyable {
  /// Subjects that are remembered.
  static let limit = 65_536
  /// Bytes that product, market and symbol may have together.
  static let keyLimit = 128

  /// Length of the product, of the market, of the symbol, and their bytes.
  private static let keySize = 3 + keyLimit + 5

  private(set) var count = 0
  let limit: Int
  private var capacity = 64
  private var states: UnsafeMutablePointer<SubjectState>
  private var keys: UnsafeMutablePointer<UInt8>
  /// Twice as many places as subjects: the subject's index + 1.
  private var places: UnsafeMutablePointer<Int32>
  private let probe: UnsafeMutablePointer<UInt8>

  /// - Parameter limit: subjects that are remembered.
  init(limit: Int = Self.limit) {
    self.limit = limit
    states = .allocate(capacity: capacity)
    keys = .allocate(capacity: capacity * Self.keySize)
    places = .allocate(capacity: capacity * 2)
    places.initialize(repeating: 0, count: capacity * 2)
    probe = .allocate(capacity: Self.keySize)
    probe.initialize(repeating: 0, count: Self.keySize)
  }

  deinit {
    states.deallocate()
    keys.deallocate()
    places.deallocate()
    probe.deallocate()
  }

  /// The subject's index, which stays; nil where its names are too long or there is no room.
  @inline(__always)
  mutating func index(_ product: Words, _ market: Words, _ symbol: Words) -> Int? {
    let length = product.count + market.count + symbol.count
    guard length <= Self.keyLimit else { return nil }
    probe[0] = UInt8(truncatingIfNeeded: product.count)
    probe[1] = UInt8(truncatingIfNeeded: market.count)
    probe[2] = UInt8(truncatingIfNeeded: symbol.count)
    memcpy(probe + 3, product.start, product.count)
    memcpy(probe + 3 + product.count, market.start, market.count)
    memcpy(probe + 3 + product.count + market.count, symbol.start, symbol.count)
    let hash = Words(start: probe, count: length + 3).hash()
    let mask = capacity &* 2 &- 1
    var place = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & mask
    while places[place] != 0 {
      let index = Int(places[place]) &- 1
      if memcmp(keys + index &* Self.keySize, probe, length &+ 3) == 0 { return index }
      place = (place &+ 1) & mask
    }
    return add(length + 3)
  }

  /// Whether there is no room for another.
  var isFull: Bool { count == limit }

  @inline(never)
  private mutating func add(_ length: Int) -> Int? {
    guard count < limit else { return nil }
    if count == capacity { grow() }
    (states + count).initialize(to: .blank)
    memcpy(keys + count * Self.keySize, probe, length)
    count += 1
    insert(count - 1)
    return count - 1
  }

  private mutating func insert(_ index: Int) {
    let hash = key(index).hash()
    let mask = capacity * 2 - 1
    var place = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & mask
    while places[place] != 0 { place = (place + 1) & mask }
    places[place] = Int32(index + 1)
  }

  private func key(_ index: Int) -> Words {
    let start = keys + index * Self.keySize
    return Words(start: start, count: 3 + Int(start[0]) + Int(start[1]) + Int(start[2]))
  }

  private mutating func grow() {
    let (oldStates, oldKeys) = (states, keys)
    states = .allocate(capacity: capacity * 2)
    states.moveInitialize(from: oldStates, count: count)
    keys = .allocate(capacity: capacity * 2 * Self.keySize)
    memcpy(keys, oldKeys, count * Self.keySize)
    oldStates.deallocate()
    oldKeys.deallocate()
    places.deallocate()
    capacity *= 2
    places = .allocate(capacity: capacity * 2)
    places.initialize(repeating: 0, count: capacity * 2)
    for index in 0..<count { insert(index) }
  }

  /// The state of a subject.
  @inline(__always)
  subscript(index: Int) -> SubjectState {
    unsafeAddress { UnsafePointer(states + index) }
    unsafeMutableAddress { states + index }
  }

  /// Product, market and symbol of a subject.
  func names(_ index: Int) -> (product: Words, market: Words, symbol: Words) {
    let start = UnsafePointer(keys + index * Self.keySize)
    let (product, market) = (Int(start[0]), Int(start[1]))
    return (
      Words(start: start + 3, count: product), Words(start: start + 3 + product, count: market),
      Words(start: start + 3 + product + market, count: Int(start[2]))
    )
  }
}
