/// What every stage counts, in one set of names.
public struct StageMetrics: Sendable {
  /// Lines and bytes that came in and went out, blank lines included in what came in.
  public var linesIn = 0, linesOut = 0, bytesIn = 0, bytesOut = 0, blank = 0
  /// Lines refused, by reason.
  public var rejects = RejectCounts()
  /// When the last line came, epoch milliseconds; 0 before the first.
  public var lastLine: Int64 = 0

  /// Nothing counted yet.
  public init() {}

  /// Writes them down.
  public func append(to text: inout MetricsText) {
    text.counter("observer_lines_in_total", "Lines read.", linesIn)
    text.counter("observer_lines_out_total", "Lines passed on.", linesOut)
    text.counter("observer_bytes_in_total", "Bytes read.", bytesIn)
    text.counter("observer_bytes_out_total", "Bytes passed on.", bytesOut)
    text.counter("observer_blank_lines_total", "Blank lines skipped.", blank)
    text.counter("observer_rejects_total", "Lines refused, by reason.", by: "reason", rejects.byName)
    text.gauge(
      "observer_last_line_timestamp_seconds", "When the last line came, seconds since 1970.",
      lastLine > 0 ? Double(lastLine) / 1000 : nil)
  }
}

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

  /// The reason that an error text of the contract stands for.
  public init(error: String) {
    self =
      error.hasPrefix("non-finite")
      ? .nonFinite
      : error.hasPrefix("snapshot.")
        ? error.hasSuffix("duplicated") ? .duplicated : error.contains("must be") ? .wrongType : .missing
        : error == "line too long" ? .tooLong : error == "not a JSON object" ? .notObject : .invalidJSON
  }
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
  public var byName: [(String, Int)] {
    zip(RejectReason.allCases, counts).map { ($0.rawValue, $1) }
  }
}
