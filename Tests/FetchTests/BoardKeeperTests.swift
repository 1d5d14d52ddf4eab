import Board
import Completeness
import JSONBytes
import KIS
import Plumbing
import TestSupport
import Testing

@testable import Fetch

/// What the live page is told of the watched symbols.
struct BoardKeeperTests {
  /// 2026-11-26 10:00 in Korea.
  static let start: Milliseconds = 1_795_654_800_000
  static let samsung = Instrument("005930", .krx)
  static let hynix = Instrument("000660", .nxt)

  static func watchlist(_ instruments: [Instrument] = [samsung, hynix]) -> Watchlist {
    var list = Watchlist()
    for instrument in instruments { _ = list.add(instrument, WatchlistNote(name: "이름")) }
    return list
  }

  static func keeper(_ text: [UInt8]? = nil, at now: Milliseconds = start) -> BoardKeeper {
    var keeper = BoardKeeper(text, at: now)
    keeper.list(watchlist(), at: now)
    return keeper
  }

  static func state(_ trades: Int64, _ shares: Int64, before: Int64 = 0, total: Int64, at time: Milliseconds)
    -> TradeState
  {
    TradeState(
      trades: trades, shares: shares, before: before, total: total, price: "277750.5", previousClose: 270_000,
      seen: time)
  }

  @Test func growthBelongsToItsMinute() {
    var keeper = Self.keeper()
    keeper.note(Self.state(10, 100, total: 100, at: Self.start), Self.samsung, at: Self.start)
    keeper.note(
      Self.state(15, 150, total: 150, at: Self.start + .minutes(1)), Self.samsung,
      at: Self.start + .minutes(1))
    let symbol = keeper.board.symbols[0]
    #expect(symbol.records[600] == 10 && symbol.records[601] == 5)
    #expect(symbol.trades == 15 && symbol.shares == 150 && symbol.reported == 150)
    #expect(symbol.price == "277750.5" && symbol.name == "이름" && symbol.venue == "KRX")
    #expect(symbol.coverage == 1 && symbol.lastRecord == (Self.start + .minutes(1)).count)
    #expect(keeper.board.symbols[1].venue == "NXT" && keeper.board.symbols[1].records.isEmpty)
  }

  /// A damaged board of today does not keep kis-fetch from starting, and the next writing mends it.
  @Test(arguments: [Int64.min, -1, 0, .max]) func aDamagedBoardIsGoneOnFrom(_ number: Int64) throws {
    var damaged = Self.keeper().board
    damaged.written = number
    damaged.symbols[0].gap = "silent"
    damaged.symbols[0].gapSince = number
    damaged.symbols[0].lastRecord = number
    (damaged.symbols[0].trades, damaged.symbols[0].shares, damaged.symbols[0].missedShares) = (
      number, number, number
    )
    var keeper = Self.keeper(damaged.json)
    keeper.note(Self.state(10, 100, before: 50, total: 150, at: Self.start), Self.samsung, at: Self.start)
    keeper.note(snapshots: 3, at: Self.start)
    #expect(keeper.board.symbols[0].name == "이름" && keeper.board.symbols[0].gapSince == nil)
    #expect(Board(json: keeper.board.json) != nil)
  }

  @Test func aRestartGoesOnAndWhatWasTradedMeanwhileIsNotCoverage() {
    var first = Self.keeper()
    first.note(Self.state(10, 100, before: 50, total: 150, at: Self.start), Self.samsung, at: Self.start)
    let later = Self.start + .minutes(5)
    var second = Self.keeper(first.board.json, at: later)
    #expect(second.board.symbols[0].trades == 10 && second.board.symbols[0].gaps.ranges == [600..<606])
    #expect(second.board.outages.ranges == [600..<606])
    second.note(Self.state(3, 30, before: 170, total: 200, at: later), Self.samsung, at: later)
    let symbol = second.board.symbols[0]
    #expect(symbol.trades == 13 && symbol.shares == 130 && symbol.reported == 150)
    #expect(symbol.records[600] == 10 && symbol.records[605] == 3)
  }

