import Glibc

/// A stage's sign of life: its metrics as a file, and a lock that tells whether it runs.
///
/// Beside `<stage>.prom` (taken by node_exporter's textfile collector) stand `<stage>.prev`, the same text as it
/// was two intervals before, so that a reader that comes once sees what happened lately; `<stage>.pid`, which
/// is locked while the process lives and afterwards says how it ended; and `<stage>.words`, what it said then. The last
/// is for the owner only: `FailureCause` tells the form of both.
public struct MetricsFile: Sendable {
  private let stage: String
  private let path: String
  private let lock: Int32
  private let words: Int32?
  private let started: Milliseconds
  private var older: [[UInt8]] = []
  private var body: [UInt8] = []

  /// Takes the lock beside `path`.
  ///
  /// - Throws: `ToolFailure` when another process of the stage holds it, when it cannot be made, or when something else
  ///   than a regular file stands where one is kept: a folder cannot be replaced, and a device must not be.
  public init(path: String, stage: String) throws(ToolFailure) {
    self.stage = stage
    self.path = path
    started = Clocks.wall()
    let place = Self.beside(path, ".pid")
    do {
      let prev = Self.beside(path, ".prev")
      for place in [path, path + ".new", prev, prev + ".new", Self.beside(path, ".words")] {
        try Self.refuseObstacle(at: place)
      }
      lock = try System.openRegular(place, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o644)
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)")
    }
    // A reader holds the lock for an instant to see whether it is free.
    var tries = 0
    while flock(lock, LOCK_EX | LOCK_NB) != 0 {
      tries += 1
      guard tries < 20 else {
        close(lock)
        throw ToolFailure(.tryLater, "\(place) is locked by another \(stage)")
      }
      usleep(10_000)
    }
    // Made now: on a full disk no block would be found for the last words.
    words = try? System.openRegular(
      Self.beside(path, ".words"), O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
    Self.note("pid \(getpid())\n", in: lock)
    if let words {
      fchmod(words, 0o600)
      Self.note("\n", in: words)
    }
  }

  /// Refuses a path where something else than a regular file stands, or that is none.
  private static func refuseObstacle(at path: String) throws(SystemError) {
    var status = stat()
    if path.isEmpty { throw SystemError("open \(path)", code: ENOENT) }
    guard lstat(path, &status) == 0, let kind = FileKind(mode: status.st_mode) else { return }
    throw SystemError("open \(path)", code: EINVAL, obstacle: kind)
  }

  /// `path` with another ending.
  static func beside(_ path: String, _ ending: String) -> String {
    (path.hasSuffix(".prom") ? String(path.dropLast(5)) : path) + ending
  }

  /// Replaces the file. A failure is silent: metrics never disturb the data path.
  public mutating func write(_ fill: (inout MetricsText) -> Void) {
    var text = MetricsText(stage: stage)
    text.put(.buildInfo, [(Version.number, 1)])
    text.put(.startTime, started.inSeconds)
    fill(&text)
    body = text.bytes
    older.append(replace(exitStatus: nil))
    if older.count > 2 { older.removeFirst() }
  }

  /// Writes the last version of the file, with the exit status and the cause, for later readers.
  public mutating func end(_ status: ExitStatus, _ failure: ToolFailure?) {
    _ = replace(exitStatus: status)
    for name in [path, Self.beside(path, ".prev"), Self.beside(path, Self.notes)] { unlink(name + ".new") }
    if let words {
      Self.note(LastWords.line(failure?.message ?? ""), in: words)
      close(words)
    }
    Self.note(LastWords.status(status, failure?.cause), in: lock)
    close(lock)
  }

  /// The content of `<stage>.symbols`, for the owner only; empty: no such file.
  static let notes = ".symbols"

  /// Replaces the notes. A failure is silent.
  func note(_ text: String) {
    let path = Self.beside(path, Self.notes)
    if text.isEmpty { unlink(path) } else { put(Array(text.utf8), path, mode: 0o600) }
  }

  /// Replaces the file `name` in the same folder.
  func write(beside name: String, _ bytes: [UInt8]) { put(bytes, sibling(name)) }

  /// Reads the file `name` in the same folder; its first `limit` bytes, nil where there is none.
  func read(beside name: String, limit: Int) -> [UInt8]? {
    SmallFile.text(sibling(name), limit: limit).map { Array($0.utf8) }
  }

  private func sibling(_ name: String) -> String {
    path.lastIndex(of: "/").map { path[...$0] + name } ?? name
  }

  /// Gives what was written.
  private func replace(exitStatus: ExitStatus?) -> [UInt8] {
    var text = MetricsText(stage: stage)
    text.put(.metricsTime, Clocks.wall().inSeconds)
    text.put(.exitStatus, exitStatus.map { Double($0.code) })
    if let old = older.first { put(old, Self.beside(path, ".prev")) }
    let whole = body + text.bytes
    put(whole, path)
    return whole
  }

  /// Replaces a file in one step. The version before the last is kept as `.new` and written over, so that no
  /// block has to be found: on a full disk the sink's words that it waits for room are the ones that matter.
  private func put(_ bytes: [UInt8], _ path: String, mode: mode_t = 0o644) {
    let spare = path + ".new"
    let old = path + ".old"
    do {
      let descriptor = try System.openRegular(spare, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: mode)
      defer { close(descriptor) }
      try bytes.withUnsafeBytes { raw throws in
        guard let start = raw.baseAddress else { return }
        try System.write(descriptor, start, count: raw.count, name: spare)
      }
      guard ftruncate(descriptor, off_t(bytes.count)) == 0, fchmod(descriptor, mode) == 0 else { return }
    } catch {
      return
    }
    unlink(old)
    let isKept = link(path, old) == 0
    guard rename(spare, path) == 0 else { return }
    if isKept { _ = rename(old, spare) }
  }

  /// Written over before it is cut: on a full disk there is no block to be found.
  private static func note(_ text: String, in descriptor: Int32) {
    var text = text
    text.withUTF8 {
      if pwrite(descriptor, $0.baseAddress, $0.count, 0) == $0.count {
        _ = ftruncate(descriptor, off_t($0.count))
      }
    }
  }
}
