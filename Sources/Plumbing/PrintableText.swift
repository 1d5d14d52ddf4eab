extension String {
  /// The text as a terminal, a page or a log may show it: what would drive a terminal, end a line or turn the order of
  /// letters around is spelled out (`\n`, `\x1b`, `\u0085`, `\u202e`). Controls of C0 and C1, DEL, line and paragraph
  /// separators, marks and overrides of direction, and letters without a shape are such.
  public var printable: String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isHidden { text += scalar.spelledOut } else { text.unicodeScalars.append(scalar) }
    }
    return text
  }

  /// Text from outside as a sentence holds it: masked, printable, at most `limit` characters, in quotes.
  public func quoted(limit: Int = 200) -> String {
    let shown = SecretMask.mask(self).printable
    let text = shown.count > limit ? shown.prefix(limit) + "…" : shown[...]
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
      + "\""
  }
}

extension Unicode.Scalar {
  fileprivate var isHidden: Bool {
    switch value {
    case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x061C, 0x115F...0x1160, 0x180B...0x180F, 0x200B...0x200F,
      0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFEFF, 0xFFA0, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
      true
    default: false
    }
  }

  fileprivate var spelledOut: String {
    func digits(_ count: Int) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
    return switch value {
    case 0x0A: "\\n"
    case 0x09: "\\t"
    case 0..<0x80: "\\x" + digits(2)
    case 0..<0x10000: "\\u" + digits(4)
    default: "\\u{" + digits(1) + "}"
    }
  }
}
