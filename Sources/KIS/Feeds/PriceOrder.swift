/// The order that prices of one record have: asks rise and bids fall from the best one, levels that are not there come
/// last, the best bid is not above the best ask, and the day's open is between its low and its high. Where prices stand
/// among numbers of their own kind, this is what tells that a column was put in or taken out. It is looked at in records of a
/// length that nobody has described.
struct PriceOrder {
  private struct Column {
    let place: Int
    let name: String
  }

  private var ladders: [(columns: [Column], rises: Bool)] = []
  private var pairs: [(lower: Column, upper: Column)] = []
  /// Columns from here on are not known.
  private let end: Int

  /// What a layout's columns before `end` say about one another.
  init(_ layout: FeedLayout, before end: Int) {
    self.end = end
    func column(_ name: String) -> Column { Column(place: layout.columns[name], name: name) }
    var prices: [Substring: Column] = [:]
    for member in layout.members {
      switch member {
      case .prices(let name, let columns):
        ladders.append((columns.map(column), rises: name == "ask_prices"))
      case .price(let name, let price): prices[Self.kind(name)] = column(price)
      default: break
      }
    }
    for (lower, upper) in [("bid_price", "ask_price"), ("low", "open"), ("open", "high"), ("low", "high")] {
      guard let lower = prices[Substring(lower)], let upper = prices[Substring(upper)] else { continue }
      pairs.append((lower, upper))
    }
  }

  /// `nav_open` is an open too.
  private static func kind(_ name: String) -> Substring {
    name.hasPrefix("nav_") ? name.dropFirst(4) : name[...]
  }

  /// The name of the first price that is not where it belongs.
  func broken(_ record: FrameRecord) -> String? {
    for ladder in ladders {
      if let column = brokenStep(record, ladder.columns, rises: ladder.rises) { return column.name }
    }
    for pair in pairs {
      if let lower = price(record, pair.lower), let upper = price(record, pair.upper), lower > upper {
        return pair.upper.name
      }
    }
    return nil
  }

  private func brokenStep(_ record: FrameRecord, _ columns: [Column], rises: Bool) -> Column? {
    var last: Double?
    for (level, column) in columns.enumerated() {
      let next = price(record, column)
      if level > 0, let next {
        guard let last, rises ? last < next : last > next else { return column }
      }
      last = next
    }
    return nil
  }

  /// Nil where there is none.
  private func price(_ record: FrameRecord, _ column: Column) -> Double? {
    guard column.place < end else { return nil }
    let number = record.number(column.place)
    guard number.isNumber, !number.isZero else { return nil }
    var (value, scale, isBehindPoint) = (0.0, 1.0, false)
    for byte in UnsafeBufferPointer(start: number.digits, count: number.count) {
      if byte == UInt8(ascii: ".") {
        isBehindPoint = true
      } else {
        value = value * 10 + Double(byte &- UInt8(ascii: "0"))
        if isBehindPoint { scale *= 10 }
      }
    }
    return (number.isNegative ? -value : value) / scale
  }
}
