/// Minutes of a day as ranges that neither touch nor overlap, in order: what a gap or a loss leaves behind.
public struct MinuteSet: Equatable, Sendable {
  /// The ranges, minutes since midnight in Korean time.
  public private(set) var ranges: [Range<Int>] = []

  /// No minute.
  public init() {}

  /// Adds minutes; those that are there already stay once.
  public mutating func insert(_ minutes: Range<Int>) {
    guard !minutes.isEmpty else { return }
    var whole = minutes
    ranges.removeAll { old in
      guard old.lowerBound <= whole.upperBound, whole.lowerBound <= old.upperBound else { return false }
      whole = min(old.lowerBound, whole.lowerBound)..<max(old.upperBound, whole.upperBound)
      return true
    }
    ranges.insert(whole, at: ranges.firstIndex { $0.lowerBound > whole.lowerBound } ?? ranges.count)
  }

  /// Minutes in all.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }
}
