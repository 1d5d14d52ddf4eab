import Testing

import Network

@Suite struct URLAuthorityTests {
  @Test(
    arguments: [
      ("host", "host", nil), ("host:1", "host", 1), ("127.0.0.1:65535", "127.0.0.1", 65535),
      ("[::1]", "::1", nil),
      ("[::1]:9443", "::1", 9443),
    ] as [(String, String, UInt16?)])
  func parts(text: String, host: String, port: UInt16?) {
    let authority = URLAuthority(text[...])
    #expect(authority?.host == host && authority?.port == port)
  }

  @Test(arguments: [
    "", ":80", "host:", "host:0", "host:65536", "host:+1", "host:١", "host:80:80", "[::1", "[", "]", "a[b]",
    "[]:80", "[::1]80",
    "a@b",
    "::1",
  ])
  func refused(text: String) {
    #expect(URLAuthority(text[...]) == nil)
  }
}
