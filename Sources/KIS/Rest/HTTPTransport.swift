import CCurl
import Glibc
import Network
import Plumbing

/// HTTP and HTTPS through the system's libcurl, driven by the caller's `poll`; nothing here blocks.
///
/// (Foundation's client is the same library behind a layer that ends the process over an answer cut off within its
/// head, swift-corelibs-foundation issue 5285, and spins while an answer is late.) Certificates are verified;
/// redirects are refused; cookies and caches are off; bodies and heads are bounded.
public final class HTTPTransport: RestTransport {
  /// The largest body that is taken, bytes.
  public static let bodyLimit = 4 << 20
  /// The largest head that is taken, bytes.
  public static let headLimit = 256 << 10
  /// Seconds without a byte after which a request is given up: connecting, waiting and reading alike.
  public static let idleLimit = 10

  /// Becomes readable when there is something to do: libcurl's sockets and its timer in one descriptor.
  public let descriptor: Int32
  private let timer: Int32
  /// Rings when completions wait that no socket tells of.
  private let bell: Int32
  private let multi: UnsafeMutableRawPointer
  private let base: String
  private let proxy: Proxy?
  private var exchanges: [UnsafeMutableRawPointer: HTTPExchange] = [:]
  private var done: [RestCompletion] = []
  private var addresses: HostAddresses?
  /// Requests that wait for the host's addresses.
  private var waiting: [RestRequest] = []

  private enum Option { static let hostConnections: Int32 = 7, kept: Int32 = 6 }

  /// Makes a client for `base` (checked by `RestAddress`), asked through the proxy that the environment names or
  /// directly, with at most `connections` at a time.
  ///
  /// - Throws: `ToolFailure` (78) when there is no libcurl, 74 when the system has no descriptors left.
  public init(base: String, _ environment: Environment, connections: Int) throws(ToolFailure) {
    if let why = ccurl_open() {
      throw ToolFailure(
        .configuration, "\(String(cString: why)): install libcurl (Debian, Ubuntu: apt-get install libcurl4)")
    }
    self.base = base
    proxy = try RestAddress.proxy(base, in: environment)
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
    bell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    // A proxy looks the name up itself.
    addresses = proxy == nil ? HostAddresses(base) : nil
    guard descriptor >= 0, timer >= 0, bell >= 0, let multi = ccurl_multi() else {
      throw ToolFailure(.ioError, "\(SystemError("make the HTTP client"))")
    }
    self.multi = multi
    ccurl_multi_set_number(multi, Option.hostConnections, connections)
    ccurl_multi_set_number(multi, Option.kept, connections)
    watch(timer, EPOLLIN.rawValue)
    watch(bell, EPOLLIN.rawValue)
    ccurl_multi_watch(
      multi,
      { _, socket, what, own, _ in
        Unmanaged<HTTPTransport>.fromOpaque(own).takeUnretainedValue().wait(for: socket, what)
        return 0
      },
      { _, milliseconds, own in
        Unmanaged<HTTPTransport>.fromOpaque(own).takeUnretainedValue().wake(after: milliseconds)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    for easy in exchanges.keys { ccurl_multi_remove(multi, easy) }
    ccurl_multi_end(multi)
    close(timer)
    close(bell)
    close(descriptor)
  }

  /// Starts a request.
  public func start(_ request: RestRequest) {
    do {
      if let search = try addresses?.refresh(Clocks.monotonic()) {
        watch(search, EPOLLIN.rawValue)
      }
    } catch {
      return fail(request, error.description)
    }
    if let addresses, addresses.entry == nil { waiting.append(request) } else { launch(request) }
  }

  private func launch(_ request: RestRequest) {
    guard let exchange = HTTPExchange(request, base: base, proxy: proxy, addresses: addresses?.entry),
      ccurl_multi_add(multi, exchange.easy) == 0
    else { return fail(request, "no memory for a request") }
    exchanges[exchange.easy] = exchange
  }

  private func fail(_ request: RestRequest, _ why: String) {
    done.append(RestCompletion(id: request.id, .failed(RestFault(.unreachable, why))))
    var one: UInt64 = 1
    _ = write(bell, &one, MemoryLayout<UInt64>.size)
  }

  /// Gives a request up.
  public func cancel(_ id: Int) {
    waiting.removeAll { $0.id == id }
    guard let easy = exchanges.first(where: { $0.value.id == id })?.key else { return }
    ccurl_multi_remove(multi, easy)
    exchanges[easy] = nil
  }

  /// The search for the host's addresses has ended: what waited for it goes on, or fails.
  private func takeAddresses(_ search: Int32) {
    epoll_ctl(descriptor, EPOLL_CTL_DEL, search, nil)
    addresses?.take(Clocks.monotonic())
    let ready = waiting
    waiting = []
    for request in ready {
      if addresses?.entry == nil { fail(request, "the host's name is not known") } else { launch(request) }
    }
  }

  /// Does what can be done without waiting; the requests that ended since the last call.
  public func takeCompletions() -> [RestCompletion] {
    var events = [epoll_event](repeating: epoll_event(), count: 16)
    let count = max(0, epoll_wait(descriptor, &events, Int32(events.count), 0))
    var isTime = false
    for event in events[..<Int(count)] {
      if event.data.fd == timer {
        var expirations: UInt64 = 0
        _ = read(timer, &expirations, MemoryLayout<UInt64>.size)
        isTime = true
      } else if event.data.fd == bell {
        var rings: UInt64 = 0
        _ = read(bell, &rings, MemoryLayout<UInt64>.size)
      } else if event.data.fd == addresses?.descriptor {
        takeAddresses(event.data.fd)
      } else {
        let isReadable = event.events & EPOLLIN.rawValue != 0
        let isWritable = event.events & EPOLLOUT.rawValue != 0
        let isBroken = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        ccurl_multi_go(multi, event.data.fd, (isReadable ? 1 : 0) | (isWritable ? 2 : 0) | (isBroken ? 4 : 0))
      }
    }
    // What has come is read first: after a pause of this process an answer that is here is not late.
    if isTime { ccurl_multi_go(multi, -1, 0) }
    while let message = ccurl_multi_message(multi) {
      let (easy, result) = (message.pointee.easy, message.pointee.data.result)
      guard let exchange = exchanges[easy] else { continue }
      ccurl_multi_remove(multi, easy)
      done.append(exchange.completion(result))
      exchanges[easy] = nil
    }
    defer { done = [] }
    return done
  }

  // MARK: - What libcurl waits for

  private func wait(for socket: Int32, _ what: Int32) {
    guard what != 4 else {
      epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil)
      return
    }
    watch(socket, (what & 1 != 0 ? EPOLLIN.rawValue : 0) | (what & 2 != 0 ? EPOLLOUT.rawValue : 0))
  }

  private func watch(_ socket: Int32, _ events: UInt32) {
    var event = epoll_event()
    event.events = events
    event.data.fd = socket
    if epoll_ctl(descriptor, EPOLL_CTL_MOD, socket, &event) != 0 {
      epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event)
    }
  }

  private func wake(after milliseconds: Int) {
    var time = itimerspec()
    // Nothing at all would disarm the timer.
    if milliseconds == 0 { time.it_value.tv_nsec = 1 }
    if milliseconds > 0 {
      time.it_value = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    }
    timerfd_settime(timer, 0, &time, nil)
  }
}
