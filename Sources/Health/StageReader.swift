import Glibc
import Plumbing

/// A file that a process holds locked while it lives, and that says afterwards how it ended: `pid 4711`, or
/// `status 74` and a message in the line below. `MetricsFile` and `scripts/observer` write it.
struct LifeFile {
  /// The process, while it lives; 0 when the file does not tell.
  var pid: Int?
  /// How it ended.
  var end = StageFacts.End.neverStarted
  /// When it was written, epoch milliseconds.
  var changed: Int64 = 0
  /// What stands below the first two lines.
  var rest: [Substring] = []
  /// Why it cannot be read, if it is there.
  var failure: String?

  init(_ path: String) {
    let descriptor: Int32
    do {
      descriptor = try System.open(path, O_RDONLY)
    } catch {
      if error.code != ENOENT { failure = "\(error)" }
      return
    }
    defer { close(descriptor) }
    // The lock first: what is read after it was free is the last word.
    let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    let lines = (FactsReader.text(path, limit: 8192) ?? "").split(
      separator: "\n", omittingEmptySubsequences: false)
    var status = stat()
    if fstat(descriptor, &status) == 0 { changed = Int64(status.st_mtim.tv_sec) * 1000 }
    let words = lines.first?.split(separator: " ") ?? []
    let number = words.count == 2 ? Int(words[1]) : nil
    rest = Array(lines.dropFirst(2))
    if isHeld {
      pid = words.first == "pid" ? number ?? 0 : 0
    } else if words.first == "status", let number {
      end = .ended(number, lines.count > 1 ? String(lines[1]) : "")
    } else if words.first == "pid" {
      end = .killed
    }
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
    let life = LifeFile(base + ".pid")
    facts.pid = life.pid
    facts.end = life.end
    if let pid = life.pid { facts.state = state(of: pid, name) }
    return facts
  }

  /// The state of a process, if it is the stage's and not one of the same number in another container.
  private static func state(of pid: Int, _ name: String) -> Character? {
    guard let text = FactsReader.text("/proc/\(pid)/stat", limit: 4096),
      let open = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"),
      text[open..<end].dropFirst() == name.prefix(15)
    else { return nil }
    return text[end...].dropFirst(2).first
  }
}

/// The pipeline as a whole, by what its script left.
enum PipelineReader {
  /// Looks into `<directory>/.run`, and for what is hidden also into the folder of the stages' metrics.
  static func read(_ directory: String, metrics: String) -> PipelineFacts {
    var facts = PipelineFacts()
    let life = LifeFile(directory + "/.run/observer.pid")
    facts.pid = life.pid
    facts.end = life.end
    facts.changed = life.changed
    facts.take(life.rest)
    let stages = HealthFacts.stageNames.lazy.compactMap { LifeFile("\(metrics)/\($0).pid").failure }
    facts.failure = life.failure ?? stages.first
    let supervisor = LifeFile(directory + "/.run/pipeline.lock")
    facts.isSupervised = supervisor.pid != nil
    // Its stages end in order when it is killed: only its own file tells.
    if facts.keeper == .background, facts.endedWell == true, supervisor.end == .killed { facts.end = .killed }
    return facts
  }
}
