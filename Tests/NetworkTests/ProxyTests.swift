import Plumbing
import Testing

@testable import Network

@Suite struct ProxyChoiceTests {
  private static func choice(
    _ scheme: ProxyChoice.Scheme, _ host: String, _ variables: [String: String]
  ) throws -> String? {
    try ProxyChoice.proxy(for: scheme, host: host, port: 21000, in: Environment { variables[$0] })?
      .variable
  }

  /// Which of the variables that are set counts.
  @Test(
    arguments: [
      ([], nil, nil), (["http_proxy"], "http_proxy", nil), (["HTTP_PROXY"], nil, nil),
      (["https_proxy"], "https_proxy", "https_proxy"),
      (["HTTPS_PROXY"], "HTTPS_PROXY", "HTTPS_PROXY"),
      (["https_proxy", "HTTPS_PROXY"], "https_proxy", "https_proxy"),
      (["http_proxy", "https_proxy"], "http_proxy", "https_proxy"),
      (["ws_proxy", "http_proxy", "all_proxy"], "ws_proxy", "all_proxy"),
      (["WS_PROXY"], "WS_PROXY", nil),
      (["WS_PROXY", "ws_proxy"], "ws_proxy", nil), (["all_proxy"], "all_proxy", "all_proxy"),
      (["ALL_PROXY"], "ALL_PROXY", "ALL_PROXY"),
      (["ALL_PROXY", "all_proxy"], "all_proxy", "all_proxy"),
      (["http_proxy", "all_proxy"], "http_proxy", "all_proxy"),
      (["HTTPS_PROXY", "ALL_PROXY"], "HTTPS_PROXY", "HTTPS_PROXY"),
    ] as [([String], String?, String?)])
  func variables(set: [String], socket: String?, rest: String?) throws {
    let variables = Dictionary(uniqueKeysWithValues: set.map { ($0, "http://proxy.example:3128") })
    #expect(try Self.choice(.webSocket, "kis.example", variables) == socket)
    #expect(try Self.choice(.https, "kis.example", variables) == rest)
    for exceptions in [["no_proxy": "kis.example"], ["NO_PROXY": "*"]] {
      let all = variables.merging(exceptions) { $1 }
      #expect(try Self.choice(.webSocket, "kis.example", all) == nil)
      #expect(try Self.choice(.https, "kis.example", all) == nil)
    }
    for host in ["localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1"] {
      #expect(try Self.choice(.webSocket, host, variables) == nil)
    }
  }

  @Test func lowerCaseExceptionsComeFirst() throws {
    let set = ["http_proxy": "http://proxy.example", "no_proxy": "other.example", "NO_PROXY": "*"]
    #expect(try Self.choice(.webSocket, "kis.example", set) == "http_proxy")
  }

  /// A value that nobody asks for harms nobody.
  @Test func aBrokenValueCountsOnlyWhereItIsUsed() throws {
    let set = ["http_proxy": "http://[", "no_proxy": ".example"]
    #expect(try Self.choice(.webSocket, "kis.example", set) == nil)
    #expect(throws: ToolFailure.self) { try Self.choice(.webSocket, "kis.test", set) }
  }
}

@Suite struct ProxyTests {
  @Test(
    arguments: [
      ("http://proxy.example:3128", "http", "proxy.example", 3128, nil),
      ("http://proxy.example:3128/", "http", "proxy.example", 3128, nil),
      ("proxy.example:8080", "http", "proxy.example", 8080, nil),
      ("proxy", "http", "proxy", 1080, nil),
      ("HTTP://10.0.0.1", "http", "10.0.0.1", 1080, nil),
      ("https://proxy", "https", "proxy", 443, nil),
      ("socks5h://proxy:9050", "socks5h", "proxy", 9050, nil),
      ("http://[::1]:3128", "http", "::1", 3128, nil),
      ("http://user:hunter2hunter2@proxy:3128", "http", "proxy", 3128, "user:hunter2hunter2"),
      ("user@proxy:3128", "http", "proxy", 3128, "user:"),
      ("http://:sesame@proxy", "http", "proxy", 1080, ":sesame"),
      ("http://a%40b:c%3Ad%2F@proxy:1", "http", "proxy", 1, "a@b:c:d/"),
      ("http://a:b@c@proxy:1", "http", "proxy", 1, "a:b@c"),
    ] as [(String, String, String, UInt16, String?)])
  func reads(text: String, scheme: String, host: String, port: UInt16, credentials: String?) throws {
    let proxy = try Proxy(text, variable: "http_proxy")
    #expect(proxy.scheme == scheme && proxy.host == host && proxy.port == port)
    #expect(proxy.credentials?.reveal() == credentials)
    #expect(proxy.value.reveal() == text)
    var dumped = ""
    dump(proxy, to: &dumped)
    for shown in ["\(proxy)", dumped, proxy.refusal(407, of: "h:1")] where credentials != nil {
      #expect(!shown.contains("hunter2") && !shown.contains("sesame"), "\(shown)")
    }
  }

  @Test(arguments: [
    "http://", "http://:3128", "ftp://proxy:21", "http://proxy:0", "http://proxy:port",
    "http://pro xy:1", "://proxy",
    "http://a:b%4@proxy:1", "http://a:b%zz@proxy:1", "http://a:b%0a@proxy:1", "http://a:b@",
    "http://[::1:80",
    "http://프록시:80",
  ])
  func refuses(text: String) {
    let failure = #expect(throws: ToolFailure.self) { try Proxy(text, variable: "all_proxy") }
    #expect(failure?.status == .configuration)
    #expect(
      failure?.message.hasPrefix("all_proxy is not a proxy's address: expected http://host:port")
        == true)
  }

  @Test(
    arguments: [
      ("http://proxy:3128", 407, "it wants a user: http_proxy=http://user:password@proxy:3128"),
      ("http://u:p@proxy:3128", 407, "it does not take the user and password of http_proxy"),
      ("http://proxy:3128", 403, "allow it at the proxy, or name the host in no_proxy"),
      ("http://proxy:3128", 502, "it does not reach that host"),
    ] as [(String, Int, String)])
  func refusalsSayTheWayOut(text: String, status: Int, advice: String) throws {
    let line = try Proxy(text, variable: "http_proxy").refusal(status, of: "kis.example:21000")
    #expect(
      line.hasPrefix(
        "the proxy http://proxy:3128 (http_proxy) answered \(status) to CONNECT kis.example:21000: "
      ))
    #expect(line.hasSuffix(advice))
  }
}
