import JSONBytes

/// What snap-guard decided about a snapshot.
public enum GuardDecision: Sendable {
  /// Let it through.
  case pass
  /// snap-validate found it wrong.
  case validationFailed
  /// It does not say how far it was processed.
  case invalidStage
  /// It carries no verdict, and one was required.
  case notValidated
  /// It holds a number that no finite double holds, whatever its verdict says.
  case nonFinite

  /// The verdict that is appended to the snapshot.
  public var verdict: StaticString {
    switch self {
    case .pass: "{\"action\":\"PASS\",\"reason\":\"OK\"}"
    case .validationFailed: "{\"action\":\"BLOCK\",\"reason\":\"Validation failed\"}"
    case .invalidStage: "{\"action\":\"BLOCK\",\"reason\":\"Invalid context.stage\"}"
    case .notValidated: "{\"action\":\"BLOCK\",\"reason\":\"Not validated\"}"
    case .nonFinite: "{\"action\":\"BLOCK\",\"reason\":\"Non-finite numbers\"}"
    }
  }

  /// The same of a guard that looks at values as well, for a line that no rule has seen.
  public var verdictWithFlags: StaticString {
    switch self {
    case .pass: "{\"action\":\"PASS\",\"reason\":\"OK\",\"flags\":[]}"
    case .validationFailed: "{\"action\":\"BLOCK\",\"reason\":\"Validation failed\",\"flags\":[]}"
    case .invalidStage: "{\"action\":\"BLOCK\",\"reason\":\"Invalid context.stage\",\"flags\":[]}"
    case .notValidated: "{\"action\":\"BLOCK\",\"reason\":\"Not validated\",\"flags\":[]}"
    case .nonFinite: "{\"action\":\"BLOCK\",\"reason\":\"Non-finite numbers\",\"flags\":[]}"
    }
  }

  /// What a block is counted as.
  public var cause: RejectReason {
    switch self {
    case .pass, .validationFailed: .validationFailed
    case .invalidStage: .invalidStage
    case .notValidated: .notValidated
    case .nonFinite: .nonFinite
    }
  }

  /// The reason, for the log.
  public var reason: String {
    switch self {
    case .pass: "OK"
    case .validationFailed: "Validation failed"
    case .invalidStage: "Invalid context.stage"
    case .notValidated: "Not validated"
    case .nonFinite: "Non-finite numbers"
    }
  }
}

/// The guard's policy: it decides on the verdict it reads and repeats no check of the validator, except that
/// nothing passes which is not JSON for every reader.
public struct GuardPolicy: Sendable {
  /// Whether a snapshot without a verdict is blocked.
  public let requiresValidation: Bool

  /// Makes a policy.
  public init(requiresValidation: Bool) { self.requiresValidation = requiresValidation }

  /// Decides about a snapshot that was read.
  public func decide(_ view: borrowing SnapshotView) -> GuardDecision {
    if view.isString(Field.severity, "BLOCK", plain: "\"BLOCK\"") { return .validationFailed }
    if view.isMissingOrEmpty(Field.stage) { return .invalidStage }
    if view.nonFinite > 0 { return .nonFinite }
    if requiresValidation && !isValidated(view) { return .notValidated }
    return .pass
  }

  private func isValidated(_ view: borrowing SnapshotView) -> Bool {
    !view.isMissingOrEmpty(Field.severity) && !view.isString(Field.severity, "SKIPPED", plain: "\"SKIPPED\"")
  }
}
