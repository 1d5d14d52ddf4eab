import Board
import Market
import Plumbing
import Testing

@testable import Health

/// The table of symbols on the live page.
struct BoardSectionTests {
  /// 2026-11-26 14:00 in Korea, a Thursday.
  static let wall: Milliseconds = 1_795_669_200_000

  static func symbol(_ code: String, _ change: (inout BoardSymbol) -> Void = { _ in }) -> BoardSymbol {
    var symbol = BoardSymbol(symbol: code, product: "stock", venue: "KRX", name: "이름 \(code)")
    symbol.note(price: "277750.5", minute: 830)
    symbol.note(records: 9, minute: 830)
    symbol.previousClose = 270_000
    symbol.lastRecord = wall.count - 3000
    (symbol.trades, symbol.shares, symbol.reported) = (1234, 99_998, 100_000)
    change(&symbol)
    return symbol
  }

  static func facts(_ symbols: [BoardSymbol], _ change: (inout Board) -> Void = { _ in }) -> BoardFacts {
    var board = Board(date: "2026-11-26")
    board.written = wall.count - 2000
    board.symbols = symbols
    change(&board)
    return BoardFacts(board, MarketCalendar(), at: wall)
  }

  static func html(_ symbols: [BoardSymbol], korean: Bool = false) -> String {
    BoardSection(facts(symbols), at: wall, korean: korean).html
  }

  @Test func aRowSaysPriceChangeCoverageAndAge() {
    let html = Self.html([Self.symbol("005930")])
    for part in [
      "<b>이름 005930</b><span>005930</span>", "<b>277,750.5</b><span class=\"up\">▲ 2.87 %</span>",
      "<b>99.998\u{A0}%</b><span>1,234 trades</span>", ">3 s ago</td>",
    ] {
      #expect(html.contains(part), "\(part)")
    }
  }

  @Test func troubleComesFirst() {
    let html = Self.html([
      Self.symbol("000001"), Self.symbol("000002") { $0.lastRecord = nil },
      Self.symbol("000003") { $0.gaps.insert(600..<605) },
      Self.symbol("000004") { $0.missedTrades = 3 },
      Self.symbol("000005") { ($0.gap, $0.gapSince) = ("ws_disconnect", Self.wall.count - 61_000) },
      Self.symbol("000006") { ($0.gap, $0.gapSince) = ("<odd>", Self.wall.count - 1000) },
    ])
    let order = html.matches(of: #/<span>(00000\d)<\/span>/#).map { String($0.1) }
    #expect(order == ["000005", "000006", "000004", "000003", "000002", "000001"])
    #expect(html.contains("not observed for 61 s: connection lost"))
    #expect(html.contains("not observed for 1 s: &lt;odd&gt;"))
    #expect(
      html.contains("3 trades missing") && html.contains("gap 5 min") && html.contains("nothing yet today"))
  }

  @Test func aGapWhileTheVenueIsClosedIsNone() {
    let html = Self.html([Self.symbol("005930") { $0.gaps.insert(0..<500) }])
    #expect(!html.contains("gap 5") && !html.contains("class=\"lossy\""))
    let half = Self.html([Self.symbol("005930") { $0.gaps.insert(0..<511) }])
    #expect(half.contains("gap 1 min"), "the call auction begins at 08:30")
  }

  @Test func koreanThroughout() {
    let html = Self.html(
      [Self.symbol("000005") { ($0.gap, $0.gapSince) = ("silent", Self.wall.count - 61_000) }], korean: true)
    #expect(html.contains("61초 동안 관측 못 함: 등록 무응답") && html.contains("체결 1,234건"))
    #expect(!html.contains("not observed") && !html.contains("ago"))
  }

  @Test func aHostileNameIsText() {
    let html = Self.html([Self.symbol("005930") { $0.name = "<script>alert(1)</script>\u{1B}[2J" }])
    #expect(!html.contains("<script") && html.contains("&lt;script&gt;") && !html.contains("\u{1B}"))
  }

