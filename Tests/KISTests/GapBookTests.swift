import Plumbing
import Testing

@testable import KIS

@Suite struct GapBookTests {
  private let samsung = Subject(Instrument("005930", .krx), .trades)
  private let hynix = Subject(Instrument("000660", .krx), .price)

  @Test(arguments: [
    (0 as Milliseconds, GapSeverity.minor), (9_999, .minor), (10_000, .minor), (59_999, .minor),
    (60_000, .major),
    (299_999, .major), (300_000, .critical), (86_400_000, .critical),
  ])
  func severity(_ length: Milliseconds, _ expected: GapSeverity) {
    #expect(GapSeverity(length: length) == expected)
  }

  @Test func aGapIsTheTimeBetweenTwoObservations() throws {
    var gaps = GapBook(seed: 1)
    gaps.watch(hynix, at: 1_000)
    let begun = gaps.miss(hynix, .apiError, at: 2_000)
    #expect(begun == nil && gaps.count == 1)
    let ended = gaps.saw(hynix, at: 71_000)
    let record = try #require(ended)
    #expect(record.from == 1_000 && record.to == 71_000 && record.severity == .major && record.isFinal)
    let again = gaps.saw(hynix, at: 80_000)
    #expect(again == nil && gaps.count == 0 && gaps.nextMark == nil)
  }

  @Test func aLastingGapIsToldAtEachMarkOnceAndThenEachHour() {
    var gaps = GapBook(seed: 1)
    gaps.watch(hynix, at: 0)
    _ = gaps.miss(hynix, .rateLimit, at: 0)
    #expect(gaps.nextMark == 10_000)
    let early = gaps.due(at: 9_999)
    #expect(early.isEmpty)
    let told = stride(from: 10, through: 3 * 3600, by: 5).flatMap { gaps.due(at: .seconds($0)) }
    #expect(told.map(\.to) == [10_000, 60_000, 300_000, 3_600_000, 7_200_000, 10_800_000])
    #expect(told.allSatisfy { !$0.isFinal && $0.from == 0 && $0.id == told[0].id })
    let final = gaps.endAll(at: 10_800_001)
    #expect(final.map(\.isFinal) == [true] && final.map(\.id) == [told[0].id])
  }

  @Test(arguments: [
    (GapReason.webSocketLost, true), (.webSocketSilent, true), (.noData, true), (.unreadable, true),
    (.silent, true),
    (.apiError, false), (.rateLimit, false),
  ])
  func whatSomebodyCanActOnIsToldAtOnce(_ reason: GapReason, _ atOnce: Bool) {
    var gaps = GapBook()
    gaps.watch(samsung, at: 0)
    let first = gaps.miss(samsung, reason, at: 5)
    #expect((first != nil) == atOnce)
    let second = gaps.miss(samsung, reason, at: 6)
    #expect(second == nil)
  }

  /// One gap, however many reasons follow one another: a new one is told once, the final record has the last.
  @Test func aNewReasonGoesOnWithTheSameGap() throws {
    var gaps = GapBook()
    gaps.watch(samsung, at: 0)
    let told = [GapReason.webSocketLost, .apiError, .webSocketLost, .silent].enumerated().map {
      gaps.miss(samsung, $1, at: .milliseconds($0), detail: "\($0)")?.reason
    }
    #expect(told == [.webSocketLost, nil, nil, .silent])
    let ended = gaps.saw(samsung, at: 1_000)
    let record = try #require(ended)
    #expect(record.reason == .silent && record.from == 0 && record.detail == "3")
  }

  @Test func aClockThatGoesBackGivesNoNegativeGap() throws {
    var gaps = GapBook()
    gaps.watch(samsung, at: 10_000)
    _ = gaps.miss(samsung, .apiError, at: 10_000)
    let ended = gaps.saw(samsung, at: 4_000)
    #expect(ended.map { [$0.from, $0.to] } == [10_000, 10_000])
    _ = gaps.miss(samsung, .apiError, at: 3_000)
    let second = gaps.saw(samsung, at: 5_000)
    #expect(second.map { [$0.from, $0.to] } == [3_000, 5_000])
  }

  @Test func theEndOfARunClosesAllInOrder() {
    var gaps = GapBook()
    _ = gaps.miss(samsung, .apiError, at: 0)
    _ = gaps.miss(hynix, .apiError, at: 0)
    let ended = [7, 8].map { gaps.endAll(at: $0).map(\.subject) }
    #expect(ended == [[hynix, samsung], []])
  }

  @Test func whatIsWatchedNoMoreHasAFinalRecordAndThenNone() {
    var gaps = GapBook()
    gaps.watch(samsung, at: 0)
    _ = gaps.miss(samsung, .webSocketLost, at: 10)
    let dropped = gaps.drop(samsung, at: 50)
    #expect(dropped?.isFinal == true && dropped?.to == 50)
    #expect(!gaps.isWatched(samsung))
    let again = gaps.drop(samsung, at: 60)
    #expect(again == nil)
  }

  /// Any history of two subjects: the final records add up, to the millisecond, to the time that a plain count of
  /// unobserved milliseconds gives; none overlap; each id has one final record, the longest of its records.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func finalRecordsAddUpToWhatWasNotObserved(_ seed: UInt64) {
    var random = FastRandom(seed: seed)
    var gaps = GapBook(seed: seed)
    var records: [GapRecord] = []
    var unobserved: [Subject: Milliseconds] = [:]
    // Since when nobody looks, as far as is known: the slow way to tell it.
    var lastLook: [Subject: Milliseconds] = [samsung: 0, hynix: 0]
    var missing: Set<Subject> = []
    for subject in [samsung, hynix] { gaps.watch(subject, at: 0) }
    var now: Milliseconds = 0
    for _ in 0..<100 {
      now += Milliseconds(Int64(random.next() % 50_000))
      records += gaps.due(at: now)
      let subject = random.next() % 2 == 0 ? samsung : hynix
      let reason = GapReason.allCases[Int(random.next() % UInt64(GapReason.allCases.count))]
      switch random.next() % 4 {
      case 0, 1:
        records += [gaps.miss(subject, reason, at: now)].compactMap { $0 }
        missing.insert(subject)
      case 2:
        gaps.attended(subject, until: now)
        if !missing.contains(subject) { lastLook[subject] = now }
      default:
        records += [gaps.saw(subject, at: now)].compactMap { $0 }
        if missing.remove(subject) != nil {
          unobserved[subject, default: 0] += now - (lastLook[subject] ?? 0)
        }
        lastLook[subject] = now
      }
    }
    for subject in missing { unobserved[subject, default: 0] += now - (lastLook[subject] ?? 0) }
    records += gaps.endAll(at: now)
    for subject in [samsung, hynix] {
      let final = records.filter { $0.isFinal && $0.subject == subject }
      #expect(final.reduce(0) { $0 + $1.to - $1.from } == unobserved[subject] ?? 0)
      #expect(zip(final, final.dropFirst()).allSatisfy { $0.to <= $1.from })
    }
    let byID = Dictionary(grouping: records, by: \.id)
    #expect(byID.values.allSatisfy { $0.count(where: \.isFinal) == 1 && $0.last?.isFinal == true })
    #expect(
      byID.values.allSatisfy { gap in gap.allSatisfy { $0.from == gap[0].from && $0.to <= gap.last?.to ?? 0 }
      })
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
