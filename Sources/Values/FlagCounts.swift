/// How often rules flagged the records of one subject: no memory without flags.
public struct FlagCounts: Sendable {
  private var counts: [Int64] = []

  /// None.
  public init() {}

  /// Whether there are none.
  public var isEmpty: Bool { counts.isEmpty }

  /// Counts the flags of one record, a bit each.
  @inline(__always)
  public mutating func add(_ flags: UInt32) {
    if flags != 0 { addSome(flags) }
  }

  @inline(never)
  private mutating func addSome(_ flags: UInt32) {
    if counts.isEmpty { counts = [Int64](repeating: 0, count: MarketFlag.allCases.count) }
    for flag in MarketFlag.allCases where flags & flag.bit != 0 { counts[Int(flag.rawValue)] += 1 }
  }

  /// Adds those of another subject.
  public mutating func add(_ other: FlagCounts) {
    if counts.isEmpty {
      counts = other.counts
    } else {
      for index in other.counts.indices { counts[index] += other.counts[index] }
    }
  }

  /// Flags that were counted, in their order.
  public var named: [(flag: MarketFlag, count: Int64)] {
    zip(MarketFlag.allCases, counts).filter { $1 > 0 }.map { (flag: $0, count: $1) }
  }
}

extension MarketFlag {
  /// The flags in a list of words, a bit each; words that are no flags are left out.
  public static func bits(in list: UnsafeBufferPointer<UInt8>) -> UInt32 {
    // An empty list is two bytes, and by far the most frequent.
    guard list.count > 2 else { return 0 }
    var bits: UInt32 = 0
    for word in list.split(separator: 0x22) {
      for flag in allCases where word.count == flag.text.utf8CodeUnitCount {
        if word.elementsEqual(UnsafeBufferPointer(start: flag.text.utf8Start, count: word.count)) {
          bits |= flag.bit
        }
      }
    }
    return bits
  }
}