  /// Numbers that no kis-fetch writes are shown, as far as they can be.
  @Test(arguments: [Int64.min, -1, .max]) func aDamagedBoardIsShown(_ number: Int64) throws {
    let damaged = Self.facts(
      (0..<5).map { row in
        Self.symbol("00000\(row)") { symbol in
          (symbol.gap, symbol.gapSince, symbol.lastRecord) = (row == 0 ? nil : "silent", number, number)
          (symbol.trades, symbol.shares, symbol.reported) = (number, number, number)
          (symbol.missedTrades, symbol.missedShares, symbol.startedAt) = (number, number, number)
          symbol.price = "\(number)"
          (symbol.prices, symbol.previousClose) = ([1e308, -1e308, 5], .leastNonzeroMagnitude)
        }
      }
    ) {
      $0.written = number
      $0.more = Int(number)
    }.board
    let board = try #require(Board(json: damaged.json))
    let facts = BoardFacts(board, MarketCalendar(), at: Self.wall)
    for korean in [false, true] {
      #expect(BoardSection(facts, at: Self.wall, korean: korean).html.contains("<table class=\"board\">"))
      #expect(DayChart(facts, at: Self.wall, PageWords.of(korean: korean)).html.contains("<svg"))
    }
  }

  /// Records in the night show the whole day, so that a trial at any hour is seen.
  @Test func recordsAtNightShowTheWholeDay() {
    #expect(Self.facts([Self.symbol("005930")]).axis == .trading)
    #expect(Self.facts([Self.symbol("005930") { $0.note(records: 1, minute: 180) }]).axis == .whole)
  }

  @Test func theChartShowsOutagesAndTheTimeSinceTheLastWriting() {
    let words = PageWords.of(korean: false)
    let whole = DayChart(
      Self.facts([Self.symbol("005930")]) { $0.note(records: 7, minute: 600) }, at: Self.wall, words)
    #expect(whole.html.contains("minutes without observation 0"))
    let broken = Self.facts([Self.symbol("005930")]) { board in
      board.outages.insert(600..<605)
      // Before the open nothing is missed.
      board.outages.insert(300..<500)
      board.written = Self.wall.count - 600_000
    }
    #expect(DayChart(broken, at: Self.wall, words).html.contains("minutes without observation 16"))
  }

  /// The page is whole without a board, and shows it above the pipe where there is one.
  @Test func theTableStandsAboveThePipe() throws {
    var facts = HealthRulesTests.healthy()
    func page() -> String { HealthPage(HealthReport(facts), facts, [], korean: false, nonce: "n").html }
    #expect(!page().contains("id=\"board\""))
    facts.board = Self.facts([Self.symbol("005930")])
    let html = page()
    let parts = html.components(separatedBy: "id=\"board\"")
    #expect(parts.count == 2 && parts[1].contains("id=\"pipe\""))
    #expect(!html.contains("style=\""))
  }

  @Test(arguments: [
    (
      false,
      "<dt>Trade to capture</dt><dd>p50 319 ms · p99 1,023 ms (the exchange&#39;s times are whole seconds)</dd>"
    ),
    (true, "<dt>체결에서 수집까지</dt><dd>p50 319 ms · p99 1,023 ms (거래소 시각은 초 단위입니다)</dd>"),
  ])
  func theTimeToCaptureIsOneNumberAmongOthers(_ isKorean: Bool, _ row: String) {
    var facts = HealthRulesTests.healthy()
    func page() -> String { HealthPage(HealthReport(facts), facts, [], korean: isKorean, nonce: "n").html }
    facts.board = Self.facts([Self.symbol("005930")])
    #expect(!page().contains("p50"), "no trade was sampled")
    facts.board = Self.facts([Self.symbol("005930")]) { board in
      for _ in 1...90 { board.capture.add(310) }
      for _ in 1...10 { board.capture.add(1000) }
    }
    #expect(page().contains(row))
  }
}

extension String {
  fileprivate func components(separatedBy mark: String) -> [Substring] {
    split(separator: mark, omittingEmptySubsequences: false)
  }
}
