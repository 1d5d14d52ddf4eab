import Plumbing

/// Why a call was given up, or must wait.
public struct RestTrouble: Equatable, Sendable {
  /// What the caller can do.
  public enum Kind: Equatable, Sendable {
    /// This symbol is refused.
    case symbol
    /// One of these symbols spoils the answer to all: ask for them in smaller calls.
    case batch
    /// This call is not served.
    case endpoint
    /// All tries failed.
    case exhausted
  }

  /// What the caller can do.
  public let kind: Kind
  /// The reason in the gap record.
  public let reason: GapReason
  /// For the log.
  public let message: String
}

/// What the lane has to tell.
public enum RestEvent: Sendable {
  /// A call succeeded, `latency` after it was sent.
  case answered(RestWork, RestAnswer, at: Moment, latency: Nanoseconds)
  /// A call failed and will be tried again.
  case retrying(RestWork, GapReason, String)
  /// A call failed for good.
  case gaveUp(RestWork, RestTrouble)
  /// Something for the log.
  case note(LogLevel, String)
  /// The program cannot go on.
  case stop(ToolFailure)
}
