import Configuration
import Glibc
import Plumbing

/// Looks at the host: the only part of the check that touches anything.
public struct FactsReader: Sendable {
  /// What the command line says about the market.
  public enum MarketView: String, CaseIterable, Sendable {
    /// By the calendar.
    case calendar
    /// Records are expected, whatever the calendar says (a simulator).
    case open
    /// None are expected.
    case closed
  }

  private let arguments: Arguments
  private let market: MarketView
  private let port: UInt16?
  private let sampling: Int64

  /// - Parameters:
  ///   - port: the health port to look at; nil: not looked at.
  ///   - sampling: milliseconds between two looks at the data file.
  public init(_ arguments: Arguments, market: MarketView, port: UInt16?, sampling: Int64) {
    self.arguments = arguments
    self.market = market
    self.port = port
    self.sampling = sampling
  }

  /// Looks once; with `before`, the data file at an earlier look, also at what was added since.
  public func read(after before: ArchiveFacts? = nil) -> HealthFacts {
    var facts = HealthFacts(wall: Clocks.wallMilliseconds())
    facts.standalone = arguments.environment[ProjectRoot.variable]
    facts.misnamed = arguments.environment[ProjectRoot.misname]
    var venue = MarketVenue.krx
    var calendar = MarketCalendar()
    var baseName = "observer"
    do {
      let settings = try Settings(arguments)
      facts.configFile = settings.file?.path
      facts.standalone = settings.environment[ProjectRoot.variable]
      venue = MarketVenue(rawValue: try settings.text(.fetchVenue).value ?? "") ?? .krx
      baseName = try settings.text(.baseName).value ?? baseName
      if let text = Self.holidays(settings) { calendar = MarketCalendar(jsonLines: text) }
      facts.directory = try settings.archiveDirectory().path
    } catch {
      let failure = error
      // What --dir says is known even if the file is broken.
      facts.directory = arguments.value("dir")
      if facts.configFile == nil && !failure.message.hasPrefix("cannot tell where") {
        facts.configFailure = failure.message
      }
      facts.directoryFailure = failure.message
    }
    facts.market = phase(calendar, venue, facts.wall)
    if let directory = facts.directory {
      facts.folder = Self.folder(directory)
      let place = metricsFolder(directory) ?? directory
      facts.stages = HealthFacts.stageNames.map { StageReader.read($0, in: place) }
      facts.archive = ArchiveReader.newest(directory, baseName)
    } else {
      facts.stages = HealthFacts.stageNames.map { StageFacts($0) }
    }
    if let port { facts.port = (Int(port), PortProbe.look(port)) }
    var before = before
    if sampling > 0, let first = facts.archive {
      let left = sampling - (Clocks.monotonicNanoseconds() - first.seen) / 1_000_000
      if left > 0 { _ = poll(nil, 0, Int32(left)) }
      facts.archive = ArchiveReader.look(first.path) ?? first
      before = first
    }
    let growth = ArchiveReader.growth(from: before, to: facts.archive)
    facts.archive?.growth = growth
    return facts
  }

  /// The stages' metrics as they wrote them.
  public func metrics(_ facts: HealthFacts) -> [String] {
    guard let folder = metricsFolder(facts.directory) else { return [] }
    return HealthFacts.stageNames.compactMap { Self.text("\(folder)/\($0).prom") }
  }

  private func metricsFolder(_ directory: String?) -> String? {
    arguments.environment["OBSERVER_METRICS_DIR"] ?? directory.map { $0 + "/.run" }
  }

  private func phase(_ calendar: MarketCalendar, _ venue: MarketVenue, _ wall: Int64) -> MarketPhase {
    switch market {
    case .calendar: calendar.phase(at: wall, venue)
    case .open: .open(since: 0)
    case .closed: .closed("by --market")
    }
  }

  private static func folder(_ path: String) -> FolderFacts {
    var facts = FolderFacts()
    var status = stat()
    facts.exists = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    guard facts.exists else { return facts }
    facts.isWritable = faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0
    var room = statvfs()
    if statvfs(path, &room) == 0 {
      facts.isReadOnlyHere = room.f_flag & UInt(ST_RDONLY) != 0
      facts.freeBytes = Int(
        clamping: UInt64(room.f_bavail).multipliedReportingOverflow(by: UInt64(room.f_frsize)).partialValue)
      facts.freeInodes = room.f_files > 0 ? Int(clamping: room.f_favail) : nil
    }
    return facts
  }

  /// `holidays.jsonl` beside the configuration file, else in `<root>/config`.
  private static func holidays(_ settings: Settings) -> String? {
    let beside = settings.file.map { file in
      file.path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }
    let folders = [beside, settings.root.map { $0 + "/config" }].compactMap { $0 }
    return folders.lazy.compactMap { text(($0.isEmpty ? "." : $0) + "/holidays.jsonl") }.first
  }

