import Completeness
import JSONBytes
import Plumbing

/// The board as the text of its file, and back: one JSON object. Numbers by minute stand in one string with commas, which
/// is short and quick to read; an empty place is a slot without a price.
extension Board {
  /// The file's text, with LF.
  public var json: [UInt8] {
    var text = ByteBuffer(capacity: 4096 + symbols.count * 4096)
    text.append(text: "{\"version\":1,\"date\":")
    text.append(jsonString: date)
    text.append(text: ",\"written_ms\":\(written),\"more\":\(more),\"records\":\"\(Self.list(records))\"")
    text.append(text: ",\"outages\":\(Self.list(outages)),\"capture_ms\":[")
    text.append(text: capture.buckets.map { "[\($0.time),\($0.count)]" }.joined(separator: ","))
    text.append(text: namesRefused ? "],\"names_refused\":true,\"symbols\":[" : "],\"symbols\":[")
    for (index, symbol) in symbols.enumerated() {
      text.append(text: index == 0 ? "\n" : ",\n")
      Self.append(symbol, to: &text)
    }
    text.append(text: "]}\n")
    return Array(text.bytes)
  }

  private static func append(_ symbol: BoardSymbol, to text: inout ByteBuffer) {
    func put(_ name: String, _ value: String?) {
      guard let value else { return }
      text.append(text: ",\"\(name)\":")
      text.append(jsonString: value)
    }
    text.append(text: "{\"symbol\":")
    text.append(jsonString: symbol.symbol)
    put("product", symbol.product)
    put("venue", symbol.venue)
    put("name", symbol.name)
    put("price", symbol.price)
    put("gap", symbol.gap)
    if let since = symbol.gapSince { text.append(text: ",\"gap_since_ms\":\(since)") }
    if let close = symbol.previousClose, close.isFinite { text.append(text: ",\"previous_close\":\(close)") }
    if let start = symbol.startedAt { text.append(text: ",\"started_at\":\(start)") }
    if let last = symbol.lastRecord { text.append(text: ",\"last_record_ms\":\(last)") }
    text.append(
      text: ",\"trades\":\(symbol.trades),\"shares\":\(symbol.shares),\"reported\":\(symbol.reported)"
        + ",\"missed_trades\":\(symbol.missedTrades),\"missed_shares\":\(symbol.missedShares)"
        + ",\"records\":\"\(list(symbol.records))\",\"prices\":\""
        + symbol.prices.map { $0.isFinite ? "\($0)" : "" }.joined(separator: ",")
        + "\",\"gaps\":\(list(symbol.gaps)),\"losses\":\(list(symbol.losses))}")
  }

  private static func list(_ counts: [Int32]) -> String { counts.map { "\($0)" }.joined(separator: ",") }

  private static func list(_ minutes: MinuteSet) -> String {
    "[" + minutes.ranges.map { "[\($0.lowerBound),\($0.upperBound)]" }.joined(separator: ",") + "]"
  }

  /// Reads a file's text. Nil for anything that is no board of a day and this version: a page then shows none, and
  /// kis-fetch begins anew. Whatever stands in it, times are such as a calendar has (`Timestamp.range`), counts such as a
  /// double holds exactly, and no arithmetic with them overflows.
  public init?(json text: [UInt8]) {
    guard let value = try? JSONValue.parse(text), value["version"]?.integer == 1,
      let date = value["date"]?.string, KST.day(ofDate: date) != nil,
      let written = Self.time(value["written_ms"]), let symbols = value["symbols"]?.elements
    else { return nil }
    self.init(date: date)
    self.written = written
    self.symbols = symbols.prefix(Board.most).compactMap(Self.symbol)
    more = Int(value["more"]?.count ?? 0)
    records = Self.counts(value["records"])
    outages = Self.minutes(value["outages"])
    capture = CaptureTimes(buckets: Self.pairs(value["capture_ms"]).map { (Int64($0), Int64($1)) })
    namesRefused = value["names_refused"]?.bool == true
  }

  private static func symbol(_ value: JSONValue) -> BoardSymbol? {
    guard let symbol = value["symbol"]?.string, let product = value["product"]?.string,
      let venue = value["venue"]?.string
    else { return nil }
    var found = BoardSymbol(symbol: symbol, product: product, venue: venue, name: value["name"]?.string)
    func number(_ name: String) -> Int64 { value[name]?.count ?? 0 }
    found.price = value["price"]?.string
    found.previousClose = value["previous_close"]?.double
    found.gap = value["gap"]?.string
    found.gapSince = time(value["gap_since_ms"])
    found.startedAt = value["started_at"]?.count
    found.lastRecord = time(value["last_record_ms"])
    (found.trades, found.shares, found.reported) = (number("trades"), number("shares"), number("reported"))
    (found.missedTrades, found.missedShares) = (number("missed_trades"), number("missed_shares"))
    found.records = counts(value["records"])
    found.prices =
      value["prices"]?.string.map { text in
        text.isEmpty
          ? []
          : text.split(separator: ",", omittingEmptySubsequences: false).prefix(1440 / BoardSymbol.priceStep)
            .map { BoardSymbol.value(price: $0) ?? .nan }
      } ?? []
    found.gaps = minutes(value["gaps"])
    found.losses = minutes(value["losses"])
    return found
  }

  /// Epoch milliseconds, the nearest that a calendar has.
  private static func time(_ value: JSONValue?) -> Int64? {
    value?.integer.map { Timestamp.clamped(Int64($0)).count }
  }

  private static func counts(_ value: JSONValue?) -> [Int32] {
    (value?.string ?? "").split(separator: ",").prefix(1440).map { max(0, Int32($0) ?? 0) }
  }

  private static func minutes(_ value: JSONValue?) -> MinuteSet {
    var set = MinuteSet()
    for (low, high) in pairs(value) where low >= 0 && low < high && high <= 1440 { set.insert(low..<high) }
    return set
  }

  /// `[[1,2],…]`; what is no pair of whole numbers is left out.
  private static func pairs(_ value: JSONValue?) -> [(Int, Int)] {
    (value?.elements ?? []).prefix(1440).compactMap { pair in
      guard let numbers = pair.elements, numbers.count == 2, let first = numbers[0].integer,
        let last = numbers[1].integer
      else { return nil }
      return (first, last)
    }
  }
}
