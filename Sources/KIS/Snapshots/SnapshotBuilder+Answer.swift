import Contract
import JSONBytes

/// Snapshots of REST answers. They come a few times a second, so clarity goes first here.
extension SnapshotBuilder {
  /// Appends the snapshot of one inquire-price answer (FHKST01010100) as a line.
  ///
  /// - Parameters:
  ///   - body: the bytes that `output` was parsed from.
  ///   - output: the member `output` of the parsed body.
  /// - Returns: false, and nothing appended, when there is no price: KIS answers 0 for a symbol it has no data of.
  public mutating func appendPrice(
    body: UnsafeBufferPointer<UInt8>, output: JSONValue, symbol: String, venue: Venue,
    at moment: SnapshotMoment, to buffer: inout ByteBuffer
  ) -> Bool {
    guard let price = output.marketText(AnswerTable.price.price), Self.isPrice(price) else { return false }
    openAnswer(Subject(Instrument(symbol, venue), .price), moment, to: &buffer)
    putShared(output, AnswerTable.price, to: &buffer)
    put(#","vwap":"#, output.marketText("wghn_avrg_stck_prc"), zeroIsNull: true, to: &buffer)
    putPreviousClose(output, AnswerTable.price, to: &buffer)
    let isHalted = output["iscd_stat_cls_code"]?.string == "58" || output["temp_stop_yn"]?.string == "Y"
    buffer.append(isHalted ? #","halted":true"# : #","halted":false"#)
    closeAnswer(body, output, moment, to: &buffer)
    return true
  }

  /// Appends the snapshot of one row of an intstock-multprice answer (FHKST11300006) as a line.
  ///
  /// - Returns: false, and nothing appended, when the row has no symbol or no price.
  public mutating func appendMulti(
    body: UnsafeBufferPointer<UInt8>, row: JSONValue, venue: Venue, at moment: SnapshotMoment,
    to buffer: inout ByteBuffer
  ) -> Bool {
    guard let symbol = Self.multiSymbol(row), let price = row.marketText(AnswerTable.multi.price),
      Self.isPrice(price)
    else { return false }
    openAnswer(Subject(Instrument(symbol, venue), .multi), moment, to: &buffer)
    putShared(row, AnswerTable.multi, to: &buffer)
    if let close = row.marketText("inter2_prdy_clpr"), Self.isPrice(close) {
      put(#","prev_close":"#, close, zeroIsNull: true, to: &buffer)
    } else {
      putPreviousClose(row, AnswerTable.multi, to: &buffer)
    }
    let bid = row.marketText("inter2_bidp")
    let ask = row.marketText("inter2_askp")
    put(#","bid_price":"#, bid, zeroIsNull: true, to: &buffer)
    put(#","ask_price":"#, ask, zeroIsNull: true, to: &buffer)
    let bidSize = bid.map(Self.isPrice) == true ? row.marketText("shnu_rsqn") : nil
    let askSize = ask.map(Self.isPrice) == true ? row.marketText("seln_rsqn") : nil
    put(whole: #","bid_size":"#, bidSize, to: &buffer)
    put(whole: #","ask_size":"#, askSize, to: &buffer)
    put(whole: #","total_bid_size":"#, row.marketText("total_bidp_rsqn"), to: &buffer)
    put(whole: #","total_ask_size":"#, row.marketText("total_askp_rsqn"), to: &buffer)
    buffer.append(#","name":"#)
    if let name = row["inter_kor_isnm"]?.string {
      buffer.append(jsonString: name)
    } else {
      buffer.append("null")
    }
    closeAnswer(body, row, moment, to: &buffer)
    return true
  }

  /// The symbol of a row of intstock-multprice: rows are matched by it, never by position.
  public static func multiSymbol(_ row: JSONValue) -> String? {
    guard let text = row["inter_shrn_iscd"]?.string else { return nil }
    let symbol = text.split(separator: " ").first.map(String.init) ?? ""
    return symbol.isEmpty ? nil : symbol
  }

  private mutating func openAnswer(
    _ subject: Subject, _ moment: SnapshotMoment, to buffer: inout ByteBuffer
  ) {
    open(moment, to: &buffer)
    buffer.append(SnapshotText.marketSource)
    appendContext(subject, to: &buffer)
  }

  private func closeAnswer(
    _ body: UnsafeBufferPointer<UInt8>, _ object: JSONValue, _ moment: SnapshotMoment,
    to buffer: inout ByteBuffer
  ) {
    buffer.append(#","session":"#)
    if let session = moment.session { buffer.append(jsonString: session) } else { buffer.append("null") }
    if hasRaw, object.range.upperBound <= body.count {
      buffer.append(#","raw":"#)
      buffer.append(oneLine: UnsafeBufferPointer(rebasing: body[object.range]))
    }
    buffer.append(SnapshotText.end)
  }

  private mutating func putShared(_ object: JSONValue, _ names: AnswerTable, to buffer: inout ByteBuffer) {
    let direction = direction(object, names)
    put(SnapshotText.price, object.marketText(names.price), to: &buffer)
    put(whole: SnapshotText.volume, object.marketText("acml_vol"), to: &buffer)
    put(#","open":"#, object.marketText(names.open), zeroIsNull: true, to: &buffer)
    put(#","high":"#, object.marketText(names.high), zeroIsNull: true, to: &buffer)
    put(#","low":"#, object.marketText(names.low), zeroIsNull: true, to: &buffer)
    put(#","change":"#, object.marketText(names.change), direction, to: &buffer)
    put(#","change_rate":"#, object.marketText(names.changeRate), direction, to: &buffer)
    put(whole: #","value":"#, object.marketText("acml_tr_pbmn"), to: &buffer)
    put(#","base_price":"#, object.marketText(names.base), zeroIsNull: true, to: &buffer)
    put(#","upper_limit":"#, object.marketText(names.upperLimit), zeroIsNull: true, to: &buffer)
    put(#","lower_limit":"#, object.marketText(names.lowerLimit), zeroIsNull: true, to: &buffer)
    if [names.change, names.changeRate].contains(where: { Self.disagrees(object.marketText($0), direction) })
    {
      complaints.signDisagreements += 1
    }
  }

  private func putPreviousClose(_ object: JSONValue, _ names: AnswerTable, to buffer: inout ByteBuffer) {
    buffer.append(#","prev_close":"#)
    guard let price = Self.integer(object.marketText(names.price)),
      let change = Self.integer(object.marketText(names.change))
    else { return buffer.append("null") }
    let signed =
      switch direction(object, names) {
      case .up: change.magnitude
      case .flat: Int64(0)
      case .down: -change.magnitude
      case .unknown: change.value
      }
    if price.value > signed {
      buffer.append(decimal: Int(price.value - signed))
    } else {
      buffer.append("null")
    }
  }

  private func direction(_ object: JSONValue, _ names: AnswerTable) -> SnapshotDirection {
    let code = object.marketText(names.sign)?.utf8.first { $0 != 0x20 }
    return SnapshotDirection(code: code ?? 0)
  }

  /// Appends a name and a number, or `null`.
  private mutating func put(
    _ name: StaticString, _ text: String?, zeroIsNull: Bool = false, to buffer: inout ByteBuffer
  ) {
    buffer.append(name)
    Self.withNumber(text) { number in
      if zeroIsNull && number.isZero { return buffer.append("null") }
      put(number, isNegative: number.isNegative && !number.isZero, to: &buffer)
    }
  }

  /// Appends a name and a whole number, or `null`.
  private mutating func put(whole name: StaticString, _ text: String?, to buffer: inout ByteBuffer) {
    buffer.append(name)
    Self.withNumber(text) {
      put($0.asWhole(), isNegative: $0.isNegative && !$0.isZero, to: &buffer)
    }
  }

  private mutating func put(
    _ name: StaticString, _ text: String?, _ direction: SnapshotDirection, to buffer: inout ByteBuffer
  ) {
    buffer.append(name)
    Self.withNumber(text) { number in
      if direction == .flat && number.isNumber { return buffer.append("0") }
      put(number, isNegative: direction.isNegative(number), to: &buffer)
    }
  }

  private mutating func put(_ number: SnapshotNumber, isNegative: Bool, to buffer: inout ByteBuffer) {
    guard number.isNumber else {
      if !number.isEmpty { complaints.badNumbers += 1 }
      return buffer.append("null")
    }
    if isNegative { buffer.append(0x2D) }
    if number.startsWithPoint { buffer.append(0x30) }
    buffer.append(number.digits, count: number.count)
  }
}

// MARK: - Reading values
extension SnapshotBuilder {
  private static func isPrice(_ text: String) -> Bool { withNumber(text) { $0.isPositive } }

  private static func disagrees(_ text: String?, _ direction: SnapshotDirection) -> Bool {
    withNumber(text) { direction.disagrees(with: $0) }
  }

  private static func integer(_ text: String?) -> (value: Int64, magnitude: Int64)? {
    withNumber(text) { number in number.integer.map { ($0, number.magnitude) } }
  }

  private static func withNumber<Result>(_ text: String?, _ body: (SnapshotNumber) -> Result) -> Result {
    var copy = text ?? ""
    return copy.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return withUnsafePointer(to: 0x20) { body(.init($0, 1)) } }
      return body(SnapshotNumber(start, bytes.count))
    }
  }
}

extension JSONValue {
  /// A value of the exchange: strings as a rule, but a number would mean the same.
  fileprivate func marketText(_ name: String) -> String? {
    self[name].flatMap { $0.string ?? $0.numberText }
  }
}

extension ByteBuffer {
  /// Appends a JSON value as it is, except that line ends between tokens become spaces: a snapshot is one line.
  fileprivate mutating func append(oneLine json: UnsafeBufferPointer<UInt8>) {
    for byte in json { append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
  }
}
