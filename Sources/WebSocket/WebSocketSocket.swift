import Glibc
import Network

/// A non-blocking TCP socket: the system calls of a connection and nothing else.
struct WebSocketSocket {
  /// What became of a call.
  enum Outcome: Equatable {
    /// So many bytes were moved.
    case moved(Int)
    /// Not now.
    case wouldBlock
    /// The peer has ended its side.
    case ended
    /// It failed.
    case failed(Int32)
  }

  /// The socket; -1 when there is none.
  private(set) var descriptor: Int32 = -1

  /// Begins to connect; `connectResult` tells how it went once the socket is writable.
  mutating func connect(to address: HostAddress) -> Int32 {
    close()
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    descriptor = socket(address.family, type, 0)
    guard descriptor >= 0 else { return errno }
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    // A route that vanished is noticed within minutes even if nothing is sent; the watchdog is faster.
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
    var storage = address.storage
    let status = withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, address.length)
      }
    }
    return status == 0 || errno == EINPROGRESS || errno == EINTR ? 0 : errno
  }

  /// nil while connecting, then 0 or the error.
  func connectResult() -> Int32? {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&entry, 1, 0) > 0 else { return nil }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
  }

  func receive(into target: UnsafeMutableRawBufferPointer) -> Outcome {
    while true {
      let count = recv(descriptor, target.baseAddress, target.count, 0)
      if count > 0 { return .moved(count) }
      if count == 0 { return .ended }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .wouldBlock : .failed(errno)
    }
  }

  /// Bytes that have come and are not read.
  var waiting: Int {
    var count: Int32 = 0
    return descriptor >= 0 && ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  }

  func send(_ source: UnsafeBufferPointer<UInt8>) -> Outcome {
    while true {
      let count = Glibc.send(descriptor, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .moved(count) }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .wouldBlock : .failed(errno)
    }
  }

  mutating func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }
}
