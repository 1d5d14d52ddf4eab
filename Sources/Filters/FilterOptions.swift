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
  /// `--emit`: which lines go to stdout.
  public var emit = Emit.pass
  /// `--plain`: lines go out as they came in, without a verdict.
  public var plain = false
  /// `--unwrap`: the line is a PatternRecord, its `snapshot` is what counts.
  public var unwrap = false
  /// `--strict`: stop with 65 at the first reject.
  public var strict = false
  /// `--rejects`: the file that rejects are appended to.
  public var rejects: String?
  /// `--max-line`: bytes a line may have, without its line feed.
  public var maxLine = 16 << 20
  /// `--grace`: seconds to go on draining after SIGTERM.
  public var grace = 10

  /// The options' names, for the parser.
  public static let specs: [OptionSpec] = [
    .value("emit"), .flag("unwrap"), .flag("strict"), .value("rejects"), .value("max-line"), .value("grace"),
    Metrics.option,
  ]

  /// Reads and checks the options.
  public init(_ arguments: Arguments) throws(ToolFailure) {
    try arguments.refuseOperands()
    emit = try arguments.choice("emit", default: .pass)
    plain = arguments.flag("plain")
    unwrap = arguments.flag("unwrap")
    strict = arguments.flag("strict")
    rejects = arguments.value("rejects")
    maxLine = try arguments.integer("max-line", in: 64...(1 << 30), default: 16 << 20)
    grace = try arguments.integer("grace", in: 0...86_400, default: 10)
  }
}
