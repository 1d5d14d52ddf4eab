import Testing

@testable import Values

/// Rule by rule: just inside its limit, at it, just outside. `!` blocks.
struct RuleTableTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let before: [Probe]
    let line: Probe
    let says: String
    var testDescription: String { name }
    init(_ name: String, _ line: Probe, _ says: String) { self.init(name, [], line, says) }
    init(_ name: String, _ before: [Probe], _ line: Probe, _ says: String) {
      (self.name, self.before, self.line, self.says) = (name, before, line, says)
    }
  }

  private static func named(_ product: String, _ symbol: String) -> Probe {
    Probe(product: product, symbol: symbol, feed: "price")
  }
  private static func with(_ probe: Probe, product: String) -> Probe {
    var probe = probe
    probe.product = product
    return probe
  }
  private static func at(_ clock: String, _ feed: String, market: String = "KRX", product: String = "stock")
    -> Probe
  {
    let name = feed == "trades" ? "trade_time" : "quote_time"
    return Probe(
      product: product, market: market, feed: feed, at: 40_000,
      inputs: [(name, "\"2026-11-26T\(clock)+09:00\"")])
  }
  /// Two trades at one price: it is settled.
  private static let settled: [Probe] = [.trade("1000"), .trade("1000", at: 1)]
  private static func stamped(_ clock: String) -> (String, String) {
    ("trade_time", "\"2026-11-26T\(clock)+09:00\"")
  }
  private static let halt = Probe(feed: "status", inputs: [("halted", "true")])

  static let form = [
    Case("stock", named("stock", "005930"), ""), Case("stock Q", named("stock", "Q500001"), ""),
    Case("stock of 5", named("stock", "05930"), "SYMBOL_FORM"),
    Case("stock of 7", named("stock", "0059300"), "SYMBOL_FORM"),
    Case("small letter", named("stock", "00593a"), "SYMBOL_FORM"),
    Case("index", named("index", "0001"), ""), Case("index letter", named("index", "000A"), "SYMBOL_FORM"),
    Case("future", named("index-future", "101W09"), ""),
    Case("future of 5", named("index-future", "101W0"), "SYMBOL_FORM"),
    Case("option of 10", named("stock-option", "1234567890"), "SYMBOL_FORM"),
    Case("bond", named("bond", "KR2033022D33"), ""),
    Case("no bond", named("bond", "US2033022D33"), "SYMBOL_FORM"),
    Case("abroad", named("overseas-stock", "DNASAAPL"), ""),
    Case("space", named("overseas-stock", "DNAS AAPL"), "SYMBOL_FORM"),
    Case("no text", Probe(symbol: nil, feed: "price"), ""),
  ]

  static let prices = [
    Case("a price", .trade("0.000001"), ""), Case("0", .trade("0"), "!NOT_POSITIVE"),
    Case("-0", .trade("-0"), "!NOT_POSITIVE"), Case("below", .trade("-0.000001"), "!NOT_POSITIVE"),
    Case("0 of a poll", Probe(feed: "price", inputs: [("price", "0")]), ""),
    Case("seven decimals", .trade("-0.0000001"), "!NOT_POSITIVE"),
    Case("an exponent", .trade("-1e3"), "!NOT_POSITIVE"),
    Case("0 and an exponent", .trade("0e0"), "!NOT_POSITIVE"),
    Case("0 of a large one", .trade("0E+99999999999999999999"), "!NOT_POSITIVE"),
    Case("0 of seven decimals", .trade("0.0000000"), "!NOT_POSITIVE"),
    Case("below, far", .trade("-1e99"), "!NOT_POSITIVE"),
    Case("below, near", .trade("-1E-99"), "!NOT_POSITIVE"),
    Case("more digits", .trade("0.30000000000000004"), ""),
    Case("below zero no more", .book("-0e5", "10"), ""),
    Case("high by exponent", .trade("12", ("open", "1e1"), ("high", "1.2E+1"), ("low", "90e-1")), ""),
    Case("over high by exponent", .trade("1.25e1", ("open", "10"), ("high", "12"), ("low", "9")), "RANGE"),
    Case("oil", with(.trade("-37.63"), product: "overseas-derivative"), "NOT_POSITIVE"),
    Case("bid 0", .book("0", "10"), ""), Case("bid below", .book("-1", "10"), "!NOT_POSITIVE"),
    Case("size 0", .trade("10", ("trade_size", "0")), ""),
    Case("size below", .trade("10", ("trade_size", "-1")), "!NEGATIVE_SIZE"),
    Case("value of 15 digits", .trade("10", ("value", "-999999999999999")), "!NEGATIVE_SIZE"),
    Case("value of 16 digits", .trade("10", ("value", "-9999999999999999")), "!NEGATIVE_SIZE"),
  ]

  static let ranges = [
    Case("at high", .trade("12", ("open", "10"), ("high", "12"), ("low", "9")), ""),
    Case("over high", .trade("12.5", ("open", "10"), ("high", "12"), ("low", "9")), "RANGE"),
    Case("at low", .trade("9", ("open", "10"), ("high", "12"), ("low", "9")), ""),
    Case("under low", .trade("8.5", ("open", "10"), ("high", "12"), ("low", "9")), "RANGE"),
    Case("open outside", .trade("10", ("open", "13"), ("high", "12"), ("low", "9")), "RANGE"),
    Case("high under low", .trade("10", ("open", "10"), ("high", "9"), ("low", "12")), "!RANGE"),
    Case("no high yet", .trade("10", ("open", "0"), ("high", "0"), ("low", "0")), ""),
    Case("bid under ask", .book("999", "1000"), ""), Case("bid at ask", .book("1000", "1000"), "CROSSED"),
    Case("halted", [halt], .book("1000", "1000", at: 1), "HALTED"),
    Case("spread inside", .book("951", "1050"), ""), Case("spread at", .book("950", "1050"), ""),
    Case("spread outside", .book("949", "1050"), "SPREAD"),
  ]

  static let limits = [
    Case("day inside", .trade("1299", ("prev_close", "1000")), ""),
    Case("day at flag", .trade("1300", ("prev_close", "1000")), ""),
    Case("day over flag", .trade("1300.000001", ("prev_close", "1000")), "DAY_LIMIT"),
    Case("day at block", .trade("500", ("prev_close", "1000")), "DAY_LIMIT"),
    Case("day over block", .trade("499", ("prev_close", "1000")), "!DAY_LIMIT"),
    Case("etf", with(.trade("1600", ("prev_close", "1000")), product: "etf"), ""),
    Case("etf over", with(.trade("1601", ("prev_close", "1000")), product: "etf"), "DAY_LIMIT"),
    Case("etf block", with(.trade("2001", ("prev_close", "1000")), product: "etf"), "!DAY_LIMIT"),
    Case("first day", .trade("4000", ("prev_close", "1000"), ("open", "3000")), "DAY_LIMIT"),
    Case("first day over", .trade("4001", ("prev_close", "1000"), ("open", "3000")), "!DAY_LIMIT"),
    Case("first day fall", .trade("599", ("prev_close", "1000"), ("open", "3000")), "!DAY_LIMIT"),
    Case(
      "first day by mean", .trade("2500", ("prev_close", "1000"), ("value", "13001"), ("volume", "10")),
      "DAY_LIMIT"),
    Case(
      "mean at limit", .trade("2500", ("prev_close", "1000"), ("value", "13000"), ("volume", "10")),
      "!DAY_LIMIT"),
    Case("step inside", settled, .trade("1050", at: 2), ""),
    Case("step over", settled, .trade("1050.000001", at: 2), "STEP"),
    Case("step at block", settled, .trade("1100", at: 2), "STEP"),
    Case("step over block", settled, .trade("1100.000001", at: 2), "!STEP"),
    Case("not settled", [.trade("1000")], .trade("1200", at: 2), "STEP"),
    Case("confirmed", settled + [.trade("1200", at: 2)], .trade("1250", at: 3), "STEP"),
    Case("not confirmed", settled + [.trade("1200", at: 2)], .trade("1300", at: 3), "!STEP"),
    Case("a tick", [.trade("9"), .trade("9")], .trade("10", at: 2), "STEP"),
    Case("after a halt", settled + [halt], .trade("1200", at: 2, ("halted", "false")), "STEP"),
    Case(
      "another session", [.trade("1000", ("session", "\"a\"")), .trade("1000", ("session", "\"a\""))],
      .trade("1200", at: 2, ("session", "\"b\"")), "STEP"),
  ]

  static let times = [
    Case(
      "back inside", [.trade("10", at: 9, stamped("10:00:10"))],
      .trade("10", at: 11, stamped("10:00:09.001")), ""),
    Case(
      "back at flag", [.trade("10", at: 9, stamped("10:00:10"))], .trade("10", at: 11, stamped("10:00:09")),
      "TIME_BACK"),
    Case(
      "back under block", [.trade("10", at: 9, stamped("10:00:10"))],
      .trade("10", at: 11, stamped("10:00:00.001")),
      "TIME_BACK"),
    Case(
      "back at block", [.trade("10", at: 9, stamped("10:00:10"))], .trade("10", at: 11, stamped("10:00:00")),
      "!TIME_BACK"),
    Case("ahead at", .trade("10", stamped("10:00:05")), ""),
    Case("ahead over", .trade("10", stamped("10:00:05.001")), "FUTURE"),
    Case("clock at", Probe(feed: "price", at: 3605), ""),
    Case("clock over", Probe(feed: "price", at: 3605.001), "FUTURE"),
    Case("no such day", .trade("10", ("trade_time", "\"2026-11-31T23:00:00+09:00\"")), ""),
    Case("volume falls", [.trade("10", ("volume", "5"))], .trade("10", at: 1, ("volume", "4")), "REVERSAL"),
    Case("volume stays", [.trade("10", ("volume", "5"))], .trade("10", at: 1, ("volume", "5")), ""),
    Case("value falls", [.trade("10", ("value", "50"))], .trade("10", at: 1, ("value", "49.5")), "REVERSAL"),
  ]

  @Test(arguments: form + prices + ranges + limits + times)
  func says(_ one: Case) {
    var bench = Bench()
    for line in one.before { _ = bench.says(line) }
    #expect(bench.says(one.line) == one.says)
  }

  static let hours: [(String, String, String, String, Bool)] = [
    ("08:59:59", "trades", "KRX", "stock", true), ("08:59:59", "book", "KRX", "stock", false),
    ("08:29:59", "book", "KRX", "stock", true), ("09:00:00", "trades", "KRX", "stock", false),
    ("15:20:59.999", "trades", "KRX", "stock", false), ("15:21:00", "trades", "KRX", "stock", true),
    ("15:30:59.999", "trades", "KRX", "stock", false), ("15:31:00", "trades", "KRX", "stock", true),
    ("16:00:00", "trades", "KRX", "stock", false), ("16:00:00", "trades", "KRX", "etf", true),
    ("20:00:59", "trades", "KRX", "stock", false), ("20:01:00", "trades", "KRX", "stock", true),
    ("07:59:59", "trades", "NXT", "stock", true), ("08:00:00", "trades", "NXT", "stock", false),
    ("08:50:59", "trades", "NXT", "stock", false), ("08:51:00", "trades", "NXT", "stock", true),
    ("15:29:59", "trades", "NXT", "stock", true), ("15:30:00", "book", "NXT", "stock", false),
    ("08:55:00", "book", "UN", "stock", false), ("08:55:00", "trades", "UN", "stock", true),
    ("03:00:00", "trades", "NASDAQ", "overseas-stock", false), ("03:00:00", "trades", "X", "stock", false),
  ]

  @Test(arguments: hours)
  func hoursOfVenues(_ clock: String, _ feed: String, _ market: String, _ product: String, _ isOutside: Bool)
  {
    var bench = Bench()
    bench.clock = .max
    let said = bench.says(Self.at(clock, feed, market: market, product: product))
    #expect(said.contains("SESSION") == isOutside, "\(said)")
  }

  @Test func burstAndWarmUp() {
    var bench = Bench()
    for second in 0..<19 {
      #expect(
        bench.verdict(Probe.trade("10", at: Double(second), ("trade_size", "10")).text).contains("WARMING_UP")
      )
    }
    #expect(bench.says(.trade("10", at: 20, ("trade_size", "101"))) == "", "19 trades are no mean")
    var fresh = Bench()
    for second in 0..<20 { _ = fresh.says(.trade("10", at: Double(second), ("trade_size", "10"))) }
    let at = fresh.verdict(Probe.trade("10", at: 21, ("trade_size", "100")).text)
    #expect(at == #"{"action":"PASS","reason":"OK","flags":[]}"#)
    var over = Bench()
    for second in 0..<20 { _ = over.says(.trade("10", at: Double(second), ("trade_size", "10"))) }
    #expect(over.says(.trade("10", at: 21, ("trade_size", "100.000001"))) == "VOLUME_BURST")
  }

  @Test(arguments: [(59.999, 10, false), (60, 10, true), (60, 9, false)])
  func stale(_ after: Double, _ trades: Int, _ isStale: Bool) {
    var bench = Bench()
    func book(at: Double) -> Probe { .book("10", "11", at: at, ("bid_size", "1"), ("ask_size", "2")) }
    _ = bench.says(book(at: 0))
    for second in 0..<trades { _ = bench.says(.trade("10", at: Double(second))) }
    #expect((bench.says(book(at: after)) == "STALE") == isStale)
  }
}
