import JSONBytes
import Testing

@testable import Values

/// What the rules remember, and of whom.
struct MarketJudgeTests {
  private static func gap(_ symbol: String?, _ feed: String?) -> Probe {
    Probe(source: "system", symbol: symbol, feed: feed, state: #""event":"gap","final":true"#)
  }

  @Test func gapMarksItsFeedUntilAnAcceptedLine() {
    var bench = Bench()
    #expect(bench.says(.trade("10")) == "")
    #expect(bench.says(Self.gap("005930", "trades")) == "GAP")
    #expect(bench.says(.book("99", "100", at: 1)) == "")
    #expect(bench.says(.trade("-1", at: 1)) == "!NOT_POSITIVE AFTER_GAP")
    #expect(bench.says(.trade("10", at: 2)) == "AFTER_GAP")
    #expect(bench.says(.trade("10", at: 3)) == "")
    #expect(bench.says(Self.gap(nil, nil)) == "GAP")
    #expect(bench.says(.book("99", "100", at: 4)) == "AFTER_GAP")
    #expect(bench.says(Probe(source: "system", feed: nil, state: #""event":"start""#)) == "")
  }

  @Test func aBlockNamesRuleValueAndLimit() {
    var bench = Bench()
    _ = bench.says(.trade("8100"))
    _ = bench.says(.trade("8100", at: 1))
    #expect(
      bench.verdict(Probe.trade("9100", at: 2).text)
        == #"{"action":"BLOCK","reason":"Market rule STEP","flags":["STEP","WARMING_UP"],"rule":"STEP","value":12.3456,"limit":10}"#
    )
    #expect(
      bench.verdict(Probe.trade("8100", at: 2, ("high", "9.50"), ("low", "10"), ("open", "9")).text)
        .hasSuffix(#""rule":"RANGE","value":9.5,"limit":10}"#))
  }

  /// A share in liquidation trades far below its last close, all day.
  @Test func settledPriceIsNotBlocked() {
    var bench = Bench()
    let trade = { (at: Double) in Probe.trade("200", at: at, ("prev_close", "1000")) }
    #expect(bench.says(trade(0)) == "!DAY_LIMIT")
    for second in 1..<30 { #expect(bench.says(trade(Double(second))) == "DAY_LIMIT") }
  }

  /// The day changes with a line that is blocked too, so that its candidate counts.
  @Test func newDayBeginsAnew() {
    var bench = Bench()
    bench.clock = .max
    for line in [Probe.trade("1000", ("volume", "9")), .trade("1000", at: 1, ("volume", "10"))] {
      _ = bench.says(line)
    }
    let tomorrow = 86_400.0
    #expect(bench.says(.trade("2000", at: tomorrow, ("volume", "1"), ("prev_close", "1000"))) == "!DAY_LIMIT")
    #expect(
      bench.says(.trade("2000", at: tomorrow + 1, ("volume", "1"), ("prev_close", "1000"))) == "DAY_LIMIT")
  }

  @Test func escapesAreSeenThrough() {
    var bench = Bench()
    _ = bench.says(.trade("1000"))
    var probe = Probe.trade("1000", at: -20)
    probe.symbol = #"00593\u0030"#
    probe.feed = #"tr\u0061des"#
    #expect(bench.says(probe) == "!TIME_BACK")
  }

  @Test func subjectsAreBounded() {
    var bench = Bench(subjectLimit: 200)
    for number in 0..<200 {
      let digits = String(1_000_000 + number).dropFirst()
      _ = bench.verdict(Probe(symbol: String(digits), feed: "book").text)
    }
    let isFullBefore = bench.judge.isFull
    #expect(!isFullBefore)
    #expect(bench.verdict(Probe(symbol: "ZZZZZZ", feed: "book").text).contains("WARMING_UP"))
    #expect(bench.verdict(Probe(symbol: "ZZZZZZ", feed: "book").text).contains("WARMING_UP"))
    let (isFull, count) = (bench.judge.isFull, bench.judge.subjectCount)
    #expect(isFull && count == 200)
    #expect(!bench.verdict(Probe(symbol: "000007", feed: "book").text).contains("WARMING_UP"))
  }

  /// Names that differ in one byte, in their lengths, or only in where one ends and the next begins, are different
  /// subjects, up to 128 bytes together; what is longer is judged without memory. All outlast a restart.
  @Test func namesOfEveryLengthAreKeptApart() throws {
    var bench = Bench()
    var probes: [Probe] = []
    for length in 1...116 {
      for last in ["A", "B"] {
        let symbol = String(repeating: "A", count: length - 1) + last
        probes.append(Probe(product: "product", market: "venue", symbol: symbol, feed: "book"))
      }
    }
    probes += [("AB", "C", "D"), ("A", "BC", "D"), ("A", "B", "CD"), ("ABC", "", "D")].map {
      Probe(product: $0, market: $1, symbol: $2, feed: "book")
    }
    for probe in probes { #expect(bench.verdict(probe.text).contains("WARMING_UP"), "\(probe.text)") }
    let tooLong = Probe(
      product: "product", market: "venue", symbol: String(repeating: "A", count: 117), feed: "book")
    for _ in 0..<2 { #expect(bench.verdict(tooLong.text).contains("WARMING_UP")) }
    var text = ByteBuffer()
    bench.judge.appendState(to: &text)
    var later = Bench()
    try later.judge.restore(Array(text.bytes))
    for probe in probes {
      #expect(!bench.verdict(probe.text).contains("WARMING_UP"), "\(probe.text)")
      #expect(!later.verdict(probe.text).contains("WARMING_UP"), "\(probe.text)")
    }
    let count = bench.judge.subjectCount
    #expect(count == probes.count)
  }

  /// A number counts exactly or not at all: digits are read eight at a time, and those of the texts before are no digits.
  @Test(arguments: 1...17)
  func numbersOfEveryLength(_ digits: Int) {
    let text = String("98765432109876543".prefix(digits))
    func bid(_ number: String) -> String {
      var bench = Bench()
      return bench.verdict(Probe.book(number, "1").text)
    }
    let isHeld = digits <= 12
    #expect(bid(text).contains("CROSSED") == isHeld)
    #expect(bid(text + ".5").contains("CROSSED") == isHeld)
    #expect(bid("-" + text).contains("\"value\":-\(text),") == isHeld)
    for place in 0..<digits {
      var broken = Array(text)
      broken[place] = ["/", ":", "e", "\u{B9}"][place % 4]
      #expect(!bid("\"\(String(broken))\"").contains("CROSSED"))
    }
    var bench = Bench()
    let money = bench.verdict(Probe.book("1", "2", ("value", "-" + text)).text)
    #expect(money.contains("\"value\":-\(text),") == (digits <= 15))
  }

  /// Trades, books and gaps of five symbols, interleaved, some of them odd.
  private static func lines() -> [(Int, String)] {
    var generator = Numbers(state: 7)
    var lines: [(Int, String)] = []
    for number in 0..<2000 {
      let symbol = Int(generator.next() % 5)
      var probe = Probe(
        symbol: "00593\(symbol)", feed: generator.next() % 3 == 0 ? "book" : "trades", at: Double(number) / 10
      )
      let price = 1000 + Int(generator.next() % 13) * 12
      probe.inputs = [
        ("price", "\(price)"), ("trade_size", "\(generator.next() % 40)"), ("bid_price", "\(price)"),
        ("ask_price", "\(price + Int(generator.next() % 9) - 1)"), ("bid_size", "1"), ("ask_size", "1"),
        ("volume", "\(number - Int(generator.next() % 30))"), ("prev_close", "900"),
      ]
      if generator.next() % 50 == 0 { probe = Self.gap("00593\(symbol)", "trades") }
      lines.append((symbol, probe.text))
    }
    return lines
  }

  /// What is remembered is all that counts: a process that takes over in the middle says the same.
  @Test func restartSaysTheSame() throws {
    let lines = Self.lines().map(\.1)
    var whole = Bench()
    var bench = Bench()
    for (number, line) in lines.enumerated() {
      if number % 701 == 350 {
        var text = ByteBuffer()
        bench.judge.appendState(to: &text)
        bench = Bench()
        try bench.judge.restore(Array(text.bytes))
        var again = ByteBuffer()
        bench.judge.appendState(to: &again)
        #expect(again.text == text.text)
      }
      #expect(bench.verdict(line) == whole.verdict(line), "line \(number)")
    }
  }

  /// A damaged state is refused as a whole, whatever is damaged.
  @Test func damagedStateIsRefused() throws {
    var bench = Bench()
    for (_, line) in Self.lines().prefix(300) { _ = bench.verdict(line) }
    var text = ByteBuffer()
    bench.judge.appendState(to: &text)
    let bytes = Array(text.bytes)
    func fault(_ bytes: [UInt8]) -> StateFault? {
      var judge = MarketJudge(calendar: nil)
      do throws(StateFault) {
        try judge.restore(bytes)
        return nil
      } catch {
        return judge.subjectCount == 0 ? error : nil
      }
    }
    #expect(fault(bytes) == nil)
    // Nothing but a gap of all symbols was seen: nothing is remembered, and that is a state too.
    var empty = ByteBuffer()
    MarketJudge(calendar: nil).appendState(to: &empty)
    #expect(fault(Array(empty.bytes)) == nil)
    #expect(fault([]) == .otherForm)
    #expect(fault(Array(bytes.dropLast())) == .cutOff)
    #expect(fault(Array(bytes.dropLast(60))) == .cutOff)
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var damaged = bytes
      damaged[place] ^= 1
      #expect(fault(damaged) != nil, "byte \(place)")
    }
  }

  /// Symbols that are interleaved are judged as each by itself.
  @Test func splitBySymbolSaysTheSame() {
    let lines = Self.lines()
    var together = Bench()
    let all = lines.map { ($0.0, together.verdict($0.1)) }
    for symbol in 0..<5 {
      var alone = Bench()
      let verdicts = lines.filter { $0.0 == symbol }.map { alone.verdict($0.1) }
      #expect(verdicts == all.filter { $0.0 == symbol }.map(\.1))
    }
    #expect(Set(all.map(\.1)).count > 20)
  }
}

private struct Numbers {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
