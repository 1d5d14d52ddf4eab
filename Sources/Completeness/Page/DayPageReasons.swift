import Pages
import Plumbing

/// Why a day is not whole, as a list: what happened to many symbols is said once, the gravest comes first, and what the
/// rows below say anyway is counted.
struct DayPageReasons {
  private let lines: [String]

  /// Reasons of a kind that are listed.
  private static let most = 4

  init(_ reasons: [DayReason], names: [String: String], _ say: ReportLanguage) {
    let kinds = Dictionary(grouping: reasons, by: Kind.init)
    lines = kinds.sorted { $0.key < $1.key }.flatMap { kind, reasons in
      let sorted = reasons.sorted { Self.weight($0) > Self.weight($1) }
      if case .gap = kind, sorted.count > 1,
        case .criticalGap(_, let feed, let reason, let seconds) = sorted[0]
      {
        let all = DayReason.criticalGap(
          symbol: say("\(sorted.count) symbols", "\(sorted.count)개 종목"), feed: feed, reason: reason,
          seconds: seconds)
        return [all.text(say, [:])]
      }
      let listed = sorted.prefix(Self.most).map { $0.text(say, names) }
      let more = sorted.count - Self.most
      return more > 0 ? listed + [say("and \(more) more, see below", "그 밖에 \(more)건은 아래에 있습니다")] : listed
    }
  }

  /// The list; nothing for a day that is whole.
  var html: String {
    lines.isEmpty
      ? "" : "<ul class=\"why\">\(lines.map { "<li>\($0.htmlPrintable)</li>" }.joined())</ul>\n"
  }

  /// Reasons that are told together, the gravest kind first.
  private enum Kind: Hashable, Comparable {
    case gap(feed: String, reason: String), ended, missing, late, unproven, unverifiable

    init(_ reason: DayReason) {
      self =
        switch reason {
        case .criticalGap(_, let feed, let reason, _): .gap(feed: feed, reason: reason)
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
    case .criticalGap(_, _, _, let seconds): seconds
    case .missedTrades(_, let shares, _), .lateStart(_, let shares, _): shares
    case .unverifiable(_, let records): records
    case .unproven, .earlyEnd: 0
    }
  }
}
