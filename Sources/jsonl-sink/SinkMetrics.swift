import Archive
import Contract
import Glibc
import Plumbing

/// What the sink measures besides what it answers for.
struct SinkMetrics {
  var rejects = RejectCounts()
  /// When the last lines came, epoch milliseconds.
  var lastLine: Int64 = 0
  var writeErrors = 0
  /// Capture times of lines that are being stored.
  var captured: [Int64] = []
  private var syncErrors = 0
  private var syncTime = Histogram([0.001, 0.01, 0.1, 1])
  private var latency = Histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10])

  /// The gathered lines are in the archive now.
  mutating func noteArchived(at wall: Int64) {
    for time in captured { latency.observe(Double(max(0, wall - time)) / 1000) }
    captured.removeAll(keepingCapacity: true)
  }

  mutating func noteSync(_ nanoseconds: Int64, failed: Bool) {
    syncTime.observe(Double(nanoseconds) / 1_000_000_000)
    if failed { syncErrors += 1 }
  }

  func append(to text: inout MetricsText) {
    text.counter("observer_archive_write_errors_total", "Writes that failed, retries included.", writeErrors)
    text.counter("observer_archive_sync_errors_total", "Syncs that failed.", syncErrors)
    text.histogram("observer_archive_sync_seconds", "Time that a sync took.", syncTime)
    text.histogram(
      "observer_archive_latency_seconds", "From the capture of a snapshot to its place in the archive.",
      latency)
  }
}

extension Sink {
  /// Keeps the metrics file; called when it is due and at the end.
  mutating func writeMetrics(_ now: Int64) {
    var common = StageMetrics()
    common.linesIn = counts.read
    common.linesOut = counts.stored
    common.bytesIn = reader.bytesRead
    common.bytesOut = counts.bytes
    common.blank = counts.blank
    common.rejects = metrics.rejects.byName
    common.lastLine = counts.read > 0 ? metrics.lastLine : 0
    let space = Self.space(writer.layout.directory)
    Metrics.write(now) { text in
      common.append(to: &text)
      text.counter("observer_archive_records_total", "Records that are durable.", counts.durable)
      text.counter(
        "observer_archive_not_passed_total", "Archived lines that standard output did not take.",
        counts.notPassed)
      text.counter(
        "observer_archive_lost_lines_total", "Lines that somebody else took out of a data file.",
        writer.lostLines)
      metrics.append(to: &text)
      text.counter(
        "observer_archive_rotations_total", "Data files opened after the first one.", writer.rotations)
      text.counter(
        "observer_archive_torn_tails_total", "Unfinished ends of data files that were set aside.",
        writer.tornTails)
      text.gauge(
        "observer_archive_size_bytes", "Size of the data file in use.",
        writer.isOpen ? Double(writer.lastEnd) : nil)
      text.gauge("observer_archive_free_bytes", "Room on the archive's file system.", space?.free)
      text.gauge("observer_archive_free_inodes", "Files that still fit there.", space?.inodes)
      text.gauge("observer_archive_waiting_for_room", "1 while the disk is full.", hold.since == nil ? 0 : 1)
    }
  }

  private static func space(_ directory: String) -> (free: Double, inodes: Double)? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    return (Double(status.f_bavail) * Double(status.f_frsize), Double(status.f_favail))
  }
}
