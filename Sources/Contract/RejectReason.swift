/// Why a line is refused, in few enough words for a metric's label.
public enum RejectReason: String, CaseIterable, Sendable {
  /// No JSON text: syntax, encoding or depth.
  case invalidJSON = "invalid_json"
  /// JSON, but no object.
  case notObject = "not_object"
  /// Longer than `--max-line`.
  case tooLong = "too_long"
  /// A member that the contract requires is absent or empty.
  case missing
  /// A member has another type than the contract says.
  case wrongType = "wrong_type"
  /// A member stands twice.
  case duplicated
  /// A number that no double holds.
  case nonFinite = "non_finite"
  /// The guard read the verdict BLOCK.
  case validationFailed = "validation_failed"
  /// The guard found no `context.stage`.
  case invalidStage = "invalid_stage"
  /// The guard requires a verdict and found none.
  case notValidated = "not_validated"
  /// A market rule of the guard found a value that cannot be.
  case marketRule = "market_rule"
}

/// Refused lines by reason.
public struct RejectCounts: Sendable {
  private var counts = [Int](repeating: 0, count: RejectReason.allCases.count)

  /// None.
  public init() {}

  /// Counts one.
  public mutating func add(_ reason: RejectReason) {
    guard let index = RejectReason.allCases.firstIndex(of: reason) else { return }
    counts[index] &+= 1
  }

  /// All reasons with their counts.
  public var byName: [(reason: String, count: Int)] {
    zip(RejectReason.allCases, counts).map { ($0.rawValue, $1) }
  }
}
