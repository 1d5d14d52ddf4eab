import Glibc
import Plumbing

/// Who answers at the port.
enum PortProbe {
  static func look(_ port: UInt16) -> PortFacts {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .free }
    defer { close(descriptor) }
    var wait = timeval(tv_sec: 0, tv_usec: 500_000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &wait, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return .free }
    let request = "HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    guard send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { return .other }
    var answer = [UInt8](repeating: 0, count: 2048)
    let got = recv(descriptor, &answer, answer.count, 0)
    if got < 0 && errno == EAGAIN { return .silent }
    guard got > 0 else { return .other }
    return String(decoding: answer[..<got], as: UTF8.self).contains("\r\nServer: observer-health")
      ? .ours : .other
  }
}
