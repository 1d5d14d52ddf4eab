import Board
import Pages
import Plumbing

/// Records a minute over the whole day, all symbols and feeds together, with the times without observation as bands.
struct DayChart {
  private let facts: BoardFacts
  private let wall: Milliseconds
  private let words: PageWords
  private static let height = 100

  init(_ facts: BoardFacts, at wall: Milliseconds, _ words: PageWords) {
    self.facts = facts
    self.wall = wall
    self.words = words
  }

  /// The picture, with its meaning in words.
  var html: String {
    let (axis, records) = (facts.axis, facts.board.records)
    let counts = (0..<axis.columns).map { column in
      let minute = axis.first + column
      return minute < records.count ? Int(records[minute]) : 0
    }
    let most = max(1, counts.max() ?? 1)
    let bars = counts.enumerated().filter { $0.element > 0 }.map { column, count in
      let tall = max(1, Self.height * count / most)
      return "M\(column) \(Self.height)v-\(tall)h1v\(tall)z"
    }
    let outages = self.outages
    let label =
      "\(words.chart): \(words.chartMost) \(most.grouped), \(words.outages) \(outages.reduce(0) { $0 + $1.count })"
    return """
      <p class="most" aria-hidden="true">\(words.chartMost) \(most.grouped)</p>\
      <svg class="chart" viewBox="0 0 \(axis.columns) \(Self.height)" preserveAspectRatio="none" role="img" aria-label="\(label)">\
      <path class="r3" d="\(bars.joined())"/>\
      \(outages.map { "<rect class=\"g\" x=\"\($0.lowerBound)\" y=\"0\" width=\"\($0.count)\" height=\"\(Self.height)\"/>" }.joined())</svg>\
      \(PageStyle.hours(axis))
      """
  }

  /// Columns without observation: those that kis-fetch wrote down, and the time since it last wrote anything today.
  private var outages: [Range<Int>] {
    var minutes = facts.board.outages
    let midnight = KST.midnight(before: wall)
    let written = Milliseconds(facts.board.written)
    if written >= midnight, wall - written > BoardFacts.patience {
      minutes.insert((written - midnight) / .minutes(1)..<(wall - midnight) / .minutes(1) + 1)
    }
    let closed = facts.closed
    return minutes.ranges.compactMap { facts.axis.columns(from: $0.lowerBound, to: $0.upperBound) }
      .flatMap { outage in closed.reduce([outage]) { parts, hole in parts.flatMap { $0.without(hole) } } }
  }
}

extension Range<Int> {
  /// What is left of the range without the other one.
  func without(_ hole: Range<Int>) -> [Range<Int>] {
    guard overlaps(hole) else { return [self] }
    return [
      lowerBound..<Swift.max(lowerBound, hole.lowerBound),
      Swift.min(upperBound, hole.upperBound)..<upperBound,
    ]
    .filter { !$0.isEmpty }
  }
}
