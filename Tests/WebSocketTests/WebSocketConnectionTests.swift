import Glibc
import Plumbing
import Synchronization
import Testing

@testable import WebSocket

/// Drives a connection as a caller does, and writes down what happens.
final class ConnectionProbe {
  let connection: WebSocketConnection
  var said: [String] = []
  /// How often `poll` returned.
  var turns = 0
  var end: WebSocketEnd?
  var react: (WebSocketConnection, WebSocketEvent) -> Void = { _, _ in }

  init(_ url: String, proxy: String? = nil, options: WebSocketOptions = .init()) throws {
    let url = try WebSocketURL(url)
    let tunnel = try ProxyTunnel(to: url, in: Environment { $0 == "http_proxy" ? proxy : nil })
    connection = WebSocketConnection(url, tunnel: tunnel, options: options)
  }

  /// Until the end, ten seconds at most.
  func run() {
    let limit = Clocks.monotonic() + .seconds(60)
    connection.begin(now: Clocks.monotonic())
    while end == nil {
      turns += 1
      let now = Clocks.monotonic()
      if now > limit { return }
      let wait = min(connection.deadline ?? limit, limit) - now
      var entry = pollfd(fd: connection.descriptor, events: connection.pollEvents, revents: 0)
      _ = poll(&entry, 1, Int32(max(0, (wait + 999_999) / 1_000_000)))
      connection.service(now: Clocks.monotonic()) { event in
        note(event)
        react(connection, event)
      }
    }
  }

  private func note(_ event: WebSocketEvent) {
    switch event {
    case .opened: said.append("opened")
    case .text(let text): said.append("text \(String(decoding: text, as: UTF8.self))")
    case .binary(let data): said.append("binary \(data.count)")
    case .ping(let payload): said.append("ping \(payload.count)")
    case .pong(let payload): said.append("pong \(payload.count)")
    case .closed(let end):
      #expect(self.end == nil)
      self.end = end
    }
  }
}

@Suite(.serialized) struct WebSocketConnectionTests {
  static let quick = {
    var options = WebSocketOptions()
    options.connectTimeout = .milliseconds(200)
    options.closeTimeout = .milliseconds(200)
    return options
  }()
  /// The same for a server that answers, however busy the machine is.
  static let patient = {
    var options = quick
    options.connectTimeout = .seconds(5)
    return options
  }()

  @Test(arguments: [(AF_INET, "127.0.0.1"), (AF_INET, "localhost"), (AF_INET6, "[::1]")])
  func talks(_ family: Int32, _ host: String) throws {
    let heard = Mutex<[String]>([])
    let server = WebSocketServer(family: family) { client in
      client.upgrade(after: ServerFrame.text("first"))
      for _ in 0..<3 {
        guard let frame = client.frame() else { return }
        heard.withLock { $0.append("\(frame.opcode) \(String(decoding: frame.payload, as: UTF8.self))") }
        if frame.opcode == 1 { client.write(ServerFrame.make(9, Array("are you there".utf8))) }
        if frame.payload.elementsEqual("are you there".utf8) { client.write(ServerFrame.text("PINGPONG")) }
      }
      client.write(ServerFrame.make(8, [0x03, 0xE8] + Array("bye".utf8)))
      if let frame = client.frame() { heard.withLock { $0.append("\(frame.opcode) \(frame.payload)") } }
    }
    let probe = try ConnectionProbe("ws://\(host):\(server.port)")
    probe.react = { connection, event in
      if case .opened = event { connection.send(text: Array("subscribe".utf8)) }
      if case .text(let text) = event, text.elementsEqual("PINGPONG".utf8) { connection.pong(text) }
    }
    probe.run()
    #expect(probe.said == ["opened", "text first", "ping 13", "text PINGPONG"])
    #expect(probe.end?.reason == .peerClosed)
    #expect(probe.end?.code == 1000)
    #expect(probe.end?.message.hasSuffix("code 1000 (bye)") == true)
    #expect(probe.connection.descriptor == -1)
    #expect(probe.connection.lastFrameAt > 0)
    #expect(heard.withLock { $0 }.prefix(3) == ["1 subscribe", "10 are you there", "10 PINGPONG"])
  }

  @Test func closesPolitely() throws {
    let server = WebSocketServer { client in
      client.upgrade()
      guard let frame = client.frame(), frame.opcode == 8 else { return }
      client.write(ServerFrame.text("last") + ServerFrame.make(8, frame.payload))
    }
    let probe = try ConnectionProbe("ws://127.0.0.1:\(server.port)")
    probe.react = { connection, event in
      if case .opened = event { connection.close(now: Clocks.monotonic()) }
    }
    probe.run()
    #expect(probe.said == ["opened", "text last"])
    #expect(probe.end?.reason == .clean)
    #expect(probe.end?.code == 1000)
  }

