import Testing

@testable import KIS

@Suite struct GapTests {
  private let samsung = Subject(Instrument("005930", .krx), .trades)
  private let hynix = Subject(Instrument("000660", .krx), .price)

  @Test(arguments: [
    (0 as Int64, GapSeverity.minor), (9_999, .minor), (10_000, .minor), (59_999, .minor), (60_000, .major),
    (299_999, .major),
    (300_000, .critical), (86_400_000, .critical),
  ])
  func severity(_ milliseconds: Int64, _ expected: GapSeverity) {
    #expect(GapSeverity(milliseconds: milliseconds) == expected)
  }

  @Test func closedGapTellsItsWholeLength() throws {
    var gaps = GapTracker()
    #expect(gaps.begin(hynix, .apiError, from: 1_000, at: 2_000) == nil)
    let ended = gaps.end(hynix, at: 71_000)
    let record = try #require(ended)
    #expect(record.from == 1_000 && record.to == 71_000 && record.severity == .major && !record.isOpen)
    #expect(gaps.end(hynix, at: 80_000) == nil)
    #expect(gaps.count == 0)
  }

  @Test func lastingGapIsReportedAtEachMarkOnce() {
    var gaps = GapTracker()
    _ = gaps.begin(hynix, .rateLimit, from: 0, at: 0)
    #expect(gaps.nextMark == 10_000)
    let early = gaps.due(at: 9_999)
    #expect(early.isEmpty)
    let severities = stride(from: Int64(10_000), through: 400_000, by: 5_000).flatMap { gaps.due(at: $0) }
    #expect(severities.map(\.severity) == [.minor, .major, .critical])
    #expect(severities.allSatisfy { $0.isOpen && $0.from == 0 })
    #expect(gaps.nextMark == nil)
  }

  @Test(arguments: [
    (GapReason.webSocketLost, true), (.webSocketSilent, true), (.noData, true), (.apiError, false),
    (.rateLimit, false),
  ])
  func lossIsReportedAtOnce(_ reason: GapReason, _ atOnce: Bool) {
    var gaps = GapTracker()
    let first = gaps.begin(samsung, reason, from: 0, at: 5)
    #expect((first != nil) == atOnce)
    #expect(gaps.begin(samsung, reason, from: 3, at: 6) == nil)
  }

  @Test func newerReasonOfTheSameGapReplacesTheOlder() throws {
    var gaps = GapTracker()
    _ = gaps.begin(samsung, .webSocketLost, from: 0, at: 0, detail: "cut")
    _ = gaps.begin(samsung, .apiError, from: 500, at: 500, detail: "no approval")
    let ended = gaps.end(samsung, at: 1_000)
    let record = try #require(ended)
    #expect(record.reason == .apiError && record.from == 0 && record.detail == "no approval")
  }

  @Test func clockThatGoesBackGivesNoNegativeGap() throws {
    var gaps = GapTracker()
    _ = gaps.begin(samsung, .apiError, from: 10_000, at: 10_000)
    let ended = gaps.end(samsung, at: 4_000)
    let record = try #require(ended)
    #expect(record.from == 10_000 && record.to == 10_000)
  }

  @Test func endOfRunClosesAllInOrder() {
    var gaps = GapTracker()
    _ = gaps.begin(samsung, .apiError, from: 0, at: 0)
    _ = gaps.begin(hynix, .apiError, from: 0, at: 0)
    let ended = [7, 8].map { gaps.endAll(at: $0).map(\.subject) }
    #expect(ended == [[hynix, samsung], []])
  }

  @Test func roundsCatchUpWithoutABurst() {
    var schedule = PollSchedule(interval: 1_000)
    #expect(schedule.begin(now: 5) == nil)
    schedule.start(now: 100)
    #expect(schedule.begin(now: 100) == 0)
    #expect(schedule.begin(now: 1_099) == nil)
    #expect(schedule.begin(now: 5_150) == 4)
    #expect(schedule.next == 6_100)
    let changes = [3, 3, 1].map { schedule.fit(calls: $0, spacing: 500) }
    #expect(changes == [true, false, true] && schedule.effective == 1_000)
  }
}
