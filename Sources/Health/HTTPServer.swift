import Glibc
import Plumbing

/// A small HTTP/1.1 server in one thread and one `poll`.
///
/// Every answer is made from memory, so a request costs microseconds. What a peer can take is bounded: the head,
/// the time for it, the connections, the answers of a connection, and of all together those that are not about health.
public final class HTTPServer {
  /// Connections at once; beyond that the one that waits longest makes room.
  public static let connectionLimit = 256
  /// For a whole request head, for an answer to be read, and for the next request.
  static let headTime: Nanoseconds = .seconds(5)
  static let answerTime: Nanoseconds = .seconds(10)
  static let idleTime: Nanoseconds = .seconds(15)
  /// How much longer a peer waits for a budget that is spent: several answers come back at once, and one
  /// wake-up serves them all.
  static let rest: Nanoseconds = .milliseconds(10)
  /// How long the listener rests when the system has nothing left for a connection.
  static let shortage: Nanoseconds = .milliseconds(100)

  /// The budget of all peers together, however many connections they open: they must not take the processor from the
  /// pipeline. Whether it is healthy waits for nothing else that is asked.
  private struct Budgets {
    /// 2,000 a second.
    var vital = RateBudget(burst: 1024, interval: Nanoseconds(500_000))
    /// 500 a second.
    var other = RateBudget(burst: 1024, interval: .milliseconds(2))
  }

  /// A peer, and how far the talk with it is.
  private final class Connection {
    let descriptor: Int32
    var input: [UInt8] = []
    var output: [UInt8] = []
    var sent = 0
    var closes = false
    /// When the present wait began, monotonic.
    var since: Nanoseconds
    var deadline: Nanoseconds
    /// A fast scraper must not take the processor from the pipeline; a browser's first requests are not
    /// held up.
    var answers = RateBudget(burst: 4, interval: .milliseconds(250))
    /// The budget ended before the input did.
    var isPending = false

    init(_ descriptor: Int32, _ now: Nanoseconds) {
      self.descriptor = descriptor
      since = now
      deadline = now + HTTPServer.headTime
    }

    /// The budget of all that it waits for.
    var waitsFor: WritableKeyPath<Budgets, RateBudget>?
  }

  /// The port that it listens on.
  public let port: UInt16
  private let listener: Int32
  private let hosts: Set<String>
  private let respond: (HTTPRequest) -> HTTPAnswer
  private var connections: [Int32: Connection] = [:]
  private var entries: [pollfd] = []
  /// Peers and since when they waited, the longest last.
  private var ranked: [(Connection, Nanoseconds)] = []
  private var budgets = Budgets()
  private static let vital: Set<String> = ["/health", "/ready"]
  /// When the listener is to be watched again.
  private var acceptAfter: Nanoseconds = .zero

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

  /// Serves until `until` (monotonic), or until `also` becomes readable.
  public func serve(until: Nanoseconds, also: Int32) {
    while true {
      let now = Clocks.monotonic()
      if now >= until { return }
      let next = min(until, watch(also, now))
      guard poll(&entries, nfds_t(entries.count), next.pollTimeout(from: now)) > 0 else { continue }
      if entries[0].revents != 0 { return }
      let ready = Clocks.monotonic()
      for entry in entries[2...] where entry.revents != 0 {
        if let connection = connections[entry.fd] { serve(connection, ready) }
      }
      if entries[1].revents != 0 { accept(ready) }
    }
  }

  /// Does what is due, and gathers what `poll` is to watch: `also`, the listener, the peers. Gives the time at
  /// which something is due next.
  private func watch(_ also: Int32, _ now: Nanoseconds) -> Nanoseconds {
    entries.removeAll(keepingCapacity: true)
    entries.append(pollfd(fd: also, events: Int16(POLLIN), revents: 0))
    // A negative descriptor is passed over.
    entries.append(pollfd(fd: now < acceptAfter ? -1 : listener, events: Int16(POLLIN), revents: 0))
    var next = now < acceptAfter ? acceptAfter : Nanoseconds.max
    // The longest waiting connection is served first; else a few would use up the budget.
    let waiting = connections.values.filter { $0.isPending && now >= resumption($0) }
    for connection in waiting.sorted(by: { $0.since < $1.since }) where !answer(connection, now) {
      drop(connection)
    }
    for connection in connections.values {
      if now >= connection.deadline {
        drop(connection)
        continue
      }
      let resumes = resumption(connection)
      let isPaused = connection.output.isEmpty && now < resumes
      let events = isPaused ? 0 : connection.output.isEmpty ? POLLIN : POLLOUT
      entries.append(pollfd(fd: connection.descriptor, events: Int16(events), revents: 0))
      next = min(next, isPaused ? resumes + Self.rest : connection.deadline)
    }
    return next
  }

