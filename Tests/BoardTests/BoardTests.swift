import Board
import Completeness
import Plumbing
import Testing

@Suite struct BoardTests {
  @Test(arguments: [
    ([5..<7, 7..<9], [5..<9]), ([7..<9, 5..<7], [5..<9]), ([1..<2, 5..<6, 2..<5], [1..<6]),
    ([10..<11, 1..<2], [1..<2, 10..<11]), ([3..<3], []), ([1..<9, 2..<3], [1..<9]),
  ])
  func minutesAreKeptAsFewRanges(_ inserted: [Range<Int>], _ kept: [Range<Int>]) {
    var set = MinuteSet()
    for range in inserted { set.insert(range) }
    #expect(set.ranges == kept)
    #expect(set.count == kept.reduce(0) { $0 + $1.count })
  }

  @Test func whatIsWrittenIsReadBack() throws {
    var board = Board(date: "2026-11-26")
    board.written = 1_785_371_021_123
    board.more = 3
    board.note(records: 7, minute: 540)
    board.note(records: 2, minute: 540)
    board.note(records: 1, minute: 1440)
    board.outages.insert(600..<605)
    var samsung = BoardSymbol(symbol: "005930", product: "stock", venue: "KRX", name: "삼성 \"전자\"\n")
    samsung.previousClose = 276_000.5
    samsung.note(price: "277750", minute: 545)
    samsung.note(price: "277750.5", minute: 549)
    samsung.note(records: 12, minute: 545)
    (samsung.trades, samsung.shares, samsung.reported, samsung.missedTrades, samsung.missedShares) = (
      12, 90, 100, 1, 10
    )
    samsung.lastRecord = 1_785_371_020_000
    samsung.gaps.insert(600..<605)
    samsung.losses.insert(700..<701)
    for time in [0, 7, 8, 310, 311, 1_000_000, -5] { board.capture.add(Int64(time)) }
    board.namesRefused = true
    board.symbols = [samsung, BoardSymbol(symbol: "DNASAAPL", product: "overseas-stock", venue: "NAS")]
    let read = try #require(Board(json: board.json))
    #expect(read.json == board.json && read.capture == board.capture && read.namesRefused)
    #expect(read.captured?.half == board.captured?.half && read.capture.total == 7)
    #expect(read.records.count == 541 && read.records[540] == 9)
    #expect(read.symbols[0].price == "277750.5" && read.symbols[0].prices[109] == 277_750.5)
    #expect(read.symbols[0].prices[108].isNaN)
    #expect(read.symbols[0].coverage == 0.9)
    #expect(try #require(read.symbols[0].change) > 0.0063)
    #expect(read.symbols[1] == board.symbols[1])
    #expect(read.symbols[1].coverage == nil && read.symbols[1].change == nil)
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"version\":2,\"date\":\"2026-11-26\",\"written_ms\":1,\"symbols\":[]}",
    "{\"version\":1,\"date\":\"2026-11-26\",\"written_ms\":1}", "{\"version\":1",
    #"{"version":1,"date":"9223372036854775807-01-01","written_ms":1,"symbols":[]}"#,
    #"{"version":1,"date":"2026-02-30","written_ms":1,"symbols":[]}"#,
    #"{"version":1,"date":"2026-1-01","written_ms":1,"symbols":[]}"#,
    #"{"version":1,"date":"+026-01-01","written_ms":1,"symbols":[]}"#,
    #"{"version":1,"date":"2026-11-26","written_ms":9223372036854775808,"symbols":[]}"#,
  ])
  func anotherTextIsNoBoard(_ text: String) { #expect(Board(json: Array(text.utf8)) == nil) }

  /// What another program, or a bad disk, can leave in a file of ours: kis-fetch and the page do arithmetic with it.
  @Test(arguments: [Int.min, .max, -1, 1 << 53])
  func anyNumberIsATimeOrACountThatArithmeticCanUse(_ number: Int) throws {
    let text = """
      {"version":1,"date":"2026-11-26","written_ms":\(number),"more":\(number),"records":"\(number),2147483647","symbols":[
      {"symbol":"A","product":"stock","venue":"KRX","gap":"silent","gap_since_ms":\(number),"started_at":\(number),
      "last_record_ms":\(number),"trades":\(number),"shares":\(number),"reported":\(number),"missed_trades":\(number),
      "missed_shares":\(number),"prices":"\(number),1e308,-1e308,nan,-1e15"}]}
      """
    var board = try #require(Board(json: Array(text.utf8)))
    let symbol = board.symbols[0]
    let times = [board.written, symbol.gapSince, symbol.lastRecord].compactMap(\.self)
    #expect(times.count == 3 && times.allSatisfy { Timestamp.range.contains($0) })
    let counts = [symbol.trades, symbol.shares, symbol.reported, symbol.missedTrades, symbol.missedShares]
    #expect((counts + [symbol.startedAt ?? -1, Int64(board.more)]).allSatisfy { (0...1 << 53).contains($0) })
    #expect(symbol.prices.dropFirst().map(\.isNaN) == [true, true, true, false])
    board.note(records: 7, minute: 1)
    #expect(board.records == [0, .max])
    #expect(Board(json: board.json)?.json == board.json)
  }

  @Test func oddMembersAreLeftOut() throws {
    let text = """
      {"version":1,"date":"2026-11-26","written_ms":1,"records":"1,x,-3","capture_ms":[[5],[9,-1],["a",2],[310,3],[311,99999999999]],"names_refused":1,"outages":[[5,3],[1],["a",2],[3,9999],[2,4]],
      "symbols":[{"symbol":"1"},{"symbol":"A","product":"stock","venue":"KRX","prices":",,1.5,x","trades":"no"}]}
      """
    let board = try #require(Board(json: Array(text.utf8)))
    #expect(board.records == [1, 0, 0])
    #expect(board.outages.ranges == [2..<4])
    #expect(board.capture.total == 3 && !board.namesRefused)
    #expect(board.symbols.map(\.symbol) == ["A"])
    #expect(board.symbols[0].prices.count == 4 && board.symbols[0].prices[2] == 1.5)
  }
}
