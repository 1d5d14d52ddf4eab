import Plumbing

/// Which lines a filter passes on.
public enum Emit: String, CaseIterable, Sendable {
  /// Lines that pass.
  case pass
  /// Lines that do not, with their verdict: grep -v.
  case blocked
  /// Both.
  case all
}

/// What the three filters have in common on the command line.
public struct FilterOptions: Sendable {
  /// Operands: files and folders; empty reads standard input.
  public var inputs: [String]
  /// `--emit`: which lines go to stdout.
  public var emit: Emit
  /// `--plain`: lines go out as they came in, without a verdict.
  public var plain: Bool
  /// `--unwrap`: the line is a PatternRecord, its `snapshot` is what counts.
  public var unwrap: Bool
  /// `--strict`: stop with 65 at the first reject.
  public var strict: Bool
  /// `--rejects`: the file that rejects are appended to.
  public var rejects: String?
  /// `--max-line`: bytes a line may have, without its line feed.
  public var maxLine: Int
  /// `--grace`: how long to go on draining after SIGTERM.
  public var grace: Nanoseconds

  /// `--emit`.
  public static let emitOption = Option.choice(
    "emit", word: "WHICH", default: Emit.pass, "pass, blocked, all: what goes to stdout",
    detail: "pass: those that pass; blocked: those that do not, with their verdict; all: both.")
  /// `--plain`, of filters that add a verdict.
  public static let plainOption = Option.flag(
    "plain", "lines go out exactly as they came in, without a verdict")
  /// `--unwrap`.
  public static let unwrapOption = Option.flag(
    "unwrap", "input lines are PatternRecords: take their \"snapshot\"")
  /// `--strict`.
  public static let strictOption = Option.flag("strict", "stop with status 65 at the first reject")
  /// `--rejects`.
  public static let rejectsOption = Option.text(
    "rejects", "FILE", as: .file, "append every reject with its verdict to FILE",
    detail: "A regular file, which several filters may share. A full disk is waited for: good lines go out"
      + " meanwhile, and nothing more is read. It may be moved while the filter runs.")
  /// `--max-line`.
  public static let maxLineOption = Option.maxLine("refuse longer lines")
  /// `--grace`.
  public static let graceOption = Option.integer(
    "grace", "S", in: 0...86_400, default: 10, "seconds to drain the input after SIGTERM or SIGINT")

  /// What the three take besides their own, in two groups; `emit` may say more, and `own` stands before the rest.
  public static func groups(emit: OptionSpec = emitOption.spec, own: [any CommandOption]) -> [Manual
    .OptionGroup]
  {
    [
      Manual.OptionGroup(
        "Lines", [emit] + own + [unwrapOption, rejectsOption, strictOption, maxLineOption]),
      Manual.OptionGroup("Process", [graceOption, Metrics.option, Log.levelOption, Log.formatOption]),
    ]
  }

  /// What the manual pages of the three say alike.
  public static let sections = [
    Manual.Section(
      "FILES",
      [
        "Inputs are read one after the other as if each had been piped in; without any, standard input is read."
          + " A folder stands for its *.jsonl, *.jsonl.zst and *.jsonl.gz files in the order of their names. FILE.zst and"
          + " FILE.gz are read through zstd(1) and gzip(1). Messages and rejects then name the input beside the line,"
          + " which counts in what these programs give. What cannot be read is named and takes nothing else with it,"
          + " unless --strict is given."
      ]),
    Manual.Section(
      "SIGNALS",
      [
        "SIGTERM and SIGINT end a filter that reads a file or a terminal. They drain a pipe, at most for --grace"
          + " seconds, and no further input is opened; a second one ends at once. SIGHUP opens"
          + " the rejects file again; without one it ends the filter in order. SIGUSR1 syncs the rejects and"
          + " writes the account to standard error, as every end does.",
        "The account: in = out + rejected + blank + unwritten, and rejects_unwritten, those of the rejects that"
          + " are not on the disk.",
      ]),
  ]
  /// Their exit codes.
  public static let statuses: [(ExitStatus, String)] = [
    (.done, "done, rejects included"), (.usage, "usage"),
    (.badData, "a reject under --strict, or a corrupt compressed file"),
    (.cannotCreate, "the rejects file cannot be opened, nothing was read"),
    (.ioError, "an input cannot be read, or output failed"),
  ]
  /// And what else they may end with.
  public static let otherStatus = "128+N stopped by signal N"

  /// Reads the options.
  public init(_ arguments: Arguments) {
    inputs = arguments.operands
    emit = arguments[Self.emitOption]
    plain = arguments[Self.plainOption]
    unwrap = arguments[Self.unwrapOption]
    strict = arguments[Self.strictOption]
    rejects = arguments[Self.rejectsOption]
    maxLine = arguments[Self.maxLineOption]
    grace = .seconds(arguments[Self.graceOption])
  }
}