  @Test func anotherDayBeginsAnew() {
    var keeper = Self.keeper()
    keeper.note(Self.state(10, 100, total: 100, at: Self.start), Self.samsung, at: Self.start)
    let text = keeper.board.json
    let tomorrow = Self.start + .day
    #expect(Self.keeper(text, at: tomorrow).board.symbols[0].trades == 0)
    keeper.list(Self.watchlist(), at: tomorrow)
    #expect(keeper.board.date == "2026-11-27" && keeper.board.symbols.map(\.trades) == [0, 0])
    #expect(!Self.state(1, 1, total: 1, at: Self.start).isToday(tomorrow))
  }

  @Test func namesLastLongerThanADay() {
    var keeper = BoardKeeper(nil, at: Self.start)
    var list = Watchlist()
    _ = list.add(Self.samsung, WatchlistNote())
    keeper.list(list, at: Self.start)
    #expect(keeper.isNameless(Self.samsung) && !keeper.isNameless(Self.hynix))
    keeper.note(name: "삼성전자", Self.samsung)
    keeper.refuseNames()
    #expect(!keeper.isNameless(Self.samsung) && keeper.board.namesRefused)
    var again = BoardKeeper(keeper.board.json, at: Self.start)
    again.list(list, at: Self.start)
    #expect(again.board.symbols[0].name == "삼성전자" && again.board.namesRefused)
    keeper.list(list, at: Self.start + .day)
    #expect(keeper.board.symbols[0].name == "삼성전자" && !keeper.board.namesRefused)
  }

  @Test func aTimeToCaptureIsSampledOnceASecond() {
    var keeper = Self.keeper()
    #expect(keeper.captureDue == .zero)
    keeper.note(capture: nil, at: .seconds(10))
    #expect(keeper.captureDue == .seconds(10) + .milliseconds(100))
    keeper.note(capture: .milliseconds(310), at: .seconds(11))
    #expect(keeper.captureDue > .seconds(12) && keeper.captureDue < .seconds(13))
    keeper.note(capture: .milliseconds(-400), at: .seconds(12))
    #expect(keeper.board.capture.total == 2 && keeper.board.captured?.half == 0)
    let again = Self.keeper(keeper.board.json)
    #expect(again.board.capture == keeper.board.capture)
    #expect(BoardKeeper(nil, at: Self.start, isKept: false).captureDue == .max)
  }

  /// Trades come at any time of a second and say the second alone: the samples are of all of it.
  @Test func samplesAreOfAllMomentsOfASecond() throws {
    var keeper = Self.keeper()
    for time in stride(from: 0, to: 300_000, by: 5) where keeper.captureDue <= .milliseconds(time) {
      keeper.note(capture: .milliseconds(time % 1000), at: .milliseconds(time))
    }
    let times = try #require(keeper.board.captured)
    #expect((450...560).contains(times.half) && times.most > 950 && keeper.board.capture.total > 250)
  }

  @Test func eachIsAskedForOnceADayThirtyInACall() throws {
    let lane = try KeyRingTests.calls(1, try Tool.temporaryFolder("names"))
    var names = NameLookup(isOn: true)
    let many = (0..<40).map { Instrument("\(100_000 + $0)", .krx) } + [Self.hynix]
    let first = names.next(of: many, on: "2026-11-26")
    #expect(first == Array(many[..<30]))
    names.ask(first, on: "2026-11-26", over: lane)
    let second = names.next(of: many, on: "2026-11-26")
    #expect(second == Array(many[30..<40]))
    names.ask(second, on: "2026-11-26", over: lane)
    #expect(names.next(of: many, on: "2026-11-26") == [Self.hynix])
    names.ask([Self.hynix], on: "2026-11-26", over: lane)
    #expect(names.next(of: many, on: "2026-11-26").isEmpty && lane.backlog == 3)
    #expect(names.next(of: many, on: "2026-11-27").count == 30)
    #expect(!NameLookup(isOn: false).isOn && names.isOn)
  }

