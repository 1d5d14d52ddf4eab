import Glibc

/// Which values of a skeleton's texts have been the same in all of them so far.
///
/// A stream says the same of each line again and again: who sent it, its schema, what it has none of. A second, coarser
/// skeleton keeps such values with the text around them, so that one comparison takes the place of many. A value that has
/// changed once is never again taken for a constant, so a stream settles after a few texts, whatever its values do.
struct Constants: ~Copyable {
  /// Texts that are compared before values are believed to stay.
  private static let trial = 16

  /// Whether value n has changed.
  private let changed: UnsafeMutablePointer<Bool>
  private var texts = 0
  /// Too few values stay for the coarse skeleton to be worth a try.
  private var isHopeless = false

  init() {
    changed = .allocate(capacity: Skeleton.maxSegments)
    changed.initialize(repeating: false, count: Skeleton.maxSegments)
  }

  deinit { changed.deallocate() }

  /// Another text was learned.
  mutating func begin() {
    changed.update(repeating: false, count: Skeleton.maxSegments)
    (texts, isHopeless) = (0, false)
  }

  /// A text has the skeleton `fine`, its segments at `positions`, and not the coarse one, which is made or mended.
  @inline(never)
  mutating func compare(
    _ text: UnsafePointer<UInt8>, _ positions: UnsafePointer<Int32>, _ fine: borrowing Skeleton,
    _ coarse: inout Skeleton
  ) {
    guard !isHopeless else { return }
    for value in 0..<fine.count - 1 where !changed[value] && !fine.hasLearned(value, text, positions) {
      changed[value] = true
    }
    texts += 1
    guard texts >= Self.trial else { return }
    coarse.join(fine, apartFrom: changed)
    guard coarse.count * 8 > fine.count * 7 else { return }
    isHopeless = true
    coarse.forget()
  }
}
