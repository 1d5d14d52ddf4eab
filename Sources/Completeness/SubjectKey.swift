import JSONBytes
import Market
import Plumbing

/// What a line is about: a symbol as one feed observes it on one day.
struct SubjectKey: Hashable, Sendable {
  /// Days since 1970-01-01, KST.
  let day: Int
  let product: String
  let market: String
  var symbol: String
  let feed: String

  /// `2026-11-26`.
  var date: String { Self.date(day) }

  static func date(_ day: Int) -> String {
    String(KST(KST.midnight(ofDay: Int(day))).iso.prefix(10))
  }

  /// Order of the report: by day, then by what is observed.
  static func isBefore(_ one: SubjectKey, _ other: SubjectKey) -> Bool {
    (one.day, one.product, one.market, one.symbol, one.feed)
      < (other.day, other.product, other.market, other.symbol, other.feed)
  }

  /// Longer than any closing of a market, milliseconds.
  private static let longestClosing: Int64 = Milliseconds.day.count * 30

  /// Milliseconds of `from...to` at a stretch in which the venue traded continuously; nil where its hours are not known, and where
  /// the times are a month apart.
  func silence(from: Int64, to: Int64, _ calendar: MarketCalendar) -> Int64? {
    guard let listing = Listing(product: product, symbol: symbol), listing != .other,
      let venue = Venue(rawValue: market)
    else { return nil }
    // A wrong date is further away than any closing of the market.
    guard to.minus(from) <= Self.longestClosing else { return nil }
    var longest: Int64 = 0
    var time = from
    while time < to {
      let session = calendar.session(at: Milliseconds(time), venue, listing)
      let end = min(session.end.count, to)
      if session.phase.isContinuous { longest = max(longest, end - time) }
      time = max(end, time + 1)
    }
    return longest
  }
}
