import Archive
import Contract
import Glibc
import Plumbing

/// What the sink measures besides what it answers for.
struct SinkMetrics {
  var rejects = RejectCounts()
  /// When the last lines came.
  var lastLine: Milliseconds = .zero
  var writeErrors = 0
  /// Capture times of lines that are being stored.
  var captured: [Milliseconds] = []
  private var syncErrors = 0
  private var syncTime = Histogram([0.001, 0.01, 0.1, 1])
  private var latency = Histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10])

  /// The gathered lines are in the archive now.
  mutating func noteArchived(at wall: Milliseconds) {
    for time in captured { latency.observe(max(.zero, wall - time).inSeconds) }
    captured.removeAll(keepingCapacity: true)
  }

  mutating func noteSync(_ time: Nanoseconds, failed: Bool) {
    syncTime.observe(time.inSeconds)
    if failed { syncErrors += 1 }
  }

  func append(to text: inout MetricsText) {
    text.put(.archiveWriteErrors, writeErrors)
    text.put(.archiveSyncErrors, syncErrors)
    text.put(.archiveSync, syncTime)
    text.put(.archiveLatency, latency)
  }
}

extension Sink {
  /// Keeps the metrics file; called when it is due and at the end.
  mutating func writeMetrics(_ now: Nanoseconds) {
    var common = StageMetrics()
    common.linesIn = counts.read
    common.linesOut = counts.stored
    common.bytesIn = reader.bytesRead
    common.bytesOut = counts.bytes
    common.blank = counts.blank
    common.rejects = metrics.rejects.byName
    common.lastLine = counts.read > 0 ? metrics.lastLine : .zero
    let space = Self.space(writer.layout.directory)
    Metrics.write(now) { text in
      common.append(to: &text)
      text.put(.archiveRecords, counts.durable)
      text.put(.archiveNotPassed, counts.notPassed)
      text.put(.archiveLostLines, writer.lostLines)
      metrics.append(to: &text)
      text.put(.archiveRotations, writer.rotations)
      text.put(.archiveTornTails, writer.tornTails)
      text.put(.archiveSize, writer.isOpen ? Double(writer.lastEnd) : nil)
      text.put(.archiveFreeBytes, space?.free)
      text.put(.archiveFreeInodes, space?.inodes)
      text.put(.archiveWaitingForRoom, hold.since == nil ? 0 : 1)
    }
  }

  private static func space(_ directory: String) -> (free: Double, inodes: Double)? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    return (Double(status.f_bavail) * Double(status.f_frsize), Double(status.f_favail))
  }
}
