import Glibc
import JSONBytes
import Synchronization

/// How important a log line is.
public enum LogLevel: Int, Comparable, Sendable, CaseIterable {
  /// Every line that passes.
  case debug
  /// What an operator wants to know happened.
  case info
  /// Something was refused, lost or late, and was dealt with.
  case warning
  /// The tool cannot go on.
  case error

  /// `debug`, `info`, `warning`, `error`.
  public init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name.lowercasedASCII }) else { return nil }
    self = level
  }

  /// The option's spelling.
  public var name: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }

  /// Orders by importance.
  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// How a log line is written.
public enum LogFormat: String, Sendable {
  /// `2026-07-30 09:00:00,123 | INFO | snap-validate | message`
  case text
  /// One JSON object a line: time, level, stage, message.
  case json
}

/// Diagnostics on stderr: one `write` a line, and a failure to write never disturbs the data path.
public struct Log: Sendable {
  /// The tool's name, third column.
  public let stage: String
  /// Lines below this level are not written.
  public let level: LogLevel
  /// `--log-level`.
  public static let levelOption = Option.text(
    "log-level", "LEVEL", as: .choice(LogLevel.allCases.map(\.name)), standard: "info",
    variable: "OBSERVER_LOG_LEVEL", "debug, info, warning, error")
  /// `--log-format`.
  public static let formatOption = Option.text(
    "log-format", "FORM", as: .choice(["text", "json"]), standard: "text", variable: "OBSERVER_LOG_FORMAT",
    "text, json")

  /// Text or JSON.
  public let format: LogFormat
  private let descriptor: Int32

  /// Makes a log for `stage`, writing to `descriptor` (stderr).
  public init(stage: String, level: LogLevel = .info, format: LogFormat = .text, descriptor: Int32 = 2) {
    self.stage = stage
    self.level = level
    self.format = format
    self.descriptor = descriptor
  }

  /// Writes at debug level.
  public func debug(_ message: @autoclosure () -> String) { write(.debug, message) }
  /// Writes at info level.
  public func info(_ message: @autoclosure () -> String) { write(.info, message) }
  /// Writes at warning level.
  public func warning(_ message: @autoclosure () -> String) { write(.warning, message) }
  /// Writes at error level.
  public func error(_ message: @autoclosure () -> String) { write(.error, message) }

  /// Writes `message` at `severity` if the level asks for it.
  public func write(_ severity: LogLevel, _ message: () -> String) {
    guard severity >= level else { return }
    var line = ByteBuffer(capacity: 256)
    let now = KST(Clocks.wall())
    let name = severity.name.uppercasedASCII
    switch format {
    case .text:
      line.append(text: "\(now.logStamp) | \(name) | \(stage) | ")
      line.append(text: Self.shown(message()))
    case .json:
      line.append(text: "{\"time\":\"\(now.iso)\",\"level\":\"\(name)\",\"stage\":\"\(stage)\",\"message\":")
      line.append(jsonString: Self.shown(message()))
      line.append(0x7D)
    }
    line.append(0x0A)
    emit(line)
  }

  /// Writes one line without time and level (a usage message), control characters spelled out.
  public func plain(_ text: String) {
    var line = ByteBuffer(capacity: text.utf8.count + 1)
    line.append(text: Self.shown(text))
    line.append(0x0A)
    emit(line)
  }

  /// Writes one finished line (a receipt) as it is, but for secrets.
  public func raw(_ text: String) {
    var line = ByteBuffer(capacity: text.utf8.count + 1)
    line.append(text: SecretMask.mask(text))
    line.append(0x0A)
    emit(line)
  }

  /// A peer's text cannot forge a second log line or drive a terminal, and gives no secret away.
  private static func shown(_ message: String) -> String { SecretMask.mask(message).printable }

  /// Whether the log's reader did not take the last line.
  private static let isStuck = Atomic<Bool>(false)
  /// The descriptor that took the beginning of a line and no more; -1: none.
  private static let torn = Atomic<Int32>(-1)

  /// A log that is full or gone is not worth waiting for: one attempt, no error. A reader that is stuck costs a
  /// tenth of a second once, and then only what it misses.
  private func emit(_ line: borrowing ByteBuffer) {
    if descriptor == 2 { LogFile.find() }
    // A pipe that is ready has room for one page, and no more: a longer line would wait in the call.
    let pipe = System.ownPipe(descriptor)
    defer { if let pipe { close(pipe) } }
    var text = ByteBuffer(capacity: line.count + 1)
    if Self.torn.load(ordering: .relaxed) == descriptor { text.append(0x0A) }
    text.append(line.bytes)
    var done = 0
    repeat {
      let written = put(text.start + done, text.count - done, pipe)
      guard written > 0 else { break }
      done += written
    } while pipe != nil && done < text.count
    if pipe != nil && done > 0 { Self.torn.store(done < text.count ? descriptor : -1, ordering: .relaxed) }
  }

  /// One attempt, once the reader is ready; how many bytes were taken.
  private func put(_ bytes: UnsafeRawPointer, _ count: Int, _ pipe: Int32?) -> Int {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let isReady = poll(&entry, 1, Self.isStuck.load(ordering: .relaxed) ? 0 : 100) > 0
    Self.isStuck.store(!isReady, ordering: .relaxed)
    return isReady ? Glibc.write(pipe ?? descriptor, bytes, count) : 0
  }
}
