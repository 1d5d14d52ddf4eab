import Pages

/// How long trades took from the exchange to the archive: columns of a histogram, each twice as long as the one before.
struct CapturePicture {
  /// Upper ends of the columns, milliseconds; the last one has none.
  private static let limits: [Int64] = [31, 63, 127, 255, 511, 1023, 2047, 4095, 8191, 16383]
  private let counts: [UInt64]

  init(_ times: CaptureTimes) {
    var counts = [UInt64](repeating: 0, count: Self.limits.count + 1)
    for (time, count) in times.buckets {
      counts[Self.limits.firstIndex { time <= $0 } ?? Self.limits.count] += UInt64(count)
    }
    self.counts = counts
  }

  func svg(label: String) -> String {
    let most = max(1, counts.max() ?? 1)
    let columns = counts.enumerated().map { place, count in
      let height = count == 0 ? 0 : max(1, Int(44 * count / most))
      return "<rect x=\"\(place * 20)\" y=\"\(46 - height)\" width=\"18\" height=\"\(height)\"/>"
    }
    return "<svg class=\"cap\" viewBox=\"0 0 220 60\" role=\"img\" aria-label=\"\(label.htmlEscaped)\">"
      + columns.joined() + "<line x1=\"0\" x2=\"218\" y1=\"46.5\" y2=\"46.5\"/>"
      + "<text x=\"0\" y=\"57\">0</text><text x=\"100\" y=\"57\">0.5 s</text>"
      + "<text x=\"140\" y=\"57\">2 s</text><text x=\"200\" y=\"57\">16 s</text></svg>"
  }
}
