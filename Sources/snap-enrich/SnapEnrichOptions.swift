import Contract
import Filters
import Plumbing

extension SnapEnrich {
  static let sessionID = Option.text(
    "session-id", "ID", variable: "OBSERVER_SESSION_ID", "else the snapshot's own")
  static let mode = Option.text(
    "mode", "MODE", variable: "OBSERVER_MODE", "else the snapshot's own")
  static let clockOption = Option.form(
    "clock", "TIME", "now, event or an ISO time with a zone", standard: "now",
    "now, event or an ISO time, for generated_at",
    detail: "event: the snapshot's timestamp, so that a replay gives the same bytes every time. TIME: such as"
      + " 2026-07-30T09:00:00.000+09:00.",
    read: clock)

  static let manual = Manual(
    name, "turns snapshots into the records of the archive",
    usage: [
      "[OPTION]... <guarded-snapshots >pattern-records", "[OPTION]... FILE|FOLDER|-... >pattern-records",
    ],
    about: """
      Turns snapshots into PatternRecords (record schema v1.1.0): the snapshot byte for byte, the verdicts of \
      snap-validate and snap-guard moved into "metadata", quality flags, counts and a summary beside them.
      """,
    operands: .file,
    groups: FilterOptions.groups(
      emit: OptionSpec(
        FilterOptions.emitOption.spec,
        detail: "pass and all write every record; blocked writes none, and only --rejects is filled."),
      own: [sessionID, mode, clockOption]),
    sections: FilterOptions.sections,
    statuses: FilterOptions.statuses, otherStatus: FilterOptions.otherStatus,
    example: (
      "",
      """
      snap-validate <snapshots.jsonl | snap-guard |
        snap-enrich --clock event >records.jsonl
      """
    ))

  /// Reads `--clock`.
  @Sendable private static func clock(_ text: String) -> RecordClock? {
    switch text {
    case "now": .now
    case "event": .event
    default: Array(text.utf8).withUnsafeBufferPointer { ISOTime.read($0) } == nil ? nil : .fixed(text)
    }
  }
}
