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

  /// Where a trade stands among those that are here: one that came late is not the last one.
  enum Place { case first, between, last }

  /// Adds a trade.
  mutating func add(_ price: Decimal, size: Int64, place: Place = .last) {
    if open == nil || place == .first { open = price }
    if high.map({ $0 < price }) ?? true { high = price }
    if low.map({ price < $0 }) ?? true { low = price }
    if place == .last { close = price }
    shares.add(size)
    let (product, overflow) = price.mantissa.multipliedReportingOverflow(by: size)
    if overflow { hasOverflown = true }
    turn(over: product, scale: price.scale)
  }

  /// Adds trades.
  mutating func add(_ other: PriceRange, place: Place = .last) {
    guard let first = other.open, let highest = other.high, let lowest = other.low else { return }
    if open == nil { open = first }
    if high.map({ $0 < highest }) ?? true { high = highest }
    if low.map({ lowest < $0 }) ?? true { low = lowest }
    if place == .last { close = other.close }
    shares.add(other.shares)
    if other.hasOverflown { hasOverflown = true }
    turn(over: other.turnover, scale: other.scale)
  }

  /// Adds to the turnover, in units of 10^-scale.
  @inline(__always)
  private mutating func turn(over amount: Int64, scale other: Int) {
    while scale < other { grow() }
    let (scaled, first) = amount.multipliedReportingOverflow(by: Decimal.power(scale - other))
    let (sum, second) = turnover.addingReportingOverflow(scaled)
    if first || second { hasOverflown = true }
    turnover = sum
  }

  /// Turnover by shares, rounded to two digits more than the prices have; nil without trades.
  var vwap: Decimal? {
    guard shares > 0, !hasOverflown else { return nil }
    let whole = turnover / shares
    let rest = turnover % shares
    guard max(whole.magnitude, rest.magnitude) < Int64.max / 200 else { return nil }
    return Decimal(whole * 100 + (rest * 100 + shares / 2) / shares, scale: scale + 2)
  }

  private mutating func grow() {
    scale += 1
    let (product, overflow) = turnover.multipliedReportingOverflow(by: 10)
    turnover = product
    if overflow { hasOverflown = true }
  }
}
