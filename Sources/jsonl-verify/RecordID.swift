import Glibc
import JSONBytes

/// A record's identity in 16 bytes: a run_id of 32 lower-case hex digits as it is, any other string hashed.
struct RecordID: Hashable {
  var low: UInt64
  var high: UInt64

  /// No id: what an empty slot holds. A record with this id is given a neighbour's.
  static let none = RecordID(low: 0, high: 0)

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  private init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// The id in a JSON string: `value` starts and ends with its quotes.
  init(quoted value: UnsafeBufferPointer<UInt8>) {
    let content = UnsafeBufferPointer(rebasing: value.dropFirst().dropLast())
    if let id = Self.hexadecimal(content) {
      self = id
    } else if content.contains(0x5C), let text = try? JSONValue.parse(Array(value)).string {
      // The same string may be spelled in several ways.
      let bytes = Array(text.utf8)
      self = bytes.withUnsafeBufferPointer { Self.hexadecimal($0) ?? Self.hash($0) }
    } else {
      self = Self.hash(content)
    }
    if self == .none { low = 1 }
  }

  private static func hexadecimal(_ digits: UnsafeBufferPointer<UInt8>) -> RecordID? {
    guard digits.count == 32, let start = digits.baseAddress else { return nil }
    let raw = UnsafeRawPointer(start)
    guard let first = pack(raw), let second = pack(raw + 8), let third = pack(raw + 16),
      let fourth = pack(raw + 24)
    else { return nil }
    return RecordID(low: first << 32 | second, high: third << 32 | fourth)
  }

  /// Eight hex digits as 32 bits, in an order of the machine's own. Digits have bit 6 clear, letters have it set
  /// and stand for 9 more than their low four bits; writing the result as hex again must give what was read.
  private static func pack(_ source: UnsafeRawPointer) -> UInt64? {
    let word = source.loadUnaligned(as: UInt64.self)
    let values = (word & (ones &* 0x0F)) &+ ((word >> 6) & ones) &* 9
    let letters = ((values &+ ones &* 6) >> 4) & ones
    guard values &+ ones &* 0x30 &+ letters &* 0x27 == word else { return nil }
    var packed = (values | values >> 4) & 0x00FF_00FF_00FF_00FF
    packed = (packed | packed >> 8) & 0x0000_FFFF_0000_FFFF
    return (packed | packed >> 16) & 0xFFFF_FFFF
  }

  /// Two multiplicative hashes with different constants, each mixed at the end.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> RecordID {
    var low: UInt64 = 0xCBF2_9CE4_8422_2325
    var high: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
    for byte in bytes {
      low = (low ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
      high = (high &+ UInt64(byte) &+ 1) &* 0xBF58_476D_1CE4_E5B9
      high ^= high >> 29
    }
    return RecordID(low: mixed(low), high: mixed(high))
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = (value ^ value >> 33) &* 0xFF51_AFD7_ED55_8CCD
    value = (value ^ value >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return value ^ value >> 33
  }

  /// Where to look first in a table. Every bit counts: ids may be numbers counted up, in which few bits differ.
  var home: UInt64 { Self.mixed(low ^ high &* 0x9E37_79B9_7F4A_7C15) }
}

/// The ids seen so far: open addressing, 16 bytes a slot, at most three quarters full, doubling until `limit` ids
/// are in it. Nothing is ever taken out.
struct RecordIDSet: ~Copyable {
  enum Insertion { case new, known, full }

  private var slots: UnsafeMutablePointer<RecordID>
  private var capacity = 1 << 12
  private var count = 0
  private let limit: Int

  /// Remembers at most `limit` ids.
  init(limit: Int) {
    self.limit = limit
    slots = Self.empty(capacity)
  }

  deinit { free(slots) }

  private static func empty(_ capacity: Int) -> UnsafeMutablePointer<RecordID> {
    guard let memory = calloc(capacity, MemoryLayout<RecordID>.stride) else {
      fatalError("no memory for \(capacity) run_ids: give a smaller --max-ids")
    }
    return memory.bindMemory(to: RecordID.self, capacity: capacity)
  }

  /// Adds `id`, unless it is there or the set may not grow.
  mutating func insert(_ id: RecordID) -> Insertion {
    let index = place(of: id)
    if slots[index] == id { return .known }
    if count >= limit { return .full }
    slots[index] = id
    count += 1
    if count * 4 > capacity * 3 { grow() }
    return .new
  }

  private func place(of id: RecordID) -> Int {
    let mask = capacity - 1
    var index = Int(truncatingIfNeeded: id.home) & mask
    while slots[index] != .none && slots[index] != id { index = (index + 1) & mask }
    return index
  }

  private mutating func grow() {
    let old = UnsafeBufferPointer(start: slots, count: capacity)
    capacity *= 2
    slots = Self.empty(capacity)
    for id in old where id != .none { slots[place(of: id)] = id }
    free(UnsafeMutablePointer(mutating: old.baseAddress))
  }
}
