import CCurl
import Glibc
import Network
import Plumbing

/// One request and what came of it so far, as libcurl carries it out.
final class HTTPExchange {
  /// The request's number.
  let id: Int
  /// libcurl's handle of the transfer.
  let easy: UnsafeMutableRawPointer
  private var headers: UnsafeMutableRawPointer?
  private var addresses: UnsafeMutableRawPointer?
  private let proxy: Proxy?
  /// The host and port that the proxy is asked for.
  private let target: String
  private var body = BoundedBody(limit: HTTPTransport.bodyLimit)
  private var headBytes = 0
  private var serverTime: Milliseconds?
  /// libcurl's own words about a failure.
  private let words = UnsafeMutablePointer<CChar>.allocate(capacity: 256)

  /// libcurl's numbers (its ABI, the same since version 7): options, what can be asked, and results.
  private enum Option {
    static let writeData: Int32 = 10001, url: Int32 = 10002, proxy: Int32 = 10004, errorBuffer: Int32 = 10010
    static let headers: Int32 = 10023, headerData: Int32 = 10029, caFile: Int32 = 10065
    static let copyPostFields: Int32 = 10165, noProxy: Int32 = 10177, resolve: Int32 = 10203
    static let writeFunction: Int32 = 20011, headerFunction: Int32 = 20079
    static let lowSpeedLimit: Int32 = 19, lowSpeedTime: Int32 = 20, sslVersion: Int32 = 32, post: Int32 = 47
    static let postSize: Int32 = 60, httpVersion: Int32 = 84, noSignal: Int32 = 99,
      connectTimeout: Int32 = 156
    static let protocols: Int32 = 181
  }
  private enum Result {
    static let ok: Int32 = 0, noProxy: Int32 = 5, noHost: Int32 = 6, noConnection: Int32 = 7,
      timeout: Int32 = 28
    static let handshake: Int32 = 35
    static let untrusted: Set<Int32> = [51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91, 98]
    static let lost: Set<Int32> = [18, 52, 55, 56]
    static let notHTTP: Set<Int32> = [1, 8, 23, 43, 61], tooMuch: Set<Int32> = [27, 100]
  }
  private static let responseCode: Int32 = 0x20_0002, connectCode: Int32 = 0x20_0016

  /// Prepares the transfer; nil when there is no memory for it.
  ///
  /// - Parameter proxy: what the host is asked through; nil: directly, whatever the environment names.
  /// - Parameter addresses: the host's, as libcurl takes them (`host:port:address`); nil: libcurl has to find them.
  init?(_ request: RestRequest, base: String, proxy: Proxy?, addresses: String?) {
    guard let easy = ccurl_easy() else {
      words.deallocate()
      return nil
    }
    id = request.id
    self.proxy = proxy
    target = RestAddress.endpoint(base).map { "\($0.host):\($0.port)" } ?? ""
    self.easy = easy
    words.pointee = 0
    let own = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_pointer(easy, Option.url, base + request.path)
    ccurl_set_pointer(easy, Option.errorBuffer, words)
    // Chosen already: libcurl's own look into the environment would come to something else.
    ccurl_set_pointer(easy, Option.proxy, proxy?.value.reveal() ?? "")
    ccurl_set_pointer(easy, Option.noProxy, "")
    // Only what was asked for: no redirect is followed (it would carry the app secret to another host), no other
    // protocol is spoken, certificates are verified (that is libcurl's default, and nothing here turns it off).
    ccurl_set_number(easy, Option.protocols, 3)
    ccurl_set_number(easy, Option.sslVersion, 6)  // TLS 1.2 or later, as KIS asks for since 2025-12-12
    ccurl_set_number(easy, Option.httpVersion, 2)  // HTTP/1.1
    ccurl_set_number(easy, Option.noSignal, 1)
    ccurl_set_number(easy, Option.connectTimeout, HTTPTransport.idleLimit * 1000)
    ccurl_set_number(easy, Option.lowSpeedLimit, 1)
    ccurl_set_number(easy, Option.lowSpeedTime, HTTPTransport.idleLimit)
    if let file = getenv("SSL_CERT_FILE") { ccurl_set_pointer(easy, Option.caFile, file) }
    for header in request.headers {
      let value = header.value.reveal()
      // A header without a value is written with a semicolon.
      headers = ccurl_list_add(headers, value.isEmpty ? header.name + ";" : "\(header.name): \(value)")
    }
    ccurl_set_pointer(easy, Option.headers, headers)
    if let addresses {
      self.addresses = ccurl_list_add(nil, addresses)
      ccurl_set_pointer(easy, Option.resolve, self.addresses)
    }
    if let content = request.body?.reveal() {
      ccurl_set_number(easy, Option.post, 1)
      ccurl_set_number(easy, Option.postSize, content.utf8.count)
      ccurl_set_pointer(easy, Option.copyPostFields, content)
    }
    ccurl_set_pointer(easy, Option.writeData, own)
    ccurl_set_pointer(easy, Option.headerData, own)
    ccurl_set_taker(easy, Option.writeFunction) { bytes, size, count, own in
      Unmanaged<HTTPExchange>.fromOpaque(own).takeUnretainedValue().takeBody(bytes, size * count)
    }
    ccurl_set_taker(easy, Option.headerFunction) { bytes, size, count, own in
      Unmanaged<HTTPExchange>.fromOpaque(own).takeUnretainedValue().takeHeader(bytes, size * count)
    }
  }

