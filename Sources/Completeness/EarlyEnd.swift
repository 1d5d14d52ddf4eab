import Market
import Plumbing

/// A venue whose records end long before its trading does, though they came at a pace: the recording ended, not the trading.
struct EarlyEnd {
  /// Records and time of trading that a pace is known from.
  private static let enough: Int64 = 100
  private static let span: Milliseconds = .minutes(30)
  /// A silence at the end is none of the others when it is so many times as long, and as long as this at least: one or two
  /// symbols may be halted.
  private static let times = 3
  private static func shortest(symbols: Int) -> Milliseconds { symbols < 3 ? .minutes(60) : .minutes(5) }

  /// The venues whose records end early, on a day (days since 1970-01-01) that is over.
  static func reasons(_ lines: [SubjectLine], _ day: Int, _ calendar: MarketCalendar) -> [DayReason] {
    Dictionary(grouping: lines.map(\.audit).filter { $0.records > 0 }) { Hours(of: $0.key) }
      .compactMap { hours, subjects in hours.flatMap { reason($0, subjects, day, calendar) } }
      .sorted { $0.text < $1.text }
  }

  /// What trades at the same hours.
  private struct Hours: Hashable {
    let venue: Venue
    let isDerivative: Bool

    init?(of key: SubjectKey) {
      guard let venue = Venue(rawValue: key.market),
        let listing = Listing(product: key.product, symbol: key.symbol), listing != .other
      else { return nil }
      self.venue = venue
      isDerivative = listing == .derivative
    }
  }

  private static func reason(
    _ hours: Hours, _ subjects: [SubjectAudit], _ day: Int, _ calendar: MarketCalendar
  ) -> DayReason? {
    let listing: Listing = hours.isDerivative ? .derivative : .stock
    guard let first = subjects.map(\.first).min(), let last = subjects.map(\.last).max(),
      let silence = subjects.compactMap(\.longestSilence).min(),
      subjects.reduce(Int64(0), { $0.plus($1.records) }) >= enough,
      let trading = calendar.sessions(ofDay: KST.midnight(ofDay: day), hours.venue, listing)
        .filter({ $0.phase == .regular && $0.isSure }).last
    else { return nil }
    let (begin, end) = (max(Milliseconds(first), trading.start), Milliseconds(last))
    guard begin < end, end - begin >= span,
      trading.end - end
        > max(shortest(symbols: Set(subjects.map(\.key.symbol)).count), Milliseconds(silence) * times)
    else { return nil }
    return .earlyEnd(market: hours.venue.rawValue, last: end.count.clock, close: trading.end.count.clock)
  }
}
