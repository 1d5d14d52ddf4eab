/// Gaps of a subject that were told and not ended. A gap that lasts is told again and again, each time longer and perhaps for
/// another reason, and counts once: at its end, or as it was told last where no end came, because the program was killed.
struct LastingGaps: Sendable {
  /// By id; where a record has none, by reason.
  private var told: [String: GapFact] = [:]
  /// Ids of gaps that have ended: read once more, they are the same gaps.
  private var ended: Set<String> = []

  /// More gaps of one subject on one day are no outages: each then counts as it is told.
  private static let most = 4096

  /// Takes a record of a gap; the gap if it is over with it.
  mutating func take(_ gap: GapFact) -> GapFact? {
    let id = gap.id.isEmpty ? gap.reason : gap.id
    if ended.contains(id) { return nil }
    guard gap.isFinal || told[id] == nil && told.count == Self.most else {
      if told[id].map({ $0.milliseconds <= gap.milliseconds }) ?? true { told[id] = gap }
      return nil
    }
    told[id] = nil
    if !gap.id.isEmpty, ended.count < Self.most { ended.insert(id) }
    return gap
  }

  /// The archive ends: the gaps that nobody has ended, in the order of their beginnings.
  mutating func close() -> [GapFact] {
    defer { told.removeAll() }
    return told.values.sorted { ($0.from ?? $0.time, $0.id) < ($1.from ?? $1.time, $1.id) }
  }
}
