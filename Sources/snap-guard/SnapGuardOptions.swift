import Contract
import Filters
import Plumbing

extension SnapGuard {
  static let requireValidation = Option.flag(
    "require-validation", "block snapshots that were not validated")

  static let manual = Manual(
    name, "lets validated snapshots through, or not",
    usage: ["[OPTION]... <validated-snapshots >guarded-snapshots"],
    about: """
      Lets snapshots through on the verdict of snap-validate and appends its own: \
      "guard":{"action":"PASS","reason":"OK"}; every other byte stays as it came.
      """,
    groups: FilterOptions.groups(own: [FilterOptions.plainOption, requireValidation]),
    sections: [
      Manual.Section(
        "VERDICTS",
        [
          "Blocked is what snap-validate blocked (Validation failed), what has no context.stage (Invalid"
            + " context.stage), under --require-validation what carries no verdict (Not validated), and a number that no"
            + " double holds. A snapshot without a verdict passes otherwise: the stage works on its own."
        ])
    ] + FilterOptions.sections,
    statuses: FilterOptions.statuses, otherStatus: FilterOptions.otherStatus,
    example: ("", "snap-validate --emit all <snapshots.jsonl | snap-guard --emit blocked"))
}
