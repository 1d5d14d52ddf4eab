import Completeness
import Plumbing

/// One gap as it is written down: `observation.state` of a system snapshot.
public struct GapRecord: Equatable, Sendable {
  /// What was not observed.
  public let subject: Subject
  /// Why.
  public let reason: GapReason
  /// Which gap: all records of one gap have the same, no two gaps do. 32 hexadecimal digits.
  public let id: String
  /// The last observation before it.
  public let from: Milliseconds
  /// Its end; of the report, while it lasts.
  public let to: Milliseconds
  /// Whether the gap is over. Each gap has one final record, so their sum counts nothing twice.
  public let isFinal: Bool
  /// What the exchange or this program says about it; no secret.
  public let detail: String?
  /// What the exchange counted meanwhile and what is not here; nil: not known. Less than nothing where a trade that was
  /// missed has come after all.
  public var missed: Loss?
  /// What was traded on the day until its end; 0: not known.
  public var volume: Int64 = 0
  /// Whose doing the loss is; nil: it is not a loss, or the reason says it.
  public var cause: LossCause?

  /// Names a gap; `to` is not before `from`.
  public init(
    subject: Subject, reason: GapReason, id: String, from: Milliseconds, to: Milliseconds, isFinal: Bool,
    detail: String? = nil
  ) {
    self.subject = subject
    self.reason = reason
    self.id = id
    self.from = from
    self.to = to
    self.isFinal = isFinal
    self.detail = detail
  }

  /// How bad it is.
  public var severity: GapSeverity {
    guard reason == .missedTrades, let missed else { return GapSeverity(length: to - from) }
    return missed.shares < 0 ? .minor : GapSeverity(missing: missed.shares, of: volume)
  }
}
