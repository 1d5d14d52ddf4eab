import Pages
import Plumbing

/// Records per minute as a picture, with its meaning in words. Lengths across are percentages, so that the picture
/// is as wide as the page and its letters stay legible.
struct HealthChart {
  private let series: [(minute: Int, count: Int)]
  private let words: PageWords
  /// Heights in pixels: where bars begin and end.
  private static let (top, bottom) = (22, 150)

  init(_ series: [(minute: Int, count: Int)], _ words: PageWords) {
    self.series = series
    self.words = words
  }

  /// The picture ends with the present minute and shows an hour, or as much more as is known.
  var svg: String {
    guard let first = series.first, let last = series.last else { return "<p>\(words.chartEmpty)</p>" }
    let window = [60, 120, HealthHistory.minutes].first { $0 >= series.count } ?? series.count
    let most = max(1, series.map(\.count).max() ?? 1)
    let width = 100.0 / Double(window)
    var drawn = ""
    for entry in series {
      let tall =
        entry.count == 0
        ? 1 : max(2, Int(clamping: Double(Self.bottom - Self.top) * Double(entry.count) / Double(most)))
      let kind = entry.count == 0 ? "none" : entry.minute == last.minute ? "bar now" : "bar"
      let place = Double(window - 1) - Double(last.minute - entry.minute)
      drawn +=
        "<rect class=\"\(kind)\" x=\"\(Self.short((place + 0.1) * width))%\" y=\"\(Self.bottom - tall)\""
        + " width=\"\(Self.short(width * 0.8))%\" height=\"\(tall)\">"
        + "<title>\(Self.time(entry.minute)): \(entry.count.grouped)</title></rect>"
    }
    let whole = series.count > 1 ? series[series.count - 2].count : last.count
    let label =
      "\(words.chart): \(words.chartFrom) \(Self.time(first.minute)), \(words.chartTo) \(Self.time(last.minute)),"
      + " \(words.chartMost) \(most.grouped), \(words.chartLast) \(whole.grouped)"
    return """
      <svg role="img" aria-label="\(label)" width="100%" height="176">\
      \(line(Self.top))\(line((Self.top + Self.bottom) / 2))\(drawn)\(line(Self.bottom))\
      \(text(0, Self.top - 6, "start", most.grouped))\(ticks(window, last.minute))</svg>
      """
  }

  private func line(_ height: Int) -> String {
    "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"\(height)\" y2=\"\(height)\"/>"
  }

  private func ticks(_ window: Int, _ last: Int) -> String {
    (0...4).map { quarter in
      let anchor = quarter == 0 ? "start" : quarter == 4 ? "end" : "middle"
      let minute = last - window * (4 - quarter) / 4 + (quarter == 4 ? 0 : 1)
      return text(quarter * 25, Self.bottom + 18, anchor, Self.time(minute))
    }.joined()
  }

  private func text(_ percent: Int, _ height: Int, _ anchor: String, _ words: String) -> String {
    "<text x=\"\(percent)%\" y=\"\(height)\" text-anchor=\"\(anchor)\">\(words)</text>"
  }

  private static func short(_ value: Double) -> String {
    let thousandths = Int(clamping: value * 1000)
    let rest = String(thousandths % 1000 + 1000).dropFirst()
    return "\(thousandths / 1000).\(rest)"
  }

  private static func time(_ minute: Int) -> String {
    String(KST(.minutes(minute)).logStamp.dropFirst(11).prefix(5))
  }
}
