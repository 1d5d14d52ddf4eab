import Contract
import Market
import Plumbing

/// The phases of KRX and of NXT, as far as the subject's venue is one of them or both; 0 where nothing is known.
struct VenuePhases: Equatable {
  var krx: UInt8
  var nxt: UInt8

  static let none = VenuePhases(krx: 0, nxt: 0)

  /// Whether one of them is known on both sides and differs.
  @inline(__always)
  func differ(_ other: Self) -> Bool {
    (krx != 0 && other.krx != 0 && krx != other.krx) || (nxt != 0 && other.nxt != 0 && nxt != other.nxt)
  }
}

/// What the venue of a line does at its time.
struct VenueHours {
  var phases: VenuePhases
  /// A call auction, or no continuous trading.
  var isAuction: Bool
  /// Nothing is printed then.
  var isOutside: Bool

  /// Nothing is known.
  static let none = VenueHours(phases: .none, isAuction: false, isOutside: false)
}

/// The calendar, a byte for each half minute of the days at hand: a look is an index.
struct TradingHours: ~Copyable {
  /// One day's: KRX for shares, KRX for funds and warrants, NXT. Empty where the day is not known for certain.
  private struct Day {
    var day = Int64.min
    var slots: [UInt8] = []
  }

  private enum Bit {
    static let phase: UInt8 = 0x07
    static let auction: UInt8 = 0x08
    static let continuous: UInt8 = 0x10
    /// Nothing is said about trades, about books.
    static let trades: UInt8 = 0x20
    static let books: UInt8 = 0x40
  }

  private static let perDay = 2880
  private static let unit = 30_000

  private let calendar: MarketCalendar?
  private var days = [Day](repeating: Day(), count: 8)

  /// - Parameter calendar: nil: no hours are known.
  init(_ calendar: MarketCalendar?) { self.calendar = calendar }

  /// What `market` does at the line's time.
  @inline(__always)
  mutating func look(_ line: MarketLine, _ market: Words?) -> VenueHours {
    guard calendar != nil, line.kind.hasShareHours, let time = line.time else { return .none }
    let day = time.koreanDay
    let place = Int(truncatingIfNeeded: day & 7)
    if days[place].day != day { days[place] = make(day) }
    guard !days[place].slots.isEmpty else { return .none }
    let slot = Int(time.count &+ KST.offset.count &- day &* 86_400_000) / Self.unit
    let share = days[place].slots[line.kind.group == .stock ? slot : Self.perDay &+ slot]
    let other = days[place].slots[2 &* Self.perDay &+ slot]
    let quiet = line.isTrade ? Bit.trades : Bit.books
    guard let market, !(market == "KRX") else {
      return VenueHours(
        phases: VenuePhases(krx: share & Bit.phase, nxt: 0), isAuction: Self.isAuction(share),
        isOutside: share & quiet == 0)
    }
    if market == "NXT" {
      return VenueHours(
        phases: VenuePhases(krx: 0, nxt: other & Bit.phase), isAuction: Self.isAuction(other),
        isOutside: other & quiet == 0)
    }
    guard market == "UN" else { return .none }
    return VenueHours(
      phases: VenuePhases(krx: share & Bit.phase, nxt: other & Bit.phase),
      isAuction: (share | other) & Bit.auction != 0 || (share | other) & Bit.continuous == 0,
      isOutside: (share | other) & quiet == 0)
  }

  @inline(__always)
  private static func isAuction(_ slot: UInt8) -> Bool {
    slot & Bit.auction != 0 || slot & Bit.continuous == 0
  }

  /// The slots of a day, once a day.
  @inline(never)
  private func make(_ day: Int64) -> Day {
    let midnight = Milliseconds(day * 86_400_000) - KST.offset
    guard let calendar, let first = calendar.first, let last = calendar.last, midnight >= first,
      midnight <= last, calendar.day(at: midnight) != .holiday(isSure: false)
    else { return Day(day: day) }
    let close = (calendar.close(of: midnight) - midnight) / .milliseconds(Self.unit)
    func sessions(_ venue: Venue, _ listing: Listing) -> [Phase] {
      var phases: [Phase] = []
      for session in calendar.sessions(ofDay: midnight, venue, listing) {
        let end = (session.end - midnight) / .milliseconds(Self.unit)
        while phases.count < end { phases.append(session.phase) }
      }
      return phases
    }
    let isOpen = calendar.day(at: midnight) == .trading
    let stock = Self.slots(sessions(.krx, .stock), quietTrades: isOpen ? close..<close + 2 : 0..<0)
    let fund = Self.slots(sessions(.krx, .fund), quietTrades: isOpen ? close..<close + 2 : 0..<0)
    let unsure = isOpen ? close..<close + 20 : 0..<0
    let nxt = Self.slots(
      Self.withoutLateMorning(sessions(.nxt, .stock)), quietTrades: unsure, quietBooks: unsure)
    return Day(day: day, slots: stock + fund + nxt)
  }

  /// On a day that opens late NXT has no pre-market, and so nothing pauses before it opens.
  private static func withoutLateMorning(_ phases: [Phase]) -> [Phase] {
    guard !phases.contains(.pre), let open = phases.firstIndex(of: .regular) else { return phases }
    return phases.indices.map { $0 < open ? .closed : phases[$0] }
  }

  private static func slots(
    _ phases: [Phase], quietTrades: Range<Int>, quietBooks: Range<Int> = 0..<0
  ) -> [UInt8] {
    func prints(_ index: Int, _ wanted: (Phase) -> Bool) -> Bool {
      // A late stamp: a minute after a time in which the venue prints.
      (0...2).contains { index >= $0 && wanted(phases[index - $0]) }
    }
    func isAuction(_ phase: Phase) -> Bool { phase == .opening || phase == .closing }
    return phases.indices.map { index in
      let phase = phases[index]
      var slot = UInt8((Phase.allCases.firstIndex(of: phase) ?? 0) + 1)
      if isAuction(phase) { slot |= Bit.auction }
      if phase.isContinuous { slot |= Bit.continuous }
      if prints(index, \.isContinuous) || quietTrades.contains(index) { slot |= Bit.trades }
      if prints(index, { $0.isContinuous || isAuction($0) }) || quietBooks.contains(index) {
        slot |= Bit.books
      }
      return slot
    }
  }
}

extension Milliseconds {
  /// The day in Korea that holds this instant, counted from 1970-01-01.
  @inline(__always)
  var koreanDay: Int64 {
    let local = count &+ KST.offset.count
    return local >= 0 ? local / 86_400_000 : -((-local + 86_399_999) / 86_400_000)
  }
}
