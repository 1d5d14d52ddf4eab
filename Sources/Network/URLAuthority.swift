/// Host and port of a URL: `name`, `name:port`, `[address]` or `[address]:port`.
public struct URLAuthority: Equatable, Sendable {
  /// Name or address, without brackets; not empty.
  public let host: String
  /// 1 to 65535; nil when none is given.
  public let port: UInt16?

  /// Reads the part of a URL between `//` and the path. Nil when it is none, or names a user.
  public init?(_ text: Substring) {
    guard !text.contains("@") else { return nil }
    let name: Substring
    let rest: Substring
    if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
      name = text[text.index(after: text.startIndex)..<close]
      rest = text[text.index(after: close)...]
    } else {
      name = text.prefix { $0 != ":" }
      rest = text[name.endIndex...]
    }
    guard !name.isEmpty, !name.contains("["), !name.contains("]") else { return nil }
    host = String(name)
    guard !rest.isEmpty else {
      port = nil
      return
    }
    let digits = rest.dropFirst()
    guard rest.hasPrefix(":"), !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = UInt16(digits), number > 0
    else { return nil }
    port = number
  }
}
