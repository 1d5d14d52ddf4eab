import Plumbing

/// Whether there is something to watch, and the exchange knows it.
extension HealthRules {
  static let watchlist: Rule = { facts in
    let fetch = facts.stage("kis-fetch")
    let notes = facts.watchlist
    func broken(_ what: String, _ korean: String) -> [HealthCheck] {
      [.broken("watchlist", what, korean, fix: addSymbol(facts))]
    }
    if !fetch.isRunning, !facts.hasFailedToStart, case .ended(_, let message, .watchlistEmpty) = fetch.end {
      let lines = notes.lines(of: notes.ignored.count)
      let why = [message.isEmpty ? "" : message.quoted(), lines].filter { !$0.isEmpty }.joined(
        separator: "; ")
      return broken(
        "the watchlist is empty\(why.isEmpty ? "" : ": \(why)")",
        "감시 목록에 종목이 없습니다\(notes.ignored.isEmpty ? "" : " (무시된 줄: \(notes.numbers(of: notes.ignored.count)))")"
      )
    }
    guard let sample = fetched(facts), let count = sample[.watchedSymbols] else {
      return [.unknown("watchlist", "kis-fetch has not told yet", "kis-fetch 가 아직 알리지 않았습니다")]
    }
    if count == 0 && uptime(sample, facts) > startUp {
      return broken("no symbol is watched: the watchlist is empty", "감시할 종목이 없습니다 (빈 목록)")
    }
    let unknown = Int(clamping: sample[.unknownSymbols] ?? 0)
    if count > 0 && Double(unknown) >= count {
      let names = notes.unknown.isEmpty ? "" : " (\(WatchlistFacts.list(notes.unknown, of: unknown)))"
      return broken(
        "KIS knows none of the \(Int(clamping: count)) watched symbols\(names): there are only gap records",
        "KIS 가 감시 종목 \(Int(clamping: count))개\(names)를 하나도 모릅니다 (공백 기록만 쌓입니다)")
    }
    let (doubts, koreanDoubts) = doubtful(unknown, sample, notes)
    let detail = "\(Int(clamping: count)) symbols\(doubts)"
    let korean = "\(Int(clamping: count))종목\(koreanDoubts)"
    let ignored = Int(clamping: sample[.ignoredLines] ?? 0)
    guard ignored > 0 else { return [.good("watchlist", detail, korean)] }
    let lines = notes.ignored.isEmpty ? "" : " (\(notes.lines(of: ignored)))"
    let numbers = notes.ignored.isEmpty ? "" : " (\(notes.numbers(of: ignored))번째 줄)"
    return [
      .warning(
        "watchlist",
        "\(detail); \(ignored == 1 ? "1 line of the watchlist is" : "\(ignored) lines of the watchlist are") ignored\(lines)",
        "\(korean). 감시 목록의 \(ignored)줄이 무시되었습니다\(numbers)", fix: mendLines(facts))
    ]
  }

  /// Symbols that KIS does not know, or that one feed does not get; all are asked for again.
  private static func doubtful(
    _ unknown: Int, _ sample: Sample, _ notes: WatchlistFacts
  ) -> (english: String, korean: String) {
    let refused = Int(clamping: sample.sum(.refusedSymbols))
    var text = ""
    var korean = ""
    if unknown > 0 {
      let names = notes.unknown.isEmpty ? "" : ": \(WatchlistFacts.list(notes.unknown, of: unknown))"
      text += ", \(unknown) of them unknown to KIS\(names)"
      korean += ", KIS 가 모르는 \(unknown)종목\(names)"
    }
    if refused > 0 {
      let names = notes.refused.isEmpty ? "" : ": \(WatchlistFacts.list(notes.refused, of: refused))"
      text += ", \(refused) refused and asked for again within the hour\(names)"
      korean += ", 거부되어 한 시간 안에 다시 요청할 \(refused)종목\(names)"
    }
    return (text, korean)
  }

  /// Shows the lines that were ignored, by their numbers.
  private static func mendLines(_ facts: HealthFacts) -> String {
    let numbers = facts.watchlist.ignored.prefix(10).map { "\($0.line)p" }.joined(separator: ";")
    guard let list = facts.pipeline.watchlist, list != "-", !numbers.isEmpty else {
      return "\(facts.logs("kis-fetch"))  # it names the lines: one symbol each, as 005930"
    }
    return "sed -n '\(numbers)' \(quoted(list))  # mend these lines: one symbol each, as 005930; then restart"
  }
}
