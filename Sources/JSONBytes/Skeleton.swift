import Glibc

/// The skeleton of one checked text: everything but its scalar values, with the places of the shape's members.
///
/// A feed writes the same object over and over, only the values differ. A text whose bytes between the values are
/// those of a skeleton, and whose values are well-formed scalars, is well formed too and has the same members in
/// the same places, so nothing else needs to be looked at: a few words compared per member instead of a name
/// scanned, looked up and punctuated. Any difference, however harmless, is left to the full scan.
struct Skeleton: ~Copyable {
  /// Text between two values. The first sixteen bytes are kept ready to compare; most segments have no more.
  struct Segment {
    var low: UInt64 = 0
    var lowMask: UInt64 = 0
    var high: UInt64 = 0
    var highMask: UInt64 = 0
    /// Bytes of the segment.
    var length: Int32 = 0
    /// Where the segment starts in the learned text.
    var source: Int32 = 0
  }

  /// A position that moves with the values before it: an offset into a segment.
  struct Anchor {
    var segment: Int32 = 0
    var offset: Int32 = 0
  }

  /// Where a member of the shape stands.
  struct Member {
    var start = Anchor()
    var end = Anchor()
    /// From the name's quote to the value: both are in one segment, or the value begins where it ends.
    var nameLength: Int32 = 0
    var members: Int32 = 0
    var slot: Int32 = 0
  }

  /// Texts with more values are not worth a skeleton.
  static let maxSegments = 512
  /// Longest text that is learned, in bytes.
  static let maxText = 1 << 16

  /// Segments in use; one more than values. 0: nothing learned.
  private(set) var count = 0
  private(set) var memberCount = 0
  let segments: UnsafeMutablePointer<Segment>
  let members: UnsafeMutablePointer<Member>
  let counts: UnsafeMutablePointer<UInt8>
  /// The top-level value.
  private(set) var whole = Member()
  private var text: UnsafeMutablePointer<UInt8>

  init() {
    segments = .allocate(capacity: Self.maxSegments)
    members = .allocate(capacity: Shape.maxSlots)
    members.initialize(repeating: Member(), count: Shape.maxSlots)
    counts = .allocate(capacity: Shape.maxSlots)
    counts.initialize(repeating: 0, count: Shape.maxSlots)
    text = .allocate(capacity: 1)
  }

  deinit {
    segments.deallocate()
    members.deallocate()
    counts.deallocate()
    text.deallocate()
  }

  /// Whether the bytes at `at` are those of a segment. `end` is the text's line feed: sixteen bytes are read whatever the
  /// length, of the rest nothing behind it.
  @inline(__always)
  func matches(
    _ expected: UnsafePointer<Segment>, _ at: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>
  ) -> Bool {
    let low = (JSONWord.load(at) & expected.pointee.lowMask) ^ expected.pointee.low
    let high = (JSONWord.load(at + 8) & expected.pointee.highMask) ^ expected.pointee.high
    if low | high != 0 { return false }
    let length = Int(expected.pointee.length)
    if length <= 16 { return true }
    let source = UnsafePointer(text) + Int(expected.pointee.source)
    guard length <= end - at else { return false }
    if length <= 32 {  // its last sixteen bytes, whether or not the first ones are among them
      let low = JSONWord.load(at + length - 16) ^ JSONWord.load(source + length - 16)
      let high = JSONWord.load(at + length - 8) ^ JSONWord.load(source + length - 8)
      return low | high == 0
    }
    return memcmp(at + 16, source + 16, length - 16) == 0
  }

  /// Learns a text that the full scan took, with no member twice.
  mutating func learn(
    _ source: UnsafePointer<UInt8>, length: Int, whole extent: Range<Int>,
    counts known: UnsafePointer<UInt8>, places: UnsafePointer<JSONScanner.Place>
  ) {
    count = 0
    guard length <= Self.maxText, cut(source, length) else {
      count = 1
      segments[0] = Segment(low: 0x0A, lowMask: 0xFF, length: 1)  // no text starts with a line feed
      return
    }
    keep(source, length)
    memcpy(counts, known, Shape.maxSlots)
    memberCount = 0
    for slot in 0..<Shape.maxSlots where known[slot] != 0 {
      let place = places[slot]
      members[memberCount] = Member(
        start: anchor(place.start), end: anchor(place.end), nameLength: place.start - place.name,
        members: place.members, slot: Int32(slot))
      memberCount += 1
    }
    whole.start = anchor(Int32(extent.lowerBound))
    whole.end = anchor(Int32(extent.upperBound))
  }

