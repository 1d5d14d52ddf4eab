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
  /// `--full-timeout`, nanoseconds; nil waits for ever.
  var fullTimeout: Int64?
  /// `--stdout-timeout`, nanoseconds; nil waits for ever.
  var stdoutTimeout: Int64?
  /// `--max-line`, bytes.
  var maxLine = 16 << 20
  /// `--grace`, nanoseconds.
  var grace: Int64 = 10_000_000_000
  /// `--quiet`, `--receipts`.
  var output = SinkOutput.lines
  private let baseName: Setting<String?>

  init(_ arguments: Arguments, _ settings: Settings) throws(ToolFailure) {
    try arguments.refuseOperands()
    rotation = try Self.rotation(arguments, settings)
    byEvent = try settings.text(.rotationBy).value == "event"
    sync = try settings.text(.sync).value.flatMap { SyncPolicy(rawValue: $0) } ?? .interval
    fullTimeout = try settings.number(.fullTimeout).value.map { Int64($0 * 1_000_000_000) }
    stdoutTimeout = try settings.number(.stdoutTimeout).value.flatMap {
      $0 > 0 ? Int64($0 * 1_000_000_000) : nil
    }
    maxLine = try arguments.integer("max-line", in: 64...(1 << 30), default: maxLine)
    grace = Int64(try arguments.integer("grace", in: 0...86_400, default: 10)) * 1_000_000_000
    if arguments.flag("quiet") && arguments.flag("receipts") {
      throw ToolFailure(.usage, "--quiet and --receipts exclude each other")
    }
    if arguments.flag("quiet") { output = .nothing }
    if arguments.flag("receipts") { output = .receipts }
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
    if let text = arguments.value("rotate") {
      if text == "off" { return nil }
      guard let rotation = Rotation(text: text) else {
        throw ToolFailure(
          .usage, "--rotate takes a length from 1s to 1d such as 60s, 5m, 1h or 1d, or off, not '\(text)'")
      }
      return rotation
    }
    guard try settings.flag(.rotationEnabled).value else { return nil }
    return try settings.integer(.rotationWindow).value.flatMap { Rotation(length: Int64($0)) }
  }
}
