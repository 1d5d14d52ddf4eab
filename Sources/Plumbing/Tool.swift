import Glibc

/// The one shape that every executable has.
public protocol Tool {
  /// The program's name.
  static var name: String { get }
  /// What it takes and says of itself.
  static var manual: Manual { get }
  /// Does the work. Options are checked before the first byte of stdin is read.
  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus
}

/// Start and end of a process; nothing else in the package calls `exit`, but for memory that a buffer cannot have.
public enum ToolMain {
  /// Parses the command line, runs `tool`, and ends the process with its status.
  public static func run(_ tool: (some Tool).Type) -> Never {
    System.occupyStandardDescriptors()
    for (name, value) in Environment.processVariables { SecretMask.register(value, variable: name) }
    // A file size limit has to come back as an error of the write, which is reported, not as the process's end.
    Signals.ignore(SIGXFSZ)
    let (status, failure) = outcome(tool)
    let isStage = tool.manual.specs.contains { $0.name == Metrics.option.spec.name }
    if isStage && status != .done { Metrics.beginForLastWords(stage: tool.name) }
    Metrics.end(status, failure)
    LastWords.leave(status, failure)
    exit(status.code)
  }

  private static func outcome(_ tool: (some Tool).Type) -> (ExitStatus, ToolFailure?) {
    var log = Log(stage: tool.name)
    do {
      let arguments = try Arguments(GivenText.words(), specs: tool.manual.specs)
      if arguments.has(Manual.helpOption) {
        return (try print(tool.manual.text(arguments[Manual.helpOption])), nil)
      }
      if arguments[Manual.versionOption] { return (try print("\(tool.name) \(Version.number)"), nil) }
      try GivenText.checkVariables()
      log = try self.log(tool.name, arguments)
      return (try tool.run(arguments, log: log), nil)
    } catch let failure as ToolFailure {
      if failure.status == .usage {
        log.plain("\(tool.name): \(failure.message)")
      } else if !failure.message.isEmpty {
        log.write(failure.status == .done ? .warning : .error) { failure.message }
      }
      return (failure.status, failure)
    } catch {
      log.error("\(error)")
      return (.ioError, ToolFailure(.ioError, "\(error)"))
    }
  }

  private static func log(_ name: String, _ arguments: Arguments) throws(ToolFailure) -> Log {
    let level = try checked(Log.levelOption, arguments).flatMap { LogLevel(name: $0) }
    let format = try checked(Log.formatOption, arguments).flatMap { LogFormat(rawValue: $0) }
    return Log(stage: name, level: level ?? .info, format: format ?? .text)
  }

  /// The option's value or its variable's, which is checked as the option is.
  private static func checked(_ option: Option<String?>, _ arguments: Arguments) throws(ToolFailure)
    -> String?
  {
    guard let text = arguments.textOrVariable(option), let kind = option.spec.kind else { return nil }
    guard let accepted = kind.accept(text) else {
      throw ToolFailure(.usage, "\(option.spec.variable ?? "") takes \(kind.expectation), not '\(text)'")
    }
    return accepted
  }

  private static func print(_ text: String) throws -> ExitStatus {
    var line = text + (text.hasSuffix("\n") ? "" : "\n")
    try line.withUTF8 { bytes throws in
      guard let start = bytes.baseAddress else { return }
      try StandardOutput.write(start, count: bytes.count)
    }
    return .done
  }
}

/// Writing to stdout: a reader that went away ends a filter silently, anything else is an I/O error.
public enum StandardOutput {
  /// What is said of a reader that did not read until the limit after a signal was over.
  public static let unread =
    "standard output was not read before the time to end was over: what was in flight is lost"

  /// Writes all bytes.
  ///
  /// - Throws: `ToolFailure`: silent 141 when the reader is gone, else 74 with a message.
  public static func write(_ source: UnsafePointer<UInt8>, count: Int) throws(ToolFailure) {
    var done = 0
    try write(source, count: count, done: &done)
  }

  /// As above, from `done` on; `done` tells how far it came when it fails.
  ///
  /// - Throws: also 128+N when the reader did not read until the limit after signal N was over.
  public static func write(
    _ source: UnsafePointer<UInt8>, count: Int, done: inout Int
  ) throws(ToolFailure) {
    do {
      try System.write(
        1, source, count: count, done: &done, unless: { Signals.isPastLimit }, name: "standard output")
    } catch {
      switch error.code {
      case EPIPE: throw ToolFailure(.signalled(SIGPIPE), "")
      case ETIME:
        throw ToolFailure(
          .signalled(Signals.stopSignal),
          Self.unread)
      default: throw ToolFailure(.ioError, "\(error)")
      }
    }
  }
}