  private mutating func keep(_ source: UnsafePointer<UInt8>, _ length: Int) {
    text.deallocate()
    text = .allocate(capacity: length + JSONScanner.padding)
    memcpy(text, source, length)
    for segment in 0..<count { prepare(segment) }
  }

  /// Nothing is learned any more.
  mutating func forget() { count = 0 }

  /// Learns what another one learned, but leaves the values that never `changed` in the text around them.
  mutating func join(_ other: borrowing Skeleton, apartFrom changed: UnsafePointer<Bool>) {
    count = 0
    for index in 0..<other.count {
      let next = other.segments[index]
      if index > 0 && !changed[index - 1] {
        segments[count - 1].length = next.source + next.length - segments[count - 1].source
      } else {
        segments[count] = Segment(length: next.length, source: next.source)
        count += 1
      }
    }
    keep(other.text, Int(other.segments[other.count - 1].source + other.segments[other.count - 1].length))
    memcpy(counts, other.counts, Shape.maxSlots)
    memberCount = other.memberCount
    for index in 0..<memberCount { members[index] = moved(other.members[index], from: other) }
    whole = moved(other.whole, from: other)
  }

  private func moved(_ member: Member, from other: borrowing Skeleton) -> Member {
    var member = member
    member.start = anchor(other.offset(member.start))
    member.end = anchor(other.offset(member.end))
    return member
  }

  /// A place in the learned text.
  private func offset(_ anchor: Anchor) -> Int32 { segments[Int(anchor.segment)].source + anchor.offset }

  /// Whether value `value` of a text whose segments stand at `positions` is the learned text's.
  func hasLearned(
    _ value: Int, _ other: UnsafePointer<UInt8>, _ positions: UnsafePointer<Int32>
  ) -> Bool {
    let segment = segments[value]
    let start = segment.source + segment.length
    let length = segments[value + 1].source - start
    let place = positions[value] + segment.length
    return positions[value + 1] - place == length
      && memcmp(other + Int(place), text + Int(start), Int(length)) == 0
  }

  /// Cuts the text at its scalar values; false if there are too many.
  private mutating func cut(_ source: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    var at = 0
    var start = 0
    while at < length {
      let end = Self.scalarEnd(source, at)
      if end == at {
        at += 1
      } else if source[at] == 0x22 && Self.isName(source, end) {
        at = end
      } else {
        guard count < Self.maxSegments - 1 else { return false }
        segments[count] = Segment(length: Int32(at - start), source: Int32(start))
        count += 1
        start = end
        at = end
      }
    }
    segments[count] = Segment(length: Int32(length - start), source: Int32(start))
    count += 1
    return true
  }

  /// Just after the string, number or word at `at`; `at` itself where there is none.
  private static func scalarEnd(_ source: UnsafePointer<UInt8>, _ at: Int) -> Int {
    var end = at
    if source[at] == 0x22 {
      end += 1
      while source[end] != 0x22 { end += source[end] == 0x5C ? 2 : 1 }
      return end + 1
    }
    while true {
      switch source[end] {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: end += 1
      default: return end
      }
    }
  }

  /// In a checked text only a name is followed by a colon.
  private static func isName(_ source: UnsafePointer<UInt8>, _ end: Int) -> Bool {
    var at = end
    while source[at] == 0x20 || source[at] == 0x09 || source[at] == 0x0D { at += 1 }
    return source[at] == 0x3A
  }

  private func prepare(_ segment: Int) {
    let length = Int(segments[segment].length)
    let at = UnsafePointer(text) + Int(segments[segment].source)
    segments[segment].lowMask = Shape.lowMask(length)
    segments[segment].highMask = Shape.highMask(min(length, 16))
    segments[segment].low = JSONWord.load(at) & segments[segment].lowMask
    segments[segment].high = JSONWord.load(at + 8) & segments[segment].highMask
  }

  /// A position of the learned text as a place in a segment. A value's start is the end of the segment before it.
  private func anchor(_ offset: Int32) -> Anchor {
    var segment = 0
    while segment + 1 < count && segments[segment + 1].source <= offset { segment += 1 }
    return Anchor(segment: Int32(segment), offset: offset - segments[segment].source)
  }
}
