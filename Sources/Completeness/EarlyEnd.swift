import Market
import Plumbing

/// A venue whose records end long before its trading does, though they came at a pace: the recording ended, not the trading.
struct EarlyEnd {
  /// Records and time of trading that a pace is known from.
  private static let enough: Int64 = 30
  private static let span: Milliseconds = .minutes(30)
  /// A silence at the end is none of those before when it is more than so many times as long.
  private static let times = 3
  /// It counts from here on; one or two symbols may be halted.
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

  /// A symbol that came at a pace and was never silent for a third as long as all are at the end is a witness.
  private static func reason(
    _ hours: Hours, _ subjects: [SubjectAudit], _ day: Int, _ calendar: MarketCalendar
  ) -> DayReason? {
    let listing: Listing = hours.isDerivative ? .derivative : .stock
    guard let last = subjects.map(\.last).max().map({ Milliseconds($0) }),
      let trading = calendar.sessions(ofDay: KST.midnight(ofDay: day), hours.venue, listing)
        .filter({ $0.phase == .regular && $0.isSure }).last
    else { return nil }
    let quiet = trading.end - last
    let witnesses = subjects.filter { subject in
      let end = Milliseconds(subject.last)
      guard subject.records >= enough, let longest = subject.longestSilence,
        end - max(Milliseconds(subject.first), trading.start) >= span
      else { return false }
      return max(Milliseconds(longest), last - end) * times < quiet
    }
    let symbols = Set(witnesses.map(\.key.symbol)).count
    guard symbols > 0, quiet > shortest(symbols: symbols) else { return nil }
    return .earlyEnd(market: hours.venue.rawValue, last: last.count.clock, close: trading.end.count.clock)
  }
}
