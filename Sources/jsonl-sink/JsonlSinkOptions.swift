import Archive
import Configuration
import Plumbing

/// When data is made durable.
enum SyncPolicy: String {
  case interval, each, none
}

/// What goes to stdout.
enum SinkOutput {
  /// The lines that were archived.
  case lines
  /// A line after each sync that says how much is durable.
  case receipts
  /// Nothing.
  case nothing
}

/// What the command line, the environment and the configuration ask of the sink.
struct JsonlSinkOptions {
  /// `--rotate`, else `rotation.enabled` and `rotation.window_ms`.
  var rotation: Rotation?
  /// `--rotate-by event`: lines pick the window by their own time.
  var byEvent = false
  /// `--sync`.
  var sync = SyncPolicy.interval
  /// `--full-timeout`; nil waits for ever.
  var fullTimeout: Nanoseconds?
  /// `--stdout-timeout`; nil waits for ever.
  var stdoutTimeout: Nanoseconds?
  /// `--max-line`, bytes.
  var maxLine: Int
  /// `--grace`.
  var grace: Nanoseconds
  /// `--quiet`, `--receipts`.
  var output = SinkOutput.lines
  private let baseName: Setting<String?>

  init(_ arguments: Arguments, _ settings: Settings) throws(ToolFailure) {
    try arguments.refuseOperands()
    rotation = try Self.rotation(arguments, settings)
    byEvent = try settings.text(.rotationBy).value == "event"
    sync = try settings.text(.sync).value.flatMap { SyncPolicy(rawValue: $0) } ?? .interval
    fullTimeout = try settings.number(.fullTimeout).value.map { .seconds($0) }
    stdoutTimeout = try settings.number(.stdoutTimeout).value.flatMap {
      $0 > 0 ? .seconds($0) : nil
    }
    maxLine = arguments[Self.maxLineOption]
    grace = .seconds(arguments[Self.graceOption])
    if arguments[Self.quiet] && arguments[Self.receipts] {
      throw ToolFailure(.usage, "--quiet and --receipts exclude each other")
    }
    if arguments[Self.quiet] { output = .nothing }
    if arguments[Self.receipts] { output = .receipts }
    baseName = try settings.text(.baseName)
    _ = try layout(in: "")
  }

  /// The names in the archive's folder.
  func layout(in directory: String) throws(ToolFailure) -> ArchiveLayout {
    do {
      return try ArchiveLayout(directory: directory, baseName: baseName.value ?? "observer")
    } catch {
      if case .option = baseName.origin { throw error }
      throw ToolFailure(.configuration, "\(baseName.origin): \(ConfigKey.baseName.name): \(error.message)")
    }
  }

  private static func rotation(_ arguments: Arguments, _ settings: Settings) throws(ToolFailure) -> Rotation?
  {
    if let given = arguments[rotateOption] { return given.rotation }
    guard try settings.flag(.rotationEnabled).value else { return nil }
    return try settings.integer(.rotationWindow).value.flatMap { Rotation(length: .milliseconds($0)) }
  }
}

extension JsonlSinkOptions {
  /// What `--rotate` says: a rotation or none.
  struct Rotate: Sendable {
    let rotation: Rotation?

    /// Reads a length, or off.
    @Sendable init?(_ text: String) {
      rotation = Rotation(text: text)
      if rotation == nil && text != "off" { return nil }
    }
  }

  static let printDirectory = Option.flag("print-dir", "print the folder that would be used, and end")
  private static let rotateOption = Option.form(
    "rotate", "LENGTH", "a length from 1s to 1d such as 60s, 5m, 1h or 1d, or off", standard: "off",
    "a file for each 60s, 5m, 1h, 1d",
    detail:
      "NAME_YYYYMMDD_HHMM.jsonl, windows counted from KST midnight; a bare number is milliseconds. Without it"
      + " rotation.enabled and rotation.window_ms of the configuration decide.",
    read: Rotate.init)
  private static let maxLineOption = Option.maxLine("reject longer lines")
  private static let graceOption = Option.integer(
    "grace", "S", in: 0...86_400, default: 10, "seconds to drain the input after SIGTERM or SIGINT")
  private static let quiet = Option.flag("quiet", "pass nothing on")
  private static let receipts = Option.flag(
    "receipts", "instead of lines, say after each sync what is durable",
    detail: "A line {\"durable_lines\":N,\"file\":\"...\",\"offset\":N} on standard output.")

  /// What the program says of itself.
  static let manual = Manual(
    JsonlSink.name, "appends JSON lines to the archive and passes them on",
    usage: ["[OPTION]... <records >the-same-once-archived"],
    about: """
      Appends each line, one whole JSON object, to <archive dir>/observer.jsonl and then passes it on, like tee. \
      A line that is not a JSON object goes to <archive dir>/rejects/jsonl-sink.jsonl. One sink at a time holds an archive.
      """,
    groups: [
      Manual.OptionGroup(
        "Where", [Settings.directoryOption, printDirectory, ConfigKey.baseName, Settings.configOption]),
      Manual.OptionGroup(
        "How",
        [
          rotateOption, ConfigKey.rotationBy, ConfigKey.sync, ConfigKey.fullTimeout, maxLineOption,
          graceOption,
          ConfigKey.stdoutTimeout,
        ]),
      Manual.OptionGroup(
        "Output", [quiet, receipts, Metrics.option, ConfigKey.logLevel, ConfigKey.logFormat]),
    ],
    sections: [
      Manual.Section(
        "RECEIPT",
        [
          "A receipt on standard error ends the run and answers SIGUSR1: in = durable + rejected + unwritten +"
            + " blank. not_passed counts archived lines that standard output did not take. SIGHUP closes and opens the"
            + " files again.",
          "SIGTERM and SIGINT drain the input, at most for --grace seconds; a second one ends at once.",
        ]),
      Manual.Section(
        "FILES",
        [
          "  observer.jsonl                  the archive, or NAME_YYYYMMDD_HHMM.jsonl under --rotate\n"
            + "  observer.lock                   one sink per archive; data files that a power cut may have torn\n"
            + "  observer_recovered_*.jsonl      lines of a file that was removed, or behind a power cut's hole\n"
            + "  rejects/                        what never entered the archive, with the reason\n"
            + "  .run/                           metrics, locks and last words of the stages"
        ]),
    ],
    statuses: [
      (.done, "all durable"), (.usage, "usage"),
      (.badData, "lines rejected, or the archive was found or made damaged"),
      (.cannotCreate, "cannot open, nothing read"), (.ioError, "I/O error"),
      (.tryLater, "locked by another sink"),
      (.configuration, "configuration"),
    ],
    otherStatus: "128+N signal",
    example: (
      "",
      """
      snap-enrich <snapshots.jsonl |
        jsonl-sink --dir /data/observer --rotate 1d --quiet
      """
    ))
}
