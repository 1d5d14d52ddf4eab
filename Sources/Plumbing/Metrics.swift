import Glibc
import Synchronization

/// The process's metrics file, if it was asked for one. One process is one stage.
///
/// Counters live where the counting is done; they are rendered only when the file is due, at the end of a batch
/// or when the stage is idle, so the hot path pays one comparison a batch.
public enum Metrics {
  private static let file = Mutex<MetricsFile?>(nil)
  private static let due = Atomic<Int64>(.max)
  /// Between two versions of the file.
  private static let interval = Atomic<Int64>(Nanoseconds.seconds(5).count)

  /// `--metrics`.
  public static let option = Option.text(
    "metrics", "FILE", as: .file, "keep metrics there, every 5 s (OBSERVER_METRICS_DIR)",
    detail: "A Prometheus text file, replaced as a whole. Without it OBSERVER_METRICS_DIR names a folder,"
      + " where the file is called as the program, with .prom. OBSERVER_METRICS_INTERVAL sets the seconds.")

  /// Opens the file that `--metrics FILE` or `OBSERVER_METRICS_DIR` asks for; it is written every 5 s, or every
  /// `OBSERVER_METRICS_INTERVAL` seconds. On failure a warning is logged and the stage runs without metrics.
  public static func begin(_ arguments: Arguments, stage: String, log: Log) {
    let path: String
    if let given = arguments[option] {
      path = given
    } else if let folder = arguments.environment["OBSERVER_METRICS_DIR"] {
      mkdir(folder, 0o755)
      path = "\(folder)/\(stage).prom"
    } else {
      return
    }
    do {
      if let text = arguments.environment["OBSERVER_METRICS_INTERVAL"], let seconds = Double(text),
        (0.1...3600).contains(seconds)
      {
        interval.store(Nanoseconds.seconds(seconds).count, ordering: .relaxed)
      }
      let opened = try MetricsFile(path: path, stage: stage)
      file.withLock { $0 = opened }
      due.store(.min, ordering: .relaxed)
    } catch {
      log.warning("no metrics: \(error.message)")
    }
  }

  /// Records the exit status of a stage that failed before `begin` (bad option or configuration).
  static func beginForLastWords(stage: String, _ environment: Environment = .process) {
    guard let folder = environment["OBSERVER_METRICS_DIR"] else { return }
    file.withLock { file in
      if file == nil { file = try? MetricsFile(path: "\(folder)/\(stage).prom", stage: stage) }
    }
  }

  /// Whether metrics are kept at all.
  public static var isOn: Bool { nextDue != .max }
  /// When the file is to be written next, monotonic; `.max` when there is none.
  public static var nextDue: Nanoseconds { Nanoseconds(due.load(ordering: .relaxed)) }

  /// Writes the file.
  @inline(never)
  public static func write(_ now: Nanoseconds, _ fill: (inout MetricsText) -> Void) {
    file.withLock { $0?.write(fill) }
    if isOn { due.store(now.count + interval.load(ordering: .relaxed), ordering: .relaxed) }
  }

  /// Replaces the notes beside the metrics: what is too long for a number, and for the owner's eyes.
  public static func note(_ text: String) { file.withLock { $0?.note(text) } }

  /// Replaces another file in the folder of the metrics. A failure is silent, as with the metrics themselves.
  public static func write(beside name: String, _ bytes: [UInt8]) {
    file.withLock { $0?.write(beside: name, bytes) }
  }

  /// What another file in the folder of the metrics holds; nil where metrics are not kept, or it cannot be read.
  public static func read(beside name: String, limit: Int = 8 << 20) -> [UInt8]? {
    file.withLock { $0?.read(beside: name, limit: limit) } ?? nil
  }

  /// The process ends: the file says how.
  static func end(_ status: ExitStatus, _ failure: ToolFailure?) {
    file.withLock { file in
      file?.end(status, failure)
      file = nil
    }
    due.store(.max, ordering: .relaxed)
  }
}
