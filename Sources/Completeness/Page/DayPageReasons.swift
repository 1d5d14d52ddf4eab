import Pages
import Plumbing

/// Why a day is not whole, as a list: what happened to many symbols is said once, the gravest comes first, and what the
/// rows below say anyway is counted.
struct DayPageReasons {
  private let lines: [String]

  /// Reasons of a kind that are listed.
  private static let most = 4

  init(_ day: DayLine, _ titles: SymbolTitles, _ say: ReportLanguage) {
    let kinds = Dictionary(grouping: day.reasons, by: Kind.init)
    let told = kinds.sorted { $0.key < $1.key }.flatMap { kind, reasons in
      let sorted = reasons.sorted { Self.weight($0) > Self.weight($1) }
      if let together = Self.together(sorted, say) { return [together] }
      let listed = sorted.prefix(Self.most).map { $0.text(say, titles) }
      let more = sorted.count - Self.most
      return more > 0 ? listed + [say("and \(more) more, see below", "그 밖에 \(more)건은 아래에 있습니다")] : listed
    }
    lines =
      told + (day.more > 0 ? [say("and \(day.more.grouped) more", "그 밖에 \(day.more.grouped)건")] : [])
  }

  /// The list; nothing for a day that is whole.
  var html: String {
    lines.isEmpty
      ? "" : "<ul class=\"why\">\(lines.map { "<li>\($0.htmlPrintable)</li>" }.joined())</ul>\n"
  }

  /// Gaps of one feed and reason in one sentence, the longest first: where all symbols have the same, or they are too many
  /// to list. Nil where each is to be told by itself.
  private static func together(_ reasons: [DayReason], _ say: ReportLanguage) -> String? {
    guard case .criticalGap(_, _, let feed, let reason, let longest)? = reasons.first else { return nil }
    let symbols = Set(reasons.compactMap(\.subject?.symbol)).count
    let isSame = reasons.allSatisfy { weight($0) == longest }
    guard symbols > 1, isSame || reasons.count > most else { return nil }
    let span = say.span(milliseconds: longest.times(1000))
    return say.gap(
      say("\(symbols) symbols", "\(symbols)개 종목"), feed, isSame ? span : say("up to ", "최대 ") + span, reason)
  }

  /// Reasons that are told together, the gravest kind first.
  private enum Kind: Hashable, Comparable {
    case gap(feed: String, reason: String), ended, missing, late, unproven, unverifiable

    init(_ reason: DayReason) {
      self =
        switch reason {
        case .criticalGap(_, _, let feed, let reason, _): .gap(feed: feed, reason: reason)
        case .earlyEnd: .ended
        case .missedTrades: .missing
        case .lateStart: .late
        case .unproven: .unproven
        case .unverifiable: .unverifiable
        }
    }
  }

  private static func weight(_ reason: DayReason) -> Int64 {
    switch reason {
    case .criticalGap(_, _, _, _, let seconds): seconds
    case .missedTrades(_, _, let shares, _), .lateStart(_, _, let shares, _): shares
    case .unverifiable(_, _, let records): records
    case .unproven, .earlyEnd: 0
    }
  }
}
