import Network
import Plumbing

/// Where a WebSocket server is: `ws://host[:port][/path]`.
///
/// Only plain `ws://`: KIS offers real-time data on ports 21000 and 31000 without TLS.
public struct WebSocketURL: Equatable, Sendable, CustomStringConvertible {
  /// Name or address, without brackets.
  public let host: String
  /// TCP port.
  public let port: UInt16
  /// Path and query; begins with `/`.
  public let path: String

  /// Reads a URL; without a path it gets `/tryitout`, the one that KIS's own samples use.
  ///
  /// - Throws: `ToolFailure` with status usage and one line.
  public init(_ text: String) throws(ToolFailure) {
    func refused(_ why: String) -> ToolFailure { ToolFailure(.usage, "WebSocket URL '\(text)': \(why)") }
    // A control character or a space would end the request line and let the URL add a header.
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw refused("only printable ASCII without spaces")
    }
    if text.hasPrefix("wss://") { throw refused("only ws:// is offered by KIS, wss:// is not supported") }
    guard text.hasPrefix("ws://") else { throw refused("expected ws://host:port") }
    let rest = text.dropFirst(5)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let tail = rest.dropFirst(authority.count)
    if authority.contains("@") { throw refused("user names are not supported") }
    if tail.contains("#") || authority.contains("#") { throw refused("a fragment means nothing here") }
    guard let parts = URLAuthority(authority) else {
      throw refused("expected ws://host:port, port 1 to 65535")
    }
    host = parts.host
    port = parts.port ?? 80
    path = tail.isEmpty ? "/tryitout" : tail.hasPrefix("/") ? String(tail) : "/" + String(tail)
  }

  /// The value of the `Host` header.
  public var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == 80 ? name : "\(name):\(port)"
  }

  /// The URL.
  public var description: String { "ws://\(authority)\(path)" }
}
