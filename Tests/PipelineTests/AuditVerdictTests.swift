import Foundation
import TestSupport
import Testing

/// What snap-audit says of days that end badly: a gap without an end, a recording without one, losses on a holiday, and
/// prices of trades that came late or twice.
@Suite struct AuditVerdictTests {
  /// Lines of one symbol on Wednesday 2026-11-25, whose totals add up.
  private struct Day {
    var lines = ""
    var shares = 0
    var value = 0
    var count = 0
    var product = "stock"
    var market = "KRX"
    /// 2026-11-25 00:00 in Korea, epoch milliseconds.
    var midnight = 1_795_532_400_000

    /// One trade at a time of the day, seconds; the line is kept unless it is lost, and given back.
    @discardableResult
    mutating func trade(_ second: Int, price: Int = 1000, size: Int = 10, isLost: Bool = false) -> String {
      shares += size
      value += price * size
      count += 1
      let line =
        #"{"meta":{"timestamp_ms":\#(midnight + second * 1000)},"context":{"source":"market","symbol":"005930","market":"\#(market)","#
        + #""product":"\#(product)","feed":"trades"},"observation":{"inputs":{"price":\#(price),"volume":\#(shares),"#
        + #""value":\#(value),"trade_size":\#(size),"side":"buy","raw":{"seln_cntg_csnu":"0","shnu_cntg_csnu":"\#(count)"}}}}"#
        + "\n"
      if !isLost { lines += line }
      return line
    }

    /// Trades every ten seconds, three in one frame so that the channel is trusted.
    mutating func trades(from: Int, to: Int) {
      for second in stride(from: from, to: to, by: 10) {
        for _ in 0..<3 { trade(second) }
      }
    }

    mutating func gap(
      id: String, seconds: Int, isFinal: Bool, at second: Int, reason: String = "ws_disconnect"
    ) {
      lines +=
        #"{"meta":{"timestamp_ms":\#(midnight + second * 1000)},"context":{"source":"system","symbol":"005930","market":"\#(market)","#
        + #""product":"\#(product)","feed":"trades"},"observation":{"inputs":{},"state":{"event":"gap","reason":"\#(reason)","#
        + #""gap_id":"\#(id)","final":\#(isFinal),"seconds":\#(seconds)}}}"# + "\n"
    }

    /// The lines of the symbol's trades and of the day.
    func audit() throws -> (subject: Line, day: Line) {
      let result = try Tool.run("snap-audit", ["--format", "ndjson"], input: Array(lines.utf8))
      #expect(result.status == 0, "\(result.errText)")
      let all = try Line.all(result)
      let subject = try #require(all.first { $0["audit"] as? String == "subject" })
      let day = try #require(all.first { $0["audit"] as? String == "day" })
      return (subject, day)
    }
  }

  private static let (nine, eleven, close) = (9 * 3600, 11 * 3600, 15 * 3600 + 20 * 60)

  private static func codes(_ day: Line) -> [String] {
    ((day["reasons"] as? [[String: Any]]) ?? []).compactMap { $0["code"] as? String }
  }

  /// A killed program cannot end its gap: the gap counts as it was told last.
  @Test func aGapThatNobodyEndedCounts() throws {
    var day = Day()
    day.trades(from: Self.nine, to: Self.close)
    for minute in 1...10 {
      day.gap(id: "a", seconds: minute * 60, isFinal: false, at: Self.close + minute * 60)
    }
    let (subject, line) = try day.audit()
    let gap = (subject["gaps"] as? [String: [String: Any]])?["ws_disconnect"]
    #expect(gap?["count"] as? Int == 1 && (gap?["seconds"] as? NSNumber)?.intValue == 600)
    #expect(line["condition"] as? String == "degraded" && Self.codes(line) == ["critical_gap"])
  }

  /// One gap has one id, whatever is told of it and however often it is read: by another reason, from a second archive, in
  /// turn with the gap of another program, after its end.
  @Test func aGapCountsOnce() throws {
    var day = Day()
    day.trades(from: Self.nine, to: Self.close)
    day.gap(id: "a", seconds: 30, isFinal: false, at: Self.close + 30, reason: "ws_timeout")
    for minute in 1...9 {
      day.gap(id: "a", seconds: minute * 10, isFinal: false, at: Self.close + minute)
      day.gap(id: "b", seconds: minute * 5, isFinal: false, at: Self.close + minute)
    }
    for _ in 0..<2 { day.gap(id: "a", seconds: 100, isFinal: true, at: Self.close + 100) }
    day.gap(id: "a", seconds: 60, isFinal: false, at: Self.close + 60)
    let (subject, line) = try day.audit()
    let gaps = try #require(subject["gaps"] as? [String: [String: Any]])
    #expect(Array(gaps.keys) == ["ws_disconnect"])
    #expect(gaps["ws_disconnect"]?["count"] as? Int == 2)
    #expect((gaps["ws_disconnect"]?["seconds"] as? NSNumber)?.intValue == 145)
    #expect(line["condition"] as? String == "available")
  }

