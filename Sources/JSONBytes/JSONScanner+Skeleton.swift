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
    if !isCoarse { lookForSteadyValues(expected, text) }
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
    lookForSteadyValues(index, text)
    return true
  }

  /// The text has the fine skeleton, and not the coarse one.
  @inline(__always)
  private func lookForSteadyValues(_ index: Int, _ text: UnsafePointer<UInt8>) {
    guard steady[index].isOpen else { return }
    steady[index].compare(text, positions, skeletons[index], &coarse[index])
  }

  /// Whether the text has this skeleton, with a well-formed value in each gap.
  @inline(__always)
  private mutating func has(
    _ skeleton: UnsafeMutablePointer<Skeleton>, _ text: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Bool {
    let count = skeleton.pointee.count
    let segments = skeleton.pointee.segments
    let positions = self.positions
    nonFinite = 0
    var at = text
    var index = 0
    while true {
      positions[index] = Int32(truncatingIfNeeded: at - text)
      guard skeleton.pointee.matches(segments + index, at, before: end) else { return false }
      at += Int(segments[index].length)
      index &+= 1
      if index == count { return at.pointee == 0x0A }
      guard let next = scalar(at) else { return false }
      at = next
    }
  }

  @inline(__always)
  mutating func scalar(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let first = at.pointee
    if first == 0x22 { return string(at + 1) }
    if first &- 0x30 < 10 || first == 0x2D { return number(at) }
    return literal(at)
  }

  /// The text just scanned in full becomes a skeleton.
  @inline(never)
  mutating func learn(_ length: Int) {
    guard !hasDuplicates, nonFinite == 0, let index = choice.next() else { return }
    skeletons[index].learn(base, length: length, whole: start..<end, counts: counts, places: places)
    coarse[index].forget()
    steady[index].begin()
    choice.hit(index)
  }

  /// The offset of a place in the text that was read by a skeleton.
  @inline(__always)
  func offset(_ anchor: Skeleton.Anchor) -> Int32 { positions[Int(anchor.segment)] &+ anchor.offset }

  /// Notes the shape's members where the skeleton has them.
  @inline(__always)
  func notePlaces(_ skeleton: UnsafeMutablePointer<Skeleton>) {
    memcpy(counts, skeleton.pointee.counts, Shape.maxSlots)
    let members = skeleton.pointee.members
    for index in 0..<skeleton.pointee.memberCount {
      let member = members + index
      let start = offset(member.pointee.start)
      places[Int(member.pointee.slot)] = Place(
        name: start &- member.pointee.nameLength, start: start, end: offset(member.pointee.end),
        members: member.pointee.members)
    }
  }
}
