import Plumbing

extension DayPage {
  /// What the audit has kept for the page, found by a line of the report.
  struct Facts {
    /// A symbol at its venue.
    struct Symbol: Hashable {
      let product: String
      let market: String
      let symbol: String

      init(_ key: SubjectKey) {
        product = key.product
        market = key.market
        symbol = key.symbol
      }
    }

    private let strips: DayStrips
    private let names: [String: String]
    let titles: SymbolTitles
    private let gaps: [Int: [GapFact]]

    init(_ audit: Audit, _ day: DayLine, names given: [String: String]) {
      strips = audit.strips ?? DayStrips()
      var names = given
      for subject in audit.subjects where !subject.name.isEmpty { names[subject.key.symbol] = subject.name }
      self.names = names
      titles = SymbolTitles(names: names, days: [day])
      // Losses that were told live are measured here again.
      gaps = Dictionary(
        grouping: strips.gaps.filter { $0.gap.reason != SubjectAudit.Gaps.ofLosses }, by: \.subject
      ).mapValues { $0.map(\.gap) }
    }

    func row(_ line: SubjectLine) -> DayPageRow {
      let key = line.audit.key
      return DayPageRow(
        line: line, name: names[key.symbol] ?? "", title: titles.title(key.symbol, key.market).printable,
        strip: strips.strips[line.place] ?? MinuteStrip(),
        gaps: gaps[line.place] ?? [], change: strips.changes[line.place])
    }

    func events(_ lines: [SubjectLine]) -> DayPageEvents {
      let byPlace = Dictionary(lines.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
      func who(_ line: SubjectLine) -> DayPageEvents.Who {
        let key = line.audit.key
        return DayPageEvents.Who(symbol: key.symbol, title: titles.title(key.symbol, key.market).printable)
      }
      return DayPageEvents(
        gaps: lines.flatMap { line in (gaps[line.place] ?? []).map { (who(line), $0) } },
        losses: strips.losses.compactMap { note in
          guard let line = byPlace[note.subject], line.standing == .trusted else { return nil }
          return (who(line), note)
        })
    }
  }
}
