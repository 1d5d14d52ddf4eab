import Glibc
import Plumbing

/// The HTTP client in a process of its own.
///
/// The system's client (FoundationNetworking) ends its process where it meets an answer that it did not expect,
/// such as one that is cut off within its head (swift-corelibs-foundation issue 5285). A server must not be able
/// to end an observation, so the client runs in a child: when it dies, the calls in the air have failed like any
/// other that lost their connection, and the next call starts another client. The child is this executable with
/// the word `--http-client`; it takes orders on its standard input and ends with it.
public final class RestClientProcess: RestTransport {
  /// The word that makes an executable the client.
  public static let word = "--http-client"

  /// Becomes readable when completions wait.
  public private(set) var descriptor: Int32 = -1
  /// How long a client may take to start, milliseconds.
  private static let patience: Int32 = 5000
  private let base: String
  private let connections: Int
  private var child: pid_t = 0
  private var flying: Set<Int> = []
  private var done: [RestCompletion] = []
  private var input: [UInt8] = []

  /// Starts a client for `base` (checked by `RestAddress`), with at most `connections` at a time.
  public init(base: String, connections: Int) {
    self.base = base
    self.connections = connections
    spawn()
  }

  // At the end of its input the child ends, too.
  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Starts a request.
  public func start(_ request: RestRequest) {
    if descriptor < 0 { spawn() }
    flying.insert(request.id)
    send(.start(request))
  }

  /// Gives a request up.
  public func cancel(_ id: Int) {
    flying.remove(id)
    send(.cancel(id))
  }

  /// Requests that ended since the last call.
  public func takeCompletions() -> [RestCompletion] {
    receive()
    while var message = RestWire.takeFirst(of: &input) {
      guard let completion = message.completion() else { continue }
      if flying.remove(completion.id) != nil { done.append(completion) }
    }
    defer { done = [] }
    return done
  }

  private func receive() {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while descriptor >= 0 {
      let got = read(descriptor, &chunk, chunk.count)
      if got > 0 {
        input += chunk[..<got]
      } else if got == 0 || errno != EAGAIN && errno != EINTR {
        lost()
      } else if errno == EAGAIN {
        return
      }
    }
  }

  private func send(_ order: RestWire.Order) {
    guard descriptor >= 0 else { return }
    let bytes = RestWire.encode(order)
    // A client that takes no orders is as good as none: its end shows on the descriptor.
    if Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) != bytes.count { kill(child, SIGKILL) }
  }

  /// The client is gone, and with it the connections it held.
  private func lost() {
    close(descriptor)
    descriptor = -1
    input = []
    kill(child, SIGKILL)
    while waitpid(child, nil, 0) < 0 && errno == EINTR {}
    let fault = RestFault(.interrupted, "the HTTP client ended over an answer")
    done += flying.sorted().map { RestCompletion(id: $0, .failed(fault)) }
    flying = []
  }

  private func spawn() {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      return
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    for descriptor: Int32 in [1, 2] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    let words: [String] = ["kis-fetch", Self.word, base, String(connections)]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    let failure = posix_spawn(&child, "/proc/self/exe", &actions, nil, arguments + [nil], environ)
    close(ends[1])
    guard failure == 0 else {
      close(ends[0])
      return
    }
    // Only a client that has started takes orders at once; the limiter counts on a call leaving when it is made.
    var greeting: UInt8 = 0
    System.wait(for: ends[0], events: Int16(POLLIN), timeout: Self.patience)
    _ = recv(ends[0], &greeting, 1, Int32(MSG_DONTWAIT))
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    descriptor = ends[0]
  }

  // MARK: - The child

  /// Serves as the client, if `arguments` say so; whether they did.
  public static func serve(_ arguments: [String]) -> Bool {
    guard arguments.count == 4, arguments[1] == word, let connections = Int(arguments[3]) else {
      return false
    }
    // Signals to the whole group are the parent's to handle; the child ends with its input.
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE] { Signals.ignore(signal) }
    let transport = HTTPTransport(base: arguments[2], connections: connections)
    var input: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    guard write(0, chunk, 1) == 1 else { return true }
    while true {
      var entries = [0, transport.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      _ = poll(&entries, 2, -1)
      if entries[0].revents != 0 {
        let got = read(0, &chunk, chunk.count)
        guard got > 0 else { return true }
        input += chunk[..<got]
      }
      while var message = RestWire.takeFirst(of: &input) {
        switch message.order() {
        case .start(let request): transport.start(request)
        case .cancel(let id): transport.cancel(id)
        case nil: return true
        }
      }
      for completion in transport.takeCompletions() {
        let bytes = RestWire.encode(completion)
        do { try System.write(0, bytes, count: bytes.count, name: "completion") } catch { return true }
      }
    }
  }
}
