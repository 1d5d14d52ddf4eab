/// `meta` is there and says when, in which session and which run, and by whom the snapshot was taken.
enum MetaRule: ValidationRule {
  @inline(__always)
  static func check(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    guard view.isObject(Field.meta) else { return refuse(view, &report) }
    if view.isMissingOrEmpty(Field.timestamp) { report.add(.empty("snapshot.meta.timestamp")) }
    if view.isMissingOrEmpty(Field.timestampMS) { report.add(.empty("snapshot.meta.timestamp_ms")) }
    if view.isMissingOrEmpty(Field.sessionID) { report.add(.empty("snapshot.meta.session_id")) }
    if view.isMissingOrEmpty(Field.runID) { report.add(.empty("snapshot.meta.run_id")) }
    if view.isMissingOrEmpty(Field.mode) { report.add(.empty("snapshot.meta.mode")) }
    if view.isMissingOrEmpty(Field.observerVersion) {
      report.add(.empty("snapshot.meta.observer_version"))
    }
    if !view.isMissing(Field.timestampMS) && !isIntegerLiteral(view) {
      report.add(.wrongType("snapshot.meta.timestamp_ms", expected: "int"))
    }
  }

  @inline(never)
  private static func refuse(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    report.add(
      view.isMissing(Field.meta) ? .missing("snapshot.meta") : .wrongType("snapshot.meta", expected: "dict"))
  }

  /// The value is a checked number, so an integer is one without point and exponent.
  @inline(__always)
  private static func isIntegerLiteral(_ view: borrowing SnapshotView) -> Bool {
    guard view.isNumber(Field.timestampMS) else { return false }
    for byte in view.value(Field.timestampMS) where byte > 0x39 || byte == 0x2E { return false }
    return true
  }
}
