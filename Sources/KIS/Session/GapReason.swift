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
