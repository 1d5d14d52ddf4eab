import Contract
import Filters
import Plumbing

extension SnapValidate {
  static let manual = Manual(
    name, "checks observation snapshots against their contract",
    usage: ["[OPTION]... <snapshots >valid-snapshots", "[OPTION]... FILE|FOLDER|-... >valid-snapshots"],
    about: """
      Checks ObservationSnapshots, one JSON object a line, against the contract and passes the good ones on with \
      "validation":{"severity":"INFO"} appended; every other byte stays as it came.
      """,
    operands: .file,
    groups: FilterOptions.groups(own: [FilterOptions.plainOption]),
    sections: [
      Manual.Section(
        "VERDICTS",
        [
          "A blocked snapshot carries \"severity\":\"BLOCK\", the list \"errors\" with every fault found, and"
            + " \"details\", the paths of up to 50 numbers that no double holds. The texts are fixed: operators search"
            + " logs for them.",
          "  snapshot.meta missing\n  snapshot.meta.run_id missing/empty\n  snapshot.meta.timestamp_ms must be int\n"
            + "  non-finite numbers detected in inputs: 2\n  invalid JSON: expected a value at byte 12",
        ])
    ] + FilterOptions.sections,
    statuses: FilterOptions.statuses, otherStatus: FilterOptions.otherStatus,
    example: (
      "what is wrong with yesterday's snapshots?",
      """
      snap-validate --emit blocked snapshots.jsonl |
        jq -r '.validation.errors[]' | sort | uniq -c
      """
    ))
}
