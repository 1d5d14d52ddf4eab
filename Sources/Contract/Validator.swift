import JSONBytes

/// One thing that must hold of a snapshot.
protocol ValidationRule {
  /// Adds an error to `report` for each way in which the snapshot breaks the rule.
  static func check(_ view: borrowing SnapshotView, _ report: inout ValidationReport)
}

/// The contract's rules, in the order in which their errors are listed.
public enum Validator {
  /// Checks a snapshot that was read; `report` holds every error afterwards.
  @inline(__always)
  public static func check(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    report.removeAll()
    MetaRule.check(view, &report)
    ContextRule.check(view, &report)
    ObservationRule.check(view, &report)
    DuplicateRule.check(view, &report)
  }
}