  @Test(arguments: [
    (#"{"inter_kor_isnm":"  삼성전자  "}"#, "삼성전자"), (#"{"inter_kor_isnm":"KODEX 200"}"#, "KODEX 200"),
    (#"{"inter_kor_isnm":"0"}"#, nil as String?), (#"{"inter_kor_isnm":"   "}"#, nil),
    (#"{"inter_kor_isnm":5}"#, nil), ("{}", nil),
  ])
  func aRowNamesItsSymbol(_ json: String, _ name: String?) throws {
    #expect(PolledQuote.name(try JSONValue.parse(Array(json.utf8))) == name)
  }

  @Test func anythingElseInTheFileIsABeginning() {
    for text in ["", "{}", "\u{0}\u{0}", "{\"version\":9}"] {
      #expect(Self.keeper(Array(text.utf8)).board.symbols.map(\.trades) == [0, 0])
    }
  }

  @Test func gapsAreOpenUntilTheirEndIsTold() {
    var keeper = Self.keeper()
    let subject = Subject(Self.samsung, .trades)
    func gap(_ to: Int, isFinal: Bool) -> GapRecord {
      GapRecord(
        subject: subject, reason: .webSocketLost, id: "1", from: Self.start, to: Self.start + .minutes(to),
        isFinal: isFinal)
    }
    keeper.note(gap(1, isFinal: false))
    keeper.note(snapshots: 7, at: Self.start + .minutes(1))
    #expect(
      keeper.board.symbols[0].gap == "ws_disconnect" && keeper.board.symbols[0].gapSince == Self.start.count)
    #expect(keeper.board.outages.count == 0, "the other symbol is observed")
    keeper.note(gap(3, isFinal: true))
    keeper.note(snapshots: 9, at: Self.start + .minutes(3))
    #expect(keeper.board.symbols[0].gap == nil && keeper.board.symbols[0].gaps.ranges == [600..<604])
    #expect(keeper.board.records[601] == 7 && keeper.board.records[603] == 2)
  }

  @Test func lossesAreMarksAndNoGaps() {
    var keeper = Self.keeper()
    var loss = GapRecord(
      subject: Subject(Self.samsung, .trades), reason: .missedTrades, id: "1", from: Self.start,
      to: Self.start + .seconds(1), isFinal: true)
    loss.missed = Loss(trades: 1, shares: 5, value: nil)
    keeper.note(loss)
    #expect(keeper.board.symbols[0].losses.ranges == [600..<601] && keeper.board.symbols[0].gaps.count == 0)
  }

  @Test func aGapThatIsToldBeforeTheListIsKnownIsMarkedThen() {
    var keeper = BoardKeeper(nil, at: Self.start)
    keeper.note(
      GapRecord(
        subject: Subject(Self.samsung, .trades), reason: .missedTrades, id: "1", from: Self.start,
        to: Self.start,
        isFinal: true))
    keeper.list(Self.watchlist(), at: Self.start)
    #expect(keeper.board.symbols[0].losses.ranges == [600..<601])
  }

  @Test func moreThanItShowsAreCounted() {
    let many = (0..<250).map { Instrument("\(100_000 + $0)", .krx) }
    var keeper = BoardKeeper(nil, at: Self.start)
    keeper.list(Self.watchlist(many), at: Self.start)
    #expect(keeper.board.symbols.count == Board.most && keeper.board.more == 50)
  }

  @Test(arguments: [
    (#"{"stck_prpr":"71100","stck_sdpr":"70000"}"#, "71100", 70_000, nil as String?),
    (#"{"inter2_prpr":"71100","inter2_prdy_clpr":"70000","inter_kor_isnm":"삼성전자"}"#, "71100", 70_000, "삼성전자"),
  ])
  func quotes(_ json: String, _ price: String, _ close: Double, _ name: String?) throws {
    let quote = try #require(PolledQuote(try JSONValue.parse(Array(json.utf8))))
    #expect(quote.price == price && quote.previousClose == close && quote.name == name)
  }

  @Test(arguments: ["{}", #"{"stck_prpr":"0"}"#, #"{"stck_prpr":"x"}"#, #"{"stck_prpr":5}"#, "[]"])
  func noQuote(_ json: String) throws { #expect(PolledQuote(try JSONValue.parse(Array(json.utf8))) == nil) }
}
