import Glibc
import Network
import Plumbing

/// The addresses of the REST host, looked up on a thread of its own.
///
/// libcurl would look the name up itself, and wait for its own thread whenever a request is given up meanwhile: with
/// dead name servers for half a minute, in which the real-time session would starve and SIGTERM go unheard.
struct HostAddresses {
  /// After that the name is looked up again; until the answer comes the old addresses are used.
  private static let life: Nanoseconds = .seconds(60)

  private let host: String
  private let port: UInt16
  private var search: HostSearch?
  private var foundAt: Nanoseconds = .zero
  /// What was found, as libcurl takes it: `host:port:address,address`.
  private(set) var entry: String?

  /// Nil when there is nothing to look up: a numeric address.
  init?(_ base: String) {
    guard let endpoint = RestAddress.endpoint(base) else { return nil }
    guard HostSearch.numeric(endpoint.host, endpoint.port) == nil else { return nil }
    (host, port) = endpoint
  }

  /// Readable when a search has ended; nil while there is none.
  var descriptor: Int32? { search?.descriptor }

  /// Begins a search if one is due. Gives its descriptor.
  ///
  /// - Throws: when the system cannot begin one.
  mutating func refresh(_ now: Nanoseconds) throws(HostNotFound) -> Int32? {
    guard search == nil, entry == nil || now - foundAt >= Self.life else { return nil }
    let search = try HostSearch(host: host, port: port)
    try search.start()
    self.search = search
    return search.descriptor
  }

  /// Takes the result of the search; addresses that were good once stay when it failed.
  mutating func take(_ now: Nanoseconds) {
    guard let result = search?.result else { return }
    search = nil
    foundAt = now
    guard case .success(let addresses) = result else { return }
    let texts = addresses.compactMap(\.figures)
    if !texts.isEmpty { entry = "\(host):\(port):" + texts.joined(separator: ",") }
  }
}
