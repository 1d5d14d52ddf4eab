/// `context` is there and says where the snapshot comes from and how far it was processed.
enum ContextRule: ValidationRule {
  @inline(__always)
  static func check(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    guard view.isObject(Field.context) else { return refuse(view, &report) }
    if view.isMissingOrEmpty(Field.source) { report.add(.empty("snapshot.context.source")) }
    if view.isMissingOrEmpty(Field.stage) { report.add(.empty("snapshot.context.stage")) }
  }

  @inline(never)
  private static func refuse(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    report.add(
      view.isMissing(Field.context)
        ? .missing("snapshot.context") : .wrongType("snapshot.context", expected: "dict"))
  }
}
