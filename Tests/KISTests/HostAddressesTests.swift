import Glibc
import Testing

@testable import KIS

@Suite struct HostAddressesTests {
  @Test(arguments: ["https://127.0.0.1:9443", "http://[::1]:80", "nonsense"])
  func numbersNeedNoSearch(base: String) {
    #expect(HostAddresses(base) == nil)
  }

  @Test func aNameIsFoundOnceAndKeptForAWhile() throws {
    var addresses = try #require(HostAddresses("http://localhost:8080"))
    #expect(addresses.entry == nil)
    let search = try #require(try addresses.refresh(1))
    #expect(try addresses.refresh(2) == nil)  // one search at a time
    var ready = pollfd(fd: search, events: Int16(POLLIN), revents: 0)
    #expect(poll(&ready, 1, 10_000) == 1)
    addresses.take(3)
    let entry = try #require(addresses.entry)
    #expect(entry.hasPrefix("localhost:8080:") && (entry.contains("127.0.0.1") || entry.contains("[::1]")))
    #expect(try addresses.refresh(4) == nil)
    #expect(try addresses.refresh(61_000_000_000) != nil && addresses.entry == entry)
  }
}
