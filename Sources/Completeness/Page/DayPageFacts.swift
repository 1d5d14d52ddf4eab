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
    let names: [String: String]
    private let gaps: [Int: [GapFact]]

    init(_ audit: Audit, names given: [String: String]) {
      strips = audit.strips ?? DayStrips()
      var names = given
      for subject in audit.subjects where !subject.name.isEmpty { names[subject.key.symbol] = subject.name }
      self.names = names
      // Losses that were told live are measured here again.
      gaps = Dictionary(
        grouping: strips.gaps.filter { $0.gap.reason != SubjectAudit.Gaps.ofLosses }, by: \.subject
      ).mapValues { $0.map(\.gap) }
    }

    private func name(_ key: SubjectKey) -> String { names[key.symbol] ?? "" }

    func row(_ line: SubjectLine) -> DayPageRow {
      DayPageRow(
        line: line, name: name(line.audit.key), strip: strips.strips[line.place] ?? MinuteStrip(),
        gaps: gaps[line.place] ?? [], change: strips.changes[line.place])
    }

    func events(_ lines: [SubjectLine]) -> DayPageEvents {
      let byPlace = Dictionary(lines.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
      func title(_ line: SubjectLine) -> String {
        let name = name(line.audit.key)
        return (name.isEmpty ? line.audit.key.symbol : name).printable
      }
      return DayPageEvents(
        gaps: lines.flatMap { line in (gaps[line.place] ?? []).map { (title(line), $0) } },
        losses: strips.losses.compactMap { note in
          guard let line = byPlace[note.subject], line.standing == .trusted else { return nil }
          return (title(line), note)
        })
    }
  }
}
