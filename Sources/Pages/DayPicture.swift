import Plumbing

/// One symbol's day as a picture, a column a minute: its price as a line, its volume as columns, and a strip of minutes
/// below with records, auctions, closed hours, gaps and losses.
///
/// The picture stretches to the width it is given; letters are not part of it. Classes are those of `PageStyle`.
public struct DayPicture: Sendable {
  /// The hours shown.
  public var axis: DayAxis
  /// Records by column; columns beyond its end count as 0.
  public var records: [Int] = []
  /// Shares by column.
  public var volumes: [Int64] = []
  /// The last price of a column, rising columns; columns without a trade are left out.
  public var prices: [(column: Int, price: Double)] = []
  /// The column at which a day begins whose session goes over midnight: left of it are its last hours. The line of prices
  /// stops there.
  public var seam: Int?
  /// Minutes that are not plain trading, or not whole.
  public var bands: [DayBand] = []

  /// The column of the present minute, for a day that is not over.
  public var now: Int?

  /// Height of the price part and of the strip, in the picture's own units.
  static let (price, strip) = (30, 24)

  /// An empty day.
  public init(_ axis: DayAxis = .trading) { self.axis = axis }

  /// The picture with its meaning in words, for the readers of a screen.
  public func svg(label: String) -> String {
    let height = Self.price + Self.strip
    return
      "<svg class=\"day\" viewBox=\"0 0 \(axis.columns) \(height)\" preserveAspectRatio=\"none\" role=\"img\""
      + " aria-label=\"\(label.htmlEscaped)\">\(hours)\(present)\(volume)\(line)"
      + "<g transform=\"translate(0,\(Self.price))\">\(stripes)</g></svg>"
  }

  private var hours: String {
    "<g class=\"hour\">"
      + axis.hours.map {
        "<line x1=\"\($0.column)\" x2=\"\($0.column)\" y1=\"0\" y2=\"\(Self.price + Self.strip)\"/>"
      }
      .joined() + "</g>"
  }

  private var present: String {
    now.map { "<path class=\"present\" d=\"M\($0 + 1) 0V\(Self.price + Self.strip)\"/>" } ?? ""
  }

  /// Every price, from the lowest at the bottom to the highest at the top; one price alone lies in the middle.
  private var line: String {
    guard let low = prices.map(\.price).min(), let high = prices.map(\.price).max() else { return "" }
    let room = Double(Self.price - 6)
    let pieces = [prices.filter { $0.column < seam ?? 0 }, prices.filter { $0.column >= seam ?? 0 }]
    return pieces.filter { !$0.isEmpty }.map { prices in
      let points = prices.map { point in
        let share = high > low ? (point.price - low) / (high - low) : 0.5
        return "\(point.column),\(Self.tenths(3 + room * (1 - share)))"
      }
      return "<polyline points=\"\(points.joined(separator: " "))\"/>"
    }.joined()
  }

  /// Columns of volume behind the price, at most two thirds of its height.
  private var volume: String {
    guard let most = volumes.max(), most > 0 else { return "" }
    let tallest = Double(Self.price) * 2 / 3
    let columns = volumes.prefix(axis.columns).enumerated().filter { $0.element > 0 }.map {
      column, shares in
      let top = Double(Self.price) - max(0.5, tallest * Double(shares) / Double(most))
      return "M\(column) \(Self.price)V\(Self.tenths(top))h1V\(Self.price)z"
    }
    return "<path class=\"vol\" d=\"\(columns.joined())\"/>"
  }

  private var stripes: String {
    var drawn = ""
    for kind in [DayBand.Kind.closed, .auction] { drawn += bands(kind) }
    drawn += levels
    for kind in [DayBand.Kind.gap, .loss] { drawn += bands(kind) }
    return drawn
  }

  private func bands(_ kind: DayBand.Kind) -> String {
    let (y, height) =
      switch kind {
      case .closed: (10, 4)
      case .auction: (6, 12)
      case .gap, .loss: (1, 22)
      }
    // A minute alone would be narrower than a pixel.
    let least = kind == .gap || kind == .loss ? 3 : 1
    return bands.filter { $0.kind == kind }.map { band in
      "<rect class=\"\(kind.rawValue)\" x=\"\(band.columns.lowerBound)\" y=\"\(y)\""
        + " width=\"\(max(least, band.columns.count))\" height=\"\(height)\"/>"
    }.joined()
  }

  /// One path a level, and neighbouring columns of a level are one piece of it: a busy day stays a short text.
  private var levels: String {
    guard let most = records.max(), most > 0 else { return "" }
    var paths = [String](repeating: "", count: 4)
    var start = 0
    let levels = records.prefix(axis.columns).map { Self.level($0, of: most) }
    for column in 1...max(1, levels.count) where column == levels.count || levels[column] != levels[start] {
      if let level = levels[start] {
        let width = column - start
        paths[level] += "M\(start) \(11 - 3 * level)h\(width)v\(2 + 6 * level)h-\(width)z"
      }
      start = column
    }
    return paths.enumerated().filter { !$0.element.isEmpty }
      .map { "<path class=\"r\($0.offset)\" d=\"\($0.element)\"/>" }.joined()
  }

  /// 0 to 3 by the share of the busiest minute, nil without records: below 4 %, 16 %, 50 %, and above.
  static func level(_ count: Int, of most: Int) -> Int? {
    guard count > 0 else { return nil }
    let share = Double(count) / Double(most)
    return share < 0.04 ? 0 : share < 0.16 ? 1 : share < 0.5 ? 2 : 3
  }

  /// `12.3`.
  static func tenths(_ value: Double) -> String {
    let tenths = Int(clamping: (value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
