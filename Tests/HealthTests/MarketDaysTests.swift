import Foundation
import Market
import Plumbing
import TestSupport
import Testing

@testable import Health

/// Every kind of day times every kind of list, with a clock of its own: no minute is a false alarm, every outage is
/// named. The market is a model (`MarketModel`), the program's own parts judge it.
struct MarketDaysTests {
  typealias Day = MarketModel.Day
  typealias List = MarketModel.List
  typealias Outage = WatchedDay.Outage

  /// What one kind of day with one kind of list showed.
  struct Row {
    var minutes = 0
    var alarms: [String] = []
    var injected: [Outage: Int] = [:]
    /// Seconds until it was named.
    var named: [Outage: [Double]] = [:]
    /// The same of dead sessions in which several records a second were due.
    var dense: [Double] = []
    var missed: [String] = []

    func slowest(_ outages: Set<Outage>) -> String {
      named.filter { outages.contains($0.key) }.values.joined().max().map { "\(Int($0.rounded(.up)))" } ?? "-"
    }
  }

  /// The rules that look at the time of day, at the market or at what it sends.
  static let rules: [HealthRules.Rule] = [
    HealthRules.stages, HealthRules.token, HealthRules.requests, HealthRules.socket,
    HealthRules.subscriptions,
    HealthRules.snapshots, HealthRules.growth, HealthRules.age,
  ]

  private static func first(_ facts: HealthFacts) -> HealthCheck? {
    for rule in rules { for check in rule(facts) where check.ok == false { return check } }
    return nil
  }

  static func date(_ day: Day) -> (Int, Int, Int) {
    switch day {
    case .regular: (2026, 11, 23)
    case .opening10: (2027, 1, 4)
    case .exam: (2026, 11, 19)
    case .unconfirmedOpen, .unconfirmedClosed: (2026, 11, 24)
    case .unknownHoliday: (2026, 11, 25)
    case .weekend: (2026, 11, 28)
    case .holiday: (2026, 12, 25)
    case .yearEnd: (2026, 12, 31)
    }
  }

  /// The installed calendar, and a day of which nobody knows.
  static func calendar(_ day: Day) throws -> MarketCalendar {
    let path = Tool.repository.appendingPathComponent("config/holidays.jsonl").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return MarketCalendar(
      jsonLines: day == .unconfirmedOpen || day == .unconfirmedClosed
        ? text + "{\"date\":\"2026-11-24\",\"name\":\"?\",\"basis\":\"unconfirmed\"}\n" : text)
  }

  /// When outages begin: in sessions, auctions, pauses, at night; where nothing happens all day, three times.
  static func moments(_ day: Day) -> [Double] {
    let hours =
      day.isOpen
      ? [8.12, 8.75, 8.9, 9.02, 9.6, 10.3, 11.3, 13.1, 14.4, 15.38, 15.6, 15.8, 16.3, 17.4, 19.2, 20.3]
      : [9.02, 13.1, 20.3]
    return hours.map { ($0 * 720).rounded() * 5 }
  }

  static func watch(_ day: Day, _ list: List, cadence: Double, seed: Int = 1) throws -> Row {
    var row = Row()
    let date = date(day)
    let midnight = KST.time(year: date.0, month: date.1, day: date.2)
    var watched = WatchedDay(
      day, list, try calendar(day), midnight: midnight, from: 27_600, cadence: cadence,
      seed: UInt64(list.symbols) &* 7919 &+ UInt64(date.2 * 31 + Int(cadence) + seed * 1000))
    let moments = moments(day)
    while watched.second < 73_800 {
      watched.advance()
      if watched.second.truncatingRemainder(dividingBy: 60) == 0 {
        row.minutes += 1
        // Just before the next numbers are written they are as old as they get.
        if let found = first(watched.facts(late: row.minutes % 2 == 0 ? 4.9 : 0.2)) {
          row.alarms.append("\(clock(watched.second)) \(found.name): \(found.detail)")
        }
      }
      if moments.contains(watched.second) {
        for outage in Outage.allCases where watched.has(outage, at: watched.second) {
          inject(outage, watched, &row)
        }
      }
    }
    return row
  }

  private static func inject(_ outage: Outage, _ day: WatchedDay, _ row: inout Row) {
    var day = day
    let start = day.second
    day.inject(outage)
    row.injected[outage, default: 0] += 1
    while day.second < start + 1200 {
      day.advance()
      for late in [0.2, 4.2]
      where outage != .halfDead || late > 1 && day.second.truncatingRemainder(dividingBy: 15) == 0 {
        guard let found = first(day.facts(late: late)) else { continue }
        guard outage.links.contains(found.name) else {
          return row.missed.append("\(outage) at \(clock(start)) called \(found.name): \(found.detail)")
        }
        let seconds = day.second + late - start
        if outage == .socketDead, day.isBusy { row.dense.append(seconds) }
        return row.named[outage, default: []].append(seconds)
      }
    }
    row.missed.append("\(outage) at \(clock(start))")
  }

  private static func clock(_ second: Double) -> String {
    String(format: "%02d:%02d:%02d", Int(second) / 3600, Int(second) / 60 % 60, Int(second) % 60)
  }

  /// Every list with a PINGPONG every ten seconds on one day, every minute on another. MARKET_SEEDS repeats the days
  /// with other trades.
  @Test(arguments: Array(Day.allCases.enumerated()).map { ($0.offset, $0.element) })
  func everyKindOfListOnADay(number: Int, day: Day) throws {
    let seeds = ProcessInfo.processInfo.environment["MARKET_SEEDS"].flatMap { Int($0) } ?? 1
    for (index, list) in List.allCases.enumerated() {
      for seed in 1...seeds { try look(day, list, (number + index + seed) % 2 == 0 ? 60 : 10, seed) }
    }
  }

  private func look(_ day: Day, _ list: List, _ cadence: Double, _ seed: Int) throws {
    let row = try Self.watch(day, list, cadence: cadence, seed: seed)
    #expect(row.alarms.isEmpty, "\(day) \(list) \(cadence): \(row.alarms.count) \(row.alarms.prefix(5))")
    #expect(row.missed.isEmpty, "\(day) \(list) \(cadence): \(row.missed.count) \(row.missed.prefix(5))")
    // As many records as fifty in twice ten seconds.
    #expect(row.dense.allSatisfy { $0 <= 20 }, "\(day) \(list) \(cadence): \(row.dense)")
    let named = row.named.values.map(\.count).reduce(0, +)
    print(
      "day | \(day) | \(list) | \(Int(cadence)) | \(row.minutes) | \(row.alarms.count) |"
        + " \(row.injected.values.reduce(0, +)) | \(named) | \(row.slowest([.processGone, .refused]))"
        + " | \(row.slowest([.unanswered, .someUnanswered])) | \(row.slowest([.socketDead]))"
        + " | \(row.dense.max().map { "\(Int($0.rounded(.up)))" } ?? "-")"
        + " | \(row.slowest([.callsFail])) | \(row.slowest([.archiveStuck])) | \(row.slowest([.halfDead]))")
  }
}
