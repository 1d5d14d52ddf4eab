import Configuration
import Contract
import Filters
import Plumbing
import Values

extension SnapGuard {
  static let requireValidation = Option.flag(
    "require-validation", "block snapshots that were not validated")

  static let stateOption = Option.text(
    "state", "FILE", as: .file, "with --rules: what they remember, over a restart",
    detail:
      "Read at the start, replaced within 5 s of a change and at the end, 0600. A damaged state is kept as"
      + " FILE.damaged, and the rules warm up again. A file that is no state, or an input or output of this filter, is"
      + " not touched (73). One process for each file: FILE.lock.")

  static let manual = Manual(
    name, "lets validated snapshots through, or not",
    usage: [
      "[OPTION]... <validated-snapshots >guarded-snapshots",
      "[OPTION]... FILE|FOLDER|-... >guarded-snapshots",
    ],
    about: """
      Lets snapshots through on the verdict of snap-validate and appends its own: \
      "guard":{"action":"PASS","reason":"OK"}; every other byte stays as it came.
      """,
    operands: .file,
    groups: FilterOptions.groups(own: [
      FilterOptions.plainOption, requireValidation, ConfigKey.guardRules, stateOption, Settings.configOption,
    ]),
    sections: [
      Manual.Section(
        "VERDICTS",
        [
          "Blocks snapshots that snap-validate blocked (Validation failed), snapshots without context.stage (Invalid"
            + " context.stage), with --require-validation snapshots without a verdict (Not validated), and numbers that no"
            + " double holds. Without --require-validation a snapshot without a verdict passes: the stage works alone."
        ]),
      Manual.Section(
        "MARKET RULES",
        [
          "With --rules market the verdict has \"flags\", and what cannot be true is blocked (Market rule NAME, with"
            + " rule, value and limit). snap-enrich makes quality_flags and quality of them. Limits are the keys guard.* of"
            + " the configuration file; trading hours are those of holidays.jsonl beside it. The rules:",
          MarketFlag.allCases.map { "\($0.text): \($0.meaning)." }.joined(separator: " "),
        ]),
    ] + FilterOptions.sections,
    statuses: FilterOptions.statuses + [
      (.tryLater, "the state file is in use"), (.configuration, "configuration"),
    ],
    otherStatus: FilterOptions.otherStatus,
    example: ("", "snap-validate --emit all <snapshots.jsonl | snap-guard --emit blocked"))
}
