/// A set of numbers from 0, in order: adding, removing and finding the least and the greatest cost O(log64 n).
///
/// A tree of bits: a bit of one level says whether the word of that number in the level below has any.
struct NumberSet: Sendable {
  private var levels: [[UInt64]] = [[]]
  /// How many numbers are in it.
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  func contains(_ number: Int) -> Bool {
    let word = number >> 6
    return word < levels[0].count && levels[0][word] & (1 << UInt64(number & 63)) != 0
  }

  /// Adds; false when it was there.
  @discardableResult
  mutating func insert(_ number: Int) -> Bool {
    guard !contains(number) else { return false }
    count += 1
    var index = number
    var level = 0
    while true {
      let word = index >> 6
      if level == levels.count { addLevel() }
      if levels[level].count <= word {
        levels[level] += repeatElement(0, count: word + 1 - levels[level].count)
      }
      levels[level][word] |= 1 << UInt64(index & 63)
      if levels[level].count == 1 { return true }
      index = word
      level += 1
    }
  }

  /// Removes; false when it was not there.
  @discardableResult
  mutating func remove(_ number: Int) -> Bool {
    guard contains(number) else { return false }
    count -= 1
    var index = number
    for level in levels.indices {
      let word = index >> 6
      levels[level][word] &= ~(1 << UInt64(index & 63))
      if levels[level][word] != 0 { break }
      index = word
    }
    return true
  }

  /// The least number.
  var first: Int? { end { $0.trailingZeroBitCount } }
  /// The greatest number.
  var last: Int? { end { 63 - $0.leadingZeroBitCount } }

  /// All numbers, the least first.
  var numbers: [Int] {
    var found: [Int] = []
    found.reserveCapacity(count)
    for (word, bits) in levels[0].enumerated() {
      var bits = bits
      while bits != 0 {
        found.append(word << 6 | bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
    return found
  }

  private func end(_ pick: (UInt64) -> Int) -> Int? {
    guard count > 0 else { return nil }
    var index = 0
    for level in levels.reversed() { index = index << 6 | pick(level[index]) }
    return index
  }

  private mutating func addLevel() {
    let below = levels[levels.count - 1]
    var level = [UInt64](repeating: 0, count: (below.count + 63) >> 6)
    for (word, bits) in below.enumerated() where bits != 0 { level[word >> 6] |= 1 << UInt64(word & 63) }
    levels.append(level)
  }
}
