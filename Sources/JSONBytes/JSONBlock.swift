#if arch(x86_64)
  import _Builtin_intrinsics.intel.sse2
#endif

/// Sixteen bytes at a time: the tests that the scanner's inner loops are made of.
///
/// Each reads the sixteen bytes at a place, which need not be aligned, and answers with a bit for each byte, the first
/// one lowest. x86-64 has an instruction that gathers the bits; elsewhere two words do the same (`JSONWord`).
enum JSONBlock {
  /// Bytes of a block.
  static let width = 16

  /// The quotes, and what a plain string has not: backslashes, control characters, non-ASCII. Of either, bits above the
  /// first one mean nothing.
  @inline(__always)
  static func stringStops(_ at: UnsafePointer<UInt8>) -> (quotes: UInt32, unusual: UInt32) {
    #if arch(x86_64)
      let bytes = load(at)
      let backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x5C))
      // As a signed number, what is not ASCII is below the space, too.
      let low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20))
      return (bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x22))), bits(_mm_or_si128(backslash, low)))
    #else
      let low = JSONWord.load(at), high = JSONWord.load(at + 8)
      return (
        bits(JSONWord.quotes(low), JSONWord.quotes(high)), bits(JSONWord.unusual(low), JSONWord.unusual(high))
      )
    #endif
  }

  /// Bytes that are no decimal digit: all of them.
  @inline(__always)
  static func nonDigits(_ at: UnsafePointer<UInt8>) -> UInt32 {
    #if arch(x86_64)
      // The sum lifts the digits to the top of the signed numbers, 118 to 127, and nothing else.
      let lifted = _mm_add_epi8(load(at), _mm_set1_epi8(70))
      return bits(_mm_cmpgt_epi8(lifted, _mm_set1_epi8(117))) ^ 0xFFFF
    #else
      return bits(JSONWord.nonDigits(JSONWord.load(at)), JSONWord.nonDigits(JSONWord.load(at + 8)))
    #endif
  }

  /// Bytes that are those at `other`, too.
  @inline(__always)
  static func same(_ at: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>) -> UInt32 {
    #if arch(x86_64)
      return bits(_mm_cmpeq_epi8(load(at), load(other)))
    #else
      return sameWords(at, other)
    #endif
  }

  #if arch(x86_64)
    @inline(__always)
    private static func load(_ at: UnsafePointer<UInt8>) -> __m128i {
      UnsafeRawPointer(at).loadUnaligned(as: __m128i.self)
    }

    @inline(__always)
    private static func bits(_ mask: __m128i) -> UInt32 { UInt32(bitPattern: _mm_movemask_epi8(mask)) }
  #endif

  /// `same`, word by word.
  @inline(__always)
  static func sameWords(_ at: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>) -> UInt32 {
    let low = JSONWord.load(at) ^ JSONWord.load(other)
    let high = JSONWord.load(at + 8) ^ JSONWord.load(other + 8)
    return bits(JSONWord.nonZero(low), JSONWord.nonZero(high)) ^ 0xFFFF
  }

  /// A bit for each of sixteen bytes, of two words with the high bits of the bytes that matter.
  @inline(__always)
  static func bits(_ low: UInt64, _ high: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: gathered(low) | gathered(high) << 8)
  }

  /// The eight high bits, side by side: the product moves each to a place of its own in the top byte.
  @inline(__always)
  private static func gathered(_ word: UInt64) -> UInt64 {
    (((word >> 7) & JSONWord.ones) &* 0x0102_0408_1020_4080) >> 56
  }
}
