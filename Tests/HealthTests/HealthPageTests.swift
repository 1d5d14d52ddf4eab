import Plumbing
import Testing

@testable import Health

struct HealthPageTests {
  @Test(
    arguments: [
      ("", nil), ("ko", true), ("ko-KR,ko;q=0.9,en;q=0.8", true), ("en-US,en;q=0.9,ko;q=0.8", false),
      ("de, ko;q=0.3", true), ("ko;q=0", nil), ("fr", nil), ("en;q=0.2, KO ; q=0.7", true), (";;,q=", nil),
    ] as [(String, Bool?)])
  func language(header: String, isKorean: Bool?) {
    #expect(PreferredLanguage.isKorean(header) == isKorean)
  }

  private static func page(_ facts: HealthFacts, korean: Bool = false) -> String {
    HealthPage(HealthReport(facts), facts, [(7, 0), (8, 120), (9, 60)], korean: korean, nonce: "n").html
  }

  /// The page's style and script are the only inline ones, and both carry the nonce that the policy names.
  @Test func nothingFromElsewhereAndNothingWithoutNonce() {
    let page = Self.page(HealthRulesTests.healthy())
    #expect(page.components("<style") == 1 && page.components("<style nonce=\"n\">") == 1)
    #expect(page.components("<script") == 1 && page.components("<script nonce=\"n\">") == 1)
    #expect(!page.contains("style=\"") && !page.contains("onclick") && !page.contains("src="))
    let addresses = page.replacing("http://www.w3.org/2000/svg", with: "")
    #expect(!addresses.contains("http:") && !addresses.contains("https:"), "SVG's namespace is only a name")
  }

  @Test func namesSymbolsAndLines() {
    var facts = HealthRulesTests.healthy()
    facts.watchlist = WatchlistFacts(
      "ignored 3 \"<b>\" is not a symbol\nunknown 0126Z0 NXT\nrefused 111111 KRX trades\n")
    for (key, value) in [
      "observer_unknown_symbols": 1.0, "observer_refused_symbols{feed=trades}": 1,
      "observer_watchlist_ignored_lines_total": 1,
    ] { facts.stages[0].now?.values[key] = value }
    let page = Self.page(facts)
    let row =
      "20; unknown to KIS: 0126Z0 (NXT); refused, asked for again: 111111 (trades); 1 line ignored (line 3)"
    #expect(page.contains(row))
    #expect(page.contains("line 3: &quot;&lt;b&gt;&quot; is not a symbol") && page.contains("! to do"))
    #expect(Self.page(facts, korean: true).contains("무시된 줄 1개 (3번째 줄)"))
  }

  /// The number of lines is not the number of a line.
  @Test(arguments: [
    (1, "", "; 1 line ignored<", "; 무시된 줄 1개<"),
    (1, "ignored 7 x\n", "; 1 line ignored (line 7)<", "; 무시된 줄 1개 (7번째 줄)<"),
    (
      2, "ignored 3 x\nignored 7 x\n", "; 2 lines ignored (lines 3, 7)<", "; 무시된 줄 2개 (3, 7번째 줄)<"
    ),
    (5, "ignored 3 x\n", "; 5 lines ignored (lines 3, …)<", "; 무시된 줄 5개 (3, …번째 줄)<"),
  ]) func ignoredLinesAreCounted(_ count: Int, _ notes: String, _ english: String, _ korean: String) {
    var facts = HealthRulesTests.healthy()
    facts.watchlist = WatchlistFacts(notes)
    facts.stages[0].now?.values["observer_watchlist_ignored_lines_total"] = Double(count)
    #expect(Self.page(facts).contains(english))
    #expect(Self.page(facts, korean: true).contains(korean))
  }

