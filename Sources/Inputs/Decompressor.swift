import Glibc
import Plumbing

/// The programs that read compressed files. They are started, not linked: a filter stays small, and a format gets
/// its mends from its own package.
enum Decompressor: String, CaseIterable, Sendable {
  case zstd
  case gzip

  /// What names of its files end with.
  var suffix: String {
    switch self {
    case .zstd: ".zst"
    case .gzip: ".gz"
    }
  }

  /// What its files begin with.
  private var magic: [UInt8] {
    switch self {
    case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
    case .gzip: [0x1F, 0x8B]
    }
  }

  /// The one for a file of this name; nil: none says so.
  static func of(name: String) -> Decompressor? {
    let name = name.lowercased()
    return allCases.first { name.hasSuffix($0.suffix) }
  }

  /// The one for data that begins so; no JSON does.
  static func of(beginning bytes: UnsafeBufferPointer<UInt8>) -> Decompressor? {
    allCases.first { bytes.starts(with: $0.magic) }
  }

  /// The one for what is read next from a descriptor, which stays where it is; nil also where one cannot look ahead.
  static func of(descriptor: Int32) -> Decompressor? {
    let place = lseek(descriptor, 0, SEEK_CUR)
    guard place >= 0 else { return nil }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
      let got = pread(descriptor, buffer.baseAddress, buffer.count, place)
      return of(beginning: UnsafeBufferPointer(rebasing: buffer[..<max(got, 0)]))
    }
  }

  /// Starts it on `file`, a descriptor open for reading, which stays the caller's.
  func start(on file: Int32, of path: String) throws(InputFailure) -> Child {
    let data = try Ends(of: path)
    let errors: Ends
    do { errors = try Ends(of: path) } catch {
      data.closeBoth()
      throw error
    }
    System.enlargePipe(data.read)
    var pid = pid_t()
    let code = spawn(&pid, [file, data.write, errors.write])
    close(data.write)
    close(errors.write)
    guard code == 0 else {
      close(data.read)
      close(errors.read)
      throw code == ENOENT
        ? .missing(program: rawValue, path: path)
        : .system(SystemError("start \(rawValue) for \(path)", code: code))
    }
    return Child(program: self, pid: pid, output: data.read, errors: errors.read)
  }

  /// Runs `zstd -dcq` with descriptors 0, 1 and 2 as given and signals as at login; 0, or an errno.
  private func spawn(_ pid: inout pid_t, _ descriptors: [Int32]) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (target, source) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words: [UnsafeMutablePointer<CChar>?] = [strdup(rawValue), strdup("-dcq"), nil]
    defer { for word in words { free(word) } }
    return posix_spawnp(&pid, rawValue, &actions, &attributes, &words, environ)
  }

  /// A pipe, closed in children.
  private struct Ends {
    let read: Int32
    let write: Int32

    init(of path: String) throws(InputFailure) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw .system(SystemError("make a pipe for \(path)")) }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      (read, write) = (ends[0], ends[1])
    }

    func closeBoth() {
      close(read)
      close(write)
    }
  }

  /// A running one.
  struct Child: Sendable {
    let program: Decompressor
    let pid: pid_t
    /// The uncompressed bytes.
    let output: Int32
    /// What it complains about; a line or two, which the pipe holds.
    let errors: Int32

    /// Waits for it.
    func verdict(on path: String) throws(InputFailure) {
      let said = complaint()
      let status = reap()
      let name = program.rawValue
      if status & 0x7F != 0 { throw .killed(program: name, signal: status & 0x7F, path: path) }
      let code = status >> 8 & 0xFF
      if code != 0 {
        throw .corrupt(program: name, said: said ?? "\(name) ended with status \(code)", path: path)
      }
    }

    /// Ends it: its output is not read any further.
    func abandon() {
      kill(pid, SIGKILL)
      close(errors)
      _ = reap()
    }

    private func reap() -> Int32 {
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
      return status
    }

    /// The first line it wrote.
    private func complaint() -> String? {
      defer { close(errors) }
      var bytes = [UInt8](repeating: 0, count: 1024)
      let got = (try? System.read(errors, into: &bytes, room: bytes.count, name: program.rawValue)) ?? 0
      let line = bytes.prefix(got).drop { $0 <= 0x20 }.prefix { $0 != 0x0A }
      return line.isEmpty
        ? nil : String(decoding: line.reversed().drop { $0 <= 0x20 }.reversed(), as: UTF8.self)
    }
  }
}
