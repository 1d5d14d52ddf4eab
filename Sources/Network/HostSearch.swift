import Glibc
import Synchronization

/// Why a host has no address: one line.
public struct HostNotFound: Error, Equatable, Sendable, CustomStringConvertible {
  /// The line.
  public let description: String
}

/// Finds the addresses of a host without stopping the caller: `getaddrinfo` may wait for many seconds when the
/// name server is away, and the caller has other sockets to look after. So it runs on a thread of its own, and
/// a descriptor becomes readable when it is done. Whoever loses patience just lets go.
public final class HostSearch: Sendable {
  /// More addresses than this are not tried.
  private static let maximumAddresses = 8

  /// Becomes readable when there is a result.
  public let descriptor: Int32
  private let writeEnd: Int32
  private let host: String
  private let port: UInt16
  private let answer = Mutex<Result<[HostAddress], HostNotFound>?>(nil)

  /// Prepares a search for `host`; `start` begins it.
  ///
  /// - Throws: when the system has no descriptor left.
  public init(host: String, port: UInt16) throws(HostNotFound) {
    self.host = host
    self.port = port
    var ends: [Int32] = [-1, -1]
    let status = pipe(&ends)
    (descriptor, writeEnd) = (ends[0], ends[1])
    for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    guard status == 0 else {
      throw HostNotFound(description: "no descriptor to find \(host) with")
    }
  }

  deinit {
    if descriptor >= 0 { Glibc.close(descriptor) }
    if writeEnd >= 0 { Glibc.close(writeEnd) }
  }

  /// Starts the search.
  ///
  /// - Throws: when the system has no thread left.
  public func start() throws(HostNotFound) {
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<HostSearch>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, retained.toOpaque())
    guard status == 0 else {
      retained.release()
      throw HostNotFound(description: "no thread to find \(host) with")
    }
    pthread_detach(thread)
  }

  /// The result, nil while there is none.
  public var result: Result<[HostAddress], HostNotFound>? { answer.withLock { $0 } }

  private func run() {
    let found = Self.lookUp(host, port, flags: 0)
    answer.withLock { $0 = found }
    var note: UInt8 = 1
    _ = Glibc.write(writeEnd, &note, 1)
  }

  /// The address that `host` is already, found without waiting; nil when it is a name.
  public static func numeric(_ host: String, _ port: UInt16) -> HostAddress? {
    guard case .success(let found) = lookUp(host, port, flags: AI_NUMERICHOST) else { return nil }
    return found.first
  }

  private static func lookUp(
    _ host: String, _ port: UInt16, flags: Int32
  ) -> Result<[HostAddress], HostNotFound> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard status == 0 else {
      let why = String(cString: gai_strerror(status))
      return .failure(.init(description: "cannot find host \(host): \(why)"))
    }
    var addresses: [HostAddress] = []
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