  @Test(arguments: [true, false]) func symbolsHaveTheirNames(isKorean: Bool) {
    var facts = HealthRulesTests.healthy()
    facts.watchlist = WatchlistFacts(
      "named 005930 KRX 삼성전자\nnamed 000660 NXT <SK>\nwatched 005930 KRX\nwatched 000660 NXT\nwatched 0126Z0 KRX\n"
        + "unknown 000660 NXT\nrefused 005930 KRX book\n")
    for (key, value) in ["observer_unknown_symbols": 1.0, "observer_refused_symbols{feed=book}": 1] {
      facts.stages[0].now?.values[key] = value
    }
    let page = Self.page(facts, korean: isKorean)
    #expect(page.contains("<dd>20 (005930 삼성전자, 000660 (NXT) &lt;SK&gt;, 0126Z0, …); "))
    #expect(page.contains(": 000660 (NXT) &lt;SK&gt;; ") && page.contains(": 005930 삼성전자 (book)"))
  }

  @Test func marksTheBrokenBoxInWords() {
    var facts = HealthRulesTests.healthy()
    HealthRulesTests.set(0, "observer_kis_websocket_connected", 0)(&facts)
    let page = Self.page(facts)
    #expect(
      page.contains("first broken link: socket</span>") && page.contains("<details id=\"checks\" open>"))
    #expect(page.components("class=\"box bad\"") == 1 && page.components("class=\"box runs\"") == 4)
    let korean = Self.page(facts, korean: true)
    #expect(korean.contains("<html lang=\"ko\">") && korean.contains("처음 끊긴 곳: socket</span>"))
  }

  /// Each check marks the box of its stage, or is about no stage: a new rule has to say which.
  @Test func everyCheckHasItsPlace() {
    let aboutNoStage = ["variable", "config", "calendar", "logs", "rejects", "port"]
    let placed = HealthFacts.stageNames + HealthPage.links.values.joined() + aboutNoStage
    #expect(Set(HealthPage.links.keys).isSubset(of: HealthFacts.stageNames))
    #expect(Set(placed).count == placed.count)
    var facts = HealthRulesTests.healthy()
    for key in 1...2 { facts.stages[0].now?.values["observer_kis_key_serving{key=\(key)}"] = 1 }
    let names = HealthReport(facts).checks.map(\.name)
    #expect(names.sorted() == placed.sorted())
  }

  /// A hung stage's last metrics still tell a rate, which is none any more.
  @Test func aHungStagePassesNothingOn() {
    var facts = HealthRulesTests.healthy()
    let tenths = facts.stages.map { StageFlow($0, at: facts.wall, observed: 1).tenths }
    #expect(tenths.allSatisfy { $0 > 0 })
    facts.wall += StageFacts.longestSilence + 1000
    #expect(facts.stages.allSatisfy { StageFlow($0, at: facts.wall, observed: 1).tenths == 0 })
  }

  /// While the exchange is dead only gaps are written: that is no flow.
  @Test func gapRecordsAreNoFlow() {
    var facts = HealthRulesTests.healthy()
    func rates() -> [Int] {
      facts.stages.map { StageFlow($0, at: facts.wall, observed: facts.observed).tenths }
    }
    facts.stages[0].now?.values["observer_snapshots_total{feed=trades}"] = 1000
    facts.stages[0].before?.values["observer_snapshots_total{feed=trades}"] = 1000
    #expect(rates().allSatisfy { $0 == 0 })
    let lines = facts.stages[0].growth(.linesOut)
    facts.stages[0].now?.values["observer_snapshots_total{feed=trades}"] = 1000 + lines
    #expect(rates().allSatisfy { $0 > 0 })
  }

  @Test func chartTellsZeroFromUnseen() {
    let page = Self.page(HealthRulesTests.healthy())
    #expect(page.components("class=\"bar\"") == 1 && page.components("class=\"bar now\"") == 1)
    #expect(page.components("class=\"none\"") == 1)
    #expect(page.contains("from 09:07, to 09:09, at most 120, in the last whole minute 120"))
  }
}

extension String {
  /// How often `part` stands in it.
  fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
