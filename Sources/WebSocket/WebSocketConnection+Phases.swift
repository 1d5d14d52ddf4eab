import Glibc
import JSONBytes
import Network
import Plumbing

/// The steps of a connection, one phase at a time.
extension WebSocketConnection {
  func takeAddresses(now: Nanoseconds) {
    guard let result = resolver?.result else { return }
    resolver = nil
    switch result {
    case .success(let found): connect(to: found, now: now)
    case .failure(let failure): finishSearch(failure)
    }
  }

  func finishSearch(_ failure: HostNotFound) {
    let place = tunnel.map { "\($0.proxy): " } ?? ""
    finish(.init(reason: .connectFailed, code: nil, message: place + failure.description))
  }

  /// What the next step needs an answer of: the proxy until its tunnel is open, then the server.
  private var neighbour: String {
    switch phase {
    case .idle, .resolving, .connecting, .tunnelling: tunnel.map { "\($0.proxy)" } ?? url.authority
    case .upgrading, .open, .closing, .draining, .closed: url.authority
    }
  }

  func connect(to found: [HostAddress], now: Nanoseconds) {
    addresses = found
    tryNextAddress(now: now, after: EADDRNOTAVAIL)
  }

  /// Each address gets its share of the time, so that a dead one cannot use up all of it.
  private func tryNextAddress(now: Nanoseconds, after code: Int32) {
    var code = code
    while !addresses.isEmpty {
      let share = (startDeadline - now) / addresses.count
      let address = addresses.removeFirst()
      code = socket.connect(to: address)
      if code == 0 {
        phase = .connecting
        phaseDeadline = now + max(share, .zero)
        return
      }
    }
    let why = String(cString: strerror(code))
    finish(.init(reason: .connectFailed, code: nil, message: "cannot connect to \(neighbour): \(why)"))
  }

  func takeConnection(now: Nanoseconds) {
    guard let code = socket.connectResult() else { return }
    guard code == 0 else { return tryNextAddress(now: now, after: code) }
    addresses = []
    phaseDeadline = startDeadline
    guard let tunnel else { return beginUpgrade() }
    output.append(tunnel.request)
    phase = .tunnelling
  }

  /// The proxy's answer. Bytes that drip in extend no time.
  func takeTunnel(now: Nanoseconds) {
    guard let tunnel else { return }
    let outcome = read(now: now)
    func refuse(_ why: String) { finish(.init(reason: .proxyRefused, code: nil, message: why)) }
    switch ProxyTunnel.answer(decoder.input.bytes) {
    case .incomplete where outcome == .ended: refuse("\(tunnel.proxy) cut the connection before it answered")
    case .incomplete: endOnFailure(outcome)
    case .fault(let why): refuse("\(tunnel.proxy): \(why)")
    case .status(200...299, let length):
      decoder.input.consume(length)
      beginUpgrade()
    case .status(let status, _): refuse(tunnel.proxy.refusal(status, of: tunnel.target))
    }
  }

  private func beginUpgrade() {
    output.append(handshake.request)
    phase = .upgrading
  }

  func upgrade(now: Nanoseconds, _ handler: (WebSocketEvent) -> Void) {
    let outcome = read(now: now)
    do {
      guard let length = try WebSocketHandshake.headerLength(decoder.input.bytes) else {
        endOnFailure(outcome)
        return
      }
      try handshake.check(UnsafeBufferPointer(rebasing: decoder.input.bytes[..<length]))
      decoder.input.consume(length)
      phase = .open
      phaseDeadline = nil
      handler(.opened)
    } catch {
      finish(
        .init(reason: .refusedUpgrade, code: nil, message: "\(url) did not become a WebSocket: \(error.what)")
      )
    }
  }

  /// Reads what is there and hands it out, a bounded number of times.
  func receive(now: Nanoseconds, _ handler: (WebSocketEvent) -> Void) {
    isBehind = false
    for _ in 0..<Self.readsPerService {
      guard phase == .open || phase == .closing else { return }
      let outcome = read(now: now)
      guard case .moved(let count) = outcome else { return endOnFailure(outcome) }
      deliver(now: now, handler)
      if count < Self.readSize { return }
    }
    isBehind = true
  }

  private static let readSize = 64 * 1024

