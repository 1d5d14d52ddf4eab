/// Eight bytes at a time: the tests that the scanner's inner loops are made of.
///
/// All of them read a little-endian word and answer with the high bit set in the bytes that matter. A
/// subtraction's borrow can set bits above the first hit, never below it, so only the lowest set bit is used.
enum JSONWord {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// The eight bytes at `pointer`, which need not be aligned.
  @inline(__always)
  static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
  }

  /// The quotes.
  @inline(__always)
  static func quotes(_ word: UInt64) -> UInt64 {
    let quote = word ^ (ones &* 0x22)
    return (quote &- ones) & ~quote & highBits
  }

  /// Backslashes, control characters, non-ASCII. The last are stops by themselves, so the two subtractions need no
  /// correction for them.
  @inline(__always)
  static func unusual(_ word: UInt64) -> UInt64 {
    let backslash = (word ^ (ones &* 0x5C)) &- ones
    let control = word &- (ones &* 0x20)
    return (backslash | control | word) & highBits
  }

  /// Zero, unless a byte must be escaped in a JSON string: quote, backslash, control characters.
  @inline(__always)
  static func escapes(_ word: UInt64) -> UInt64 {
    let (quote, backslash) = (word ^ (ones &* 0x22), word ^ (ones &* 0x5C))
    let control = (word &- (ones &* 0x20)) & ~word
    return (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | control) & highBits
  }

  /// Bytes that are no decimal digit: all of them, not only the first.
  ///
  /// Digits become 0...9 by the exclusive-or; adding 0x76 lifts everything above 9 over the high bit.
  @inline(__always)
  static func nonDigits(_ word: UInt64) -> UInt64 {
    let shifted = word ^ (ones &* 0x30)
    return (((shifted & ~highBits) &+ (ones &* 0x76)) | shifted) & highBits
  }

  /// Bytes that are not zero.
  @inline(__always)
  static func nonZero(_ word: UInt64) -> UInt64 {
    (((word & ~highBits) &+ ~highBits) | word) & highBits
  }

  /// Whether the word begins with two well-formed sequences of three bytes, U+8000 to U+FFFF, as nearly all of Hangul
  /// is. Their first bytes, E8 to EF, need no look at the second one but for ED, where A0 begins the surrogates.
  @inline(__always)
  static func areTwoTriples(_ word: UInt64) -> Bool {
    word & 0xC0C0_F8C0_C0F8 == 0x8080_E880_80E8 && word & 0x20FF != 0x20ED
      && word & 0x20_FF00_0000 != 0x20_ED00_0000
  }

  /// Index (0...7) of the lowest marked byte.
  @inline(__always)
  static func firstIndex(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }
}
