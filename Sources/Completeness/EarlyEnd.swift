import Market
import Plumbing

/// A venue whose records end long before its trading does, though they came at a pace: the recording ended, not the trading.
struct EarlyEnd {
  /// Records and time of trading that a pace is known from.
  private static let enough: Int64 = 100
  private static let span: Milliseconds = .minutes(30)
  /// A silence at the end is none of the others when it is so many times as long, and five minutes at least.
  private static let times = 3
  private static let shortest: Milliseconds = .minutes(5)

  /// The venues whose records end early, on a day (days since 1970-01-01) that is over.
  static func reasons(_ lines: [SubjectLine], _ day: Int, _ calendar: MarketCalendar) -> [DayReason] {
    Dictionary(grouping: lines.filter { $0.audit.records > 0 }) { $0.audit.key.market }
      .sorted { $0.key < $1.key }
      .compactMap { market, lines in reason(market, lines.map(\.audit), day, calendar) }
  }

  private static func reason(
    _ market: String, _ subjects: [SubjectAudit], _ day: Int, _ calendar: MarketCalendar
  ) -> DayReason? {
    guard let venue = Venue(rawValue: market), let key = subjects.first?.key,
      let listing = Listing(product: key.product, symbol: key.symbol),
      let first = subjects.map(\.first).min(), let last = subjects.map(\.last).max(),
      let silence = subjects.compactMap(\.longestSilence).min(),
      subjects.reduce(Int64(0), { $0.plus($1.records) }) >= enough,
      let trading = calendar.sessions(ofDay: KST.midnight(ofDay: day), venue, listing)
        .filter({ $0.phase == .regular && $0.isSure }).last
    else { return nil }
    let (begin, end) = (max(Milliseconds(first), trading.start), Milliseconds(last))
    guard begin < end, end - begin >= span,
      trading.end - end > max(shortest, Milliseconds(silence) * times)
    else { return nil }
    return .earlyEnd(market: market, last: end.count.clock, close: trading.end.count.clock)
  }
}
