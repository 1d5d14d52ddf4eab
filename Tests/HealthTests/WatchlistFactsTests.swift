import Plumbing
import Testing

@testable import Health

@Suite struct WatchlistFactsTests {
  private func check(
    _ notes: String, _ numbers: [String: Double], _ list: String? = "/etc/list"
  ) throws -> HealthCheck {
    var facts = HealthRulesTests.healthy()
    facts.watchlist = WatchlistFacts(notes)
    facts.pipeline.watchlist = list
    for (key, value) in numbers { facts.stages[0].now?.values[key] = value }
    return try #require(HealthReport(facts).checks.first { $0.name == "watchlist" })
  }

  @Test func symbolsAreNamed() throws {
    let numbers = ["observer_unknown_symbols": 2, "observer_refused_symbols{feed=book}": 1.0]
    let told = try check("unknown 0126Z0 KRX\nunknown 005930 NXT\nrefused 111111 UN book\n", numbers)
    #expect(
      told.detail
        == "20 symbols, 2 of them unknown to KIS: 0126Z0, 005930 (NXT), 1 refused and asked for again within the hour:"
        + " 111111 (UN book)")
    #expect(told.ok == true && !told.isWarning)
    let named = "named 0126Z0 KRX 삼성에피스홀딩스\nnamed 005930 NXT Samsung \u{1B}[2J Electronics\n"
    let known = try check(named + "unknown 0126Z0 KRX\nunknown 005930 NXT\n", ["observer_unknown_symbols": 2])
    #expect(
      known.detail.hasSuffix(": 0126Z0 삼성에피스홀딩스, 005930 (NXT) Samsung \\x1b[2J Electronics"),
      "\(known.detail)")
    let refused = try check(named + "refused 0126Z0 KRX trades\nrefused 005930 NXT book\n", numbers)
    #expect(
      refused.detail.contains(": 0126Z0 삼성에피스홀딩스 (trades), 005930 Samsung \\x1b[2J Electronics (NXT book)"))
    #expect(refused.said(korean: true).contains("0126Z0 삼성에피스홀딩스 (trades)"))
    // Who may not read the notes sees the numbers.
    let hidden = try check("", numbers)
    #expect(
      hidden.detail == "20 symbols, 2 of them unknown to KIS, 1 refused and asked for again within the hour")
  }

  @Test func ignoredLinesAreToBeMended() throws {
    let notes = (1...5).map { "ignored \($0 * 7) \"A00593\($0)\" is not a symbol\n" }.joined()
    let told = try check(notes, ["observer_watchlist_ignored_lines_total": 90])
    #expect(
      told.isWarning && told.detail.hasPrefix("20 symbols; 90 lines of the watchlist are ignored (line 7: "))
    #expect(told.detail.hasSuffix("; …)"))
    #expect(told.fix.hasPrefix("sed -n '7p;14p;21p;28p;35p' /etc/list  # mend these lines"))
    let one = try check(notes, ["observer_watchlist_ignored_lines_total": 1])
    #expect(one.detail.hasPrefix("20 symbols; 1 line of the watchlist is ignored (line 7: "))
    let piped = try check(notes, ["observer_watchlist_ignored_lines_total": 90], "-")
    #expect(piped.fix.contains("it names the lines"))
  }

  @Test func allUnknownIsBroken() throws {
    let told = try check("unknown 0126Z0 KRX\n", ["observer_unknown_symbols": 20])
    #expect(told.ok == false && told.detail.contains("none of the 20 watched symbols (0126Z0, …)"))
  }

  /// Another program may have written the file: no command, no control, nothing without end comes of it.
  @Test(arguments: [
    "ignored 1; rm -rf / x", "ignored -1 x", "ignored 99999999999999999999 x", "unknown $(id) KRX",
    "unknown 005930 ../x", "refused 005930 KRX a;b", "refused 005930 KRX", "unknown", "\u{0}",
    "watched ../x KRX", "watched 005930 x", "unknown 00593012345678901 KRX", "unknown ../x KRX",
    "unknown ./ KRX",
  ])
  func whatHasNotTheFormIsPassedOver(_ line: String) {
    #expect(WatchlistFacts(line + "\n") == WatchlistFacts())
  }

  @Test func itIsBounded() {
    let lines = String(
      repeating: "ignored 1 \u{1B}[2J\u{202E}" + String(repeating: "x", count: 5_000) + "\n", count: 5_000)
    let facts = WatchlistFacts(lines)
    #expect(facts.ignored.count <= 200 && facts.ignored.allSatisfy { $0.why.count < 400 })
    #expect(facts.ignored.allSatisfy { !$0.why.contains("\u{1B}") && !$0.why.contains("\u{202E}") })
    #expect(facts.lines(of: 5_000).count < 1_500)
  }
}
