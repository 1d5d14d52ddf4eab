import Completeness
import Plumbing

/// Why something was not observed; the words that stand in the archive.
public enum GapReason: String, Sendable, CaseIterable {
  /// The WebSocket connection was lost or could not be made.
  case webSocketLost = "ws_disconnect"
  /// The connection was silent for too long and was given up.
  case webSocketSilent = "ws_timeout"
  /// The exchange answered with an error, or not at all.
  case apiError = "api_error"
  /// Calls had to wait for the limit: an interval was missed.
  case rateLimit = "rate_limit"
  /// The exchange has nothing for this symbol, or refuses it.
  case noData = "no_data"
  /// Records came whose layout no longer fits: nothing could be read from them.
  case unreadable
  /// The connection lives, but a registration was never answered.
  case silent
  /// The connection lives, and the exchange has counted trades that did not come (`TradeLedger`).
  case missedTrades = "missed_trades"

  /// Whether a gap is told as soon as it begins, because an operator can act on it.
  var isUrgent: Bool {
    switch self {
    case .webSocketLost, .webSocketSilent, .noData, .unreadable, .silent, .missedTrades: true
    case .apiError, .rateLimit: false
    }
  }
}

/// How bad a gap is.
public enum GapSeverity: String, Sendable, Comparable {
  /// Under a minute; what is shorter than 10 s is MINOR too, because there is no lesser word.
  case minor = "MINOR"
  /// From a minute.
  case major = "MAJOR"
  /// From five minutes.
  case critical = "CRITICAL"

  /// The severity of a gap of this length.
  public init(length: Milliseconds) {
    self = length >= .minutes(5) ? .critical : length >= .minutes(1) ? .major : .minor
  }

  /// The severity of a loss: by its share of what was traded on the day so far, from 0.1 % and from 1 % on.
  public init(missing: Int64, of volume: Int64) {
    let share = Double(missing) / Double(max(volume, 1))
    self = share >= 0.01 ? .critical : share >= 0.001 ? .major : .minor
  }

  /// Orders by badness.
  public static func < (left: GapSeverity, right: GapSeverity) -> Bool { left.rank < right.rank }

  private var rank: Int { self == .minor ? 0 : self == .major ? 1 : 2 }
}

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
