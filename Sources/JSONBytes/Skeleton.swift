import Glibc

/// The skeleton of one checked text: everything but its scalar values, with the places of the shape's members.
///
/// A feed writes the same object over and over, only the values differ. A text whose bytes between the values are
/// those of a skeleton, and whose values are well-formed scalars, is well formed too and has the same members in
/// the same places, so nothing else needs to be looked at: a few words compared per member instead of a name
/// scanned, looked up and punctuated. Any difference, however harmless, is left to the full scan.
@usableFromInline struct Skeleton: ~Copyable {
  /// Text between two values. Most segments have no more than 32 bytes, which are compared in one step.
  @usableFromInline struct Segment {
    /// The segment in the learned text.
    var text: UnsafePointer<UInt8>
    /// A bit for each of its first 32 bytes.
    var bits: UInt32
    /// Its bytes.
    var length: Int32
    /// Where it stands in the text that was tried last.
    @usableFromInline var place: UnsafePointer<UInt8>

    init(_ text: UnsafePointer<UInt8>, _ length: Int) {
      self.text = text
      self.length = Int32(length)
      bits = length < 32 ? 1 << UInt32(length) - 1 : .max
      place = text
    }

    /// Just after it.
    var end: UnsafePointer<UInt8> { text + Int(length) }
  }

  /// A position that moves with the values before it: an offset into a segment.
  @usableFromInline struct Anchor {
    @usableFromInline var segment: Int32 = 0
    @usableFromInline var offset: Int32 = 0
  }

  /// Where a member of the shape stands.
  @usableFromInline struct Member {
    @usableFromInline var start = Anchor()
    @usableFromInline var end = Anchor()
    /// From the name's quote to the value: both are in one segment, or the value begins where it ends.
    @usableFromInline var nameLength: Int32 = 0
    /// Members of the value, if it is an object.
    @usableFromInline var members: Int32 = 0
  }

  /// Texts with more values are not worth a skeleton.
  static let maxSegments = 512
  /// Longest text that is learned, in bytes.
  static let maxText = 1 << 16

  /// Segments in use; one more than values. 0: nothing learned.
  private(set) var count = 0
  @usableFromInline let segments: UnsafeMutablePointer<Segment>
  /// By slot.
  @usableFromInline let members: UnsafeMutablePointer<Member>
  /// By slot: how often it stands in its object.
  @usableFromInline let counts: UnsafeMutablePointer<UInt8>
  /// The top-level value.
  private(set) var whole = Member()
  private var text: UnsafeMutablePointer<UInt8>

  init() {
    text = .allocate(capacity: JSONScanner.padding)
    segments = .allocate(capacity: Self.maxSegments)
    segments.initialize(to: Segment(text, 0))
    members = .allocate(capacity: Shape.maxSlots)
    members.initialize(repeating: Member(), count: Shape.maxSlots)
    counts = .allocate(capacity: Shape.maxSlots)
    counts.initialize(repeating: 0, count: Shape.maxSlots)
  }

  deinit {
    segments.deallocate()
    members.deallocate()
    counts.deallocate()
    text.deallocate()
  }

  /// A full scan of a text begins: it is one segment, with no members yet.
  func begin(_ text: UnsafePointer<UInt8>) {
    segments[0].place = text
    memset(counts, 0, Shape.maxSlots)
  }

  /// Learns a text that the full scan took, with no member twice.
  mutating func learn(
    _ source: UnsafePointer<UInt8>, length: Int, whole extent: Range<Int>, places found: borrowing Skeleton
  ) {
    guard length <= Self.maxText else { return learnNothing() }
    keep(source, length)
    guard cut(length) else { return learnNothing() }
    memcpy(counts, found.counts, Shape.maxSlots)
    for slot in 0..<Shape.maxSlots where counts[slot] != 0 {
      members[slot] = found.members[slot]
      members[slot].start = anchor(members[slot].start.offset)
      members[slot].end = anchor(members[slot].end.offset)
    }
    whole.start = anchor(Int32(extent.lowerBound))
    whole.end = anchor(Int32(extent.upperBound))
  }

  /// One segment that no text has: none starts with a line feed.
  private mutating func learnNothing() {
    text[0] = 0x0A
    segments[0] = Segment(text, 1)
    count = 1
  }

  private mutating func keep(_ source: UnsafePointer<UInt8>, _ length: Int) {
    text.deallocate()
    text = .allocate(capacity: length + JSONScanner.padding)
    memcpy(text, source, length)
  }

  /// Nothing is learned any more.
  mutating func forget() { count = 0 }

  /// Learns what another one learned, but leaves the values that never `changed` in the text around them.
  mutating func join(_ other: borrowing Skeleton, apartFrom changed: UnsafePointer<Bool>) {
    keep(other.text, other.segments[other.count - 1].end - UnsafePointer(other.text))
    count = 0
    var start = 0
    for index in 0..<other.count where index == other.count - 1 || changed[index] {
      let end = other.segments[index].end - UnsafePointer(other.text)
      segments[count] = Segment(text + start, end - start)
      count += 1
      if index + 1 < other.count { start = other.segments[index + 1].text - UnsafePointer(other.text) }
    }
    memcpy(counts, other.counts, Shape.maxSlots)
    for slot in 0..<Shape.maxSlots where counts[slot] != 0 {
      members[slot] = moved(other.members[slot], from: other)
    }
    whole = moved(other.whole, from: other)
  }

  private func moved(_ member: Member, from other: borrowing Skeleton) -> Member {
    var member = member
    member.start = anchor(other.offset(member.start))
    member.end = anchor(other.offset(member.end))
    return member
  }

  /// A place in the learned text.
  private func offset(_ anchor: Anchor) -> Int32 {
    Int32(segments[Int(anchor.segment)].text - UnsafePointer(text)) + anchor.offset
  }

  /// Whether value `value` of the text that was tried last is the learned text's.
  func hasLearned(_ value: Int) -> Bool {
    let (before, after) = (segments[value], segments[value + 1])
    let length = after.text - before.end
    let place = before.place + Int(before.length)
    return after.place - place == length && memcmp(place, before.end, length) == 0
  }

  /// Cuts the text at its scalar values; false if there are too many.
  private mutating func cut(_ length: Int) -> Bool {
    count = 0
    var at = 0
    var start = 0
    while at < length {
      let end = Self.scalarEnd(text, at)
      if end == at {
        at += 1
      } else if text[at] == 0x22 && Self.isName(text, end) {
        at = end
      } else {
        guard count < Self.maxSegments - 1 else { return false }
        segments[count] = Segment(text + start, at - start)
        count += 1
        start = end
        at = end
      }
    }
    segments[count] = Segment(text + start, length - start)
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

  /// A position of the learned text as a place in a segment. A value's start is the end of the segment before it.
  private func anchor(_ offset: Int32) -> Anchor {
    let place = UnsafePointer(text) + Int(offset)
    var segment = 0
    while segment + 1 < count && segments[segment + 1].text <= place { segment += 1 }
    return Anchor(segment: Int32(segment), offset: Int32(place - segments[segment].text))
  }
}