  /// The budget that an answer is taken from.
  private func budget(_ found: HTTPRequest.Outcome) -> WritableKeyPath<Budgets, RateBudget> {
    if case .request(let request) = found, Self.vital.contains(request.path) { return \.vital }
    return \.other
  }

  /// When a connection may be answered again.
  private func resumption(_ connection: Connection) -> Nanoseconds {
    max(connection.answers.due, connection.waitsFor.map { budgets[keyPath: $0].due } ?? .zero)
  }

  private func drop(_ connection: Connection) {
    connections[connection.descriptor] = nil
    close(connection.descriptor)
  }

  private func accept(_ now: Nanoseconds) {
    for _ in 0..<64 {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else { return fail(errno, now) }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      if connections.count >= Self.connectionLimit { _ = dropOldest() }
      let connection = Connection(descriptor, now)
      connections[descriptor] = connection
      // A request mostly comes with the connection.
      serve(connection, now)
    }
  }

  /// No connection could be accepted.
  private func fail(_ error: Int32, _ now: Nanoseconds) {
    switch error {
    case EAGAIN, EINTR, ECONNABORTED: break
    // No descriptor left: the one that waits longest gives its own.
    case EMFILE where dropOldest(): break
    default:
      // The listener stays readable: without a pause, asking again would take all of a processor.
      acceptAfter = now + Self.shortage
    }
  }

  /// Drops the peer that waits longest, one that is being answered only if there is no other. False without any.
  ///
  /// Ranked once for many: who comes or does something later is younger than all that are ranked.
  private func dropOldest() -> Bool {
    for _ in 0..<2 {
      while let (connection, since) = ranked.popLast() {
        guard connections[connection.descriptor] === connection, connection.since == since else { continue }
        drop(connection)
        return true
      }
      let idle = connections.values.filter(\.output.isEmpty)
      ranked = (idle.isEmpty ? Array(connections.values) : idle).map { ($0, $0.since) }.sorted { $0.1 > $1.1 }
    }
    return false
  }

  private func serve(_ connection: Connection, _ now: Nanoseconds) {
    let isOpen = connection.output.isEmpty ? receive(connection) : send(connection, now)
    if !isOpen || !answer(connection, now) { drop(connection) }
  }

  /// Reads what is there. False when the connection is over.
  private func receive(_ connection: Connection) -> Bool {
    let got = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HTTPRequest.limit) { block -> Int in
      let got = recv(connection.descriptor, block.baseAddress, block.count, Int32(MSG_DONTWAIT))
      if got > 0 { connection.input += block[..<got] }
      return got
    }
    if got == 0 { return false }
    return got > 0 || errno == EAGAIN || errno == EINTR
  }

  /// Answers the whole requests at the front of the input, one after another, as long as the budget lasts. False
  /// when the connection is over.
  private func answer(_ connection: Connection, _ now: Nanoseconds) -> Bool {
    while !connection.input.isEmpty, connection.output.isEmpty {
      connection.isPending = now < resumption(connection)
      if connection.isPending { return true }
      connection.waitsFor = nil
      switch HTTPRequest.parse(
        connection.input, allowsHost: { hosts.contains($0) || ListenAddress.isNumeric($0) })
      {
      case .incomplete: return true
      case let found where now < budgets[keyPath: budget(found)].due:
        connection.waitsFor = budget(found)
        connection.isPending = true
        return true
      case .refused(let status):
        budgets.other.take(now)
        connection.closes = true
        connection.output = HTTPAnswer.refusal(status).bytes(isHead: false, keepsAlive: false)
        connection.input = []
      case .request(let request):
        budgets[keyPath: budget(.request(request))].take(now)
        connection.closes = !request.keepsAlive
        connection.output = respond(request).bytes(isHead: request.isHead, keepsAlive: request.keepsAlive)
        connection.input.removeFirst(request.length)
      }
      connection.answers.take(now)
      connection.sent = 0
      connection.since = now
      connection.deadline = now + Self.answerTime
      guard send(connection, now) else { return false }
    }
    return true
  }

  private func send(_ connection: Connection, _ now: Nanoseconds) -> Bool {
    while connection.sent < connection.output.count {
      let put = connection.output[connection.sent...].withUnsafeBytes {
        Glibc.send(
          connection.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if put < 0 { return errno == EAGAIN || errno == EINTR }
      connection.sent += put
    }
    if connection.closes { return false }
    connection.output = []
    connection.since = now
    connection.deadline = now + (connection.input.isEmpty ? Self.idleTime : Self.headTime)
    return true
  }
}
