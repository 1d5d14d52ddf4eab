import Testing

@testable import Network

@Suite struct NoProxyListTests {
  @Test(
    arguments: [
      ("*", "any.example", true), ("", "any.example", false), (" , ,", "any.example", false),
      ("example.com", "example.com", true), ("example.com", "www.example.com", true),
      ("example.com", "nonexample.com", false), ("example.com", "example.com.kr", false),
      (".example.com", "www.example.com", true), (".example.com", "example.com", true),
      ("*.example.com", "www.example.com", true), ("EXAMPLE.com.", "www.example.COM", true),
      ("example.com", "example.com.", true), ("a.b,\texample.com c.d", "example.com", true),
      ("a.b,*", "example.com", true), (".", "example.com", false), ("com", "example.com", true),
      ("example.com:21000", "example.com", true), ("example.com:9443", "example.com", false),
      (".example.com:21000", "ops.example.com", true),
    ] as [(String, String, Bool)])
  func names(list: String, host: String, holds: Bool) {
    #expect(NoProxyList(list).holds(host: host, port: 21000) == holds)
  }

  @Test(
    arguments: [
      ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.30", false),
      ("10.0.0.0/8", "10.255.0.1", true),
      ("10.0.0.0/8", "11.0.0.1", false), ("192.168.16.0/20", "192.168.31.255", true),
      ("192.168.16.0/20", "192.168.32.0", false), ("0.0.0.0/0", "8.8.8.8", true),
      ("10.1.2.3/32", "10.1.2.3", true), ("10.1.2.3/33", "10.1.2.3", false),
      ("10.0.0.0/x", "10.0.0.0", false),
      ("10.0.0.0/-1", "10.0.0.0", false), ("10.1.2.3:21000", "10.1.2.3", true),
      ("10.1.2.3:80", "10.1.2.3", false), ("2.3", "10.1.2.3", false), ("fd00::/8", "fd12::1", true),
      ("fd00::/8", "fe80::1", false), ("::1", "0:0:0:0:0:0:0:1", true),
      ("[fd00::1]:21000", "fd00::1", true),
      ("[fd00::1]", "fd00::1", true), ("fd00::1", "fd00::2", false),
      ("10.0.0.0/8", "fd00::1", false),
      ("10.0.0.0/8", "ten.example", false), ("*", "fd00::1", true),
    ] as [(String, String, Bool)])
  func addresses(list: String, host: String, holds: Bool) {
    #expect(NoProxyList(list).holds(host: host, port: 21000) == holds)
  }
}
