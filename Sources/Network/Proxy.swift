import Plumbing

/// A proxy that a variable of the environment names: `[http://][user:password@]host[:port]`.
///
/// Its description names address and variable, never user or password.
public struct Proxy: Sendable, CustomStringConvertible {
  /// How the proxy is spoken to: `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h`.
  public let scheme: String
  /// Name, or address without brackets.
  public let host: String
  /// TCP port; without one 1080, as curl has it, or 443 for `https`.
  public let port: UInt16
  /// `user:password`, decoded; nil when none is given.
  public let credentials: Secret?
  /// The variable that names it.
  public let variable: String
  /// The variable's value, for libcurl.
  public let value: Secret

  /// Schemes that curl knows.
  private static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

  /// Reads the value of `variable`. A password is masked from then on in whatever this process writes.
  ///
  /// - Throws: `ToolFailure` with status configuration and one line, which does not repeat the value.
  init(_ text: String, variable: String) throws(ToolFailure) {
    let refused = ToolFailure(
      .configuration,
      "\(variable) is not a proxy's address: expected http://host:port or http://user:password@host:port"
        + " (in user and password '%40' stands for '@', '%3A' for ':', '%2F' for '/')")
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw refused }
    let parts = text.firstRange(of: "://").map { (text[..<$0.lowerBound], text[$0.upperBound...]) }
    let (scheme, rest) = parts ?? ("http", text[...])
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let place =
      authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    let user = authority.dropLast(place.count).dropLast()
    guard Self.schemes.contains(scheme.lowercased()), let found = URLAuthority(place) else {
      throw refused
    }
    self.scheme = scheme.lowercased()
    host = found.host
    port = found.port ?? (self.scheme == "https" ? 443 : 1080)
    guard place.count < authority.count else {
      (credentials, self.variable, value) = (nil, variable, Secret(text))
      return
    }
    let words = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = Self.decoded(words[0]),
      let password = words.count == 2 ? Self.decoded(words[1]) : ""
    else { throw refused }
    (credentials, self.variable, value) = (Secret(name + ":" + password), variable, Secret(text))
    for secret in [password, String(user)] { SecretMask.register(secret) }
  }

  /// `http://proxy:3128 (http_proxy)`.
  public var description: String {
    "the proxy \(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port) (\(variable))"
  }

  /// What is said when the proxy answered CONNECT for `target` (`host:port`) with an HTTP status that opens no tunnel.
  public func refusal(_ status: Int, of target: String) -> String {
    let advice =
      switch status {
      case 407 where credentials == nil:
        ": it wants a user: \(variable)=\(scheme)://user:password@\(host):\(port)"
      case 407: ": it does not take the user and password of \(variable)"
      case 400...499:
        ": it opens no tunnel there; allow it at the proxy, or name the host in no_proxy"
      case 500...599: ": it does not reach that host"
      default: ""
      }
    return "\(self) answered \(status) to CONNECT \(target)\(advice)"
  }

  /// `%41` is `A`. Nil for a broken escape and for control characters.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
        value >= 0x20, value != 0x7F
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
