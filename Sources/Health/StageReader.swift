import Glibc
import Plumbing

/// A file that a process holds locked while it lives, and that says afterwards how it ended: see `FailureCause`.
struct LifeFile {
  /// The process, while it lives; 0 when the file does not tell.
  var pid: Int?
  /// How it ended.
  var end = StageFacts.End.neverStarted
  /// When it was written.
  var changed: Milliseconds = .zero
  /// What stands below the first two lines.
  var rest: [Substring] = []
  /// Why it cannot be read, if it is there.
  var failure: String?

  private static let limit = 8192

  /// Reads `path`; the last words stand in the file `words`, or else in the second line.
  init(_ path: String, words: String? = nil) {
    let descriptor: Int32
    do {
      descriptor = try System.openRegular(path, O_RDONLY)
    } catch {
      if error.code != ENOENT { failure = "\(error)" }
      return
    }
    defer { close(descriptor) }
    // The lock first: what is read after it was free is the last word.
    let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    let lines = SmallFile.text(descriptor, limit: Self.limit).split(
      separator: "\n", omittingEmptySubsequences: false)
    var status = stat()
    if fstat(descriptor, &status) == 0 { changed = Timestamp.clamping(status.st_mtim) }
    let first = lines.first?.split(separator: " ") ?? []
    let number = first.count >= 2 ? Int(first[1]) : nil
    rest = Array(lines.dropFirst(2))
    if isHeld {
      pid = first.first == "pid" ? number ?? 0 : 0
    } else if first.first == "status", let number {
      let text =
        words.map { SmallFile.text($0, limit: Self.limit) ?? "" } ?? String(lines.dropFirst().first ?? "")
      let message = text.split(separator: "\n").first.map(String.init) ?? ""
      end = .ended(number, message, FailureCause(words: first.dropFirst(2)))
    } else if first.first == "pid" {
      end = .killed
    }
  }
}

/// One stage by its files.
enum StageReader {
  static func read(_ name: String, in folder: String) -> StageFacts {
    var facts = StageFacts(name)
    let base = folder + "/" + name
    facts.now = SmallFile.text(base + ".prom").map { Sample(text: $0) }
    facts.before = SmallFile.text(base + ".prev").map { Sample(text: $0) }
    let start = Metric.startTime
    if facts.before?[start] == nil || facts.before?[start] != facts.now?[start] { facts.before = nil }
    let life = LifeFile(base + ".pid", words: base + ".words")
    facts.pid = life.pid
    facts.end = life.end
    if let pid = life.pid { facts.state = state(of: pid, name) }
    return facts
  }

  /// The state of a process, if it is the stage's and not one of the same number in another container.
  private static func state(of pid: Int, _ name: String) -> Character? {
    guard let text = SmallFile.text("/proc/\(pid)/stat", limit: 4096),
      let open = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"),
      text[open..<end].dropFirst() == name.prefix(15)
    else { return nil }
    return text[end...].dropFirst(2).first
  }
}

/// The pipeline as a whole, by what its script left.
enum PipelineReader {
  /// Looks into `<directory>/.run`.
  static func read(_ directory: String) -> PipelineFacts {
    var facts = PipelineFacts()
    let life = LifeFile(directory + "/.run/observer.pid")
    facts.pid = life.pid
    facts.end = life.end
    facts.changed = life.changed
    facts.take(life.rest)
    facts.failure = life.failure
    let supervisor = LifeFile(directory + "/.run/pipeline.lock")
    facts.isSupervised = supervisor.pid != nil
    // Its stages end in order when it is killed: only its own file tells.
    if facts.keeper == .background, facts.endedWell == true, supervisor.end == .killed { facts.end = .killed }
    return facts
  }

  /// Why a stage's life file cannot be read, if one is there.
  static func hidden(in metrics: String) -> String? {
    HealthFacts.stageNames.lazy.compactMap { LifeFile("\(metrics)/\($0).pid").failure }.first
  }
}
