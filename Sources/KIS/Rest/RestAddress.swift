import Network
import Plumbing

/// Addresses that credentials may be sent to.
public enum RestAddress {
  /// Checks a base address: `https://host[:port]`, or `http://` to this host itself. Gives it without a last slash.
  ///
  /// - Returns: nil when it must not be used.
  public static func checked(_ text: String) -> String? {
    guard let parts = split(text) else { return nil }
    guard parts.isEncrypted || Loopback.holds(parts.authority.host) else { return nil }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  /// Whether a checked address is this host.
  public static func isLocal(_ address: String) -> Bool {
    split(address).map { Loopback.holds($0.authority.host) } ?? false
  }

  /// Whether a checked address is KIS's own, by its host's name.
  public static func isKIS(_ address: String) -> Bool {
    split(address).map { isKIS(host: $0.authority.host) } ?? false
  }

  /// Whether a host is one of KIS's.
  public static func isKIS(host: String) -> Bool {
    let host = host.utf8.map { $0 | 0x20 }
    return host.suffix(domain.count).elementsEqual(domain) && host.count > domain.count
  }

  private static let domain = Array(".koreainvestment.com".utf8)

  /// Host and port of a checked address.
  static func endpoint(_ address: String) -> (host: String, port: UInt16)? {
    split(address).map { ($0.authority.host, $0.authority.port ?? ($0.isEncrypted ? 443 : 80)) }
  }

  /// The proxy through which a checked address is asked; nil: directly.
  ///
  /// - Throws: `ToolFailure` with status configuration when the variable that names it holds no proxy's address.
  public static func proxy(_ address: String, in environment: Environment) throws(ToolFailure) -> Proxy? {
    guard let (host, port) = endpoint(address) else { return nil }
    return try ProxyChoice.proxy(for: .https, host: host, port: port, in: environment)
  }

  private static func split(_ text: String) -> (isEncrypted: Bool, authority: URLAuthority)? {
    // Anything else would have to be escaped, or would end the request's line.
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("?"), !text.contains("#") else {
      return nil
    }
    for (scheme, isEncrypted) in [("https://", true), ("http://", false)] where text.hasPrefix(scheme) {
      return URLAuthority(text.dropFirst(scheme.count).prefix { $0 != "/" }).map { (isEncrypted, $0) }
    }
    return nil
  }
}
