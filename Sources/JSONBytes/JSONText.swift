/// Writing JSON strings.
extension ByteBuffer {
  /// Appends `text` as a JSON string with its quotes.
  public mutating func append(jsonString text: String) {
    var copy = text
    copy.withUTF8 { append(jsonString: $0) }
  }

  /// Appends valid UTF-8 as a JSON string with its quotes; only what RFC 8259 demands is escaped.
  public mutating func append(jsonString text: UnsafeBufferPointer<UInt8>) {
    append(0x22)
    append(jsonEscaped: text)
    append(0x22)
  }

  /// Appends valid UTF-8 escaped for the inside of a JSON string.
  public mutating func append(jsonEscaped text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress else { return }
    reserve(text.count)
    var at = 0
    while at < text.count {
      let start = at
      while at + 8 <= text.count, JSONWord.escapes(JSONWord.load(base + at)) == 0 { at += 8 }
      while at < text.count, !Self.mustEscape(base[at]) { at += 1 }
      append(base + start, count: at - start)
      guard at < text.count else { return }
      append(escaped: base[at])
      at += 1
    }
  }

  @inline(__always)
  private static func mustEscape(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C }

  private mutating func append(escaped byte: UInt8) {
    switch byte {
    case 0x22: append("\\\"")
    case 0x5C: append("\\\\")
    case 0x0A: append("\\n")
    case 0x0D: append("\\r")
    case 0x09: append("\\t")
    default:
      append("\\u00")
      append(hexDigit(byte >> 4))
      append(hexDigit(byte & 15))
    }
  }

  /// Appends bytes in base64 (RFC 4648, padded).
  public mutating func append(base64 data: UnsafeBufferPointer<UInt8>) {
    reserve((data.count + 2) / 3 * 4)
    var at = 0
    while at < data.count {
      let left = data.count - at
      let word =
        UInt32(data[at]) << 16 | (left > 1 ? UInt32(data[at + 1]) << 8 : 0)
        | (left > 2 ? UInt32(data[at + 2]) : 0)
      append(base64Digit(word >> 18))
      append(base64Digit(word >> 12))
      append(left > 1 ? base64Digit(word >> 6) : 0x3D)
      append(left > 2 ? base64Digit(word) : 0x3D)
      at += 3
    }
  }
}

private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

private func base64Digit(_ word: UInt32) -> UInt8 {
  switch UInt8(word & 63) {
  case let value where value < 26: 0x41 + value
  case let value where value < 52: 0x61 + value - 26
  case let value where value < 62: 0x30 + value - 52
  case 62: 0x2B
  default: 0x2F
  }
}