  /// A small file as text, nil when it cannot be read.
  static func text(_ path: String, limit: Int = 1 << 20) -> String? {
    guard let descriptor = try? System.open(path, O_RDONLY | O_NONBLOCK) else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var found: [UInt8] = []
    while found.count < limit {
      let got = Glibc.read(descriptor, &bytes, bytes.count)
      if got < 0 && errno == EINTR { continue }
      if got <= 0 { break }
      found += bytes[..<got]
    }
    return String(decoding: found, as: UTF8.self)
  }
}

/// One stage by its files.
enum StageReader {
  static func read(_ name: String, in folder: String) -> StageFacts {
    var facts = StageFacts(name)
    let base = folder + "/" + name
    facts.now = FactsReader.text(base + ".prom").map { Sample(text: $0) }
    facts.before = FactsReader.text(base + ".prev").map { Sample(text: $0) }
    let start = "observer_start_time_seconds"
    if facts.before?[start] == nil || facts.before?[start] != facts.now?[start] { facts.before = nil }
    guard let descriptor = try? System.open(base + ".pid", O_RDONLY) else { return facts }
    defer { close(descriptor) }
    let lines = (FactsReader.text(base + ".pid", limit: 4096) ?? "").split(
      separator: "\n", omittingEmptySubsequences: false)
    let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    let words = lines.first?.split(separator: " ") ?? []
    let number = words.count == 2 ? Int(words[1]) : nil
    if isHeld {
      facts.pid = words.first == "pid" ? number ?? 0 : 0
      facts.state = number.flatMap { state(of: $0, name) }
    } else if words.first == "status", let number {
      facts.end = .ended(number, lines.count > 1 ? String(lines[1]) : "")
    } else {
      facts.end = .killed
    }
    return facts
  }
}

extension StageReader {
  /// The state of a process, if it is the stage's and not one of the same number in another container.
  private static func state(of pid: Int, _ name: String) -> Character? {
    guard let text = FactsReader.text("/proc/\(pid)/stat", limit: 4096),
      let open = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"),
      text[open..<end].dropFirst() == name.prefix(15)
    else { return nil }
    return text[end...].dropFirst(2).first
  }
}

/// The data file by its name.
enum ArchiveReader {
  /// The data file that changed last.
  static func newest(_ directory: String, _ baseName: String) -> ArchiveFacts? {
    guard let folder = opendir(directory) else { return nil }
    defer { closedir(folder) }
    var newest: ArchiveFacts?
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasSuffix(".jsonl"), name == baseName + ".jsonl" || name.hasPrefix(baseName + "_") else {
        continue
      }
      if let found = look(directory + "/" + name), found.modified >= newest?.modified ?? .min {
        newest = found
      }
    }
    return newest
  }

  /// A file as it is now; nil when it is none.
  static func look(_ path: String) -> ArchiveFacts? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let time = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    var facts = ArchiveFacts(path: path, size: Int(status.st_size), modified: time)
    facts.seen = Clocks.monotonicNanoseconds()
    return facts
  }

  /// What was added between two looks at the same file.
  static func growth(from before: ArchiveFacts?, to now: ArchiveFacts?) -> ArchiveFacts.Growth? {
    guard let before, let now, before.path == now.path else { return nil }
    let bytes = max(0, now.size - before.size)
    return ArchiveFacts.Growth(
      bytes: bytes, lines: lines(now.path, from: before.size, count: min(bytes, 64 << 20)),
      seconds: Double((now.seen - before.seen + 50_000_000) / 100_000_000) / 10)
  }

  private static func lines(_ path: String, from start: Int, count: Int) -> Int {
    guard let descriptor = try? System.open(path, O_RDONLY) else { return 0 }
    defer { close(descriptor) }
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var found = 0
    var done = 0
    while done < count {
      let got = pread(descriptor, &block, min(block.count, count - done), off_t(start + done))
      if got <= 0 { break }
      found += block[..<got].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
      done += got
    }
    return found
  }
}

/// Who answers at the port.
enum PortProbe {
  static func look(_ port: UInt16) -> PortFacts {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .free }
    defer { close(descriptor) }
    var wait = timeval(tv_sec: 0, tv_usec: 500_000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &wait, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return .free }
    let request = "HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    guard send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { return .other }
    var answer = [UInt8](repeating: 0, count: 2048)
    let got = recv(descriptor, &answer, answer.count, 0)
    guard got > 0 else { return .other }
    return String(decoding: answer[..<got], as: UTF8.self).contains("\r\nServer: observer-health")
      ? .ours : .other
  }
}
