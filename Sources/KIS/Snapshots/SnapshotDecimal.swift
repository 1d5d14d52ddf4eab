/// A decimal of at most 18 digits, exact: what is computed from the exchange's numbers has no rounding.
struct SnapshotDecimal {
  /// The digits, point left out.
  var value: Int64
  /// How many of them stand behind the point.
  var places: Int

  init(_ value: Int64, places: Int) {
    self.value = value
    self.places = places
  }

  /// The magnitude of a number; nil when the text is not a number or too long.
  init?(_ number: SnapshotNumber) {
    guard number.isNumber, number.count <= 19 else { return nil }
    if number.isWhole {
      guard number.magnitude >= 0 else { return nil }
      self.init(number.magnitude, places: 0)
      return
    }
    var value: Int64 = 0
    var places = -1
    for at in 0..<number.count {
      let byte = number.digits[at]
      if byte == 0x2E {
        places = 0
      } else {
        value = value &* 10 &+ Int64(byte &- 0x30)
        if places >= 0 { places += 1 }
      }
    }
    self.init(value, places: places)
  }

  /// The same value with `wanted` places; nil when it does not fit.
  func scaled(to wanted: Int) -> SnapshotDecimal? {
    var result = self
    while result.places < wanted {
      let (product, isTooLarge) = result.value.multipliedReportingOverflow(by: 10)
      if isTooLarge { return nil }
      result.value = product
      result.places += 1
    }
    return result
  }

  /// The sum, with as many places as the longer one has.
  static func sum(_ one: SnapshotDecimal, _ other: SnapshotDecimal) -> SnapshotDecimal? {
    let places = max(one.places, other.places)
    guard let left = one.scaled(to: places), let right = other.scaled(to: places) else { return nil }
    let (sum, isTooLarge) = left.value.addingReportingOverflow(right.value)
    return isTooLarge ? nil : SnapshotDecimal(sum, places: places)
  }

  /// Half of it, with one more place where it needs one.
  var half: SnapshotDecimal? {
    if value % 2 == 0 { return SnapshotDecimal(value / 2, places: places) }
    return scaled(to: places + 1).map { SnapshotDecimal($0.value / 2, places: $0.places) }
  }
}

extension SnapshotWriter {
  /// `price - change`: exact; `null` where one is no number, or the price is positive and the result is not.
  @inline(__always)
  mutating func put(
    previousCloseOf price: SnapshotNumber, _ change: SnapshotNumber, _ direction: SnapshotDirection
  ) {
    guard price.magnitude >= 0, change.isNumber, change.magnitude >= 0, !price.isNegative else {
      return put(decimalCloseOf: price, change, direction)
    }
    let signed =
      direction == .flat ? 0 : direction.isNegative(change) ? -change.magnitude : change.magnitude
    let close = price.magnitude - signed
    if close > 0 { put(close) } else { put("null") }
  }

  @inline(never)
  private mutating func put(
    decimalCloseOf price: SnapshotNumber, _ change: SnapshotNumber, _ direction: SnapshotDirection
  ) {
    guard var from = SnapshotDecimal(price), var step = SnapshotDecimal(change) else { return put("null") }
    if price.isNegative { from.value = -from.value }
    if direction == .flat { step.value = 0 }
    if !direction.isNegative(change) { step.value = -step.value }
    guard let close = SnapshotDecimal.sum(from, step), price.isNegative || close.value > 0 else {
      return put("null")
    }
    put(close)
  }

  /// The exact middle of the best prices, which may have one place more; `null` where one side is empty.
  @inline(__always)
  mutating func put(midpointOf bid: SnapshotNumber, _ ask: SnapshotNumber) {
    guard bid.isPositive, ask.isPositive else { return put("null") }
    guard bid.magnitude > 0, ask.magnitude > 0 else { return put(decimalMidpointOf: bid, ask) }
    let sum = bid.magnitude + ask.magnitude
    put(sum / 2)
    if sum % 2 != 0 { put(".5") }
  }

  @inline(never)
  private mutating func put(decimalMidpointOf bid: SnapshotNumber, _ ask: SnapshotNumber) {
    guard let bid = SnapshotDecimal(bid), let ask = SnapshotDecimal(ask),
      let middle = SnapshotDecimal.sum(bid, ask)?.half
    else { return put("null") }
    put(middle)
  }

  private mutating func put(_ decimal: SnapshotDecimal) {
    if decimal.value < 0 { put(byte: 0x2D) }
    var unit: UInt64 = 1
    for _ in 0..<decimal.places { unit *= 10 }
    put(Int64(decimal.value.magnitude / unit))
    guard decimal.places > 0 else { return }
    put(byte: 0x2E)
    var rest = decimal.value.magnitude % unit
    for _ in 0..<decimal.places {
      unit /= 10
      put(byte: 0x30 + UInt8(rest / unit))
      rest %= unit
    }
  }
}
