import Market
import Testing

@testable import KIS

@Suite struct WatchlistTests {
  private func parse(_ text: String) throws(WatchlistFault) -> WatchlistEntry {
    try WatchlistLine.parse(Array(text.utf8), venue: .krx)
  }

  @Test(arguments: [
    ("005930", WatchlistEntry.add(Instrument("005930", .krx))),
    ("  005930\t\r", .add(Instrument("005930", .krx))),
    ("005930 # Samsung", .add(Instrument("005930", .krx))), ("Q500001", .add(Instrument("Q500001", .krx))),
    ("0123A0", .add(Instrument("0123A0", .krx))), ("", .nothing), ("   ", .nothing), ("# comment", .nothing),
    ("  # comment", .nothing), ("\r", .nothing),
    (#"{"symbol":"005930"}"#, .add(Instrument("005930", .krx))),
    (#"{"symbol":"005930","market":"NXT"}"#, .add(Instrument("005930", .nxt))),
    (
      #"{"symbol":"005930","market":null,"op":null,"name":"삼성전자"}"#,
      .add(Instrument("005930", .krx), WatchlistNote(name: "삼성전자"))
    ),
    ("index:0001", .add(Instrument("0001", .krx, .index))),
    ("index-future:101W09 # mini", .add(Instrument("101W09", .krx, .indexFuture))),
    ("overseas-stock:DNASAAPL", .add(Instrument("DNASAAPL", .overseas, .overseasStock))),
    ("bond:KR103502GA34", .add(Instrument("KR103502GA34", .krx, .bond))),
    ("stock:Q500001", .add(Instrument("Q500001", .krx))),
    (
      #"{"symbol":"0001","product":"index","feeds":["trades","expected","trades"]}"#,
      .add(Instrument("0001", .krx, .index), WatchlistNote(feeds: [.trades, .expected]))
    ),
    (
      #"{"symbol":"DHKS00003","product":"overseas-stock","market":"HKS","name":"HK & CHINA GAS"}"#,
      .add(Instrument("DHKS00003", .overseas, .overseasStock), WatchlistNote(name: "HK & CHINA GAS"))
    ), (#"{"symbol":"0001","product":"index","op":"remove"}"#, .remove(Instrument("0001", .krx, .index))),
    (#"{"symbol":"005930","op":"add"}"#, .add(Instrument("005930", .krx))),
    (#" {"op":"remove","symbol":"005930","market":"UN"} "#, .remove(Instrument("005930", .unified))),
  ])
  func good(_ text: String, _ entry: WatchlistEntry) throws { #expect(try parse(text) == entry) }

  @Test(arguments: [
    "5930", "0059301", "00593a", "삼성전자", "005930 000660", "005930,000660", "A005930", "q500001", "Q5000011",
    "\"005930\"",
    "{",
    "{}", #"{"symbol":5930}"#, #"{"symbol":"005930","op":"delete"}"#,
    #"{"symbol":"005930","market":"KOSPI"}"#,
    #"{"symbol":"005930","op":1}"#, #"{"symbol":"005930"} x"#, "00593&", "005930\u{0}",
  ])
  func bad(_ text: String) { #expect(throws: WatchlistFault.self) { try parse(text) } }

  /// `observer symbols` makes such lines.
  @Test(arguments: [
    (#"{"symbol":"005930","product":"stock","name":"삼성전자","market":"KRX"}"#, Listing.stock),
    (#"{"symbol":"069500","product":"etf","name":"KODEX \"200\"","market":"KRX"}"#, .fund),
    (#"{"symbol":"57LA24","product":"elw","feeds":["trades"]}"#, .fund),
    (#"{"symbol":"Q500001","product":"etn"}"#, .fund), (#"{"symbol":"Q500001","product":"stock"}"#, .fund),
    (#"{"symbol":"069500","product":null}"#, .stock), (#"{"symbol":"069500"}"#, .stock),
  ])
  func productSaysWhatIsListed(_ text: String, _ listing: Listing) throws {
    guard case .add(let instrument, _) = try parse(text) else {
      Issue.record("not added")
      return
    }
    #expect(instrument.listing == listing)
  }

  /// What reads an archive has the product's word only.
  @Test(arguments: Product.allCases) func theWordSaysTheSame(product: Product) {
    for symbol in ["005930", "Q500001"] {
      #expect(
        Listing(product: product.rawValue, symbol: symbol) == Instrument(symbol, .krx, product).listing)
    }
  }

  @Test(arguments: ["\"indices\"", "\"ETF\"", "1", "\"\""])
  func productThatIsNotWatched(_ product: String) {
    #expect(throws: WatchlistFault.self) { try parse(#"{"symbol":"101W09","product":\#(product)}"#) }
  }

  /// A line that takes it out, or names it again, need not say what it is.
  @Test func whatItsLineSaidIsKept() {
    var list = Watchlist()
    let fund = Instrument("069500", .krx, .etf)
    let plain = Instrument("069500", .krx)
    #expect(fund == plain && fund.listing != plain.listing)
    let added = [fund, plain].map { list.add($0) }
    #expect(added == [true, false] && list.own(plain)?.listing == .fund)
    #expect(list.count(at: MarketPlace(fund)) == 1 && list.count(at: MarketPlace(plain)) == 0)
    let removed = list.remove(plain)
    #expect(removed?.listing == .fund && list.count(at: MarketPlace(fund)) == 0 && list.isEmpty)
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    #expect(try parse("\u{feff}005930") == .add(Instrument("005930", .krx)))
    #expect(try parse("\u{feff}{\"symbol\":\"005930\"}") == .add(Instrument("005930", .krx)))
    #expect(try parse("\u{feff}") == .nothing && parse("\u{feff}# x") == .nothing)
  }

  /// What people's lists have in place of a symbol is told apart.
  @Test(arguments: [
    ("A005930", #""A005930" is not a symbol (leave the A away: 005930)"#),
    ("5930", #""5930" is not a symbol (zeros were lost: 005930?)"#),
    ("0043y0", #""0043y0" is not a symbol (letters of symbols are capitals)"#),
    ("005930,Samsung", #""005930,Samsung" is not a symbol (one symbol a line, and # before a comment)"#),
    ("005930\tSamsung", #""005930\tSamsung" is not a symbol (one symbol a line, and # before a comment)"#),
    ("[\"005930\"]", "a JSON array: give one symbol or one object a line"),
    ("0\u{0}0\u{0}5\u{0}", "the list is in UTF-16: save it as UTF-8"),
    ("index:001", #""001" is not a key of index (four digits, as 0001 (KOSPI) or 1001 (KOSDAQ))"#),
    (
      "overseas-stock:AAPL",
      #""AAPL" is not a key of overseas-stock (D or R, the exchange (NAS, NYS, AMS, HKS, …) and the ticker, as DNASAAPL)"#
    ),
    ("kospi:0001", #""kospi" is not a product: kis-fetch --list-feeds shows them"#),
    (#"{"symbol":"0001","product":"index","market":"NXT"}"#, #""market" must be KRX for index"#),
    (#"{"symbol":"005930","market":"KOSPI"}"#, #""market" must be KRX, NXT, UN for stock"#),
    (
      #"{"symbol":"005930","feeds":["tardes"]}"#,
      #""tardes" is not a feed: kis-fetch --list-feeds shows them"#
    ),
    (#"{"symbol":"005930","feeds":[]}"#, #""" is not a feed: kis-fetch --list-feeds shows them"#),
    (
      #"{"symbol":"005930","feeds":["nav"]}"#,
      "stock has no feed nav at KRX: kis-fetch --list-feeds shows what it has"
    ),
    ("{}", #"no "symbol" string"#), (#"{"symbol":"005930","op":1}"#, #""op" must be add or remove"#),
    ("\u{1B}[0m\u{202E}", #""\x1b[0m\u202e" is not a symbol (six capital letters or digits, or Q and six)"#),
  ])
  func theFaultIsNamed(_ text: String, _ what: String) {
    do {
      _ = try parse(text)
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.what == what)
    }
  }

  @Test func aLongComplaintIsBounded() {
    let text = String(repeating: "\u{202E}", count: 100_000)
    do {
      _ = try parse(text)
      Issue.record("it was taken")
    } catch {
      #expect(error.what.count < 500)
    }
  }

  @Test func badBytesAreNoSymbol() {
    #expect(throws: WatchlistFault.self) {
      try WatchlistLine.parse([0xFF, 0xFE, 0x30, 0x30, 0x30, 0x30], venue: .krx)
    }
  }

  private func lines(_ chunks: [String], limit: Int = 64) -> [WatchlistReader.Line] {
    var reader = WatchlistReader(limit: limit)
    var found = chunks.flatMap { chunk in Array(chunk.utf8).withUnsafeBufferPointer { reader.feed($0) } }
    if let last = reader.finish() { found.append(last) }
    return found
  }

  @Test func linesAreCutAnywhere() {
    let text = "005930\n\n000660\nlast"
    let whole = lines([text])
    #expect(whole == ["005930", "", "000660", "last"].map { .text(Array($0.utf8)) })
    for cut in 0...text.count {
      #expect(lines([String(text.prefix(cut)), String(text.dropFirst(cut))]) == whole)
    }
    #expect(lines(text.map { String($0) }) == whole)
  }

  @Test func longLineIsSkippedToItsEnd() {
    let long = String(repeating: "x", count: 65)
    #expect(lines([long + "\n005930\n"]) == [.tooLong, .text(Array("005930".utf8))])
    #expect(lines([String(repeating: "x", count: 64) + "\n"]) != [.tooLong])
    #expect(lines([long]) == [.tooLong])
  }

  @Test func listKeepsOrderAndHasEachOnce() {
    var list = Watchlist()
    let all = ["005930", "000660", "035720"].map { Instrument($0, .krx) }
    let added = (all + [all[0]]).map { list.add($0) }
    #expect(added == [true, true, true, false])
    let removed = [all[1], all[1]].map { list.remove($0) != nil }
    #expect(removed == [true, false])
    #expect(list.slots.compactMap(\.self) == [all[0], all[2]])
    let other = list.add(Instrument("005930", .nxt))
    #expect(other)
    #expect(list.contains(all[0]) && !list.contains(all[1]))
  }
}
