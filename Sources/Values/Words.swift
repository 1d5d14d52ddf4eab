import Glibc

/// A text of a line, decoded, in place.
struct Words {
  let start: UnsafePointer<UInt8>
  let count: Int

  @inline(__always)
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  @inline(__always)
  static func == (one: Self, word: StaticString) -> Bool {
    one.count == word.utf8CodeUnitCount && memcmp(one.start, word.utf8Start, one.count) == 0
  }

  /// For `switch`.
  @inline(__always)
  static func ~= (word: StaticString, one: Self) -> Bool { one == word }

  @inline(__always)
  func hasPrefix(_ word: StaticString) -> Bool {
    count >= word.utf8CodeUnitCount && memcmp(start, word.utf8Start, word.utf8CodeUnitCount) == 0
  }

  func contains(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard count >= length else { return false }
    return (0...(count - length)).contains { memcmp(start + $0, word.utf8Start, length) == 0 }
  }

  /// Whether it is spelled with escapes, as yet. Eight bytes from its start on must be readable, as they are in a line.
  @inline(__always)
  var hasBackslash: Bool {
    if count > 8 { return memchr(start, 0x5C, count) != nil }
    let word = UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
    let other = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let marks = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
    // The lowest mark is always true.
    return marks != 0 && marks.trailingZeroBitCount &>> 3 < count
  }

  /// FNV-1a, 64 bits: the same in every process.
  @inline(__always)
  func hash(_ seed: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
    var hash = seed
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}
