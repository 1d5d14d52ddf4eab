import Glibc
import Plumbing

/// A numeric address and a port to listen on.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
  /// Numeric IPv4 or IPv6 address.
  public let host: String
  /// 0 asks for a free one.
  public let port: UInt16

  /// `127.0.0.1:8000`.
  public static let standard = ListenAddress(host: "127.0.0.1", port: 8000)

  private init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:8000` or `[::1]:8000`.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard Self.isNumeric(host) else { return nil }
    self.init(host: host, port: port)
  }

  /// Whether `text` is an IP address.
  static func isNumeric(_ text: String) -> Bool {
    var four = in_addr()
    var six = in6_addr()
    return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
  }

  /// As it was given.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Listens, without blocking. Gives the descriptor and the port.
  ///
  /// - Throws: `ToolFailure` 75 when the port is taken, 73 when it cannot be had.
  func listen() throws(ToolFailure) -> (descriptor: Int32, port: UInt16) {
    let isSix = host.contains(":")
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(isSix ? AF_INET6 : AF_INET, kind, 0)
    guard descriptor >= 0 else { throw ToolFailure(.cannotCreate, "\(SystemError("make a socket"))") }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, isSix) == 0, Glibc.listen(descriptor, 1024) == 0 else {
      let error = SystemError("listen on \(self)")
      close(descriptor)
      if error.code == EADDRINUSE {
        throw ToolFailure(
          .tryLater,
          "port \(port) is taken by another program: ss -ltnp 'sport = :\(port)' names it; stop it, or give"
            + " another --listen")
      }
      throw ToolFailure(.cannotCreate, "\(error); give --listen an address of this host")
    }
    return (descriptor, Self.port(of: descriptor) ?? port)
  }

  private func bind(_ descriptor: Int32, _ isSix: Bool) -> Int32 {
    if isSix {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      inet_pton(AF_INET6, host, &address.sin6_addr)
      return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// The port stands at the same place in both families.
  private static func port(of descriptor: Int32) -> UInt16? {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return status == 0 ? UInt16(bigEndian: address.sin6_port) : nil
  }
}
