import Glibc
import Synchronization

/// The process's metrics file, if it was asked for one. One process is one stage.
///
/// Counters live where the counting is done; they are rendered only when the file is due, at the end of a batch
/// or when the stage is idle, so the hot path pays one comparison a batch.
public enum Metrics {
  private static let file = Mutex<MetricsFile?>(nil)
  private static let due = Atomic<Int64>(.max)

  /// The option, for the parser.
  public static let option = OptionSpec.value("metrics")

  /// Opens the file that `--metrics FILE` or `OBSERVER_METRICS_DIR` asks for. What stands in its way is said, and
  /// the stage works without it.
  public static func begin(_ arguments: Arguments, stage: String, log: Log) {
    let path: String
    if let given = arguments.value("metrics") {
      path = given
    } else if let folder = arguments.environment["OBSERVER_METRICS_DIR"] {
      mkdir(folder, 0o755)
      path = "\(folder)/\(stage).prom"
    } else {
      return
    }
    do {
      let opened = try MetricsFile(path: path, stage: stage)
      file.withLock { $0 = opened }
      due.store(.min, ordering: .relaxed)
    } catch {
      log.warning("no metrics: \(error.message)")
    }
  }

  /// Whether metrics are kept at all.
  public static var isOn: Bool { nextDue != .max }
  /// When the file is to be written next, monotonic nanoseconds; `.max` when there is none.
  public static var nextDue: Int64 { due.load(ordering: .relaxed) }

  /// Writes the file if it is due.
  @inline(__always)
  public static func writeIfDue(_ now: Int64, _ fill: (inout MetricsText) -> Void) {
    if now >= nextDue { write(now, fill) }
  }

  /// Writes the file.
  @inline(never)
  public static func write(_ now: Int64, _ fill: (inout MetricsText) -> Void) {
    file.withLock { $0?.write(fill) }
    if isOn { due.store(now + MetricsFile.interval, ordering: .relaxed) }
  }

  /// The process ends: the file says how.
  static func end(_ status: ExitStatus, _ message: String) {
    file.withLock { file in
      file?.end(status, message)
      file = nil
    }
    due.store(.max, ordering: .relaxed)
  }
}
