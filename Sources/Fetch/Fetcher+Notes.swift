import KIS
import Plumbing

/// Symbols and lines by name, which metrics cannot hold: `.run/kis-fetch.symbols`, a line each, for the owner only.
///
///     ignored LINE WHY
///     named SYMBOL VENUE NAME
///     watched SYMBOL VENUE
///     unknown SYMBOL VENUE
///     refused SYMBOL VENUE FEED
///
/// Bounded, however long the list is. No text of a server is in it; text of the watchlist in WHY is quoted and masked.
extension Fetcher {
  /// At most `named` lines of a kind, out of the first `looked`.
  private static let named = 20
  private static let looked = 1000
  /// The page shows these; for more it has no room.
  private static let shown = 10

  /// Replaces the notes, when they have changed.
  func tellSymbols(_ unknown: [Instrument]) {
    var lines = input.ignored.named.map { "ignored \($0.line) \($0.why)" }
    let refused = self.watched.refused.subjects
    let watched = watched.list.slots.lazy.compactMap(\.self).prefix(Self.shown)
    lines += names(Array(watched)) + names(unknown) + names(refused.lazy.map(\.instrument))
    lines += watched.map { "watched \($0.symbol) \($0.venue.rawValue)" }
    lines += Self.first(unknown.lazy.map { "unknown \($0.symbol) \($0.venue.rawValue)" })
    lines += Self.first(
      refused.lazy.map {
        "refused \($0.instrument.symbol) \($0.instrument.venue.rawValue) \($0.feed.rawValue)"
      })
    let text = lines.map { $0 + "\n" }.joined()
    guard text != told else { return }
    told = text
    Metrics.note(text)
  }

  /// What the list calls them.
  private func names(_ instruments: some Sequence<Instrument>) -> ArraySlice<String> {
    Self.first(
      instruments.lazy.compactMap { instrument in
        self.watched.list.note(of: instrument).name.map {
          "named \(instrument.symbol) \(instrument.venue.rawValue) \(String($0.prefix(40)).printable)"
        }
      })
  }

  private static func first(_ lines: some Sequence<String>) -> ArraySlice<String> {
    lines.prefix(looked).sorted().prefix(named)
  }
}
