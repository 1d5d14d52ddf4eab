import JSONBytes
import Plumbing

/// The HTTP request that turns a TCP connection into a WebSocket, and the check of the answer (RFC 6455, 4).
struct WebSocketHandshake {
  /// Largest answer header, bytes.
  static let maximumHeader = 16 * 1024

  /// The request.
  let request: [UInt8]
  private let accept: String

  /// Makes a request; `nonce` are 16 random bytes.
  init(url: WebSocketURL, nonce: [UInt8]) {
    let key = Self.base64(nonce)
    accept = Self.accept(key: key)
    request = Array(
      """
      GET \(url.path) HTTP/1.1\r
      Host: \(url.authority)\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Key: \(key)\r
      Sec-WebSocket-Version: 13\r
      \r\n
      """.utf8)
  }

  /// The answer that proves that the server understood `key`.
  static func accept(key: String) -> String {
    base64(WebSocketSHA1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
  }

  /// Length of the answer's header, nil while it has not all come.
  ///
  /// - Throws: when it is longer than `maximumHeader`.
  static func headerLength(_ bytes: UnsafeBufferPointer<UInt8>) throws(WebSocketFault) -> Int? {
    let limit = min(bytes.count, maximumHeader)
    var at = 3
    while at < limit {
      if bytes[at] == 0x0A, bytes[at - 1] == 0x0D, bytes[at - 2] == 0x0A, bytes[at - 3] == 0x0D {
        return at + 1
      }
      at += 1
    }
    if bytes.count >= maximumHeader {
      throw WebSocketFault(code: 1002, what: "the answer's header is longer than \(maximumHeader) bytes")
    }
    return nil
  }

  /// Checks a whole header.
  ///
  /// - Throws: what is wrong with it.
  func check(_ header: UnsafeBufferPointer<UInt8>) throws(WebSocketFault) {
    func refused(_ what: String) -> WebSocketFault { WebSocketFault(code: 1002, what: what) }
    let lines = String(decoding: header, as: UTF8.self).split(
      omittingEmptySubsequences: true, whereSeparator: { $0 == "\r\n" })
    guard let status = lines.first, status.hasPrefix("HTTP/1.1 ") else {
      throw refused("the answer is not HTTP/1.1")
    }
    guard status.dropFirst(9).prefix(4) == "101 " || status.dropFirst(9) == "101" else {
      throw refused("the server answered \(status.prefix(80))")
    }
    var fields: [String: [String]] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex, line.first != " ",
        line.first != "\t"
      else { throw refused("a header line without a name") }
      let value = line[line.index(after: colon)...].trimmed(Self.isBlank)
      fields[line[..<colon].lowercasedASCII, default: []].append(String(value))
    }
    guard Self.lists(fields["upgrade"], "websocket") else { throw refused("no 'Upgrade: websocket'") }
    guard Self.lists(fields["connection"], "upgrade") else { throw refused("no 'Connection: Upgrade'") }
    guard fields["sec-websocket-accept"] == [accept] else { throw refused("wrong Sec-WebSocket-Accept") }
    // Neither was offered, and an extension would change what frames mean.
    guard fields["sec-websocket-extensions"]?.allSatisfy(\.isEmpty) ?? true else {
      throw refused("an extension that was not offered")
    }
    guard fields["sec-websocket-protocol"] == nil else { throw refused("a subprotocol that was not offered") }
  }

  private static func lists(_ values: [String]?, _ token: String) -> Bool {
    (values ?? []).flatMap { $0.split(separator: ",") }.contains {
      $0.trimmed(isBlank).lowercasedASCII == token
    }
  }

  private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

  private static func base64(_ bytes: [UInt8]) -> String {
    var text = ByteBuffer(capacity: 64)
    bytes.withUnsafeBufferPointer { text.append(base64: $0) }
    return text.text
  }
}
