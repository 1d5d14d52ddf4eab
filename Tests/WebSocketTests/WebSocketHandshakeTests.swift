import Testing

@testable import WebSocket

@Suite struct WebSocketHandshakeTests {
  /// RFC 3174, 7.3, and the two block edges.
  @Test(arguments: [
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    (
      String(repeating: "0123456701234567012345670123456701234567012345670123456701234567", count: 10),
      "dea356a2cddd90c7a7ecedc5ebb563934f460452"
    ),
  ])
  func sha1(_ text: String, _ digest: String) {
    let bytes = WebSocketSHA1.digest(Array(text.utf8))
    #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == digest)
  }

  @Test func theExampleOfTheRFC() {
    #expect(WebSocketHandshake.accept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  }

  static let nonce = Array("the sample nonce".utf8)

  @Test func theRequest() throws {
    let url = try WebSocketURL("ws://ops.koreainvestment.com:21000")
    let request = String(decoding: WebSocketHandshake(url: url, nonce: Self.nonce).request, as: UTF8.self)
    let lines = [
      "GET /tryitout HTTP/1.1", "Host: ops.koreainvestment.com:21000", "Upgrade: websocket",
      "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "",
      "",
    ]
    #expect(request == lines.joined(separator: "\r\n"))
  }

  static let good = [
    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ]

  static func check(_ lines: [String]) throws {
    let handshake = WebSocketHandshake(url: try WebSocketURL("ws://h"), nonce: nonce)
    let header = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    let length = try headerLength(header)
    #expect(length == header.count)
    try header.withUnsafeBufferPointer { try handshake.check($0) }
  }

  static func headerLength(_ header: [UInt8]) throws -> Int? {
    try header.withUnsafeBufferPointer { try WebSocketHandshake.headerLength($0) }
  }

  @Test(arguments: [
    good, good.map { $0.replacing("Upgrade: websocket", with: "UPGRADE:WebSocket  ") },
    good.map { $0.replacing("Connection: Upgrade", with: "connection: keep-alive, UPGRADE") },
    good + ["Date: now", "Server: x: y"], good + ["Sec-WebSocket-Extensions: "],
  ])
  func accepts(_ lines: [String]) throws { try Self.check(lines) }

  @Test(
    arguments: [
      ([], "not HTTP/1.1"), (["HTTP/1.0 101 x"] + good.dropFirst(), "not HTTP/1.1"),
      (["HTTP/1.1 200 OK"] + good.dropFirst(), "200 OK"), (["HTTP/1.1 403 Forbidden"], "403 Forbidden"),
      (["HTTP/1.1 1010 x"], "1010"), (good.filter { !$0.hasPrefix("Upgrade") }, "Upgrade: websocket"),
      (good.filter { !$0.hasPrefix("Conn") }, "Connection: Upgrade"),
      (good.filter { !$0.hasPrefix("Sec") }, "Accept"),
      (good.map { $0.replacing("s3pPL", with: "S3pPL") }, "Accept"), (good + [good[3]], "Accept"),
      (good + ["Sec-WebSocket-Extensions: permessage-deflate"], "extension"),
      (good + ["Sec-WebSocket-Protocol: chat"], "subprotocol"), (good + [": x"], "without a name"),
      (good + [" folded"], "without a name"), (good + ["nonsense"], "without a name"),
    ] as [([String], String)])
  func refuses(_ lines: [String], _ what: String) {
    let fault = #expect(throws: WebSocketFault.self) { try Self.check(lines) }
    #expect(fault?.what.contains(what) == true)
  }

  @Test func theHeaderIsBounded() {
    let endless = [UInt8](repeating: 0x61, count: WebSocketHandshake.maximumHeader)
    #expect(throws: WebSocketFault.self) { try Self.headerLength(endless) }
    #expect(throws: Never.self) {
      let length = try Self.headerLength(endless.dropLast())
      #expect(length == nil)
    }
  }

  @Test(arguments: [
    ("ws://h", "h", 80, "/tryitout"), ("ws://h:1", "h", 1, "/tryitout"), ("ws://h:65535/", "h", 65_535, "/"),
    ("ws://127.0.0.1:21000/a?b=c", "127.0.0.1", 21_000, "/a?b=c"), ("ws://[::1]:9/x", "::1", 9, "/x"),
    ("ws://[::1]", "::1", 80, "/tryitout"), ("ws://h?q", "h", 80, "/?q"),
  ])
  func urls(_ text: String, _ host: String, _ port: Int, _ path: String) throws {
    let url = try WebSocketURL(text)
    #expect(url.host == host)
    #expect(Int(url.port) == port)
    #expect(url.path == path)
  }

  @Test(arguments: [
    "", "h:1", "http://h", "wss://h", "ws://", "ws://:1", "ws://h:0", "ws://h:65536", "ws://h:x", "ws://h:+1",
    "ws://u@h", "ws://h/#f", "ws://h/ x", "ws://h/\r\nX: y", "ws://[::1", "ws://a:b:c", "ws://h:",
    "ws://[::1]x",
  ])
  func badURLs(_ text: String) {
    #expect(throws: (any Error).self) { try WebSocketURL(text) }
  }
}
