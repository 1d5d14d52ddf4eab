import JSONBytes

/// Snapshots of order books (H0STASP0, H0NXASP0, H0UNASP0).
extension SnapshotBuilder {
  mutating func appendBook(
    _ record: FrameRecord, _ moment: SnapshotMoment, to buffer: inout ByteBuffer
  ) -> Bool {
    guard hasLevel(record) else { return false }
    buffer.append(upTo: bound(record)) { target in
      var writer = SnapshotWriter(at: target, record: record)
      open(&writer, record)
      putBest(record, to: &writer)
      putLevels(record, to: &writer)
      putAuction(record, to: &writer)
      writer.put(#","quote_time":"#)
      times.put(
        time: record.field(BookField.time), received: moment.timestampMilliseconds, to: &writer)
      let hasClass = record.channel.venue == .krx && record.stride > BookField.marketClass
      writer.put(session: hasClass ? record.code(BookField.marketClass) : 0)
      close(&writer, record)
      return writer.at - target
    }
    return true
  }

  /// Whether any level of either side, or an expected price, is there.
  @inline(__always)
  private func hasLevel(_ record: FrameRecord) -> Bool {
    for level in BookField.asks..<BookField.askSizes where record.number(level).isPositive { return true }
    return record.number(BookField.expectedPrice).isPositive
  }

  @inline(__always)
  private func putBest(_ record: FrameRecord, to writer: inout SnapshotWriter) {
    let bid = record.number(BookField.bids)
    let ask = record.number(BookField.asks)
    writer.put(#""bid_price":"#)
    writer.put(price: bid)
    writer.put(#","ask_price":"#)
    writer.put(price: ask)
    writer.put(#","mid_price":"#)
    writer.put(midpointOf: bid, ask)
    writer.put(#","bid_size":"#)
    writer.put(size: record.number(BookField.bidSizes), of: bid)
    writer.put(#","ask_size":"#)
    writer.put(size: record.number(BookField.askSizes), of: ask)
    writer.put(#","volume":"#)
    writer.put(record.number(BookField.volume))
  }

  @inline(__always)
  private func putLevels(_ record: FrameRecord, to writer: inout SnapshotWriter) {
    writer.put(#","bid_prices":["#)
    putPrices(record, BookField.bids, to: &writer)
    writer.put(#"],"ask_prices":["#)
    putPrices(record, BookField.asks, to: &writer)
    writer.put(#"],"bid_sizes":["#)
    putSizes(record, BookField.bidSizes, BookField.bids, to: &writer)
    writer.put(#"],"ask_sizes":["#)
    putSizes(record, BookField.askSizes, BookField.asks, to: &writer)
    writer.put(#"],"total_bid_size":"#)
    writer.put(record.number(BookField.totalBidSize))
    writer.put(#","total_ask_size":"#)
    writer.put(record.number(BookField.totalAskSize))
    writer.put(#","midpoint_size":"#)
    if record.channel.venue == .krx, record.stride > BookField.midpointSize {
      writer.put(record.number(BookField.midpointSize))
    } else {
      writer.put("null")
    }
  }

  @inline(__always)
  private func putPrices(_ record: FrameRecord, _ first: Int, to writer: inout SnapshotWriter) {
    for level in 0..<BookField.levels {
      if level > 0 { writer.put(byte: 0x2C) }
      writer.put(price: record.number(first + level))
    }
  }

  @inline(__always)
  private func putSizes(
    _ record: FrameRecord, _ first: Int, _ prices: Int, to writer: inout SnapshotWriter
  ) {
    for level in 0..<BookField.levels {
      if level > 0 { writer.put(byte: 0x2C) }
      writer.put(size: record.number(first + level), of: record.number(prices + level))
    }
  }

  /// ANTC_* mean something in auctions only. Outside them the price is 0 and the change is the whole previous
  /// close at -100 %, which must not be taken for data.
  @inline(__always)
  private mutating func putAuction(_ record: FrameRecord, to writer: inout SnapshotWriter) {
    let price = record.number(BookField.expectedPrice)
    guard price.isPositive else {
      writer.put(#","expected_price":null,"expected_size":null,"expected_volume":null"#)
      return writer.put(#","expected_change":null,"expected_change_rate":null"#)
    }
    let change = record.number(BookField.expectedChange)
    let rate = record.number(BookField.expectedRate)
    let direction = SnapshotDirection(code: record.code(BookField.expectedSign))
    if direction.disagrees(with: change) || direction.disagrees(with: rate) {
      complaints.signDisagreements &+= 1
    }
    writer.put(#","expected_price":"#)
    writer.put(price)
    writer.put(#","expected_size":"#)
    writer.put(record.number(BookField.expectedSize))
    writer.put(#","expected_volume":"#)
    writer.put(record.number(BookField.expectedVolume))
    writer.put(#","expected_change":"#)
    writer.put(change, direction)
    writer.put(#","expected_change_rate":"#)
    writer.put(rate, direction)
  }
}

extension SnapshotWriter {
  /// The exact middle of the best prices, which may end in .5; `null` where one side is empty.
  @inline(__always)
  mutating func put(midpointOf bid: SnapshotNumber, _ ask: SnapshotNumber) {
    guard bid.isPositive, ask.isPositive, bid.magnitude > 0, ask.magnitude > 0 else { return put("null") }
    let sum = bid.magnitude + ask.magnitude
    put(sum / 2)
    if sum % 2 != 0 { put(".5") }
  }
}
