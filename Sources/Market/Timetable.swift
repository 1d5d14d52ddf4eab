/// The regular session of KRX on one day, in seconds from midnight; all other times of the day follow from it.
struct Hours: Equatable {
  var open = 9 * 3600
  var close = 15 * 3600 + 1800

  /// The latest close that leaves room for the end of the day.
  static let end = 20 * 3600
}

/// The phases of one day: each lasts until the next one begins. Closed before the first one.
///
/// KRX (KIS.md 0.1): a call auction of half an hour before the open and of ten minutes before the close; the
/// after-market from half an hour after the close to 20:00, since 2026-09-14. NXT: 08:00 to 08:50, from 30 s after KRX
/// opens to ten minutes before it closes, from ten minutes after that to 20:00 (sources differ about those twenty
/// minutes, so nothing is due in them). On a day when KRX opens at another hour NXT has no pre-market.
struct Timetable: Equatable {
  typealias Entry = (second: Int, phase: Phase)
  let entries: [Entry]

  static func == (one: Timetable, other: Timetable) -> Bool {
    one.entries.elementsEqual(other.entries) { $0 == $1 }
  }

  init(_ venue: Venue, _ listing: Listing, _ hours: Hours, hasAfterMarket: Bool) {
    switch (listing, venue) {
    case (.other, _), (_, .overseas): entries = []
    case (.derivative, _): entries = Self.derivative(hours)
    case (_, .krx): entries = Self.krx(listing, hours, hasAfterMarket)
    case (_, .nxt): entries = Self.nxt(hours)
    case (_, .unified): entries = Self.both(Self.krx(listing, hours, hasAfterMarket), Self.nxt(hours))
    }
  }

  /// The phase at `second`, when it began and when it ends.
  func look(_ second: Int) -> (phase: Phase, start: Int, end: Int) {
    let next = entries.firstIndex { $0.second > second } ?? entries.count
    let end = next < entries.count ? entries[next].second : 86_400
    return next == 0 ? (.closed, 0, end) : (entries[next - 1].phase, entries[next - 1].second, end)
  }

  private static func krx(_ listing: Listing, _ hours: Hours, _ hasAfterMarket: Bool) -> [Entry] {
    let after = hours.close + 1800
    let isTraded = hasAfterMarket && listing == .stock && after < Hours.end
    return [
      (hours.open - 1800, .opening), (hours.open, .regular), (hours.close - 600, .closing),
      (hours.close, .pause), (after, isTraded ? .after : .closed),
    ] + (isTraded ? [(Hours.end, .closed)] : [])
  }

  /// Derivatives trade from 08:45 to 15:45. What is due there is only what is sure whatever the contract: records while
  /// shares trade continuously.
  private static func derivative(_ hours: Hours) -> [Entry] {
    [
      (hours.open - 1800, .pause), (hours.open, .regular), (hours.close - 600, .pause),
      (hours.close + 900, .closed),
    ]
  }

  private static func nxt(_ hours: Hours) -> [Entry] {
    let standard = Hours()
    let hasPre = hours.open == standard.open
    return (hasPre ? [(hours.open - 3600, .pre)] : []) + [
      (hours.open - 600, .pause), (hours.open + 30, .regular), (hours.close - 600, .pause),
      (hours.close + 600, .after), (Hours.end, .closed),
    ]
  }

  /// Both venues as one: trading anywhere is trading, then an auction, then a pause.
  private static func both(_ one: [Entry], _ other: [Entry]) -> [Entry] {
    func phase(_ entries: [Entry], _ second: Int) -> Phase {
      entries.last { $0.second <= second }?.phase ?? .closed
    }
    func rank(_ phase: Phase) -> Int {
      switch phase {
      case .regular: 0
      case .pre, .after: 1
      case .opening, .closing: 2
      case .pause: 3
      case .closed: 4
      }
    }
    var merged: [Entry] = []
    for second in Set((one + other).map(\.second)).sorted() {
      let (first, second) = ((second, phase(one, second)), phase(other, second))
      let joint = rank(first.1) <= rank(second) ? first.1 : second
      if merged.last?.phase != joint { merged.append((first.0, joint)) }
    }
    return merged
  }
}
