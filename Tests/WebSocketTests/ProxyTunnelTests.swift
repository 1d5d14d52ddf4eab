import Plumbing
import Synchronization
import Testing

@testable import WebSocket

@Suite(.serialized) struct ProxyTunnelTests {
  @Test(
    arguments: [
      ("HTTP/1.1 200 Connection established\r\n\r\n", .status(200, length: 39)),
      ("HTTP/1.0 200\r\n\r\n", .status(200, length: 16)),
      ("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\nbody", .status(407, length: 46)),
      ("", .incomplete), ("HTTP", .incomplete), ("HTTP/1.1 200 OK\r\n", .incomplete),
      ("HTTP/1.1 2000 OK\r\n\r\n", .fault("the answer is not HTTP/1.1")),
      ("HTTP/1.1 20\r\n\r\n", .fault("the answer is not HTTP/1.1")),
      ("HTTP/1.1 +20 OK\r\n\r\n", .fault("the answer is not HTTP/1.1")),
      ("HTTP/1.1 099 OK\r\n\r\n", .fault("the answer is not HTTP/1.1")),
      ("HTTP/2 200\r\n\r\n", .fault("the answer is not HTTP/1.1")),
      ("SSH-2.0-OpenSSH_9.6\r\n", .fault("the answer is not HTTP/1.1")),
      ("\u{5}\0", .fault("the answer is not HTTP/1.1")),
      ("HTTP/1.\r\n\r\n", .fault("the answer is not HTTP/1.1")),
    ] as [(String, ProxyTunnel.Answer)])
  func answers(text: String, answer: ProxyTunnel.Answer) {
    #expect(Array(text.utf8).withUnsafeBufferPointer { ProxyTunnel.answer($0) } == answer)
  }

  private static func tunnel(_ url: String, _ variables: [String: String]) throws -> ProxyTunnel? {
    try ProxyTunnel(to: try WebSocketURL(url), in: Environment { variables[$0] })
  }

