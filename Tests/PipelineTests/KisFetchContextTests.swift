import TestSupport
import Testing

/// What a line is, stands in it: the feed, the product, and the exchange's own fields under names in one spelling.
@Suite struct KisFetchContextTests {
  @Test func everyLineSaysItsFeedAndItsNamesHaveOneSpelling() throws {
    let simulator = try Simulator()
    let outcome = try simulator.fetch(
      [
        "--feed", "trades", "--feed", "book", "--feed", "price", "--feed", "multi", "--interval", "0.2",
        "--rate", "18", "--duration", "3",
      ],
      "005930\n000660\n")
    let lines = try Line.all(outcome)
    #expect(lines.allSatisfy { $0["context", "product"] as? String == "stock" })
    #expect(Set(lines.compactMap(\.feed)) == ["trades", "book", "price", "multi"])
    var spellings: [String: String] = [:]
    for line in lines {
      let raw = line["observation", "inputs", "raw"] as? [String: Any] ?? [:]
      let owner = [
        "trades": "stck_cntg_hour", "book": "bsop_hour", "price": "stck_shrn_iscd",
        "multi": "inter_shrn_iscd",
      ]
      if !line.isGap { #expect(raw[line.feed.flatMap { owner[$0] } ?? ""] != nil, "\(line.feed ?? "none")") }
      for name in raw.keys {
        #expect(spellings.updateValue(name, forKey: name.lowercased()) ?? name == name)
      }
    }
  }

  @Test(arguments: [("price", "price"), ("multi", "multi")])
  func aGapSaysItsFeed(_ feed: String, _ expected: String) throws {
    let simulator = try Simulator(["--unknown", "999999"])
    let outcome = try simulator.fetch(["--once", "--feed", feed], "999999\n")
    let lines = try Line.all(outcome)
    #expect(lines.map(\.isGap) == [true] && lines.map(\.feed) == [expected])
  }
}
