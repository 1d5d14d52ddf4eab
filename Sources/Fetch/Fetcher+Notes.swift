import KIS
import Plumbing

/// What an operator wants named and metrics cannot hold: `.run/kis-fetch.symbols`, a line each, for the owner only.
///
///     ignored LINE WHY
///     named SYMBOL VENUE NAME
///     unknown SYMBOL VENUE
///     refused SYMBOL VENUE FEED
///
/// Bounded, however long the list is. Nothing in it was written by a server; what stands in WHY of the watchlist is
/// quoted and masked.
extension Fetcher {
  /// So many of a kind are named, of the first so many.
  private static let named = 20
  private static let looked = 1000

  /// Replaces the notes, when they have changed.
  func tellSymbols(_ unknown: [Instrument]) {
    var lines = input.ignored.named.map { "ignored \($0.line) \($0.why)" }
    lines += Self.first(
      unknown.lazy.compactMap { instrument in
        self.watched.list.note(of: instrument).name.map {
          "named \(instrument.symbol) \(instrument.venue.rawValue) \($0.printable)"
        }
      })
    lines += Self.first(unknown.lazy.map { "unknown \($0.symbol) \($0.venue.rawValue)" })
    lines += Self.first(
      watched.refused.subjects.lazy.map {
        "refused \($0.instrument.symbol) \($0.instrument.venue.rawValue) \($0.feed.rawValue)"
      })
    let text = lines.map { $0 + "\n" }.joined()
    guard text != told else { return }
    told = text
    Metrics.note(text)
  }

  private static func first(_ lines: some Sequence<String>) -> ArraySlice<String> {
    lines.prefix(looked).sorted().prefix(named)
  }
}
