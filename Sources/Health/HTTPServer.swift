import Glibc
import Plumbing

/// A small HTTP/1.1 server in one thread and one `poll`.
///
/// Every answer is made from memory, so a request costs microseconds. What a peer can take is bounded: the head,
/// the time for it, the connections, and one answer a connection at a time.
public final class HTTPServer {
  /// Connections at once; beyond that the one that waits longest makes room.
  public static let connectionLimit = 256
  /// Nanoseconds for a whole request head, for an answer to be read, and for the next request.
  static let headTime: Int64 = 5_000_000_000
  static let answerTime: Int64 = 10_000_000_000
  static let idleTime: Int64 = 15_000_000_000
  /// Nanoseconds between two answers on one connection: a scraper in a hurry must not take the processor from the
  /// pipeline. The first answer of a connection is never kept waiting.
  static let pace: Int64 = 100_000_000

  private struct Connection {
    var input: [UInt8] = []
    var output: [UInt8] = []
    var sent = 0
    var closes = false
    /// When the present wait began, monotonic nanoseconds.
    var since: Int64
    var deadline: Int64
    /// When the next request may be answered.
    var notBefore: Int64 = 0
    /// A request may be waiting in `input` already.
    var isPending = false
  }

  /// The port that it listens on.
  public let port: UInt16
  private let listener: Int32
  private let hosts: Set<String>
  private let respond: (HTTPRequest) -> HTTPAnswer
  private var connections: [Int32: Connection] = [:]

  /// Listens.
  ///
  /// - Parameters:
  ///   - hosts: names that `Host` may have, besides IP addresses and localhost.
  ///   - respond: the answer to a request; must not wait for anything.
  /// - Throws: `ToolFailure` 73 or 75.
  public init(
    _ address: ListenAddress, hosts: [String], respond: @escaping (HTTPRequest) -> HTTPAnswer
  ) throws(ToolFailure) {
    let opened = try address.listen()
    listener = opened.descriptor
    port = opened.port
    self.hosts = Set(hosts.map { $0.lowercased() } + ["localhost"])
    self.respond = respond
  }

  deinit {
    for descriptor in connections.keys { close(descriptor) }
    close(listener)
  }

  /// Serves until `until` (monotonic nanoseconds), or until `also` becomes readable.
  public func serve(until: Int64, also: Int32) {
    while true {
      let now = Clocks.monotonicNanoseconds()
      dropLate(now)
      if now >= until { return }
      for (descriptor, connection) in connections where connection.isPending && now >= connection.notBefore {
        servePending(descriptor, now)
      }
      var entries = [pollfd(fd: also, events: Int16(POLLIN), revents: 0)]
      entries.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
      var next = until
      for (descriptor, connection) in connections {
        let isPaused = connection.output.isEmpty && now < connection.notBefore
        let events = isPaused ? 0 : connection.output.isEmpty ? POLLIN : POLLOUT
        entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        next = min(next, isPaused ? connection.notBefore : connection.deadline)
      }
      let wait = Int32(clamping: max(0, next - now) / 1_000_000 + 1)
      guard poll(&entries, nfds_t(entries.count), wait) > 0 else { continue }
      if entries[0].revents != 0 { return }
      let ready = Clocks.monotonicNanoseconds()
      for entry in entries[2...] where entry.revents != 0 { serve(entry.fd, ready) }
      if entries[1].revents != 0 { accept(ready) }
    }
  }

  private func dropLate(_ now: Int64) {
    for (descriptor, connection) in connections where now >= connection.deadline { drop(descriptor) }
  }

  private func drop(_ descriptor: Int32) {
    connections[descriptor] = nil
    close(descriptor)
  }

  private func accept(_ now: Int64) {
    for _ in 0..<64 {
      let descriptor = Glibc.accept(listener, nil, nil)
      if descriptor < 0 {
        // No descriptor left: the one that waits longest gives its own.
        if errno == EMFILE || errno == ENFILE, let oldest { drop(oldest) }
        return
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      if connections.count >= Self.connectionLimit, let oldest { drop(oldest) }
      connections[descriptor] = Connection(since: now, deadline: now + Self.headTime)
      // A request mostly comes with the connection.
      serve(descriptor, now)
    }
  }

  private var oldest: Int32? {
    let idle = connections.filter { $0.value.output.isEmpty }
    return (idle.isEmpty ? connections : idle).min { $0.value.since < $1.value.since }?.key
  }

  private func serve(_ descriptor: Int32, _ now: Int64) {
    guard var connection = connections[descriptor] else { return }
    let isOpen =
      connection.output.isEmpty ? receive(descriptor, &connection, now) : send(descriptor, &connection, now)
    if isOpen { connections[descriptor] = connection } else { drop(descriptor) }
  }

  private func servePending(_ descriptor: Int32, _ now: Int64) {
    guard var connection = connections[descriptor] else { return }
    connection.isPending = false
    let isOpen = answer(descriptor, &connection, now)
    if isOpen { connections[descriptor] = connection } else { drop(descriptor) }
  }

  /// Reads what is there. False when the connection is over.
  private func receive(_ descriptor: Int32, _ connection: inout Connection, _ now: Int64) -> Bool {
    let got = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HTTPRequest.limit) { block -> Int in
      let got = recv(descriptor, block.baseAddress, block.count, 0)
      if got > 0 { connection.input += block[..<got] }
      return got
    }
    if got == 0 { return false }
    if got < 0 { return errno == EAGAIN || errno == EINTR }
    return answer(descriptor, &connection, now)
  }

  /// Answers the request at the front of the input, if it is whole.
  private func answer(_ descriptor: Int32, _ connection: inout Connection, _ now: Int64) -> Bool {
    switch HTTPRequest.parse(
      connection.input, allowsHost: { hosts.contains($0) || ListenAddress.isNumeric($0) })
    {
    case .incomplete: return true
    case .refused(let status):
      connection.closes = true
      connection.output = HTTPAnswer.refusal(status).bytes(isHead: false, keepsAlive: false)
      connection.input = []
    case .request(let request):
      connection.closes = !request.keepsAlive
      connection.output = respond(request).bytes(isHead: request.isHead, keepsAlive: request.keepsAlive)
      connection.input.removeFirst(request.length)
    }
    connection.sent = 0
    connection.since = now
    connection.deadline = now + Self.answerTime
    return send(descriptor, &connection, now)
  }

  private func send(_ descriptor: Int32, _ connection: inout Connection, _ now: Int64) -> Bool {
    while connection.sent < connection.output.count {
      let put = connection.output[connection.sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if put < 0 { return errno == EAGAIN || errno == EINTR }
      connection.sent += put
    }
    if connection.closes { return false }
    connection.output = []
    connection.since = now
    connection.notBefore = now + Self.pace
    connection.isPending = !connection.input.isEmpty
    connection.deadline = now + (connection.isPending ? Self.headTime : Self.idleTime)
    return true
  }
}