  @Test func asksForTheServerAndTellsTheProxyWhoAsks() throws {
    let tunnel = try #require(
      try Self.tunnel("ws://kis.example", ["http_proxy": "http://user:hunter%402@proxy.example:3128"]))
    let lines = [
      "CONNECT kis.example:80 HTTP/1.1", "Host: kis.example:80",
      "Proxy-Authorization: Basic dXNlcjpodW50ZXJAMg==", "", "",
    ]
    #expect(String(decoding: tunnel.request, as: UTF8.self) == lines.joined(separator: "\r\n"))
    let six = try #require(try Self.tunnel("ws://[fd00::1]:21000", ["all_proxy": "proxy.example:3128"]))
    #expect(
      String(decoding: six.request, as: UTF8.self)
        == "CONNECT [fd00::1]:21000 HTTP/1.1\r\nHost: [fd00::1]:21000\r\n\r\n")
    #expect(try Self.tunnel("ws://kis.example", ["no_proxy": "*", "http_proxy": "http://proxy"]) == nil)
  }

  @Test(arguments: ["socks5h://proxy:1080", "https://proxy", "socks4://user:hunter2hunter2@proxy"])
  func otherProxiesAreRefusedWithTheWayOut(value: String) {
    let failure = #expect(throws: ToolFailure.self) {
      try Self.tunnel("ws://ops.example:21000", ["all_proxy": value])
    }
    #expect(failure?.status == .configuration)
    let message = failure?.message ?? ""
    #expect(message.contains("(all_proxy): the real-time socket goes through http:// proxies only"))
    #expect(
      message.contains("ws_proxy=http://host:port") && message.contains("put ops.example into no_proxy"))
    #expect(!message.contains("hunter2"))
  }

  @Test func talksThroughIt() throws {
    let heard = Mutex("")
    let server = WebSocketServer { client in
      let request = client.head()
      heard.withLock { $0 = request }
      client.write(Array("HTTP/1.1 200 Connection established\r\nVia: it\r\n\r\n".utf8))
      client.upgrade(after: ServerFrame.text("first"))
      client.write(ServerFrame.make(8, [0x03, 0xE8]))
      _ = client.frame()
    }
    let probe = try ConnectionProbe("ws://kis.example:21000", proxy: "http://u:p@127.0.0.1:\(server.port)")
    probe.run()
    #expect(heard.withLock { $0 }.hasPrefix("CONNECT kis.example:21000 HTTP/1.1\r\n"))
    #expect(probe.said == ["opened", "text first"])
    #expect(
      probe.end?.reason == .peerClosed && probe.end?.message.hasPrefix("kis.example:21000 closed") == true)
  }

  private static func answer(_ text: String) -> @Sendable (ServerSide) -> Void {
    { side in
      _ = side.head()
      side.write(Array(text.utf8))
      _ = side.read(1)
    }
  }

  /// Proxies that open no tunnel: how it ends, and what is said behind the proxy's name.
  static let hostile: [(String, WebSocketEnd.Reason, String, @Sendable (ServerSide) -> Void)] = [
    (
      "407", .proxyRefused, " answered 407 to CONNECT kis.example:21000: it wants a user",
      answer("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    ),
    (
      "403", .proxyRefused, " answered 403 to CONNECT kis.example:21000: it opens no tunnel there",
      answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno\r\n")
    ),
    (
      "502", .proxyRefused, " answered 502 to CONNECT kis.example:21000: it does not reach that host",
      answer("HTTP/1.0 502 Bad Gateway\r\n\r\n")
    ),
    (
      "a redirect", .proxyRefused, " answered 302 to CONNECT kis.example:21000",
      answer("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n")
    ),
    ("no HTTP", .proxyRefused, ": the answer is not HTTP/1.1", answer("220 mail.example ESMTP\r\n")),
    ("cut at once", .proxyRefused, " cut the connection before it answered", { _ = $0.head() }),
    (
      "cut within the head", .proxyRefused, " cut the connection before it answered",
      { side in
        _ = side.head()
        side.write(Array("HTTP/1.1 200 Conn".utf8))
      }
    ),
    (
      "endless head", .proxyRefused, ": the answer's header is longer than 16384 bytes",
      answer("HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 20_000))
    ),
    ("silent", .timeout, " did not answer in time", { _ = $0.read(100_000) }),
    (
      "a head that drips", .timeout, " did not answer in time",
      { side in
        _ = side.head()
        side.write(Array("HTTP/1.1 200 OK\r\nX: ".utf8))
        while side.isHeard { side.write([0x61]) }
      }
    ),
    (
      "a tunnel into nothing", .timeout, "",
      { side in
        _ = side.head()
        side.write(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
        _ = side.read(100_000)
      }
    ),
  ]

  @Test(arguments: hostile.indices)
  func survives(_ index: Int) throws {
    let (name, reason, text, script) = Self.hostile[index]
    let server = WebSocketServer(script)
    let proxy = "http://127.0.0.1:\(server.port)"
    let probe = try ConnectionProbe(
      "ws://kis.example:21000", proxy: proxy,
      options: reason == .timeout ? WebSocketConnectionTests.quick : WebSocketConnectionTests.patient)
    probe.run()
    let message = probe.end?.message ?? "no end"
    #expect(probe.end?.reason == reason, "\(name): \(message)")
    if text.isEmpty {
      #expect(message == "ws://kis.example:21000/tryitout did not answer in time")
    } else {
      #expect(message.hasPrefix("the proxy \(proxy) (http_proxy)\(text)"), "\(name): \(message)")
    }
    #expect(probe.said.isEmpty && probe.connection.descriptor == -1)
  }

  @Test func aProxyThatIsNotThereIsNamed() throws {
    let port = WebSocketServer { _ in }.port  // closed again: nobody listens there
    let probe = try ConnectionProbe("ws://kis.example:21000", proxy: "http://127.0.0.1:\(port)")
    probe.run()
    #expect(probe.end?.reason == .connectFailed)
    #expect(
      probe.end?.message
        == "cannot connect to the proxy http://127.0.0.1:\(port) (http_proxy): Connection refused")
  }
}
