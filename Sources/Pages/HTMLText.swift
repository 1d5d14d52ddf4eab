import Plumbing

extension String {
  /// The text as it stands between tags or in an attribute's quotes.
  public var htmlEscaped: String {
    var out = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// The same of a text from outside: what could drive a terminal is spelled out.
  public var htmlPrintable: String { printable.htmlEscaped }
}

extension BinaryInteger {
  /// `1,234,567`.
  public var grouped: String {
    var digits = Array(String(magnitude))
    var at = digits.count - 3
    while at > 0 {
      digits.insert(",", at: at)
      at -= 3
    }
    return (self < 0 ? "-" : "") + String(digits)
  }
}
