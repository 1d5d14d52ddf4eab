import JSONBytes
import Network
import Plumbing

/// The request that turns a connection with a proxy into one with the server, and the check of its answer
/// (RFC 9110, 9.3.6).
public struct ProxyTunnel: Sendable {
  /// The proxy.
  public let proxy: Proxy
  /// The server, `host:port`.
  let target: String

  /// A tunnel through the proxy that the environment names for `url`; nil when it names none.
  ///
  /// - Throws: `ToolFailure` with status configuration when the variable holds no proxy's address, or one that is
  ///   not spoken to over plain HTTP.
  public init?(to url: WebSocketURL, in environment: Environment) throws(ToolFailure) {
    guard let proxy = try ProxyChoice.proxy(for: .webSocket, host: url.host, port: url.port, in: environment)
    else { return nil }
    guard proxy.scheme == "http" else {
      throw ToolFailure(
        .configuration,
        "\(proxy): the real-time socket goes through http:// proxies only; name one in ws_proxy"
          + " (ws_proxy=http://host:port), or put \(url.host) into no_proxy to connect directly")
    }
    self.proxy = proxy
    target = (url.host.contains(":") ? "[\(url.host)]" : url.host) + ":\(url.port)"
  }

  /// The request. It holds the proxy's password.
  var request: [UInt8] {
    var text = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n"
    if let credentials = proxy.credentials {
      var token = ByteBuffer(capacity: 64)
      Array(credentials.reveal().utf8).withUnsafeBufferPointer { token.append(base64: $0) }
      SecretMask.register(token.text)
      text += "Proxy-Authorization: Basic \(token.text)\r\n"
    }
    return Array((text + "\r\n").utf8)
  }

  /// What a proxy has answered so far.
  enum Answer: Equatable {
    /// The head has not all come.
    case incomplete
    /// An HTTP status, 100 to 999, in a head of `length` bytes.
    case status(Int, length: Int)
    /// No HTTP, or a head that is longer than `WebSocketHandshake.maximumHeader`.
    case fault(String)
  }

  private static let version = Array("HTTP/1.".utf8)

  /// Reads the answer's head, `HTTP/1.x NNN` and lines that mean nothing here; what is no HTTP is known by its first
  /// bytes.
  static func answer(_ bytes: UnsafeBufferPointer<UInt8>) -> Answer {
    let start = min(bytes.count, version.count)
    guard bytes[..<start].elementsEqual(version[..<start]) else {
      return .fault("the answer is not HTTP/1.1")
    }
    do {
      guard let length = try WebSocketHandshake.headerLength(bytes) else { return .incomplete }
      guard let status = status(bytes[..<length]) else { return .fault("the answer is not HTTP/1.1") }
      return .status(status, length: length)
    } catch {
      return .fault(error.what)
    }
  }

  /// The three digits after the version.
  private static func status(_ head: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    let line = head.prefix { $0 != 0x0D && $0 != 0x0A }
    guard line.count >= 12, line[7] == 0x30 || line[7] == 0x31, line[8] == 0x20,
      line.count == 12 || line[12] == 0x20
    else { return nil }
    var number = 0
    for byte in line[9..<12] {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + Int(byte) - 0x30
    }
    return number >= 100 ? number : nil
  }
}
