import Foundation
import FoundationNetworking
import Glibc
import Synchronization

/// HTTP and HTTPS through the system's client.
///
/// Certificates are verified and nothing here can turn that off; redirects are refused, because they would carry
/// the app secret to another host; cookies and caches are off; bodies are bounded. Completions wait in an inbox
/// and make `descriptor` readable, so that the one thread that polls owns everything else.
public final class HTTPTransport: NSObject, RestTransport {
  /// The largest body that is taken, bytes.
  public static let bodyLimit = 4 << 20
  /// Seconds without a byte after which a request is given up: connecting, waiting and reading alike.
  public static let idleLimit: TimeInterval = 10

  /// The read end of a pipe: readable when completions wait.
  public let descriptor: Int32
  private let base: String
  private let exchanges = Exchanges()
  private let session: URLSession

  /// Makes a client for `base` (checked by `RestAddress`), with at most `connections` at a time.
  public init(base: String, connections: Int) {
    self.base = base
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    descriptor = ends[0]
    exchanges.wake.store(ends[1], ordering: .relaxed)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = Self.idleLimit
    configuration.httpMaximumConnectionsPerHost = connections
    configuration.httpShouldSetCookies = false
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    super.init()
  }

  deinit {
    session.invalidateAndCancel()
    // The write end stays open: the client's thread may still be about to use it.
    close(descriptor)
  }

  /// Starts a request.
  public func start(_ request: RestRequest) {
    guard let url = URL(string: base + request.path) else {
      exchanges.complete(request.id, .failed(RestFault(.unreachable, "the address is not valid")))
      return
    }
    var message = URLRequest(
      url: url, cachePolicy: .reloadIgnoringLocalAndRemoteCacheData, timeoutInterval: Self.idleLimit)
    message.httpMethod = request.method
    for header in request.headers { message.setValue(header.value.reveal(), forHTTPHeaderField: header.name) }
    message.httpBody = request.body.map { Data($0.reveal().utf8) }
    let task = session.dataTask(with: message)
    exchanges.begin(task, request.id)
    task.resume()
  }

  /// Gives a request up.
  public func cancel(_ id: Int) { exchanges.cancel(id) }

  /// Requests that ended since the last call.
  public func takeCompletions() -> [RestCompletion] {
    var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    while Glibc.read(descriptor, &bytes, bytes.count) > 0 {}
    return exchanges.take()
  }
}

/// The delegate: collects bodies on the client's own thread.
private final class Exchanges: NSObject, URLSessionDataDelegate, Sendable {
  private struct Exchange {
    let id: Int
    let task: URLSessionDataTask
    var body = BoundedBody(limit: HTTPTransport.bodyLimit)
  }

  private struct State {
    var open: [Int: Exchange] = [:]
    var done: [RestCompletion] = []
  }

  let wake = Atomic<Int32>(-1)
  private let state = Mutex(State())

  func begin(_ task: URLSessionDataTask, _ id: Int) {
    state.withLock { $0.open[task.taskIdentifier] = Exchange(id: id, task: task) }
  }

  func cancel(_ id: Int) {
    state.withLock { $0.open.values.first { $0.id == id }?.task }?.cancel()
  }

  func take() -> [RestCompletion] {
    state.withLock { state in
      defer { state.done = [] }
      return state.done
    }
  }

  func complete(_ id: Int, _ outcome: RestCompletion.Outcome, serverTime: Int64? = nil) {
    state.withLock { $0.done.append(RestCompletion(id: id, outcome, serverTime: serverTime)) }
    var one: UInt8 = 1
    _ = Glibc.write(wake.load(ordering: .relaxed), &one, 1)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isTooLarge = state.withLock { state in
      guard var exchange = state.open.removeValue(forKey: dataTask.taskIdentifier) else { return false }
      exchange.body.append(data)
      state.open[dataTask.taskIdentifier] = exchange
      return exchange.body.isTooLarge
    }
    if isTooLarge { dataTask.cancel() }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    guard let exchange = state.withLock({ $0.open.removeValue(forKey: task.taskIdentifier) }) else { return }
    if exchange.body.isTooLarge {
      let message = "the answer is larger than \(HTTPTransport.bodyLimit >> 20) MiB"
      complete(exchange.id, .failed(RestFault(.tooLarge, message)))
    } else if let error {
      complete(exchange.id, .failed(Self.fault(error)))
    } else {
      let response = task.response as? HTTPURLResponse
      complete(
        exchange.id, .answered(status: response?.statusCode ?? 0, body: exchange.body.bytes),
        serverTime: response?.value(forHTTPHeaderField: "Date").flatMap(HTTPDate.parse))
    }
  }

  /// Names the fault without the address: a query or header never reaches a log.
  private static func fault(_ error: any Error) -> RestFault {
    let code = (error as? URLError)?.code
    switch code {
    case .timedOut: return RestFault(.timeout, "no answer for \(Int(HTTPTransport.idleLimit)) s")
    case .cannotFindHost, .dnsLookupFailed: return RestFault(.unreachable, "the host's name is not known")
    case .cannotConnectToHost: return RestFault(.unreachable, "connection refused or no route")
    case .unknown where error.localizedDescription.contains("certificate"):
      // The client under URLSession has no code of its own for this, only a text; it names no address.
      return RestFault(.security, "TLS: \(error.localizedDescription)")
    case .networkConnectionLost, .badServerResponse, .unknown:
      return RestFault(.interrupted, "the connection ended before the answer")
    case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected:
      return RestFault(.security, "the server's certificate was not accepted")
    default: return RestFault(.unreachable, "network error \(code?.rawValue ?? 0)")
    }
  }
}

/// Addresses that credentials may be sent to.
public enum RestAddress {
  /// Checks a base address: `https://host[:port]`, or `http://` to this host itself. Gives it without a last slash.
  ///
  /// - Returns: nil when it must not be used.
  public static func checked(_ text: String) -> String? {
    guard let url = URL(string: text), let host = url.host, !host.isEmpty, url.user == nil,
      url.password == nil,
      url.query == nil, url.fragment == nil
    else { return nil }
    switch url.scheme {
    case "https": break
    case "http":
      guard isLoopback(host) else { return nil }
      // A proxy from the environment would take the request, and the secret in it, off this host.
      setenv("no_proxy", host, 1)
      setenv("NO_PROXY", host, 1)
    default: return nil
    }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  /// Whether a checked address is this host.
  public static func isLocal(_ address: String) -> Bool {
    URL(string: address)?.host.map(isLoopback) ?? false
  }

  /// Whether `host` is this host, by name or number.
  public static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host == "[::1]" || host.isNumericLoopback
  }
}

extension String {
  fileprivate var isNumericLoopback: Bool {
    var address = in_addr()
    return inet_pton(AF_INET, self, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
  }
}
