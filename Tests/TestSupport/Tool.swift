import Foundation

/// What a finished program left behind: the three things a shell sees, kept apart.
public struct Outcome: Sendable {
  /// Bytes of standard output.
  public let out: [UInt8]
  /// Bytes of standard error.
  public let err: [UInt8]
  /// Exit status; 128+N when a signal ended it.
  public let status: Int32

  /// Standard output as text.
  public var outText: String { String(decoding: out, as: UTF8.self) }
  /// Standard error as text.
  public var errText: String { String(decoding: err, as: UTF8.self) }
  /// Lines of standard output.
  public var lines: [String] { outText.split(separator: "\n").map(String.init) }
}

/// Running the package's own executables, and any other program, at the pipe.
public enum Tool {
  /// Where the executables under test are: `OBSERVER_BIN_DIR`, else beside the test bundle.
  public static var folder: URL {
    if let given = ProcessInfo.processInfo.environment["OBSERVER_BIN_DIR"], !given.isEmpty {
      return URL(fileURLWithPath: given)
    }
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
    let url = bundle.bundleURL
    return url.pathExtension == "xctest" ? url.deletingLastPathComponent() : url
  }

  /// The repository's root.
  public static var repository: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// The path of an executable of this package, a script under `scripts/` or `Tests/harness/`, or a program on PATH.
  public static func path(_ name: String) -> String {
    if name.contains("/") { return name }
    let built = folder.appendingPathComponent(name).path
    if FileManager.default.isExecutableFile(atPath: built) { return built }
    for folder in ["scripts", "Tests/harness"] {
      let script = repository.appendingPathComponent("\(folder)/\(name)").path
      if FileManager.default.isExecutableFile(atPath: script) { return script }
    }
    for place in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let candidate = "\(place)/\(name)"
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    return built
  }

  /// Runs a program to its end, feeding and draining at the same time (a full pipe never hangs the test).
  ///
  /// The environment is `env` alone plus PATH and ASAN_OPTIONS; `timeout` seconds later the program is killed (status 137).
  public static func run(
    _ name: String, _ arguments: [String] = [], input: [UInt8] = [], env: [String: String] = [:],
    in directory: String? = nil, timeout: Double = 60
  ) throws -> Outcome {
    let running = try start(name, arguments, env: env, in: directory)
    running.write(input)
    running.closeInput()
    return running.wait(timeout: timeout)
  }

  /// As `run`, with text as input.
  public static func run(
    _ name: String, _ arguments: [String] = [], text: String, env: [String: String] = [:],
    in directory: String? = nil, timeout: Double = 60
  ) throws -> Outcome {
    try run(name, arguments, input: Array(text.utf8), env: env, in: directory, timeout: timeout)
  }

  /// Starts a program and hands over its pipes.
  public static func start(
    _ name: String, _ arguments: [String] = [], env: [String: String] = [:], in directory: String? = nil
  ) throws -> RunningTool {
    try RunningTool(path: path(name), arguments: arguments, env: env, directory: directory)
  }

  /// A fresh folder under the system's temporary one.
  public static func temporaryFolder(_ label: String = "observer") throws -> String {
    let path = NSTemporaryDirectory() + "\(label)-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Waits until `condition` holds, at most `seconds`; whether it did.
  public static func waitUntil(_ seconds: Double = 10, _ condition: () -> Bool) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while !condition() {
      if Date() > end { return false }
      usleep(2000)
    }
    return true
  }
}

/// A program that is running, with its three pipes.
public final class RunningTool: @unchecked Sendable {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()
  private let lock = NSLock()
  private var collectedOut: [UInt8] = []
  private var collectedErr: [UInt8] = []
  private let drained = DispatchGroup()
  private let feeder = DispatchQueue(label: "feeder")

  init(path: String, arguments: [String], env: [String: String], directory: String?) throws {
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var environment = env
    // ASAN_OPTIONS: under AddressSanitizer what a program holds to its end is no leak (make asan).
    for name in ["PATH", "ASAN_OPTIONS"] where environment[name] == nil {
      environment[name] = ProcessInfo.processInfo.environment[name]
    }
    process.environment = environment
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try Self.withAllSignals { try process.run() }
    drain(output) { self.collectedOut += $0 }
    drain(errors) { self.collectedErr += $0 }
  }

  /// The process id.
  public var pid: Int32 { process.processIdentifier }
  /// Whether it still runs.
  public var isRunning: Bool { process.isRunning }
  /// What it wrote to stdout so far.
  public var out: [UInt8] { lock.withLock { collectedOut } }
  /// What it wrote to stderr so far.
  public var errText: String { String(decoding: lock.withLock { collectedErr }, as: UTF8.self) }

  /// Feeds bytes, in the background and in order.
  public func write(_ bytes: [UInt8]) {
    let handle = input.fileHandleForWriting
    feeder.async {
      // Held until the feeder is done: a descriptor that is closed in between may be another program's next.
      let descriptor = handle.fileDescriptor
      RunningTool.withoutBrokenPipes {
        var done = 0
        while done < bytes.count {
          let put = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
          if put < 0 && errno == EINTR { continue }
          if put <= 0 { return }
          done += put
        }
      }
    }
  }

  /// Runs `body` with SIGPIPE held back from this thread. Ignoring it would be inherited by every program that
  /// the tests start, and hide how a filter ends when its reader leaves.
  private static func withoutBrokenPipes(_ body: () -> Void) {
    var pipes = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipes)
    sigaddset(&pipes, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipes, &before)
    body()
    var now = timespec()
    while sigtimedwait(&pipes, nil, &now) == SIGPIPE {}
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// Runs `body` with no signal blocked in this thread: dispatch's threads block most of them, a child inherits
  /// that, and a shell with SIGTERM blocked never runs its trap.
  private static func withAllSignals(_ body: () throws -> Void) rethrows {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  /// Feeds text.
  public func write(_ text: String) { write(Array(text.utf8)) }

  /// Ends its input after everything fed so far.
  public func closeInput() {
    let handle = input.fileHandleForWriting
    feeder.async { try? handle.close() }
  }

  /// Sends a signal.
  public func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for the end and collects what was written; kills the program after `timeout` seconds.
  public func wait(timeout: Double = 60) -> Outcome {
    if !Tool.waitUntil(timeout, { !self.process.isRunning }) { kill(pid, SIGKILL) }
    process.waitUntilExit()
    feeder.sync {}
    _ = drained.wait(timeout: .now() + 10)
    let code = process.terminationStatus
    let status = process.terminationReason == .uncaughtSignal ? 128 + code : code
    return lock.withLock { Outcome(out: collectedOut, err: collectedErr, status: status) }
  }

  private func drain(_ pipe: Pipe, _ collect: @escaping @Sendable (ArraySlice<UInt8>) -> Void) {
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    drained.enter()
    Thread.detachNewThread { [self] in
      var block = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let got = read(descriptor, &block, block.count)
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { break }
        lock.withLock { collect(block[..<got]) }
      }
      drained.leave()
    }
  }
}
