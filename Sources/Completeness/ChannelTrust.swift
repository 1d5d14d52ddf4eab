/// Whether a channel keeps the ledger's identities, learned from records that are neighbours inside one frame: nothing
/// can have been lost between them.
public struct ChannelTrust: Equatable, Sendable {
  /// Pairs of neighbours seen.
  public private(set) var pairs: Int64 = 0
  /// Pairs that kept the identities.
  public private(set) var kept: Int64 = 0

  /// Pairs before anything is claimed.
  public static let enough: Int64 = 100

  /// What may be claimed of the channel.
  public enum Standing: String, Sendable {
    /// Too few pairs: losses are suspected, not claimed.
    case learning
    /// At least 99 % of the pairs kept the identities: a step is a loss.
    case trusted
    /// The channel does not keep them: its records cannot be verified.
    case unfit
  }

  /// Nothing seen.
  public init() {}

  /// What may be claimed now.
  public var standing: Standing {
    pairs < Self.enough ? .learning : kept * 100 >= pairs * 99 ? .trusted : .unfit
  }

  /// Notes pairs of neighbours that kept the identities.
  public mutating func keep(_ count: Int64) {
    pairs += count
    kept += count
  }

  /// What lay between two neighbours that seemed not to keep them has come late: they did.
  public mutating func heal() { kept = min(kept + 1, pairs) }

  /// Notes the verdict on the second of two neighbours, the first of which is certain (`SymbolLedger.isCertain`). A record
  /// that came twice or that was taken back says nothing about the channel.
  public mutating func note(_ verdict: Verdict) {
    switch verdict {
    case .verified:
      pairs += 1
      kept += 1
    case .missed, .unverifiable: pairs += 1
    case .first, .duplicate, .reversal, .late: break
    }
  }
}
