/// No contract member stands twice in its object: readers disagree about which of two counts.
enum DuplicateRule: ValidationRule {
  private static let members = [
    (Field.meta, "meta"), (Field.context, "context"), (Field.observation, "observation"),
    (Field.timestamp, "meta.timestamp"), (Field.timestampMS, "meta.timestamp_ms"),
    (Field.sessionID, "meta.session_id"), (Field.runID, "meta.run_id"), (Field.mode, "meta.mode"),
    (Field.observerVersion, "meta.observer_version"), (Field.source, "context.source"),
    (Field.stage, "context.stage"), (Field.inputs, "observation.inputs"),
    (Field.computed, "observation.computed"), (Field.state, "observation.state"),
    (Field.price, "observation.inputs.price"), (Field.volume, "observation.inputs.volume"),
  ]

  @inline(__always)
  static func check(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    if view.hasDuplicates { name(view, &report) }
  }

  @inline(never)
  private static func name(_ view: borrowing SnapshotView, _ report: inout ValidationReport) {
    if view.occurrences(Field.snapshot) > 1 { report.add(.duplicated("snapshot")) }
    for (field, name) in members where view.occurrences(field) > 1 {
      report.add(.duplicated("snapshot.\(name)"))
    }
  }
}
