/// `observation` is there with its three sections, and every number in the line is one that all readers take.
enum ObservationRule: ValidationRule {
  private static let sections = [
    (Field.inputs, "inputs"), (Field.computed, "computed"), (Field.state, "state"),
  ]

  @inline(__always)
  static func check(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    let isWhole =
      view.isObject(Field.observation) && view.isObject(Field.inputs) && view.isObject(Field.computed)
      && view.isObject(Field.state)
    if isWhole && view.nonFinite == 0 { return }
    refuse(view, &report)
  }

  @inline(never)
  private static func refuse(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    let found = view.nonFinite > 0 ? NonFiniteNumbers(in: view) : NonFiniteNumbers()
    if view.isObject(Field.observation) {
      for (index, (field, name)) in sections.enumerated() {
        if view.isMissing(field) {
          report.add(.missing("snapshot.observation.\(name)"))
        } else if !view.isObject(field) {
          report.add(.wrongType("snapshot.observation.\(name)", expected: "dict"))
        }
        add(found.sections[index], name, &report)
      }
    } else {
      let path = "snapshot.observation"
      report.add(view.isMissing(Field.observation) ? .missing(path) : .wrongType(path, expected: "dict"))
    }
    add(found.elsewhere, "snapshot", &report)
  }

  private static func add(
    _ finding: NonFiniteNumbers.Finding, _ place: String, _ report: inout ValidationReport
  ) {
    guard finding.count > 0 else { return }
    report.add(.nonFinite(in: place, count: finding.count))
    report.addDetail("non_finite_\(place)", paths: finding.paths)
  }
}
