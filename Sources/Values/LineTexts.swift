import Contract
import Glibc
import JSONBytes
import Plumbing

/// Reads the members of a line that was scanned. Texts with escapes are decoded into memory of its own, which the next
/// line uses again.
struct LineTexts: ~Copyable {
  private var decoded = ByteBuffer(capacity: 256)

  /// Before the first member of a line: together its texts are no longer than the line.
  @inline(__always)
  mutating func begin(_ view: borrowing SnapshotView) {
    decoded.removeAll()
    decoded.reserve(view.count)
  }

  /// The text of a member; nil where it is no string.
  @inline(__always)
  mutating func text(_ view: borrowing SnapshotView, _ field: Int) -> Words? {
    let bytes = view.value(field)
    guard let start = bytes.baseAddress, bytes.count >= 2, start.pointee == 0x22 else { return nil }
    let content = Words(start: start + 1, count: bytes.count - 2)
    if !content.hasBackslash { return content }
    return decode(bytes)
  }

  @inline(never)
  private mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> Words? {
    guard let text = try? JSONValue.parse(bytes).string else { return nil }
    let from = decoded.count
    decoded.append(text: text)
    return Words(start: decoded.start + from, count: decoded.count - from)
  }

  /// The number of a member.
  @inline(__always)
  static func amount(_ view: borrowing SnapshotView, _ field: Int) -> Amount? {
    Amount(number: view.value(field))
  }

  /// `meta.timestamp_ms`: 1 to 14 digits.
  @inline(__always)
  static func received(_ view: borrowing SnapshotView) -> Milliseconds? {
    let bytes = view.value(Field.timestampMS)
    guard (1...14).contains(bytes.count) else { return nil }
    var value: Int64 = 0
    for byte in bytes {
      guard byte &- 0x30 < 10 else { return nil }
      value = value &* 10 &+ Int64(byte &- 0x30)
    }
    return Milliseconds(value)
  }

  /// True or false; nil for anything else.
  @inline(__always)
  static func truth(_ view: borrowing SnapshotView, _ field: Int) -> Bool? {
    let bytes = view.value(field)
    guard bytes.count >= 4 else { return nil }
    return bytes[0] == 0x74 ? true : bytes[0] == 0x66 ? false : nil
  }

  /// Whether a member says that a volatility interruption lasts.
  mutating func isOn(_ view: borrowing SnapshotView, _ field: Int) -> Bool {
    guard let word = text(view, field) else { return false }
    return !(word.count == 0 || word == "N" || word == "0")
  }

  /// All that the rules see.
  mutating func line(
    _ view: borrowing SnapshotView, _ kind: ProductKind, _ feed: FeedMark, _ symbol: Words?,
    _ received: Milliseconds?, clock: Milliseconds
  ) -> MarketLine {
    let timeField: ValueField? = feed == .trades ? .tradeTime : feed == .book ? .quoteTime : nil
    let time = timeField.flatMap { text(view, $0.slot) }.flatMap { ISOTime.read($0.bytes) }
    let isStatus = feed == .status
    return MarketLine(
      kind: kind, feed: feed, symbol: symbol, exchangeTime: time, received: received,
      clock: clock, price: Self.amount(view, Field.price), volume: Self.amount(view, Field.volume),
      value: Money(number: view.value(ValueField.value.slot)),
      bidPrice: Self.amount(view, ValueField.bidPrice.slot),
      askPrice: Self.amount(view, ValueField.askPrice.slot),
      bidSize: Self.amount(view, ValueField.bidSize.slot),
      askSize: Self.amount(view, ValueField.askSize.slot),
      totalBidSize: Self.amount(view, ValueField.totalBidSize.slot),
      totalAskSize: Self.amount(view, ValueField.totalAskSize.slot),
      open: Self.amount(view, ValueField.open.slot),
      high: Self.amount(view, ValueField.high.slot), low: Self.amount(view, ValueField.low.slot),
      prevClose: Self.amount(view, ValueField.prevClose.slot),
      expectedPrice: Self.amount(view, ValueField.expectedPrice.slot),
      tradeSize: Self.amount(view, ValueField.tradeSize.slot),
      viPrice: Self.amount(view, ValueField.viPrice.slot),
      halted: Self.truth(view, ValueField.halted.slot),
      vi: isStatus && (isOn(view, ValueField.vi.slot) || isOn(view, ValueField.afterHoursVI.slot)),
      session: feed == .trades ? text(view, ValueField.session.slot).map { $0.hash() } : nil)
  }
}
