import JSONBytes

/// Snapshots of trades (H0STCNT0, H0NXCNT0, H0UNCNT0).
extension SnapshotBuilder {
  mutating func appendTrade(
    _ record: FrameRecord, _ moment: SnapshotMoment, to buffer: inout ByteBuffer
  ) -> Bool {
    let price = record.number(TradeField.price)
    guard price.isPositive else { return false }
    buffer.append(upTo: bound(record)) { target in
      var writer = SnapshotWriter(at: target, record: record)
      open(&writer, record)
      putPrices(record, price, to: &writer)
      putTrade(record, moment, to: &writer)
      close(&writer, record)
      return writer.at - target
    }
    return true
  }

  @inline(__always)
  private mutating func putPrices(
    _ record: FrameRecord, _ price: SnapshotNumber, to writer: inout SnapshotWriter
  ) {
    let change = record.number(TradeField.change)
    let rate = record.number(TradeField.changeRate)
    let direction = SnapshotDirection(code: record.code(TradeField.sign))
    if direction.disagrees(with: change) || direction.disagrees(with: rate) {
      complaints.signDisagreements &+= 1
    }
    writer.put(#""price":"#)
    writer.put(price)
    writer.put(#","volume":"#)
    writer.put(record.number(TradeField.volume))
    writer.put(#","open":"#)
    writer.put(price: record.number(TradeField.open))
    writer.put(#","high":"#)
    writer.put(price: record.number(TradeField.high))
    writer.put(#","low":"#)
    writer.put(price: record.number(TradeField.low))
    writer.put(#","prev_close":"#)
    writer.put(previousCloseOf: price, change, direction)
    writer.put(#","change":"#)
    writer.put(change, direction)
    writer.put(#","change_rate":"#)
    writer.put(rate, direction)
    writer.put(#","value":"#)
    writer.put(record.number(TradeField.value))
  }

  @inline(__always)
  private mutating func putTrade(
    _ record: FrameRecord, _ moment: SnapshotMoment, to writer: inout SnapshotWriter
  ) {
    let bid = record.number(TradeField.bid)
    let ask = record.number(TradeField.ask)
    writer.put(#","bid_price":"#)
    writer.put(price: bid)
    writer.put(#","ask_price":"#)
    writer.put(price: ask)
    writer.put(#","bid_size":"#)
    writer.put(size: record.number(TradeField.bidSize), of: bid)
    writer.put(#","ask_size":"#)
    writer.put(size: record.number(TradeField.askSize), of: ask)
    writer.put(#","trade_size":"#)
    writer.put(record.number(TradeField.size))
    writer.put(#","trade_time":"#)
    times.put(
      date: record.field(TradeField.date), time: record.field(TradeField.time),
      received: moment.timestampMilliseconds, to: &writer)
    switch record.code(TradeField.side) {
    case 0x31: writer.put(#","side":"buy""#)
    case 0x35: writer.put(#","side":"sell""#)
    default: writer.put(#","side":null"#)
    }
    writer.put(#","vwap":"#)
    writer.put(price: record.number(TradeField.vwap))
    writer.put(#","strength":"#)
    writer.put(record.number(TradeField.strength))
    writer.put(#","total_bid_size":"#)
    writer.put(record.number(TradeField.totalBidSize))
    writer.put(#","total_ask_size":"#)
    writer.put(record.number(TradeField.totalAskSize))
    writer.put(#","vi_price":"#)
    writer.put(price: record.number(TradeField.viPrice))
    writer.put(session: session(record))
    switch record.code(TradeField.halted) {
    case 0x59: writer.put(#","halted":true"#)
    case 0x4E: writer.put(#","halted":false"#)
    default: writer.put(#","halted":null"#)
    }
  }

  /// MARKET_CLS_CODE (from 2026-09-14 on), else the first character of NEW_MKOP_CLS_CODE, which says the same
  /// of the first three.
  @inline(__always)
  private func session(_ record: FrameRecord) -> UInt8 {
    if record.stride > TradeField.marketClass { return record.code(TradeField.marketClass) }
    let phase = record.field(TradeField.phase)
    return phase.count == 2 && phase[0] >= 0x31 && phase[0] <= 0x33 ? phase[0] : 0
  }
}

extension SnapshotWriter {
  /// `price - change`, where both are whole numbers and the result is a price.
  @inline(__always)
  mutating func put(
    previousCloseOf price: SnapshotNumber, _ change: SnapshotNumber, _ direction: SnapshotDirection
  ) {
    guard price.magnitude >= 0, change.isNumber, change.magnitude >= 0 else { return put("null") }
    let signed =
      direction == .flat ? 0 : direction.isNegative(change) ? -change.magnitude : change.magnitude
    let close = price.magnitude - signed
    if close > 0 { put(close) } else { put("null") }
  }

  /// The session that a MARKET_CLS_CODE names: 1 pre, 2 regular, 3 after, 5 closing (KIS notice 2026-09-09).
  @inline(__always)
  mutating func put(session code: UInt8) {
    switch code {
    case 0x31: put(#","session":"pre""#)
    case 0x32: put(#","session":"regular""#)
    case 0x33: put(#","session":"after""#)
    case 0x35: put(#","session":"closing""#)
    default: put(#","session":null"#)
    }
  }
}
