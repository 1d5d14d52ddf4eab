import Glibc

/// Finds a subject by the bytes of a line, without making a string for it.
struct SubjectIndex: ~Copyable {
  /// The words that name a subject, in place in a line.
  struct Words {
    let product: UnsafeBufferPointer<UInt8>
    let market: UnsafeBufferPointer<UInt8>
    let symbol: UnsafeBufferPointer<UInt8>
    let feed: UnsafeBufferPointer<UInt8>
  }

  private struct Slot {
    var hash: UInt64 = 0
    var index: Int32 = -1
  }

  private var slots = [Slot](repeating: Slot(), count: 256)
  private var keys: [[UInt8]] = []
  private var scratch: [UInt8] = []

  var count: Int { keys.count }

  /// The place of the key made of `day` and the words; a new one is the next place, and `isNew` is true.
  mutating func place(_ day: Int, _ words: Words, isNew: inout Bool) -> Int {
    scratch.removeAll(keepingCapacity: true)
    withUnsafeBytes(of: Int32(truncatingIfNeeded: day)) { scratch.append(contentsOf: $0) }
    for word in [words.product, words.market, words.symbol, words.feed] {
      scratch.append(contentsOf: word)
      scratch.append(0)
    }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in scratch { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var at = Int(truncatingIfNeeded: hash >> 8) & (slots.count - 1)
    while slots[at].index >= 0 {
      if slots[at].hash == hash, keys[Int(slots[at].index)] == scratch {
        isNew = false
        return Int(slots[at].index)
      }
      at = (at + 1) & (slots.count - 1)
    }
    isNew = true
    slots[at] = Slot(hash: hash, index: Int32(keys.count))
    keys.append(scratch)
    if keys.count * 2 > slots.count { grow() }
    return keys.count - 1
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for slot in old where slot.index >= 0 {
      var at = Int(truncatingIfNeeded: slot.hash >> 8) & (slots.count - 1)
      while slots[at].index >= 0 { at = (at + 1) & (slots.count - 1) }
      slots[at] = slot
    }
  }
}
