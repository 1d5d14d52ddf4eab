/// How a tool ends, in the shell's terms (sysexits.h where it has a word for it).
public enum ExitStatus: Equatable, Sendable {
  /// Everything asked for was done; rejected lines were set aside and counted.
  case done
  /// The observed system is not healthy (observer-health) or not everything checked out.
  case unhealthy
  /// The command line is wrong.
  case usage
  /// Input was refused: a reject under `--strict`, or anything the sink had to quarantine.
  case badData
  /// The exchange stayed out of reach after all retries.
  case unavailable
  /// An output could not be opened or created; nothing was read.
  case cannotCreate
  /// Reading or writing failed.
  case ioError
  /// Somebody else holds what is needed (archive lock, app key): try again later.
  case tryLater
  /// Credentials are missing or were refused.
  case refused
  /// The configuration is wrong or incomplete.
  case configuration
  /// Stopped by a signal before the input ended.
  case signalled(Int32)

  /// The number the shell sees.
  public var code: Int32 {
    switch self {
    case .done: 0
    case .unhealthy: 1
    case .usage: 64
    case .badData: 65
    case .unavailable: 69
    case .cannotCreate: 73
    case .ioError: 74
    case .tryLater: 75
    case .refused: 77
    case .configuration: 78
    case .signalled(let signal): 128 + signal
    }
  }
}

/// A reason to stop (with `done`: a reason for having nothing to do): what the operator reads, and the status the shell gets.
public struct ToolFailure: Error, Equatable, Sendable {
  /// How the process ends.
  public let status: ExitStatus
  /// One line that names the thing and the way out. Empty: end silently.
  public let message: String
  /// The same for a machine, where something depends on it.
  public let cause: FailureCause?

  /// Makes a failure.
  public init(_ status: ExitStatus, _ message: String, cause: FailureCause? = nil) {
    self.status = status
    self.message = message
    self.cause = cause
  }
}
