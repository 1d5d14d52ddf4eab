import Testing

@testable import JSONBytes

/// Blocks of sixteen bytes against a look at each byte: the tests of this processor, and the words that stand in for them
/// on others.
struct JSONBlockTests {
  /// The lowest marked byte; of what is behind it nothing is promised.
  private static func first(_ bits: UInt32) -> UInt32 { bits & (~bits &+ 1) }

  private static func marks(_ block: [UInt8], _ isMarked: (UInt8) -> Bool) -> UInt32 {
    block.enumerated().reduce(0) { isMarked($1.element) ? $0 | 1 << UInt32($1.offset) : $0 }
  }

  private static func isUnusual(_ byte: UInt8) -> Bool { byte == 0x5C || byte < 0x20 || byte >= 0x80 }

  private func check(_ block: [UInt8]) {
    let quotes = Self.marks(block) { $0 == 0x22 }, unusual = Self.marks(block, Self.isUnusual)
    let nonDigits = Self.marks(block) { $0 < 0x30 || $0 > 0x39 }
    block.withUnsafeBufferPointer { buffer in
      let at = buffer.baseAddress!
      let low = JSONWord.load(at), high = JSONWord.load(at + 8)
      let stops = JSONBlock.stringStops(at)
      #expect(Self.first(stops.quotes) == Self.first(quotes), "\(block)")
      #expect(Self.first(stops.unusual) == Self.first(unusual), "\(block)")
      #expect(JSONBlock.nonDigits(at) == nonDigits, "\(block)")
      let words = JSONBlock.bits(JSONWord.quotes(low), JSONWord.quotes(high))
      #expect(Self.first(words) == Self.first(quotes), "\(block)")
      let otherWords = JSONBlock.bits(JSONWord.unusual(low), JSONWord.unusual(high))
      #expect(Self.first(otherWords) == Self.first(unusual), "\(block)")
      #expect(JSONBlock.bits(JSONWord.nonDigits(low), JSONWord.nonDigits(high)) == nonDigits, "\(block)")
    }
  }

  @Test func everyByteAtEveryPlace() {
    for byte in UInt8.min...UInt8.max {
      for place in 0..<JSONBlock.width {
        for around: UInt8 in [0x78, 0x35, 0x22, 0x5C, 0xEA] {
          var block = Array(repeating: around, count: JSONBlock.width)
          block[place] = byte
          check(block)
        }
      }
    }
  }

  @Test func randomBlocks() {
    var random = SystemRandomNumberGenerator()
    let common: [UInt8] = [
      0x22, 0x21, 0x23, 0x5B, 0x5C, 0x5D, 0x1F, 0x20, 0x2F, 0x30, 0x39, 0x3A, 0x7F, 0x80, 0xFF,
    ]
    for _ in 0..<5000 {
      let block = (0..<JSONBlock.width).map { _ in
        Bool.random(using: &random)
          ? common.randomElement(using: &random)! : .random(in: 0...255, using: &random)
      }
      check(block)
      let other = block.map {
        Bool.random(using: &random) ? $0 : $0 ^ .random(in: 0...1, using: &random) << 7
      }
      let same = zip(block, other).map { $0 == $1 ? UInt8(1) : 0 }
      let expected = Self.marks(same) { $0 == 1 }
      #expect(JSONBlock.same(block, other) == expected, "\(block) \(other)")
      block.withUnsafeBufferPointer { one in
        other.withUnsafeBufferPointer { two in
          let words = JSONBlock.sameWords(one.baseAddress!, two.baseAddress!)
          #expect(words == expected, "\(block) \(other)")
        }
      }
    }
  }
}
