import Glibc
import Synchronization

/// One address to connect to.
struct WebSocketAddress: Sendable {
  /// `AF_INET` or `AF_INET6`.
  let family: Int32
  /// The socket address.
  let storage: sockaddr_storage
  /// Its size.
  let length: socklen_t
}

/// Finds the addresses of a host without stopping the caller: `getaddrinfo` may wait for many seconds when the
/// name server is away, and the caller has other sockets to look after. So it runs on a thread of its own, and
/// a descriptor becomes readable when it is done. Whoever loses patience just lets go.
final class WebSocketResolver: Sendable {
  /// More addresses than this are not tried.
  static let maximumAddresses = 8

  /// Becomes readable when there is a result.
  let descriptor: Int32
  private let writeEnd: Int32
  private let host: String
  private let port: UInt16
  private let answer = Mutex<Result<[WebSocketAddress], WebSocketEnd>?>(nil)

  /// Begins to look for `host`.
  init(host: String, port: UInt16) throws(WebSocketEnd) {
    self.host = host
    self.port = port
    var ends: [Int32] = [-1, -1]
    let status = pipe(&ends)
    (descriptor, writeEnd) = (ends[0], ends[1])
    for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    guard status == 0 else {
      throw WebSocketEnd(reason: .connectFailed, code: nil, message: "no descriptor to find \(host) with")
    }
  }

  deinit {
    if descriptor >= 0 { Glibc.close(descriptor) }
    if writeEnd >= 0 { Glibc.close(writeEnd) }
  }

  /// Starts the search.
  func start() throws(WebSocketEnd) {
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<WebSocketResolver>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, retained.toOpaque())
    guard status == 0 else {
      retained.release()
      throw WebSocketEnd(reason: .connectFailed, code: nil, message: "no thread to find \(host) with")
    }
    pthread_detach(thread)
  }

  /// The result, nil while there is none.
  var result: Result<[WebSocketAddress], WebSocketEnd>? { answer.withLock { $0 } }

  private func run() {
    let found = Self.lookUp(host, port, flags: 0)
    answer.withLock { $0 = found }
    var note: UInt8 = 1
    _ = Glibc.write(writeEnd, &note, 1)
  }

  /// The addresses of `host`; with `AI_NUMERICHOST` only if it is an address already, and without waiting.
  static func lookUp(
    _ host: String, _ port: UInt16, flags: Int32
  ) -> Result<[WebSocketAddress], WebSocketEnd> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard status == 0 else {
      let why = String(cString: gai_strerror(status))
      return .failure(.init(reason: .connectFailed, code: nil, message: "cannot find host \(host): \(why)"))
    }
    var addresses: [WebSocketAddress] = []
    var entry = list
    while let info = entry?.pointee, addresses.count < maximumAddresses {
      entry = info.ai_next
      guard let address = info.ai_addr, Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else {
        continue
      }
      var storage = sockaddr_storage()
      memcpy(&storage, address, Int(info.ai_addrlen))
      addresses.append(.init(family: info.ai_family, storage: storage, length: info.ai_addrlen))
    }
    return .success(addresses)
  }
}
