import JSONBytes
import Market
import Testing

@testable import Completeness

/// What the page of a day says of gaps, venues and channels, and how it draws a session that goes over midnight.
@Suite struct DayPageTests {
  private typealias Subject = MadeDay.Subject

  /// Gaps by symbol, minutes since midnight and seconds more, and what is told of them above and in the list.
  struct Outage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let gaps: [(symbol: String, from: Int, to: Int, seconds: Int)]
    let above: [String]
    let listed: [String]
  }

  static let outages = [
    Outage(
      testDescription: "one is much longer",
      gaps: [("000660", 600, 666, 0), ("005930", 600, 606, 0)],
      above: [
        "<li>000660 trades: not observed for 1 h 6 min (connection lost)</li><li>005930 trades: not observed for 6 min 0 s"
      ],
      listed: [
        "<b>10:00:00–10:06:00</b> 005930: connection lost, 6 min 0 s",
        "<b>10:00:00–11:06:00</b> 000660: connection lost, 1 h 6 min",
      ]),
    Outage(
      testDescription: "at other times",
      gaps: [("000660", 600, 606, 0), ("005930", 700, 706, 0)],
      above: ["<li>2 symbols trades: not observed for 6 min 0 s (connection lost)</li>"],
      listed: ["<b>10:00:00–10:06:00</b> 000660: ", "<b>11:40:00–11:46:00</b> 005930: "]),
    Outage(
      testDescription: "one outage that ends for each when its next record comes",
      gaps: [("000660", 600, 610, 0), ("005930", 600, 610, 7)],
      above: [
        "<li>005930 trades: not observed for 10 min 7 s", "<li>000660 trades: not observed for 10 min 0 s",
      ],
      listed: ["<b>10:00:00–10:10:07</b> 000660, 005930: connection lost, 10 min 7 s"]),
    Outage(
      testDescription: "many",
      gaps: (1...6).map { ("00000\($0)", 600, 606 + $0, 0) },
      above: ["<li>6 symbols trades: not observed for up to 12 min 0 s (connection lost)</li>"],
      listed: [
        "<b>10:00:00–10:07:00</b> 000001: ", "<b>10:00:00–10:08:00</b> 000002: ",
        "<b>10:00:00–10:12:00</b> 000005, 000006: ",
      ]),
  ]

  @Test(arguments: outages) func aGapIsToldOfItsOwnSymbols(_ outage: Outage) {
    var day = MadeDay()
    for gap in outage.gaps {
      let subject = Subject(symbol: gap.symbol)
      day.trades(subject, minutes: 540..<600)
      day.gap(subject, from: gap.from, to: gap.to, seconds: gap.seconds)
    }
    let page = day.page()
    for text in outage.above + outage.listed { #expect(page.contains(text), "\(text)") }
    let korean = day.page(korean: true)
    if outage.gaps.count > 4 { #expect(korean.contains("6개 종목 trades: 최대 12분 0초 동안 관측하지 못했습니다")) }
  }

  /// New York's night of 2026-11-24, 23:30 to 06:00, with a gap before, over and after midnight.
  @Test(arguments: [
    (1420, 1430, [1420..<1430]), (1430, 1450, [1430..<1440, 0..<10]), (1470, 1500, [30..<60]),
    (1440, 1450, [0..<10]), (1430, 1440, [1430..<1440]),
  ]) func aNightIsDrawnByTheClock(from: Int, to: Int, drawn: [Range<Int>]) {
    var day = MadeDay()
    let share = Subject(symbol: "DNASAAPL", market: "NAS", product: "overseas-stock")
    day.trades(share, minutes: 1410..<1440, price: 200)
    day.gap(share, from: from, to: to)
    day.trades(share, minutes: 1440..<1801, price: 300)
    let page = day.page()
    let bands = page.matches(of: /<rect class="g" x="([0-9]+)" y="1" width="([0-9]+)"/).compactMap { match in
      Int(match.output.1).flatMap { start in Int(match.output.2).map { start..<start + $0 } }
    }
    #expect(Set(bands) == Set(drawn))
    #expect(page.contains("aria-label=\"DNASAAPL: records from 23:30 to 06:00"))
    // 24 hours, and the line of prices does not go over the closed ones.
    #expect(page.contains("viewBox=\"0 0 1440 54\""))
    let lines = page.matches(of: /<polyline points="([^"]*)"/).map { $0.output.1 }
    #expect(lines.count == 2 && lines[0].hasPrefix("0,") && lines[1].hasPrefix("1410,"))
    #expect(day.page(korean: true).contains("레코드 23:30–06:00"))
  }

  /// A gap of a share that is told on the next morning is not drawn in the morning of its day.
  @Test func aGapEndsWithItsDay() {
    var day = MadeDay()
    day.trades(minutes: 540..<1439)
    day.gap(from: 1380, to: 1439)
    let page = day.page()
    #expect(page.matches(of: /<rect class="g" x=/).isEmpty, "after the hours shown")
    #expect(page.matches(of: /<polyline/).count == 1)
  }

  /// One share at two venues: each is told apart, and it is one symbol.
  @Test func venuesAreToldApart() throws {
    var day = MadeDay()
    for market in ["KRX", "NXT"] {
      day.trades(Subject(market: market), minutes: 541..<600)
      day.gap(Subject(market: market), from: 600, to: 607)
      day.trades(Subject(market: market), minutes: 607..<910)
    }
    day.trades(Subject(symbol: "000660"), minutes: 541..<910)
    let page = day.page(names: ["005930": "삼성전자"])
    for text in [
      "<li>삼성전자 KRX trades: not observed for 7 min 0 s", "<li>삼성전자 NXT trades: not observed for 7 min 0 s",
      "</b> 삼성전자 KRX, 삼성전자 NXT: connection lost", "aria-label=\"삼성전자 NXT: ", "aria-label=\"000660: ",
    ] { #expect(page.contains(text), "\(text)") }
    #expect(!page.contains("2 symbols"))
    let line = try #require(day.dayLine(at: 1200))
    var buffer = ByteBuffer(capacity: 4096)
    line.members.append(to: &buffer)
    let said = try JSONValue.parse(buffer.bytes)
    #expect(said["symbols"]?.count == 2)
    #expect(said["reasons"]?.elements?.compactMap { $0["market"]?.string } == ["KRX", "NXT"])
    // Read again, they are the same reasons.
    #expect(try #require(KnownDay(said)).reasons == line.reasons)
  }

  /// Of channels that are not proven the page says what is true of them.
  @Test(arguments: [
    (10, false, ["too few trades came in one frame"], ["contradict the running totals"]),
    (200, true, ["Records contradict the running totals</b>: nothing can be claimed"], ["too few trades"]),
    (200, false, ["% of the shares"], ["contradict the running totals", "too few trades"]),
  ]) func aChannelIsSaidToBeWhatItIs(minutes: Int, isOdd: Bool, said: [String], unsaid: [String]) {
    var day = MadeDay()
    day.trades(minutes: 541..<541 + minutes, isOdd: isOdd)
    let page = day.page()
    for text in said { #expect(page.contains(text), "\(text)") }
    for text in unsaid { #expect(!page.contains(text), "\(text)") }
    #expect(day.page(korean: true).contains("누락 여부를 말할 수 없습니다") == isOdd)
  }

  /// An index has no trades, and a close all the same.
  @Test func anIndexHasItsClose() throws {
    var day = MadeDay()
    let index = Subject(symbol: "0001", product: "index", feed: "trades")
    for (minute, value) in [(541, "2500.10"), (600, "2612.55"), (700, "2480.00"), (920, "2555.25")] {
      day.record(index, minute, #""price":\#(value)"#)
    }
    let subject = try #require(day.audit().report(now: MadeDay.time(1300)).subjects.first)
    var buffer = ByteBuffer(capacity: 4096)
    subject.members.append(to: &buffer)
    let text = String(decoding: buffer.bytes, as: UTF8.self)
    #expect(text.contains(#""open":2500.10,"high":2612.55,"low":2480.00,"close":2555.25"#), "\(text)")
    #expect(day.page().contains("<td class=\"n\"><b>2,555.25</b>"))
  }
}

/// When a day is over, and what the calendar says of days that an earlier audit has judged.
@Suite struct DayVerdictTests {
  private typealias Subject = MadeDay.Subject

  /// Product and market of what is here, minutes since midnight of the last record and of the present.
  @Test(arguments: [
    ("stock", "KRX", 919, 1199, false), ("stock", "KRX", 919, 1200, true),
    ("night-future", "KRX", 1200, 1260, false), ("night-future", "KRX", 1790, 1799, false),
    ("night-future", "KRX", 1790, 1800, true), ("overseas-stock", "NAS", 1430, 1435, false),
    ("overseas-stock", "NAS", 1430, 1450, false), ("overseas-stock", "AMS", 1430, 2039, false),
    ("overseas-stock", "NYS", 1430, 2040, true), ("overseas-stock", "HKS", 1000, 1200, true),
    ("overseas-derivative", "CME", 1000, 1400, false), ("overseas-derivative", "CME", 1000, 1440, true),
  ])
  func aDayIsOverWhenItsLastSessionIs(product: String, market: String, last: Int, now: Int, isOver: Bool)
    throws
  {
    var day = MadeDay()
    day.trades(Subject(market: market, product: product), minutes: last - 300..<last)
    #expect((try #require(day.dayLine(at: now)).condition != .pending) == isOver)
  }

  /// Before an evening's session has begun, nobody can say that its records are missing.
  @Test(arguments: [(1230, DayCondition.pending), (1439, .pending), (1440, .missing)])
  func withoutRecordsADayIsOverAtMidnight(now: Int, condition: DayCondition) {
    let line = DayLine(MadeDay.day, [], MarketCalendar(), now: MadeDay.time(now))
    #expect(line.condition == condition)
  }

  /// Links lead to pages that are there, and what was only counted is counted on.
  @Test func theCalendarSaysWhatAnEarlierAuditSaid() {
    var day = MadeDay()
    let reason =
      #"{"code":"critical_gap","symbol":"005930","feed":"trades","reason":"ws_disconnect","seconds":600,"text":""}"#
    let reasons = Array(repeating: reason, count: 20).joined(separator: ",")
    for (date, more) in [("2026-11-23", ""), ("2026-11-24", #","more_reasons":10"#)] {
      day.line(
        #"{"audit":"day","date":"\#(date)","condition":"degraded","reasons":[\#(reasons)]\#(more),"symbols":30}"#
      )
    }
    let page = CalendarPage(
      day.audit(), pages: [MadeDay.day], names: [:], ReportLanguage(korean: false), now: MadeDay.time(2000)
    ).html
    #expect(page.contains("href=\"2026-11-24.html\"") && !page.contains("href=\"2026-11-23.html\""))
    #expect(page.contains("(and 29 more)") && page.contains("(and 19 more)"))
    #expect(page.contains("005930 trades: not observed for 10 min 0 s"))
  }
}
