import Glibc

/// Which skeletons are known, and which one is likely next.
///
/// A stage sees a few kinds of lines in turn: trades, order books, polled prices, gaps. Lines that are all
/// different would make learning a waste, so it is paid from a credit that only hits earn; without it another try
/// is made after some texts, and after more of them each time that none came of it.
struct SkeletonChoice {
  static let limit = 4
  private static let maxCredit = 256
  private static let price = 8

  /// Skeletons learned so far.
  private(set) var known = 0
  /// The skeleton that the last text had; -1 after a full scan.
  var last = 0
  private var followers = (0, 1, 2, 3)
  private var victim = 0
  private var credit = 64
  private var skipped = 0
  /// Texts to let pass before the next try without credit.
  private var patience = shortest
  private static let shortest = 16
  private static let longest = 512

  /// Whether to try skeletons on this text. Without credit one is tried now and then, to notice when lines become
  /// alike again.
  @inline(__always)
  mutating func isWorthTrying() -> Bool {
    if credit > 0 { return known > 0 }
    skipped &+= 1
    if skipped < patience { return false }
    skipped = 0
    patience = min(2 &* patience, Self.longest)
    credit = Self.price
    return known > 0
  }

  /// The one that came after the last one the time before.
  @inline(__always)
  var expected: Int {
    switch last {
    case 0: followers.0
    case 1: followers.1
    case 2: followers.2
    default: followers.3
    }
  }

  /// A text had skeleton `index`.
  @inline(__always)
  mutating func hit(_ index: Int) {
    switch last {
    case 0: followers.0 = index
    case 1: followers.1 = index
    case 2: followers.2 = index
    default: followers.3 = index
    }
    last = index
    if credit < Self.maxCredit { credit &+= 1 }
  }

  /// Which skeleton to replace by the text just scanned, if there is credit for it.
  mutating func next() -> Int? {
    guard credit > 0 else { return nil }
    if credit > 2 * Self.price { patience = Self.shortest }
    credit -= Self.price
    if known < Self.limit {
      known += 1
      return known - 1
    }
    victim = (victim + 1) % Self.limit
    if victim == last { victim = (victim + 1) % Self.limit }
    return victim
  }
}

extension JSONScanner {
  /// The skeleton that the text before `end` has: the expected one is tried first, then the others, and of each the
  /// coarse one first, if there is one.
  @inline(__always)
  mutating func skeleton(
    of text: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>
  ) -> UnsafeMutablePointer<Skeleton>? {
    guard choice.isWorthTrying() else { return nil }
    let expected = choice.expected
    guard expected < choice.known else { return otherSkeleton(of: text, before: end, expected) }
    let isCoarse = coarse[expected].count > 0
    let likely = (isCoarse ? coarse : skeletons) + expected
    guard has(likely, text, end) else { return otherSkeleton(of: text, before: end, expected) }
    choice.hit(expected)
    if !isCoarse { lookForSteadyValues(expected) }
    return likely
  }

  @inline(never)
  private mutating func otherSkeleton(
    of text: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>, _ expected: Int
  ) -> UnsafeMutablePointer<Skeleton>? {
    if expected < choice.known, coarse[expected].count > 0, hasFine(expected, text, end) {
      return skeletons + expected
    }
    for index in 0..<choice.known where index != expected {
      if coarse[index].count > 0, has(coarse + index, text, end) {
        choice.hit(index)
        return coarse + index
      }
      if hasFine(index, text, end) { return skeletons + index }
    }
    return nil
  }

  private mutating func hasFine(
    _ index: Int, _ text: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Bool {
    guard has(skeletons + index, text, end) else { return false }
    choice.hit(index)
    lookForSteadyValues(index)
    return true
  }

  /// The text has the fine skeleton, and not the coarse one.
  @inline(__always)
  private func lookForSteadyValues(_ index: Int) {
    guard steady[index].isOpen else { return }
    steady[index].compare(skeletons[index], &coarse[index])
  }

  /// Whether the text has this skeleton, with a well-formed value in each gap.
  @inline(__always)
  private mutating func has(
    _ skeleton: UnsafeMutablePointer<Skeleton>, _ text: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Bool {
    var segment = skeleton.pointee.segments
    let last = segment + (skeleton.pointee.count - 1)
    nonFinite = 0
    var at = text
    while true {
      segment.pointee.place = at
      guard Self.matches(segment, at, before: end) else { return false }
      at += Int(segment.pointee.length)
      if segment == last { return at.pointee == 0x0A }
      segment += 1
      guard let next = likelyScalar(at) else { return false }
      at = next
    }
  }

  /// Whether the bytes at `at` are those of a segment. `end` is the text's line feed: two blocks are read whatever the
  /// length, of the rest nothing behind it.
  @inline(__always)
  private static func matches(
    _ segment: UnsafePointer<Skeleton.Segment>, _ at: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>
  ) -> Bool {
    let text = segment.pointee.text, width = JSONBlock.width
    let same = JSONBlock.same(at, text) | JSONBlock.same(at + width, text + width) << 16
    if segment.pointee.bits & ~same != 0 { return false }
    let length = Int(segment.pointee.length)
    return length <= 2 * width || length <= end - at && memcmp(at, text, length) == 0
  }

  /// As `scalar`, where nobody asks what is wrong with a text that has none: a full scan follows, and tells.
  @inline(__always)
  private mutating func likelyScalar(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let first = at.pointee
    if first == 0x22 { return string(at + 1) }
    return first > 0x39 ? literal(at) : number(at)
  }

  /// The text just scanned in full becomes a skeleton.
  @inline(never)
  mutating func learn(_ length: Int) {
    guard !hasDuplicates, nonFinite == 0, let index = choice.next() else { return }
    skeletons[index].learn(base, length: length, whole: start..<end, places: places.pointee)
    coarse[index].forget()
    steady[index].begin()
    choice.hit(index)
  }

  /// The offset of a place in the text.
  @inlinable @inline(__always)
  func offset(_ anchor: Skeleton.Anchor) -> Int32 {
    Int32(truncatingIfNeeded: places.pointee.segments[Int(anchor.segment)].place - base) &+ anchor.offset
  }
}