  /// Servers that do something wrong: how it ends.
  static let hostile: [(String, WebSocketEnd.Reason, @Sendable (ServerSide) -> Void)] = [
    ("cut at once", .ioError, { _ in }),
    ("no WebSocket", .refusedUpgrade, { $0.write(Array("HTTP/1.1 404 Not Found\r\n\r\n".utf8)) }),
    ("endless header", .refusedUpgrade, { $0.write([UInt8](repeating: 0x61, count: 20_000)) }),
    ("silent", .timeout, { _ = $0.read(100_000) }),
    ("cut after the upgrade", .ioError, { $0.upgrade() }),
    ("half a frame", .ioError, { $0.upgrade(after: [0x81, 0x05, 0x48]) }),
    (
      "masked", .protocolFault,
      { side in
        side.upgrade(after: [0x81, 0x80, 0, 0, 0, 0]); _ = side.frame()
      }
    ),
    (
      "too long", .protocolFault,
      { side in
        side.upgrade(after: [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]); _ = side.frame()
      }
    ),
    (
      "wrong close", .protocolFault,
      { side in
        side.upgrade(after: [0x88, 1, 0]); _ = side.frame()
      }
    ),
    (
      "quick close", .peerClosed,
      { side in
        side.upgrade(after: [0x88, 0]); _ = side.frame()
      }
    ),
  ]

  @Test(arguments: hostile.indices)
  func survives(_ index: Int) throws {
    let (name, reason, script) = Self.hostile[index]
    let server = WebSocketServer(script)
    let probe = try ConnectionProbe(
      "ws://127.0.0.1:\(server.port)", options: reason == .timeout ? Self.quick : Self.patient)
    probe.run()
    #expect(probe.end?.reason == reason, "\(name): \(probe.end?.message ?? "no end")")
    #expect(probe.end?.message.isEmpty == false)
    #expect(probe.connection.deadline == nil)
  }

  @Test func aServerThatIgnoresTheCloseIsLeft() throws {
    let server = WebSocketServer { client in
      client.upgrade()
      _ = client.read(1_000_000)
    }
    let probe = try ConnectionProbe("ws://127.0.0.1:\(server.port)", options: Self.quick)
    probe.react = { connection, event in
      if case .opened = event { connection.close(now: Clocks.monotonic()) }
    }
    probe.run()
    #expect(probe.end?.reason == .timeout)
  }

  /// What cannot be sent is waited for, not asked for again and again.
  @Test func aClosingServerThatReadsNothingCostsNoTime() throws {
    let server = WebSocketServer { client in
      var room: Int32 = 4096
      setsockopt(client.descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
      client.upgrade()
      let ping: [UInt8] = [0x89, 125] + [UInt8](repeating: 0x61, count: 125)
      for _ in 0..<400 { client.write(Array(repeatElement(ping, count: 100).joined())) }
      client.write([0x88, 2, 3, 0xE8])
      while client.isThere { usleep(10_000) }
    }
    let probe = try ConnectionProbe("ws://127.0.0.1:\(server.port)", options: Self.patient)
    probe.run()
    #expect(probe.end != nil)
    #expect(probe.turns < 20_000, "\(probe.turns) turns")
  }

  @Test func refusedAndUnknownHosts() throws {
    let port = WebSocketServer { _ in }.port
    let refused = try ConnectionProbe("ws://127.0.0.1:\(port)", options: Self.quick)
    refused.run()
    #expect(refused.end?.reason == .connectFailed)
    var patient = WebSocketOptions()
    patient.connectTimeout = .seconds(8)
    let unknown = try ConnectionProbe("ws://no-such-host.invalid:1", options: patient)
    unknown.run()
    #expect(unknown.end?.reason == .connectFailed || unknown.end?.reason == .timeout)
    #expect(unknown.end?.message.contains("no-such-host.invalid") == true)
  }

  @Test func abortEndsItWithItsReason() throws {
    let server = WebSocketServer { client in
      client.upgrade(after: ServerFrame.text("a") + ServerFrame.text("b"))
      _ = client.read(1)
    }
    let probe = try ConnectionProbe("ws://127.0.0.1:\(server.port)")
    probe.react = { connection, event in
      if case .text = event { connection.abort("silent for 120 s") }
    }
    probe.run()
    #expect(probe.said == ["opened", "text a"])
    #expect(probe.end == WebSocketEnd(reason: .aborted, code: nil, message: "silent for 120 s"))
  }

  @Test func manyFramesArriveInOrder() throws {
    let count = 20_000
    let server = WebSocketServer { client in
      client.upgrade()
      var block: [UInt8] = []
      for number in 0..<count { block += ServerFrame.text("\(number)") }
      client.write(block + ServerFrame.make(8))
      _ = client.frame()
    }
    let probe = try ConnectionProbe("ws://127.0.0.1:\(server.port)")
    probe.run()
    #expect(probe.said == ["opened"] + (0..<count).map { "text \($0)" })
    #expect(probe.connection.messages == count)
  }

  @Test func aPeerThatDoesNotReadIsLeft() throws {
    let server = WebSocketServer { client in
      client.upgrade()
      while !client.write(probing: ServerFrame.make(9, [UInt8](repeating: 0x70, count: 125))) {}
    }
    let probe = try ConnectionProbe("ws://127.0.0.1:\(server.port)")
    probe.run()
    #expect(probe.end?.reason == .ioError)
    #expect(probe.end?.message.contains("does not read") == true)
  }
}

extension ServerSide {
  /// Sends; true when the other side is gone.
  fileprivate func write(probing bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } <= 0
  }
}
