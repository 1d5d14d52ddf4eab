/// The losses of one symbol that came last, as ranges of its running total: a trade that fits into one came late.
struct Holes: Sendable {
  private struct Hole: Sendable {
    var from: Int64 = 0
    var to: Int64 = 0
  }

  /// More than a few trades late is not late but lost.
  private var first = Hole()
  private var second = Hole()
  private var third = Hole()

  /// Notes that the total went from `from` to `to` unseen.
  mutating func add(from: Int64, to: Int64) {
    third = second
    second = first
    first = Hole(from: from, to: to)
  }

  /// Whether `from...to` lies in a hole.
  func hold(from: Int64, to: Int64) -> Bool {
    var copy = self
    return copy.fill(from: from, to: to)
  }

  /// As `hold`; the hole shrinks by it.
  mutating func fill(from: Int64, to: Int64) -> Bool {
    Self.fill(&first, from, to) || Self.fill(&second, from, to) || Self.fill(&third, from, to)
  }

  private static func fill(_ hole: inout Hole, _ from: Int64, _ to: Int64) -> Bool {
    guard from >= hole.from, to <= hole.to, from < to else { return false }
    // What is left of the hole is the larger of the two parts beside it.
    hole = from - hole.from > hole.to - to ? Hole(from: hole.from, to: from) : Hole(from: to, to: hole.to)
    return true
  }
}
