import Archive
import Glibc
import JSONBytes
import Plumbing

/// A disk without room (or a system without open files): since when, and when to say so again. Monotonic nanoseconds.
struct FullDisk {
  var since: Int64?
  var nextNotice: Int64 = 0
  /// How long to wait between two tries.
  static let pause: Int64 = 100_000_000
  /// How long to be silent between two notices.
  static let noticeInterval: Int64 = 60_000_000_000
}

/// From runs of lines to the disk, and from there to stdout.
extension Sink {
  /// Stores a run, waiting for room as long as it takes, and passes it on.
  mutating func store(_ run: Run) throws(ToolFailure) {
    var at = UnsafePointer(run.start)
    let end = UnsafePointer(run.end)
    var linesLeft = run.lines
    while at < end {
      let appended = writer.append(at, count: end - at, at: run.time)
      if appended.stored > 0 {
        let all = at + appended.stored == end
        let lines = all ? linesLeft : Self.lineFeeds(at, appended.stored)
        linesLeft -= lines
        counts.stored += lines
        counts.bytes += appended.stored
        try settle(lines)
        try pass(at, count: appended.stored)
        at += appended.stored
      }
      if let error = appended.error { try wait(afterFailure: error, holding: linesLeft) }
    }
    noteRoom()
  }

  /// After a write: sync now, later or never.
  private mutating func settle(_ lines: Int) throws(ToolFailure) {
    let now = Clocks.monotonicNanoseconds()
    let path = writer.layout.path(writer.lastName)
    for _ in 0..<lines { published.report(to: log, now: now) { "Record published | file=\(path)" } }
    switch options.sync {
    case .each: try sync()
    case .interval: if syncDue == .max { syncDue = now + Self.syncInterval }
    case .none: counts.durable = counts.stored
    }
  }

  /// Makes everything stored durable.
  ///
  /// - Throws: 74 when that fails. It is final: what was written since the last sync may be gone though a
  ///   second sync would answer that all is well.
  mutating func sync() throws(ToolFailure) {
    syncDue = .max
    if options.sync != .none {
      let start = Clocks.monotonicNanoseconds()
      let error = writer.sync() ?? quarantine.sync()
      if writer.isOpen { metrics.noteSync(Clocks.monotonicNanoseconds() - start, failed: error != nil) }
      if let error {
        throw ToolFailure(
          .ioError,
          "\(error); \(counts.stored - counts.durable) lines are in doubt; stopping, because a second sync would"
            + " not tell: check the disk, then start again")
      }
      counts.durable = counts.stored
    }
    try passReceipt()
  }

  /// Sets refused lines aside.
  mutating func storeRejects() throws(ToolFailure) {
    var at = 0
    while at < rejects.count {
      let appended = quarantine.append(UnsafeBufferPointer(rebasing: rejects.bytes[at...]))
      counts.rejected += Self.lineFeeds(rejects.start + at, appended.stored)
      at += appended.stored
      if options.sync == .interval, appended.stored > 0, syncDue == .max {
        syncDue = Clocks.monotonicNanoseconds() + Self.syncInterval
      }
      if let error = appended.error { try wait(afterFailure: error, holding: 0) }
    }
    if at > 0 {
      rejects.removeAll()
      noteRoom()
    }
  }

  private static func lineFeeds(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    UnsafeBufferPointer(start: start, count: count).reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
  }

  /// A full disk is waited out: one batch is held, nothing more is read, so the pressure goes back to the source.
  ///
  /// - Throws: 74 for every other error, at a signal, and after `--full-timeout`.
  private mutating func wait(afterFailure error: SystemError, holding lines: Int) throws(ToolFailure) {
    // What another process or the operator can put right: room, open files, memory.
    metrics.writeErrors += 1
    let passes = [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM].contains(error.code)
    guard passes, writer.failedSync == nil else {
      throw ToolFailure(.ioError, "\(error); \(lines) lines of the batch not written")
    }
    let now = Clocks.monotonicNanoseconds()
    let since = hold.since ?? now
    hold.since = since
    if now >= hold.nextNotice {
      hold.nextNotice = now + FullDisk.noticeInterval
      log.error("\(error); holding \(lines) lines and reading nothing until there is room")
    }
    if isStopping {
      throw ToolFailure(.ioError, "\(error); told to stop with \(lines) lines of the batch not written")
    }
    if let limit = options.fullTimeout, now - since >= limit {
      throw ToolFailure(
        .ioError, "\(error); gave up after --full-timeout with \(lines) lines of the batch not written")
    }
    let ready = wait(for: -1, 0, until: now + FullDisk.pause)
    if ready.signal { try serveSignals() }
    try serveTimers(Clocks.monotonicNanoseconds())
  }

  private mutating func noteRoom() {
    guard let since = hold.since else { return }
    let seconds = (Clocks.monotonicNanoseconds() - since) / 1_000_000_000
    log.warning("there is room again after \(seconds) s: going on")
    hold = FullDisk()
  }
}
