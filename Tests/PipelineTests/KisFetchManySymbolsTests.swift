import Foundation
import TestSupport
import Testing

/// `kis-fetch` with a watchlist that is far too long: it hears, and says what it does in a few lines.
@Suite(.serialized, .waiting) struct KisFetchManySymbolsTests {
  private static let many = (0..<100_000).map { String(String(1_000_000 + $0).dropFirst()) + "\n" }.joined()

  @Test(arguments: ["price", "multi", "trades"])
  func aSignalIsHeard(_ feed: String) throws {
    let simulator = try Simulator()
    let fetch = try simulator.start(["--feed", feed])
    fetch.write(Self.many)
    fetch.closeInput()
    #expect(
      Tool.waitUntil(60) { fetch.errText.contains("Watchlist read | symbols=100000") }, "\(fetch.errText)")
    let isBusy = Tool.waitUntil(30) { !fetch.out.isEmpty }
    #expect(isBusy, "it polls while it has them")
    let before = Date()
    fetch.signal(SIGTERM)
    let outcome = fetch.wait(timeout: 60)
    // 46 s with a twentieth of it, before.
    #expect(outcome.status == 0 && Date().timeIntervalSince(before) < 10)
    #expect(outcome.log("WARNING").count < 10, "\(outcome.errText)")
  }

  @Test(arguments: ["price", "multi", "trades"])
  func durationIsKept(_ feed: String) throws {
    let simulator = try Simulator()
    let before = Date()
    let outcome = try simulator.fetch(["--feed", feed, "--duration", "1"], Self.many, timeout: 60)
    #expect(outcome.status == 0 && Date().timeIntervalSince(before) < 20, "\(outcome.errText)")
  }

  @Test func allAreTakenBack() throws {
    let simulator = try Simulator()
    let removals = Self.many.split(separator: "\n").map { "{\"symbol\":\"\($0)\",\"op\":\"remove\"}\n" }
    let outcome = try simulator.fetch(["--feed", "trades"], Self.many + removals.joined(), timeout: 300)
    #expect(outcome.status == 0 && outcome.errText.contains("the watchlist has ended and is empty"))
    #expect(outcome.log("INFO").count < 30, "\(outcome.errText)")
  }

  @Test func junkIsCountedNotRepeated() throws {
    let simulator = try Simulator()
    let junk = String(repeating: "no symbol\n", count: 250_000)
    let outcome = try simulator.fetch(["--feed", "price"], junk, timeout: 240)
    #expect(outcome.status == 78 && outcome.errText.contains("lines=250000"), "\(outcome.errText)")
    let warnings = outcome.log("WARNING")
    #expect(warnings.count < 30, "\(warnings.count)")
    let told = warnings.compactMap { $0.firstMatch(of: /and (\d+) more/)?.1 }.compactMap { Int($0) }.reduce(
      0, +)
    #expect(
      told + warnings.count { $0.contains("Watchlist line ") } == 250_000, "none is left out of the count")
  }
}
