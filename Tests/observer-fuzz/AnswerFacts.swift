import JSONBytes

/// A number of the exchange, read in another way than the code under test reads it.
struct MarketNumber {
  let value: Double
  /// The value where it is whole and has at most 18 digits.
  let integer: Int?

  init?(_ text: String?) {
    guard let text else { return nil }
    var bytes = Array(text.utf8)
    while bytes.first == 0x20 { bytes.removeFirst() }
    while bytes.last == 0x20 { bytes.removeLast() }
    let trimmed = String(decoding: bytes, as: UTF8.self)
    guard let last = bytes.last, (0x30...0x39).contains(last),
      bytes.allSatisfy({ (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E].contains($0) }),
      let value = Double(trimmed)
    else { return nil }
    let digits = bytes.drop { $0 == 0x2B || $0 == 0x2D }
    // Surplus zeros before the first other digit do not count.
    var significant = digits[...]
    while significant.count > 1, significant.first == 0x30, significant.dropFirst().first != 0x2E {
      significant.removeFirst()
    }
    guard significant.count <= 40 else { return nil }
    self.value = value
    integer = significant.count <= 18 && !bytes.contains(0x2E) ? Int(trimmed) : nil
  }
}

extension JSONValue {
  /// A string, or the digits of a number.
  func marketText(_ name: String) -> String? { self[name].flatMap { $0.string ?? $0.numberText } }
}

/// One row of an answer beside the snapshot that was made of it.
struct AnswerFacts {
  let row: JSONValue
  /// The sign code: 1 limit up, 2 up, 3 flat, 4 limit down, 5 down.
  let code: String?

  /// The digits are those that were sent; where a zero means that there is nothing, it may be null.
  func checkEqual(
    _ line: borrowing SnapshotLine, _ pairs: [(StaticString, String)], _ kind: inout Kind
  ) throws(Broken) {
    for (name, source) in pairs {
      let sent = MarketNumber(row.marketText(source))
      let found = line.input(name)
      kind.add(sent == nil ? 0 : 1)
      if found == "null" && (sent == nil || sent?.value == 0) { continue }
      guard let sent, let found, Double(found) == sent.value else {
        throw Broken("\(name) is \(found ?? "absent"), sent \(row.marketText(source) ?? "nothing")")
      }
    }
  }

  /// The magnitude is what was sent, the sign what the code says.
  func checkSigned(_ line: borrowing SnapshotLine, _ pairs: [(StaticString, String)]) throws(Broken) {
    for (name, source) in pairs {
      let sent = MarketNumber(row.marketText(source))
      let expected = sent.map { signed($0.value) }
      let found = line.input(name)
      guard found == "null" ? expected == nil : found.flatMap({ Double($0) }) == expected else {
        throw Broken("\(name) is \(found ?? "absent"), expected \(expected.map { "\($0)" } ?? "null")")
      }
    }
  }

  /// The close is the price without its change, where both are whole and something is left.
  func checkPreviousClose(
    _ line: borrowing SnapshotLine, _ priceName: String, _ changeName: String, _ kind: inout Kind
  ) throws(Broken) {
    let price = MarketNumber(row.marketText(priceName))?.integer
    let change = MarketNumber(row.marketText(changeName))?.integer
    var expected = "null"
    if let price, let change {
      let magnitude = Int(change.magnitude)
      let close = price - (isUp ? magnitude : isFlat ? 0 : isDown ? -magnitude : change)
      if close > 0 { expected = String(close) }
    }
    kind.add(expected == "null" ? 0 : 1)
    guard line.input("prev_close") == expected else {
      throw Broken("prev_close is \(line.input("prev_close") ?? "absent"), expected \(expected)")
    }
  }

  private var sign: Character? { code?.first { $0 != " " } }
  private var isUp: Bool { sign == "1" || sign == "2" }
  private var isFlat: Bool { sign == "3" }
  private var isDown: Bool { sign == "4" || sign == "5" }

  private func signed(_ value: Double) -> Double {
    isUp ? value.magnitude : isFlat ? 0 : isDown ? -value.magnitude : value
  }
}
