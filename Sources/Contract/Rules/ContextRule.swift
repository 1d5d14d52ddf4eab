/// `context` is there and says where the snapshot comes from and how far it was processed.
enum ContextRule: ValidationRule {
  @inline(__always)
  static func check(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    guard view.isObject(Field.context) else { return refuse(view, &report) }
    if view.isMissingOrEmpty(Field.source) { report.add("snapshot.context.source missing/empty") }
    if view.isMissingOrEmpty(Field.stage) { report.add("snapshot.context.stage missing/empty") }
  }

  @inline(never)
  private static func refuse(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    report.add(view.isMissing(Field.context) ? "snapshot.context missing" : "snapshot.context must be dict")
  }
}
