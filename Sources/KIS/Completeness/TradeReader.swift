import Completeness
import Plumbing

/// Takes out of a record what the ledger judges: `TradeColumns` as places. Plain memory.
struct TradeReader {
  /// Whether the layout has been looked at, and what came of it.
  enum State { case unknown, absent, ready }

  private(set) var state = State.unknown
  private var mustBePositive = true
  private var price = 0, size = 0, shares = 0
  /// -1: the layout has no such column.
  private var value = -1, sells = -1, buys = -1, side = -1, date = -1
  private var need = 0
  /// How long after midnight a trade still belongs to the day before; where it has no date.
  private var hoursOver: Milliseconds = .zero
  /// The change against the close before, and the code of its sign.
  private var change = -1, sign = -1

  /// A layout that nobody has looked at.
  init() {}

  init(_ layout: FeedLayout, of product: Product) {
    guard let trade = layout.trade else {
      state = .absent
      return
    }
    state = .ready
    hoursOver = SessionDay.hoursOver(product: product.rawValue.utf8, market: "".utf8)
    if case .positive = layout.requirement { mustBePositive = true } else { mustBePositive = false }
    func place(_ name: String?) -> Int { name.map { layout.columns[$0] } ?? -1 }
    price = place(trade.price)
    size = place(trade.size)
    shares = place(trade.shares)
    value = place(trade.value)
    sells = place(trade.sells)
    buys = place(trade.buys)
    side = place(trade.side)
    date = place(trade.date)
    need = [price, size, shares, value, sells, buys, side, date].max() ?? 0
    for case .signed("change", let column, let code) in layout.members {
      change = layout.columns[column]
      sign = layout.columns[code]
    }
  }

  /// The trade of a record that came at `time` (of the wall clock); nil where it holds none: it has no price.
  func read(_ record: FrameRecord, at time: Milliseconds, _ days: inout TradeDays) -> Trade? {
    guard need < record.stride else { return nil }
    let number = record.number(self.price)
    guard number.isPositive || !mustBePositive && number.isNumber && !number.isZero else { return nil }
    let price = Decimal(UnsafeBufferPointer(start: number.digits, count: number.count))
      .map { Decimal(number.isNegative ? -$0.mantissa : $0.mantissa, scale: $0.scale) }
    let code = side < 0 ? 0x31 : record.code(side)
    return Trade(
      day: date < 0 ? days.day(at: time - hoursOver) : days.day(of: record.field(date), at: time),
      price: price,
      size: max(0, self.number(record, size) ?? 0), isSided: code == 0x31 || code == 0x35,
      totals: readTotals(record))
  }

  /// The close before the day of a record: its price less its change; nan where the layout has no change. For a picture.
  func previousClose(_ record: FrameRecord, _ price: Decimal) -> Double {
    guard change >= 0, change < record.stride, sign < record.stride, let price = Double(price.text) else {
      return .nan
    }
    let number = record.number(change)
    guard number.isNumber,
      let size = Decimal(UnsafeBufferPointer(start: number.digits, count: number.count)).flatMap({
        Double($0.text)
      })
    else { return .nan }
    // 1 and 2: the upper limit and up; 4 and 5: the lower limit and down.
    return switch record.code(sign) {
    case UInt8(ascii: "1"), UInt8(ascii: "2"): price - size
    case UInt8(ascii: "4"), UInt8(ascii: "5"): price + size
    default: price
    }
  }

  /// A total that is no number leaves the trade without any.
  private func readTotals(_ record: FrameRecord) -> TradeTotals? {
    guard let shares = number(record, shares) else { return nil }
    var totals = TradeTotals(shares: shares)
    if value >= 0 { totals.value = number(record, value) }
    if sells >= 0, buys >= 0, let sells = number(record, sells), let buys = number(record, buys) {
      totals.sided = sells &+ buys
    }
    return totals
  }

  private func number(_ record: FrameRecord, _ column: Int) -> Int64? {
    record.number(column).integer
  }
}

/// Days of records, days since 1970-01-01: consecutive ones are of the same.
struct TradeDays {
  private var word: UInt64 = 0
  private var wordDay = 0
  private var arrival: Range<Milliseconds> = .zero..<(.zero)
  private var arrivalDay = 0

  /// The day of a date, `YYYYMMDD`; of anything else that of the arrival.
  mutating func day(of date: UnsafeBufferPointer<UInt8>, at time: Milliseconds) -> Int {
    guard date.count == 8, let start = date.baseAddress else { return day(at: time) }
    let text = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
    return text == word ? wordDay : take(date, text) ?? day(at: time)
  }

  /// The KST day of a moment.
  mutating func day(at time: Milliseconds) -> Int {
    if !arrival.contains(time) { turn(time) }
    return arrivalDay
  }

  @inline(never)
  private mutating func take(_ date: UnsafeBufferPointer<UInt8>, _ text: UInt64) -> Int? {
    guard let midnight = SnapshotTime.midnight(of: date) else { return nil }
    word = text
    wordDay = (midnight + KST.offset) / .day
    return wordDay
  }

  @inline(never)
  private mutating func turn(_ time: Milliseconds) {
    let midnight = KST.midnight(before: time)
    arrival = midnight..<midnight + .day
    arrivalDay = (midnight + KST.offset) / .day
  }
}
