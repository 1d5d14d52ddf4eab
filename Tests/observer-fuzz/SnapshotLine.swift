import JSONBytes

/// What every snapshot line promises, whatever it was made of.
struct SnapshotLine: ~Copyable {
  static let (symbol, market, raw) = (6, 7, 8)
  private static let inputs: [StaticString] = [
    "price", "volume", "open", "high", "low", "change", "change_rate", "value", "prev_close", "base_price",
    "upper_limit", "lower_limit", "vwap", "bid_price", "ask_price", "total_bid_size", "total_ask_size",
    "halted",
  ]
  private var scanner = JSONScanner(SnapshotLine.shape())
  private var plain = JSONScanner(Shape([]))
  private var line = ByteBuffer()
  private var copy = ByteBuffer()

  private static func shape() -> Shape {
    let fields = inputs.enumerated().map { Shape.Field.member($1, 9 + $0) } + [.member("raw", raw)]
    return Shape([
      .member("meta", 0), .member("context", 1, [.member("symbol", symbol), .member("market", market)]),
      .member(
        "observation", 2, [.member("inputs", 3, fields), .member("computed", 4), .member("state", 5)]),
    ])
  }

  /// Takes the bytes that were appended for one snapshot: a line, and JSON by the strict scanner.
  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) throws(Broken) {
    guard bytes.last == 0x0A else { throw Broken("a snapshot without a line end") }
    guard !bytes.dropLast().contains(where: { $0 < 0x20 && $0 != 0x09 }) else {
      throw Broken("a control character in a snapshot")
    }
    line.removeAll()
    line.append(bytes)
    line.reserve(JSONScanner.padding)
    guard scanner.scan(line.start, count: line.count - 1) else {
      throw Broken("no JSON: \(scanner.fault(count: line.count - 1).text): \(line.text)")
    }
    guard scanner.start == 0, scanner.end == line.count - 1, !scanner.hasDuplicates else {
      throw Broken("not one plain object: \(line.text)")
    }
    for slot in 0...Self.market where scanner.count(of: slot) != 1 {
      throw Broken("member \(slot) is not there once: \(line.text)")
    }
  }

  /// The bytes of a member.
  func text(of slot: Int) -> UnsafeBufferPointer<UInt8>? {
    guard scanner.count(of: slot) > 0 else { return nil }
    let place = scanner.place(of: slot)
    return UnsafeBufferPointer(rebasing: line.bytes[Int(place.start)..<Int(place.end)])
  }

  /// The text of an input: a number, true, false or null.
  func input(_ name: StaticString) -> String? {
    let slot = Self.inputs.firstIndex { $0.description == name.description }.map { $0 + 9 }
    return slot.flatMap { text(of: $0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// `raw` is `object`, byte by byte but for line ends, and the only place of numbers that no double holds.
  mutating func checkRaw(_ object: ArraySlice<UInt8>) throws(Broken) {
    let expected = object.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    guard let found = text(of: Self.raw), found.elementsEqual(expected) else {
      throw Broken("raw: \(line.text)")
    }
    copy.removeAll()
    copy.append(expected)
    copy.append(0x0A)
    copy.reserve(JSONScanner.padding)
    guard plain.scan(copy.start, count: expected.count), plain.nonFinite == scanner.nonFinite else {
      throw Broken("non-finite numbers beside raw: \(line.text)")
    }
  }
}
