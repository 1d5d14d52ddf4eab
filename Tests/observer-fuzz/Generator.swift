/// Random numbers that a seed decides (xorshift64*).
struct Generator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  /// 0 to `bound` - 1, for bounds far below 2^32.
  mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }
}

/// Bytes under test, in memory of somebody else's.
struct Input: ~Copyable {
  static let capacity = 1 << 16
  let start: UnsafeMutablePointer<UInt8>
  var count: Int

  init(at memory: UnsafeMutablePointer<UInt8>, count: Int) {
    start = memory
    self.count = count
  }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  mutating func set(_ content: [UInt8]) {
    count = min(content.count, Self.capacity)
    for index in 0..<count { start[index] = content[index] }
  }
}

/// Changes inputs: most changes are small, because almost right is where parsers go wrong.
struct Mutator {
  private static let telling =
    Array("\"\\{}[]:,0123456789-+.eEuntfNI^|#Q \t\r/".utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
  private static let tokens: [[UInt8]] = [
    "null", "true", "false", "NaN", "-Infinity", "1e999", "1e308", "-0", "0.1", "\\u0041", "\\ud800",
    "\\udc00",
    "\\uD83D\\uDE00", "\"meta\"", "\"run_id\":", "{}", "[]", "[[", "}}", "\"\"", "\u{AC00}", "\u{FEFF}",
    "0|H0STCNT0|001|",
    "005930^", "999", "00000000000000000000", "nan", "inf", "-inf", "1e19", "-1e30", "9223372036854775807",
    "-9223372036854775808",
  ].map { Array($0.utf8) }

  var random: Generator

  mutating func mutate(_ input: inout Input, other: [UInt8]) {
    // Usually few changes; one in 16 inputs gets many.
    let changes = random.below(16) == 0 ? 1 + random.below(16) : 1 + random.below(3)
    for _ in 0..<changes { change(&input, other) }
  }

  private mutating func change(_ input: inout Input, _ other: [UInt8]) {
    let count = input.count
    guard count > 0 else { return insert(&input, at: 0, Self.tokens[random.below(Self.tokens.count)][...]) }
    let at = random.below(count)
    switch random.below(12) {
    case 0: input.start[at] ^= 1 << UInt8(random.below(8))
    case 1, 2: input.start[at] = Self.telling[random.below(Self.telling.count)]
    case 3: input.start[at] = UInt8(truncatingIfNeeded: random.next())
    case 4: insert(&input, at: at, [Self.telling[random.below(Self.telling.count)]])
    case 5: insert(&input, at: at, Self.tokens[random.below(Self.tokens.count)][...])
    case 6: remove(&input, at: at, 1)
    case 7: remove(&input, at: at, 1 + random.below(min(count - at, 40)))
    case 8:
      let length = 1 + random.below(min(count - at, 64))
      let piece = Array(UnsafeBufferPointer(start: input.start + at, count: length))
      insert(&input, at: random.below(count + 1), piece[...])
    case 9:
      guard !other.isEmpty else { return }
      let from = random.below(other.count)
      insert(&input, at: at, other[from..<min(other.count, from + 1 + random.below(64))])
    case 10: if random.below(8) == 0 { input.count = at } else { digit(&input, at) }
    default: digit(&input, at)
    }
  }

  /// Another digit for a digit: the shape stays.
  private mutating func digit(_ input: inout Input, _ at: Int) {
    for index in at..<min(input.count, at + 64) where input.start[index] &- 0x30 < 10 {
      input.start[index] = 0x30 + UInt8(random.below(10))
      if random.below(3) == 0 { insert(&input, at: index, [0x31 + UInt8(random.below(9))]) }
      return
    }
  }

  private func insert(_ input: inout Input, at: Int, _ piece: ArraySlice<UInt8>) {
    guard input.count + piece.count <= Input.capacity else { return }
    (input.start + at + piece.count).update(from: input.start + at, count: input.count - at)
    for (index, byte) in piece.enumerated() { input.start[at + index] = byte }
    input.count += piece.count
  }

  private func remove(_ input: inout Input, at: Int, _ length: Int) {
    (input.start + at).update(from: input.start + at + length, count: input.count - at - length)
    input.count -= length
  }
}
