import Glibc

/// One address of a host, with a port: what a socket connects to.
public struct HostAddress: Sendable {
  /// `AF_INET` or `AF_INET6`.
  public let family: Int32
  /// The socket address.
  public let storage: sockaddr_storage
  /// Its size.
  public let length: socklen_t

  /// The address in figures, IPv6 in brackets; nil when the system cannot write it.
  public var figures: String? {
    var storage = storage
    var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getnameinfo($0, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      }
    }
    guard status == 0 else { return nil }
    let figures = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return family == AF_INET6 ? "[\(figures)]" : figures
  }
}
