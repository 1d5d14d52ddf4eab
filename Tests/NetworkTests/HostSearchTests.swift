import Glibc
import Network
import Testing

@Suite struct HostSearchTests {
  @Test(arguments: [
    ("127.0.0.1", AF_INET, "127.0.0.1"), ("::1", AF_INET6, "[::1]"), ("10.1.2.3", AF_INET, "10.1.2.3"),
  ])
  func figuresNeedNoSearch(host: String, family: Int32, figures: String) throws {
    let address = try #require(HostSearch.numeric(host, 8080))
    #expect(address.family == family && address.figures == figures)
  }

  @Test(arguments: ["localhost", "[::1]", "256.1.1.1", ""])
  func aNameIsNoAddress(host: String) {
    #expect(HostSearch.numeric(host, 80) == nil)
  }

  private static func search(_ host: String) throws -> Result<[HostAddress], HostNotFound>? {
    let search = try HostSearch(host: host, port: 80)
    #expect(search.result == nil)
    try search.start()
    var ready = pollfd(fd: search.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&ready, 1, 60_000) == 1)
    return search.result
  }

  @Test func aNameIsFoundOnAThreadOfItsOwn() throws {
    let found = try #require(try Self.search("localhost")).get()
    #expect(found.contains { $0.figures == "127.0.0.1" || $0.figures == "[::1]" })
  }

  /// A label of 64 letters cannot exist, so no name server is asked for it.
  @Test func anUnknownNameIsSaid() throws {
    let name = String(repeating: "a", count: 64) + ".example"
    let result = try #require(try Self.search(name))
    let failure = #expect(throws: HostNotFound.self) { try result.get() }
    #expect(failure?.description.hasPrefix("cannot find host \(name): ") == true)
  }
}
