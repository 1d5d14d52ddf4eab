/// Places of symbols by channel and key, found without text and without Swift's own hashing, which would cost as much as
/// a tenth of a snapshot.
struct SymbolPlaces: ~Copyable {
  private struct Slot {
    var low: UInt64 = 0, high: UInt64 = 0
    var channel: Int32 = -1
    var place: Int32 = -1
  }

  private var slots: UnsafeMutablePointer<Slot>
  private var mask: Int
  /// How many symbols have a place.
  private(set) var count = 0

  init() {
    mask = 255
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: Slot(), count: mask + 1)
  }

  deinit { slots.deallocate() }

  /// The place of the record's symbol; -1 where it has none, or a long key.
  @inline(__always)
  func glance(at record: FrameRecord) -> Int {
    let length = record.length(0)
    guard length <= 8 else { return -1 }
    let low = Self.word(record.start(0) + length, length)
    let at = find(low, 0, Int32(truncatingIfNeeded: record.channel.index))
    return Int(slots[at].place)
  }

  /// The place of the record's symbol; a new one gets `count`, which then grows.
  mutating func place(of record: FrameRecord) -> Int {
    let length = record.length(0)
    let end = record.start(0) + length
    let low = Self.word(end, min(length, 8))
    let high = length > 8 ? Self.word(end - 8, min(length &- 8, 8)) : 0
    let channel = Int32(truncatingIfNeeded: record.channel.index)
    let at = find(low, high, channel)
    if slots[at].place >= 0 { return Int(slots[at].place) }
    slots[at] = Slot(low: low, high: high, channel: channel, place: Int32(truncatingIfNeeded: count))
    count += 1
    if count * 4 > mask { grow() }
    return count - 1
  }

  /// The slot of a symbol, or the free one where it belongs.
  @inline(__always)
  private func find(_ low: UInt64, _ high: UInt64, _ channel: Int32) -> Int {
    var at = Self.hash(low, high, channel) & mask
    while slots[at].low != low || slots[at].high != high || slots[at].channel != channel {
      if slots[at].place < 0 { break }
      at = (at &+ 1) & mask
    }
    return at
  }

  /// The last `count` (1...8) bytes before `end`. What stands before them is read and not looked at: a frame begins with
  /// more than eight bytes that are no key.
  @inline(__always)
  private static func word(_ end: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let word = UnsafeRawPointer(end - 8).loadUnaligned(as: UInt64.self).littleEndian
    return word & UInt64.max &<< UInt64(truncatingIfNeeded: (8 &- count) &* 8)
  }

  /// Both halves of a product: the high bits of a key, where symbols differ, reach the low bits of the hash.
  @inline(__always)
  private static func hash(_ low: UInt64, _ high: UInt64, _ channel: Int32) -> Int {
    let mixed = low ^ high &* 0xC2B2_AE3D_27D4_EB4F ^ UInt64(truncatingIfNeeded: channel) &<< 7
    let product = mixed.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }

  private mutating func grow() {
    let (old, size) = (slots, mask + 1)
    mask = size * 2 - 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: Slot(), count: mask + 1)
    for index in 0..<size where old[index].place >= 0 {
      slots[find(old[index].low, old[index].high, old[index].channel)] = old[index]
    }
    old.deallocate()
  }
}
