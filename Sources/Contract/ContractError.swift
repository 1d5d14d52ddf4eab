import JSONBytes

/// What is wrong with a line: the error that a verdict lists, with its text, and what it is counted as.
///
/// The texts are the contract's: operators grep for them, and rejects files hold them for years.
public enum ContractError: Equatable, Sendable {
  /// Longer than `--max-line`.
  case tooLong
  /// No JSON object that every reader takes.
  case unreadable(LineFault)
  /// A member that the contract requires is absent or null. Its path begins with `snapshot`.
  case missing(String)
  /// A member that the contract requires is absent, null or "".
  case empty(String)
  /// A member has another type than `expected`, in Python's words: `dict`, `int`.
  case wrongType(String, expected: String)
  /// A member stands twice in its object.
  case duplicated(String)
  /// `count` numbers that no finite double holds, in a section, in the snapshot around them or (nil) in the line.
  case nonFinite(in: String?, count: Int)

  /// `count` numbers that no finite double holds, in the member `place`.
  public static func nonFinite(in place: MemberName, count: Int) -> Self {
    .nonFinite(in: "\(place.text)", count: count)
  }

  /// The text that stands in a verdict.
  public var text: String {
    switch self {
    case .tooLong: "line too long"
    case .unreadable(let fault): fault.text
    case .missing(let path): "\(path) missing"
    case .empty(let path): "\(path) missing/empty"
    case .wrongType(let path, let expected): "\(path) must be \(expected)"
    case .duplicated(let path): "\(path) duplicated"
    case .nonFinite(let place?, let count): "non-finite numbers detected in \(place): \(count)"
    case .nonFinite(nil, let count): "non-finite numbers detected: \(count)"
    }
  }

  /// What it is counted as.
  public var reason: RejectReason {
    switch self {
    case .tooLong: .tooLong
    case .unreadable(.notAnObject): .notObject
    case .unreadable: .invalidJSON
    case .missing, .empty: .missing
    case .wrongType: .wrongType
    case .duplicated: .duplicated
    case .nonFinite: .nonFinite
    }
  }
}
