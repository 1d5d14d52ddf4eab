import Glibc

/// Which values of a skeleton's texts have been the same in all of them so far.
///
/// A stream says the same of each line again and again: who sent it, its schema, what it has none of. A second, coarser
/// skeleton keeps such values with the text around them, so that one comparison takes the place of many. A value that has
/// changed once is never again taken for a constant, so a stream settles after a few texts, whatever its values do.
struct SteadyValues: ~Copyable {
  /// Texts that have to agree before values are believed to stay.
  private static let trial = 16

  /// Whether value n has changed.
  private let changed: UnsafeMutablePointer<Bool>
  /// Texts since the last change.
  private var texts = 0
  /// Whether a coarse skeleton may still come of it, or too few values stay for one to be worth a try.
  private(set) var isOpen = true

  init() {
    changed = .allocate(capacity: Skeleton.maxSegments)
    changed.initialize(repeating: false, count: Skeleton.maxSegments)
  }

  deinit { changed.deallocate() }

  /// Another text was learned.
  mutating func begin() {
    changed.update(repeating: false, count: Skeleton.maxSegments)
    (texts, isOpen) = (0, true)
  }

  /// The text that was tried last has the skeleton `fine` and not the coarse one: that is made when enough texts have
  /// agreed, and forgotten when a value changes.
  @inline(never)
  mutating func compare(_ fine: borrowing Skeleton, _ coarse: inout Skeleton) {
    for value in 0..<fine.count - 1 where !changed[value] && !fine.hasLearned(value) {
      changed[value] = true
      texts = 0
      coarse.forget()
    }
    texts += 1
    guard texts == Self.trial else { return }
    coarse.join(fine, apartFrom: changed)
    isOpen = coarse.count * 8 <= fine.count * 7
    if !isOpen { coarse.forget() }
  }
}
