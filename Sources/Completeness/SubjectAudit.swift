import Market
import Plumbing

/// What one feed of one symbol did on one day.
struct SubjectAudit: Sendable {
  /// Gaps of one reason.
  struct Gaps: Sendable {
    var count = 0
    var milliseconds: Int64 = 0
    var critical = 0
  }

  let key: SubjectKey
  /// Place of its channel's trust.
  let channel: Int
  var ledger = SymbolLedger()
  var records: Int64 = 0
  /// Earliest and latest capture, epoch milliseconds.
  var first = Int64.max
  var last = Int64.min
  /// Trades, each once.
  var prices = PriceRange()
  var gaps: [String: Gaps] = [:]
  var crossed: Int64 = 0
  /// Time from trade to capture, milliseconds.
  var captureTimes = Histogram()
  /// Members of `raw` that were seen, bounded.
  var layouts: [Int: Int64] = [:]
  /// The longest time without a record while trading was continuous, milliseconds; nil where the hours are not known.
  var longestSilence: Int64?
  /// The day's price limits, where an answer named them.
  var upperLimit: Decimal?
  var lowerLimit: Decimal?

  init(_ key: SubjectKey, channel: Int) {
    self.key = key
    self.channel = channel
  }

  mutating func noteLayout(_ members: Int) {
    if layouts[members] != nil || layouts.count < 8 { layouts[members, default: 0] += 1 }
  }

  /// Notes a record's time; `calendar` tells how much of the time since the one before was continuous trading.
  mutating func note(time: Int64, _ calendar: MarketCalendar) {
    records += 1
    if last > Int64.min, time - last > longestSilence ?? 0 {
      if let silence = key.silence(from: last, to: time, calendar) {
        longestSilence = max(longestSilence ?? 0, silence)
      }
    }
    first = min(first, time)
    last = max(last, time)
  }
}

/// Open, high, low, close and turnover of the trades that are here.
struct PriceRange: Sendable {
  private(set) var open: Decimal?
  private(set) var high: Decimal?
  private(set) var low: Decimal?
  private(set) var close: Decimal?
  private(set) var shares: Int64 = 0
  /// Sum of price times size, in units of the finest price.
  private var turnover: Int64 = 0
  private var scale = 0
  private var hasOverflown = false

  mutating func add(_ price: Decimal, size: Int64) {
    if open == nil { open = price }
    if high.map({ $0 < price }) ?? true { high = price }
    if low.map({ price < $0 }) ?? true { low = price }
    close = price
    shares += size
    while scale < price.scale { grow() }
    let unit = Decimal.power(scale - price.scale)
    let (product, first) = price.mantissa.multipliedReportingOverflow(by: size)
    let (scaled, second) = product.multipliedReportingOverflow(by: unit)
    let (sum, third) = turnover.addingReportingOverflow(scaled)
    if first || second || third { hasOverflown = true }
    turnover = sum
  }

  /// Turnover by shares, rounded to two digits more than the prices have; nil without trades.
  var vwap: Decimal? {
    guard shares > 0, !hasOverflown else { return nil }
    let whole = turnover / shares
    let rest = turnover % shares
    guard whole < Int64.max / 200, rest < Int64.max / 200 else { return nil }
    return Decimal(whole * 100 + (rest * 100 + shares / 2) / shares, scale: scale + 2)
  }

  private mutating func grow() {
    scale += 1
    let (product, overflow) = turnover.multipliedReportingOverflow(by: 10)
    turnover = product
    if overflow { hasOverflown = true }
  }
}