  deinit {
    ccurl_easy_end(easy)
    ccurl_list_end(headers)
    ccurl_list_end(addresses)
    words.deallocate()
  }

  private func takeBody(_ bytes: UnsafePointer<CChar>, _ count: Int) -> Int {
    body.append(UnsafeRawBufferPointer(start: bytes, count: count))
    return body.isTooLarge ? 0 : count
  }

  private func takeHeader(_ bytes: UnsafePointer<CChar>, _ count: Int) -> Int {
    headBytes += count
    guard headBytes <= HTTPTransport.headLimit else { return 0 }
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    // Another head, after a provisional one.
    if line.hasPrefix("HTTP/") { serverTime = nil }
    let name = line.utf8.prefix { $0 != 0x3A }
    if name.count == 4, name.elementsEqual("date".utf8, by: { $0 | 0x20 == $1 }) {
      let value = line.utf8.dropFirst(5).drop { $0 == 0x20 || $0 == 0x09 }
      serverTime = HTTPDate.parse(String(decoding: value.prefix { $0 >= 0x20 }, as: UTF8.self))
    }
    return count
  }

  /// The transfer has ended with libcurl's `result`.
  func completion(_ result: Int32) -> RestCompletion {
    guard result != Result.ok else {
      let status = ccurl_number(easy, Self.responseCode)
      return RestCompletion(id: id, .answered(status: status, body: body.bytes), serverTime: serverTime)
    }
    return RestCompletion(id: id, .failed(fault(result)))
  }

  /// Names the fault without the address: a query or header never reaches a log.
  private func fault(_ result: Int32) -> RestFault {
    if body.isTooLarge {
      return RestFault(.tooLarge, "the answer is larger than \(HTTPTransport.bodyLimit >> 20) MiB")
    }
    if headBytes > HTTPTransport.headLimit || Result.tooMuch.contains(result) {
      return RestFault(.tooLarge, "the answer's head is larger than \(HTTPTransport.headLimit >> 10) KiB")
    }
    if let proxy {
      let status = ccurl_number(easy, Self.connectCode)
      if status != 0, !(200...299).contains(status) {
        return RestFault(.unreachable, proxy.refusal(status, of: target))
      }
      switch result {
      case Result.noProxy: return RestFault(.unreachable, "\(proxy): the host's name is not known")
      case Result.noConnection: return RestFault(.unreachable, "\(proxy): connection refused or no route")
      default: break
      }
    }
    switch result {
    case Result.timeout: return RestFault(.timeout, "no answer for \(HTTPTransport.idleLimit) s")
    case Result.noHost: return RestFault(.unreachable, "the host's name is not known")
    case Result.noConnection: return RestFault(.unreachable, "connection refused or no route")
    case Result.handshake: return RestFault(.unreachable, "TLS: \(String(cString: words))")
    case _ where Result.untrusted.contains(result):
      return RestFault(.security, "TLS: \(String(cString: words))")
    case _ where Result.lost.contains(result):
      return RestFault(.interrupted, "the connection ended before the answer")
    case _ where Result.notHTTP.contains(result):
      return RestFault(.interrupted, "the answer is not HTTP")
    default: return RestFault(.unreachable, "network error \(result)")
    }
  }
}
