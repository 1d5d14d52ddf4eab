import Foundation
import TestSupport
import Testing

/// What is refused once is not refused for ever.
@Suite(.serialized, .waiting) struct KisFetchRefusedTests {
  /// Listed some seconds after the start, and asked for again by itself.
  @Test(arguments: ["price", "multi", "trades"])
  func aNewListingIsSeen(_ feed: String) throws {
    let simulator = try Simulator(["--list-later", "0126Z0@4"])
    let fetch = try simulator.start(["--feed", feed, "--interval", "0.5", "--time-scale", "0.005"])
    fetch.write("005930\n0126Z0\n")
    let isRefused = Tool.waitUntil(20) { fetch.errText.contains("symbol=0126Z0") }
    let isServed = Tool.waitUntil(90) { Self.snapshots(fetch.out, of: "0126Z0") > 0 }
    fetch.signal(SIGTERM)
    let outcome = fetch.wait(timeout: 20)
    #expect(outcome.status == 0 && isRefused && isServed, "\(outcome.errText)")
    let lines = try Line.all(outcome).filter { $0.symbol == "0126Z0" }
    #expect(lines.first?.isGap == true && lines.contains { $0.isGap && $0.isFinal && $0.reason == "no_data" })
  }

  /// At the normal pace, so that nothing but the line can be the cause.
  @Test func aLineThatIsGivenAgainIsAskedForAtOnce() throws {
    let simulator = try Simulator(["--list-later", "0126Z0@8"])
    let fetch = try simulator.start(["--feed", "trades", "--time-scale", "1"])
    fetch.write("005930\n0126Z0\n")
    #expect(
      Tool.waitUntil(8) { fetch.errText.contains("Symbol refused | symbol=0126Z0") }, "\(fetch.errText)")
    let isListed = Tool.waitUntil(20) {
      (try? simulator.stats()["uptime_s"] as? Double).flatMap { $0 } ?? 0 > 8.5
    }
    #expect(isListed)
    fetch.write("0126Z0\n")
    let isServed = Tool.waitUntil(30) { Self.snapshots(fetch.out, of: "0126Z0") > 0 }
    fetch.signal(SIGTERM)
    #expect(isServed && fetch.wait(timeout: 20).status == 0, "\(fetch.errText)")
  }

  private static func snapshots(_ bytes: [UInt8], of symbol: String) -> Int {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return lines.count { $0.contains("\"symbol\":\"\(symbol)\"") && !$0.contains("\"event\":\"gap\"") }
  }
}
