/// The order that prices of one record have: asks rise and bids fall from the best one, levels that are not there come
/// last, the best bid is not above the best ask, and the day's open is between its low and its high. Where prices stand
/// among numbers of their own kind, this is what tells that a column was put in or taken out. It is looked at in records of a
/// length that nobody has described.
struct PriceOrder {
  private let layout: FeedLayout
  /// Columns from here on are not known.
  private let end: Int

  init(_ layout: FeedLayout, before end: Int) {
    self.layout = layout
    self.end = end
  }

  /// The name of the first price that is not where it belongs.
  func broken(_ record: FrameRecord) -> String? {
    var prices: [Substring: (column: String, price: Double)] = [:]
    for member in layout.members {
      switch member {
      case .prices(let name, let columns):
        if let odd = brokenLadder(record, columns, rises: name == "ask_prices") { return odd }
      case .price(let name, let column):
        if let price = price(record, column) { prices[Self.kind(name)] = (column, price) }
      default: break
      }
    }
    for (lower, upper) in [("bid_price", "ask_price"), ("low", "open"), ("open", "high"), ("low", "high")] {
      if let lower = prices[Substring(lower)], let upper = prices[Substring(upper)], lower.price > upper.price
      {
        return upper.column
      }
    }
    return nil
  }

  /// `nav_open` is an open too.
  private static func kind(_ name: String) -> Substring {
    name.hasPrefix("nav_") ? name.dropFirst(4) : name[...]
  }

  private func brokenLadder(_ record: FrameRecord, _ columns: [String], rises: Bool) -> String? {
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
  private func price(_ record: FrameRecord, _ name: String) -> Double? {
    let column = layout.columns[name]
    guard column < end else { return nil }
    let number = record.number(column)
    guard number.isNumber, !number.isZero else { return nil }
    let digits = UnsafeBufferPointer(start: number.digits, count: number.count)
    var (value, scale, isBehindPoint) = (0.0, 1.0, false)
    for byte in digits {
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
