/// The hosts that are asked without a proxy: the value of `no_proxy`, as curl reads it.
///
/// Entries stand between commas or blanks. `example.com`, also written `.example.com`, is that host and every host
/// under it; an address is itself, and `10.0.0.0/8` every address that begins with the same 8 bits; `*` is every host.
/// An entry with a port (`example.com:21000`) counts for that port only, which curl does not know.
struct NoProxyList {
  private let entries: [Substring]

  init(_ text: String) {
    entries = text.split { $0 == "," || $0 == " " || $0 == "\t" }
  }

  /// Whether `host` (a name, or an address without brackets) is asked without a proxy.
  func holds(host: String, port: UInt16) -> Bool {
    let address = IPAddress(host)
    let name = Self.bare(host.lowercased()[...])
    return entries.contains { entry in
      if entry == "*" { return true }
      let (place, entryPort) = Self.split(entry)
      if let entryPort, entryPort != port { return false }
      guard let address else { return Self.covers(Self.bare(place.lowercased()[...]), name) }
      return Self.covers(place, address)
    }
  }

  /// An entry without its port and brackets.
  private static func split(_ entry: Substring) -> (place: String, port: UInt16?) {
    guard let authority = URLAuthority(entry), !authority.host.contains("/") else {
      return (String(entry), nil)
    }
    return (authority.host, authority.port)
  }

  /// A name without the dots that mean nothing: one before a domain, one at the end, and `*.` for a domain.
  private static func bare(_ name: Substring) -> Substring {
    var name = name
    if name.hasPrefix("*.") { name = name.dropFirst() }
    if name.hasPrefix(".") { name = name.dropFirst() }
    if name.hasSuffix(".") { name = name.dropLast() }
    return name
  }

  private static func covers(_ domain: Substring, _ name: Substring) -> Bool {
    !domain.isEmpty && (name == domain || name.hasSuffix("." + domain))
  }

  private static func covers(_ entry: String, _ address: IPAddress) -> Bool {
    let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let other = IPAddress(String(parts[0])) else { return false }
    guard parts.count == 2 else { return other == address }
    guard let bits = Int(parts[1]) else { return false }
    return address.matches(other, bits: bits)
  }
}