  private func read(now: Nanoseconds) -> WebSocketSocket.Outcome {
    var outcome = WebSocketSocket.Outcome.wouldBlock
    let socket = socket
    _ = decoder.input.fill(room: Self.readSize) { target in
      outcome = socket.receive(into: target)
      if case .moved(let count) = outcome { return count }
      return 0
    }
    if case .moved(let count) = outcome {
      received += count
      if phase != .tunnelling { lastFrameAt = now }
    }
    return outcome
  }

  private func endOnFailure(_ outcome: WebSocketSocket.Outcome) {
    switch outcome {
    case .moved, .wouldBlock: break
    case .ended:
      finish(
        .init(
          reason: .ioError, code: nil, message: "\(url.authority) cut the connection without a close frame"))
    case .failed(let code): finishIO("receive from", code)
    }
  }

  /// Hands out every whole message. After a close from our side the rest of the data still counts.
  func deliver(now: Nanoseconds, _ handler: (WebSocketEvent) -> Void) {
    while phase == .open || phase == .closing, let message = decoder.next() {
      switch message {
      case .text(let text):
        messages &+= 1
        handler(.text(text))
      case .binary(let data):
        messages &+= 1
        handler(.binary(data))
      case .ping(let payload):
        pong(payload)
        handler(.ping(payload))
      case .pong(let payload): handler(.pong(payload))
      case .close(let code, let reason): takeClose(code, reason, now: now)
      case .fault(let fault): takeFault(fault, now: now)
      }
    }
  }

  private func takeClose(_ code: UInt16?, _ reason: UnsafeBufferPointer<UInt8>, now: Nanoseconds) {
    let number = code.map(String.init) ?? "none"
    if phase == .closing {
      return finish(.init(reason: .clean, code: code, message: "closed as asked, code \(number)"))
    }
    let text = reason.isEmpty ? "" : " (\(String(decoding: reason, as: UTF8.self)))"
    end = .init(
      reason: .peerClosed, code: code,
      message: "\(url.authority) closed the connection, code \(number)\(text)")
    encoder.appendClose(code, to: &output)
    drain(now: now)
  }

  private func takeFault(_ fault: WebSocketFault, now: Nanoseconds) {
    end = .init(
      reason: .protocolFault, code: fault.code, message: "\(url.authority) broke the protocol: \(fault.what)")
    if phase == .open { encoder.appendClose(fault.code, to: &output) }
    drain(now: now)
  }

  /// Sends what is queued, then ends.
  private func drain(now: Nanoseconds) {
    phase = .draining
    phaseDeadline = now + options.closeTimeout
    flush()
  }

  func flush() {
    guard socket.descriptor >= 0, phase != .connecting else { return }
    while written < output.count {
      let rest = UnsafeBufferPointer(start: output.start + written, count: output.count - written)
      switch socket.send(rest) {
      case .moved(let count): written += count
      case .wouldBlock:
        if output.count - written > Self.maximumOutput {
          finish(.init(reason: .ioError, code: nil, message: "\(url.authority) does not read what we send"))
        }
        return
      case .ended: return
      case .failed(let code): return finishIO("send to", code)
      }
    }
    output.removeAll()
    written = 0
    if phase == .draining, let end { finish(end) }
  }

  func expire(now: Nanoseconds) {
    switch phase {
    case .connecting where !addresses.isEmpty && now < startDeadline:
      tryNextAddress(now: now, after: ETIMEDOUT)
    case .resolving, .connecting, .tunnelling:
      let silent = tunnel.map { "\($0.proxy)" } ?? "\(url)"
      finish(.init(reason: .timeout, code: nil, message: "\(silent) did not answer in time"))
    case .upgrading: finish(.init(reason: .timeout, code: nil, message: "\(url) did not answer in time"))
    case .closing:
      finish(
        .init(reason: .timeout, code: nil, message: "\(url.authority) did not confirm the close in time"))
    case .draining: if let end { finish(end) }
    case .idle, .open, .closed: break
    }
  }

  private func finishIO(_ what: String, _ code: Int32) {
    let why = String(cString: strerror(code))
    finish(.init(reason: .ioError, code: nil, message: "cannot \(what) \(neighbour): \(why)"))
  }

  /// Ends the connection; the first reason given is the one that counts.
  func finish(_ reason: WebSocketEnd) {
    guard phase != .closed else { return }
    if end == nil { end = reason }
    phase = .closed
    phaseDeadline = nil
    resolver = nil
    socket.close()
  }

  func report(_ handler: (WebSocketEvent) -> Void) {
    guard phase == .closed, let end, !isEndReported else { return }
    isEndReported = true
    handler(.closed(end))
  }
}
