import Glibc
import JSONBytes
import Network
import Plumbing

/// A WebSocket client on a plain TCP socket, driven by the caller's `poll`.
///
/// Nothing here blocks. The caller polls `descriptor` for `pollEvents` until `deadline` at the latest, then calls
/// `service`, which does what can be done and reports events; the last event is always `closed`. Times are
/// `Clocks.monotonic`. A connection is used once and by one thread.
public final class WebSocketConnection {
  enum Phase { case idle, resolving, connecting, tunnelling, upgrading, open, closing, draining, closed }

  /// What is connected to.
  public let url: WebSocketURL
  /// The tunnel to it; nil: it is connected to directly.
  let tunnel: ProxyTunnel?
  /// When the last bytes of the server came; 0 before. A socket can be dead without ever telling, so the
  /// caller closes it after a long silence.
  public internal(set) var lastFrameAt: Nanoseconds = .zero
  /// Messages received.
  public internal(set) var messages = 0
  /// Whether the last `service` left bytes of the server unread: what it has said is not all known yet.
  public internal(set) var isBehind = false
  /// Bytes received, whatever they carry.
  public internal(set) var received = 0

  let options: WebSocketOptions
  var phase = Phase.idle
  var resolver: HostSearch?
  var addresses: [HostAddress] = []
  var socket = WebSocketSocket()
  var decoder: WebSocketDecoder
  var encoder: WebSocketEncoder
  var handshake: WebSocketHandshake
  var output = ByteBuffer(capacity: 4096)
  var written = 0
  var phaseDeadline: Nanoseconds?
  var startDeadline: Nanoseconds = .zero
  var end: WebSocketEnd?
  var isEndReported = false

  /// Unsent output beyond this means that the server does not read.
  static let maximumOutput = 1 << 20
  /// Reads of one `service`, so that a fast server cannot keep the caller from its other work.
  static let readsPerService = 16

  /// Prepares a connection, in a tunnel or directly; `begin` starts it.
  public init(_ url: WebSocketURL, tunnel: ProxyTunnel? = nil, options: WebSocketOptions = WebSocketOptions())
  {
    self.url = url
    self.tunnel = tunnel
    self.options = options
    decoder = WebSocketDecoder(maxMessage: options.maxMessage, requiresUTF8: options.requiresUTF8)
    encoder = WebSocketEncoder()
    var random = SystemRandomNumberGenerator()
    handshake = WebSocketHandshake(
      url: url, nonce: (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  deinit { socket.close() }

  /// The descriptor to poll; -1 when there is nothing to wait for.
  public var descriptor: Int32 { phase == .resolving ? resolver?.descriptor ?? -1 : socket.descriptor }

  /// What to poll for.
  public var pollEvents: Int16 {
    switch phase {
    case .idle, .closed: 0
    case .resolving: Int16(POLLIN)
    case .connecting: Int16(POLLOUT)
    case .draining: Int16(POLLOUT)
    case .tunnelling, .upgrading, .open, .closing:
      Int16(POLLIN) | (written < output.count ? Int16(POLLOUT) : 0)
    }
  }

  /// When `service` must be called although nothing happened; nil: not before something happens.
  public var deadline: Nanoseconds? { phase == .closed && !isEndReported ? .zero : phaseDeadline }

  /// Bytes of the server that have come and that no `service` has read.
  public var waiting: Int { socket.waiting }

  /// Whether messages can be sent.
  public var isOpen: Bool { phase == .open }

  /// Starts to connect. What goes wrong is told by `service` as `closed`.
  public func begin(now: Nanoseconds) {
    guard phase == .idle else { return }
    startDeadline = now + options.connectTimeout
    phaseDeadline = startDeadline
    let (host, port) = tunnel.map { ($0.proxy.host, $0.proxy.port) } ?? (url.host, url.port)
    if let address = HostSearch.numeric(host, port) { return connect(to: [address], now: now) }
    do {
      let search = try HostSearch(host: host, port: port)
      try search.start()
      resolver = search
      phase = .resolving
    } catch {
      finishSearch(error)
    }
  }

  /// Does what can be done without waiting, and reports what happened. `handler` may send, close and abort.
  public func service(now: Nanoseconds, _ handler: (WebSocketEvent) -> Void) {
    if phase == .resolving { takeAddresses(now: now) }
    if phase == .connecting { takeConnection(now: now) }
    flush()
    if phase == .tunnelling { takeTunnel(now: now) }
    flush()
    if phase == .upgrading { upgrade(now: now, handler) }
    if phase == .open || phase == .closing {
      deliver(now: now, handler)
      receive(now: now, handler)
    }
    flush()
    if let phaseDeadline, now >= phaseDeadline { expire(now: now) }
    report(handler)
  }

  /// Sends a text message. Ignored unless the connection is open.
  public func send(text: UnsafeBufferPointer<UInt8>) {
    guard phase == .open else { return }
    encoder.append(.text, text, to: &output)
    flush()
  }

  /// As the buffer form.
  public func send(text: [UInt8]) { text.withUnsafeBufferPointer { send(text: $0) } }

  /// Sends a Pong with these bytes (125 at most): the answer to a PINGPONG message.
  public func pong(_ payload: UnsafeBufferPointer<UInt8>) {
    guard phase == .open else { return }
    encoder.append(.pong, payload, to: &output)
    flush()
  }

  /// The caller could not serve the connection for so long: that is no silence of the server.
  public func excuse(_ pause: Nanoseconds) {
    startDeadline += pause
    phaseDeadline? += pause
  }

  /// Asks the server to end the connection; `service` reports `closed` when it agreed or did not in time.
  public func close(code: UInt16 = 1000, now: Nanoseconds) {
    switch phase {
    case .open:
      encoder.appendClose(code, to: &output)
      phase = .closing
      phaseDeadline = now + options.closeTimeout
      flush()
    case .idle, .resolving, .connecting, .tunnelling, .upgrading:
      finish(.init(reason: .aborted, code: nil, message: "closed before the connection was open"))
    case .closing, .draining, .closed: break
    }
  }

  /// Drops the connection without asking.
  public func abort(_ message: String) {
    finish(.init(reason: .aborted, code: nil, message: message))
  }
}
