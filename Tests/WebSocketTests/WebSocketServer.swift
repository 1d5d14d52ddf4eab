import Foundation
import Glibc

@testable import WebSocket

/// A server on loopback that does what a script says to the first client.
final class WebSocketServer: @unchecked Sendable {
  /// Where it listens.
  let port: UInt16
  private let listener: Listener

  /// A descriptor that is closed when neither the server nor its thread needs it: closed under a thread that is about to
  /// accept, its number could be another test's listener by then.
  private final class Listener: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { Glibc.close(descriptor) }
  }

  /// Starts listening, on IPv4 or IPv6; `script` gets the client's socket on a thread of its own.
  init(family: Int32 = AF_INET, _ script: @escaping @Sendable (ServerSide) -> Void) {
    let listening = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    var (storage, size) = (sockaddr_storage(), socklen_t(MemoryLayout<sockaddr_in>.size))
    withUnsafeMutablePointer(to: &storage) { pointer in
      if family == AF_INET {
        pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          $0.pointee.sin_family = sa_family_t(AF_INET)
          $0.pointee.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        }
      } else {
        size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          $0.pointee.sin6_family = sa_family_t(AF_INET6)
          $0.pointee.sin6_addr = in6addr_loopback
        }
      }
    }
    var bound: UInt16 = 0
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = Glibc.bind(listening, $0, size)
        _ = listen(listening, 4)
        _ = getsockname(listening, $0, &size)
      }
      pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        bound = UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
    port = bound
    let listener = Listener(listening)
    self.listener = listener
    Thread.detachNewThread {
      withExtendedLifetime(listener) {
        let client = accept(listener.descriptor, nil, nil)
        guard client >= 0 else { return }
        script(ServerSide(descriptor: client))
        Glibc.close(client)
      }
    }
  }

  deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }
}

/// The server's end of a connection; blocking, with a limit of ten seconds.
struct ServerSide: Sendable {
  let descriptor: Int32

  init(descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  func write(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      done += count
    }
  }

  /// Waits 20 ms; whether the client, of whom all was read, is still there.
  var isHeard: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 20) == 0
  }

  /// Whether the client has its end open.
  var isThere: Bool {
    var entry = pollfd(fd: descriptor, events: 0x2000, revents: 0)  // POLLRDHUP
    return poll(&entry, 1, 0) == 0
  }

  func read(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var part = [UInt8](repeating: 0, count: count - bytes.count)
      let got = recv(descriptor, &part, part.count, 0)
      if got <= 0 { break }
      bytes += part[..<got]
    }
    return bytes
  }

  /// The head of a request, with the empty line; what there is of it when the client has gone.
  func head() -> String {
    var request: [UInt8] = []
    while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      let byte = read(1)
      if byte.isEmpty { break }
      request += byte
    }
    return String(decoding: request, as: UTF8.self)
  }

  /// Reads the request and answers as a WebSocket server; `after` is sent in the same packet.
  func upgrade(after: [UInt8] = []) {
    let lines = head().components(separatedBy: "\r\n")
    let key =
      lines.first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst("Sec-WebSocket-Key: ".count) ?? ""
    let answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Accept: \(WebSocketHandshake.accept(key: String(key)))\r\n\r\n"
    write(Array(answer.utf8) + after)
  }

  /// The next frame of the client, unmasked: opcode and payload. Short frames only.
  func frame() -> (opcode: UInt8, payload: [UInt8])? {
    let head = read(2)
    guard head.count == 2 else { return nil }
    var length = Int(head[1] & 0x7F)
    if length == 126 {
      let more = read(2)
      guard more.count == 2 else { return nil }
      length = Int(more[0]) << 8 | Int(more[1])
    }
    let mask = read(4)
    let payload = read(length)
    guard mask.count == 4, payload.count == length else { return nil }
    return (head[0] & 0x0F, payload.enumerated().map { $1 ^ mask[$0 % 4] })
  }
}
