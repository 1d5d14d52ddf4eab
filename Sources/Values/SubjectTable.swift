import Glibc

/// The memory of all subjects by product, market and symbol: an open table that grows with subjects, up to a bound,
/// and never with lines. All its room is asked for at once, and the kernel gives pages as subjects come.
struct SubjectTable: ~Copyable {
  /// Subjects that are remembered.
  static let limit = 65_536
  /// Bytes that product, market and symbol may have together.
  static let keyLimit = 128

  /// A key is the lengths of product, market and symbol, a byte each, and their bytes, in words with zeros at the end.
  /// Three words hold most of them.
  private static let wordLimit = (3 + keyLimit + 7) / 8

  /// A subject: four lines of a processor's cache, of which all but trades and books need the first alone.
  private struct Subject {
    let key: (UInt64, UInt64, UInt64)
    /// Where the other words of a long key are.
    let rest: Int32
    var state: SubjectState
  }

  /// A subject in the table: what tells most others apart, and where it is; 0 where there is none.
  private struct Place {
    var hash: UInt32
    var number: Int32
  }

  private(set) var count = 0
  let limit: Int
  private let subjects: UnsafeMutablePointer<Subject>
  /// At least twice as many as subjects, a power of two.
  private let places: UnsafeMutablePointer<Place>
  private let mask: Int
  /// What long keys have after three words.
  private let rests: UnsafeMutablePointer<UInt64>
  private var restCount = 0
  private let probe: UnsafeMutablePointer<UInt64>

  /// - Parameter limit: subjects that are remembered.
  init(limit: Int = Self.limit) {
    self.limit = limit
    subjects = UnsafeMutableRawPointer.allocate(
      byteCount: limit * MemoryLayout<Subject>.stride, alignment: 64
    )
    .bindMemory(to: Subject.self, capacity: limit)
    var room = 2
    while room < 2 * limit { room *= 2 }
    mask = room - 1
    places = .allocate(capacity: room)
    memset(places, 0, room * MemoryLayout<Place>.stride)
    rests = .allocate(capacity: limit * (Self.wordLimit - 3))
    probe = .allocate(capacity: Self.wordLimit)
  }

  deinit {
    subjects.deallocate()
    places.deallocate()
    rests.deallocate()
    probe.deallocate()
  }

  /// The subject's index, which stays; nil where its names are too long or there is no room.
  @inline(__always)
  mutating func index(_ product: Words, _ market: Words, _ symbol: Words) -> Int? {
    guard let length = spell(product, market, symbol) else { return nil }
    var hash: UInt64 = 0
    for word in 0..<length {
      hash = (hash ^ probe[word]) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash &>> 32
    }
    let known = UInt32(truncatingIfNeeded: hash)
    var place = Int(truncatingIfNeeded: hash) & mask
    while places[place].number != 0 {
      let index = Int(places[place].number) &- 1
      if places[place].hash == known && isKey(index, length) { return index }
      place = (place &+ 1) & mask
    }
    guard let index = add(length) else { return nil }
    places[place] = Place(hash: known, number: Int32(truncatingIfNeeded: index &+ 1))
    return index
  }

  /// Whether there is no room for another.
  var isFull: Bool { count == limit }

  /// Writes a key into the probe; its words, or nil where it is too long.
  @inline(__always)
  private func spell(_ product: Words, _ market: Words, _ symbol: Words) -> Int? {
    let bytes = 3 &+ product.count &+ market.count &+ symbol.count
    guard bytes <= 3 &+ Self.keyLimit else { return nil }
    let length = (bytes &+ 7) &>> 3
    (probe[0], probe[1], probe[2], probe[length &- 1]) = (0, 0, 0, 0)
    let start = UnsafeMutableRawPointer(probe).assumingMemoryBound(to: UInt8.self)
    start[0] = UInt8(truncatingIfNeeded: product.count)
    start[1] = UInt8(truncatingIfNeeded: market.count)
    start[2] = UInt8(truncatingIfNeeded: symbol.count)
    memcpy(start + 3, product.start, product.count)
    memcpy(start + 3 + product.count, market.start, market.count)
    memcpy(start + 3 + product.count + market.count, symbol.start, symbol.count)
    return length
  }

  /// Whether the subject has the key of the probe: the first word holds the lengths too.
  @inline(__always)
  private func isKey(_ index: Int, _ length: Int) -> Bool {
    let key = subjects[index].key
    guard key.0 == probe[0] && key.1 == probe[1] && key.2 == probe[2] else { return false }
    return length <= 3 || memcmp(rests + Int(subjects[index].rest), probe + 3, (length &- 3) &* 8) == 0
  }

  @inline(never)
  private mutating func add(_ length: Int) -> Int? {
    guard count < limit else { return nil }
    (subjects + count).initialize(
      to: Subject(key: (probe[0], probe[1], probe[2]), rest: Int32(restCount), state: .blank))
    if length > 3 {
      memcpy(rests + restCount, probe + 3, (length - 3) * 8)
      restCount += length - 3
    }
    count += 1
    return count - 1
  }

  /// The state of a subject, where it is: a copy of it would cost more than most rules.
  @inline(__always)
  func state(_ index: Int) -> UnsafeMutablePointer<SubjectState> {
    withUnsafeMutablePointer(to: &subjects[index].state) { $0 }
  }

  /// Product, market and symbol of a subject, until the next question.
  func names(_ index: Int) -> (product: Words, market: Words, symbol: Words) {
    let subject = subjects[index]
    (probe[0], probe[1], probe[2]) = subject.key
    let start = UnsafeRawPointer(probe).assumingMemoryBound(to: UInt8.self)
    let (product, market, symbol) = (Int(start[0]), Int(start[1]), Int(start[2]))
    let length = (3 + product + market + symbol + 7) / 8
    if length > 3 { memcpy(probe + 3, rests + Int(subject.rest), (length - 3) * 8) }
    return (
      Words(start: start + 3, count: product), Words(start: start + 3 + product, count: market),
      Words(start: start + 3 + product + market, count: symbol)
    )
  }
}
