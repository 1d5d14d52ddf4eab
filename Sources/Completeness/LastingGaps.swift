/// Gaps of a subject that were told and not ended, one for each reason. A gap that lasts is told again and again, each time
/// longer, and counts once: at its end, or as it was told last where no end came, because the program was killed.
struct LastingGaps: Sendable {
  private var told: [String: GapFact] = [:]
  /// The id of the last gap that has ended, by reason.
  private var ended: [String: String] = [:]

  /// Gaps that are not over.
  var count: Int { told.count }

  /// Takes a record of a gap; the gaps that are over with it.
  mutating func take(_ gap: GapFact) -> [GapFact] {
    var over: [GapFact] = []
    if let other = told[gap.reason], other.id != gap.id {
      over.append(other)
      told[gap.reason] = nil
    }
    if gap.isFinal {
      over.append(gap)
      told[gap.reason] = nil
      ended[gap.reason] = gap.id
    } else if ended[gap.reason] != gap.id {
      told[gap.reason] = gap
    }
    return over
  }

  /// The archive ends: the gaps that nobody has ended, by reason.
  mutating func close() -> [GapFact] {
    defer { told.removeAll() }
    return told.sorted { $0.key < $1.key }.map(\.value)
  }
}