  /// Trading went on for hours, at a pace that is known, and nothing was recorded.
  @Test(arguments: [(11 * 3600, ["early_end"]), (15 * 3600 + 18 * 60, [])])
  func aRecordingThatEndsEarlyIsNotWhole(end: Int, said: [String]) throws {
    var day = Day()
    day.trades(from: Self.nine, to: end)
    let (_, line) = try day.audit()
    #expect(Self.codes(line) == said)
    #expect(line["condition"] as? String == (said.isEmpty ? "available" : "degraded"))
    if let reason = (line["reasons"] as? [[String: Any]])?.first {
      #expect(
        reason["text"] as? String == "KRX: no record after 10:59:50, though trading went on until 15:20:00")
    }
  }

  /// Shares that trade now and then may be silent at the end as they are between; two records close together are no pace.
  @Test func sharesThatSeldomTradeMayEndSilently() throws {
    var lines = ""
    for (symbol, times) in [
      ("005930", Array(stride(from: Self.nine, to: Self.close - 1200, by: 400))),
      ("000660", Array(stride(from: Self.nine + 60, to: Self.close - 1300, by: 450))),
      ("035420", [Self.nine, Self.nine + 1]),
    ] {
      var day = Day()
      for time in times { day.trade(time) }
      lines += day.lines.replacing("005930", with: symbol)
    }
    #expect(Self.codes(try Day(lines: lines).audit().day).contains("early_end") == false)
  }

  /// A second copy of a whole day adds nothing.
  @Test func aCopyAddsNothing() throws {
    var day = Day()
    for second in Self.nine..<Self.nine + 1500 {
      day.trade(second, price: 1000 + second % 7, size: 1 + second % 5)
    }
    let once = try day.audit().subject
    day.lines += day.lines
    let twice = try day.audit().subject
    #expect(twice["duplicates"] as? Int == 1500)
    for member in ["shares", "open", "high", "low", "close", "vwap", "missed_shares", "suspected_shares"] {
      #expect("\(twice[member] ?? "")" == "\(once[member] ?? "")", "\(member)")
    }
  }

  /// A Korean holiday, 2026-11-22, a Sunday: what another market lost is a loss.
  @Test(arguments: [true, false]) func aLossOnAHolidayIsALoss(hasLost: Bool) throws {
    var day = Day(product: "stock", market: "KRX", midnight: 1_795_532_400_000 - 3 * 86_400_000)
    day.trades(from: Self.nine, to: Self.eleven)
    if hasLost { for _ in 0..<9 { day.trade(Self.eleven, size: 1000, isLost: true) } }
    day.trades(from: Self.eleven, to: Self.close)
    #expect(try day.audit().day["condition"] as? String == (hasLost ? "degraded" : "closed"))
  }

  /// Of a late trade the price counts, but not as the last one; of one that was sent again it counts once.
  @Test func pricesAreThoseOfTheTradesThatAreHere() throws {
    var day = Day()
    day.trades(from: Self.nine, to: Self.eleven)
    let late = day.trade(Self.eleven, price: 700, size: 1000, isLost: true)
    let again = day.trade(Self.eleven + 1, price: 1200)
    day.lines += late
    day.trade(Self.eleven + 2, price: 1100)
    day.lines += again
    day.trade(Self.eleven + 3, price: 1000)
    day.trades(from: Self.eleven + 10, to: Self.close)
    let (subject, _) = try day.audit()
    func number(_ name: String) -> Double { (subject[name] as? NSNumber)?.doubleValue ?? .nan }
    #expect(number("missed_shares") == 0 && number("late") == 1 && number("duplicates") == 1)
    #expect(number("low") == 700 && number("high") == 1200 && number("close") == 1000)
    #expect(number("shares") == Double(day.shares))
    #expect(abs(number("vwap") - Double(day.value) / Double(day.shares)) < 0.01)
  }

  /// A session that goes on after midnight is one day: that of its evening.
  @Test func aNightIsOneDay() throws {
    var day = Day(product: "night-future")
    day.trades(from: 18 * 3600, to: 23 * 3600 + 50 * 60)
    for _ in 0..<30 { day.trade(24 * 3600, isLost: true) }
    day.trades(from: 24 * 3600 + 600, to: 29 * 3600)
    let (subject, line) = try day.audit()
    #expect(subject["date"] as? String == "2026-11-25" && line["date"] as? String == "2026-11-25")
    #expect(subject["reversals"] as? Int == 0)
    #expect(subject["missed_shares"] as? Int == 300 && subject["missed_trades"] as? Int == 30)
  }

  /// A wrong clock does not keep the audit for minutes.
  @Test(arguments: ["1795564803100000", "100000000000000000"]) func aWrongClockIsOneRecord(time: String)
    throws
  {
    var day = Day()
    day.trades(from: Self.nine, to: Self.close)
    let odd = day.trade(Self.close).replacing("\(day.midnight + Self.close * 1000)", with: time)
    let lines = day.lines + odd
    let started = ContinuousClock.now
    let result = try Tool.run("snap-audit", ["--format", "ndjson"], input: Array(lines.utf8))
    #expect(result.status == 0 && ContinuousClock.now - started < .seconds(20))
  }
}
