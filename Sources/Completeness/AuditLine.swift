import Contract
import JSONBytes
import Plumbing
import Values

/// One line of an archive as the audit looks at it: a PatternRecord or a plain snapshot, told apart by itself.
struct AuditLine: ~Copyable {
  /// A member of the snapshot that matters, and its place in the scanner.
  enum Member: Int {
    case snapshot, meta, timestamp, context, source, symbol, market, product, feed, observation, inputs, state
    case price, size, time, side, volume, value, bid, ask, upperLimit, lowerLimit, changeRate, name, raw
    case sells, buys, date, event, bids, metadata, flags
  }

  private var records: JSONScanner
  private var snapshots: JSONScanner
  private var isRecord = false

  init() {
    let members = Self.members()
    records = JSONScanner(
      Shape([
        Self.member(.snapshot, .snapshot, members),
        Self.member(.metadata, .metadata, [Self.member(.qualityFlags, .flags)]),
      ]), depthLimit: JSONScanner.maxRecordDepth)
    snapshots = JSONScanner(Shape(members))
  }

  private static func member(
    _ name: StaticString, _ member: Member, _ members: [Shape.Field] = []
  ) -> Shape.Field { .member(name, member.rawValue, members) }

  private static func member(
    _ name: MemberName, _ member: Member, _ members: [Shape.Field] = []
  ) -> Shape.Field { .member(name, member.rawValue, members) }

  private static func members() -> [Shape.Field] {
    // Archives from before 2026-11-26 have the exchange's own names in capitals.
    let raw = [
      member("seln_cntg_csnu", .sells), member("shnu_cntg_csnu", .buys), member("SELN_CNTG_CSNU", .sells),
      member("SHNU_CNTG_CSNU", .buys), member("tymd", .date), member("bsns_date", .date),
    ]
    let inputs = [
      member(.price, .price), member("trade_size", .size), member("trade_time", .time),
      member("side", .side),
      member(.volume, .volume), member("value", .value), member("bid_price", .bid),
      member("ask_price", .ask),
      member("upper_limit", .upperLimit), member("lower_limit", .lowerLimit), member("bids", .bids),
      member("change_rate", .changeRate), member("name", .name), member("raw", .raw, raw),
    ]
    return [
      member(.meta, .meta, [member(.timestampMS, .timestamp)]),
      member(
        .context, .context,
        [
          member(.source, .source), member(.symbol, .symbol), member(.market, .market),
          member(.product, .product), member(.feed, .feed),
        ]),
      member(
        .observation, .observation,
        [member(.inputs, .inputs, inputs), member(.state, .state, [member(.event, .event)])]),
    ]
  }

  /// Checks a line (`text[count]` is a line feed); false when it is no JSON object. What the line before was is tried
  /// first: an archive holds one kind.
  @inline(__always)
  mutating func read(_ text: UnsafePointer<UInt8>, count: Int) -> Bool {
    if isRecord {
      guard records.scan(text, count: count) else { return false }
      if records.count(of: Member.snapshot.rawValue) > 0 { return true }
    } else if snapshots.scan(text, count: count), snapshots.count(of: Member.context.rawValue) > 0 {
      return true
    }
    return readAsOther(text, count)
  }

  @inline(never)
  private mutating func readAsOther(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    isRecord = true
    guard records.scan(text, count: count) else { return false }
    if records.count(of: Member.snapshot.rawValue) > 0 { return true }
    isRecord = false
    return snapshots.scan(text, count: count)
  }

  /// Why `read` refused a line of `count` bytes.
  func fault(count: Int) -> String { records.fault(count: count).text }

  /// The bytes of a member's value; nil where it is absent.
  @inline(__always)
  subscript(member: Member) -> UnsafeBufferPointer<UInt8>? {
    isRecord ? Self.value(records, member) : Self.value(snapshots, member)
  }

  /// How many members an object member has.
  func members(of member: Member) -> Int {
    let slot = member.rawValue
    return Int(isRecord ? records.place(of: slot).members : snapshots.place(of: slot).members)
  }

  @inline(__always)
  private static func value(_ scanner: borrowing JSONScanner, _ member: Member) -> UnsafeBufferPointer<UInt8>?
  {
    let slot = member.rawValue
    guard scanner.count(of: slot) > 0 else { return nil }
    let place = scanner.place(of: slot)
    return UnsafeBufferPointer(start: scanner.base + Int(place.start), count: Int(place.end - place.start))
  }

  /// A string's text between its quotes; empty for anything else.
  @inline(__always)
  func text(_ member: Member) -> UnsafeBufferPointer<UInt8> {
    guard let value = self[member], value.count >= 2, value[0] == UInt8(ascii: "\"") else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    return UnsafeBufferPointer(rebasing: value[1..<(value.count - 1)])
  }

  /// What the guard's rules of values said of a record, a bit each.
  @inline(__always)
  var flags: UInt32 { self[.flags].map { MarketFlag.bits(in: $0) } ?? 0 }

  /// A number, exact.
  @inline(__always)
  func decimal(_ member: Member) -> Decimal? { self[member].flatMap { Decimal($0) } }

  /// A whole number, as a number or, as in `raw`, as a string of one.
  @inline(__always)
  func whole(_ member: Member) -> Int64? {
    guard let value = self[member], let first = value.first else { return nil }
    return first == UInt8(ascii: "\"") ? Decimal(text(member))?.whole : Decimal(value)?.whole
  }

  /// `meta.timestamp_ms`: the moment of capture, epoch milliseconds.
  @inline(__always)
  var capture: Int64? { whole(.timestamp) }

  /// The day that the totals are of, where the exchange abroad names it: days since 1970-01-01.
  @inline(__always)
  var businessDay: Int? {
    guard self[.date] != nil else { return nil }
    return readBusinessDay()
  }

  private func readBusinessDay() -> Int? {
    guard let date = Decimal(text(.date))?.whole, date >= 19_700_101 else { return nil }
    let (year, month, day) = (Int(date / 10_000), Int(date / 100 % 100), Int(date % 100))
    guard KST.isDate(year: year, month: month, day: day) else { return nil }
    return KST.days(year: year, month: month, day: day)
  }

  /// What `inputs.trade_time` says, epoch milliseconds, with the time zone that it names.
  @inline(__always)
  var tradeTime: Int64? { ISOTime.read(text(.time))?.count }
}
