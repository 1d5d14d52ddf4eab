import Archive
import Glibc
import JSONBytes
import Plumbing

/// A disk without room (or a system without open files): since when, and when to say so again; monotonic.
struct FullDisk {
  var since: Nanoseconds?
  var nextNotice: Nanoseconds = .zero
  /// How long to wait between two tries.
  static let pause: Nanoseconds = .milliseconds(100)
  /// How long to be silent between two notices.
  static let noticeInterval: Nanoseconds = .seconds(60)
  /// Whether it was said, while room was waited for, that a removed file waits for room, too.
  var saidRemoved = false

  /// Whether another process or the operator can put it right: room, open files, memory.
  static func passes(_ error: SystemError) -> Bool {
    [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM].contains(error.code)
  }
}

/// From runs of lines to the disk, and from there to stdout.
extension Sink {
  /// Stores a run, waiting for room as long as it takes, and passes it on.
  mutating func store(_ run: Run) throws(ToolFailure) {
    var at = UnsafePointer(run.start)
    let end = UnsafePointer(run.end)
    var linesLeft = run.lines
    while at < end {
      let appended = writer.append(at, count: end - at, lines: linesLeft, at: run.time)
      if appended.stored > 0 {
        linesLeft -= appended.lines
        counts.stored += appended.lines
        counts.bytes += appended.stored
        try settle(appended.lines)
        try pass(at, count: appended.stored, lines: appended.lines)
        at += appended.stored
      }
      if let error = appended.error { try wait(afterFailure: error, holding: linesLeft) }
    }
    noteRoom()
  }

  /// After a write: sync now, later or never.
  private mutating func settle(_ lines: Int) throws(ToolFailure) {
    let now = Clocks.monotonic()
    let writer = writer
    for _ in 0..<lines {
      published.report(to: log, now: now) { "Record published | file=\(writer.layout.path(writer.lastName))" }
    }
    switch options.sync {
    case .each: try sync()
    case .interval: if syncDue == .max { syncDue = now + Self.syncInterval }
    case .none: try noteDurable()
    }
  }

  /// Counts what was stored, less what another program took out of the files.
  ///
  /// - Throws: 74 when receipts are given and lines are gone: a receipt that says how many lines from the first are
  ///   durable cannot leave some out.
  private mutating func noteDurable() throws(ToolFailure) {
    counts.durable = counts.stored - writer.lostLines
    guard output.kind == .receipts, writer.lostLines > 0 else { return }
    throw ToolFailure(
      .ioError,
      "\(writer.lostLines) archived lines were taken out of the data file by another program; stopping, because no"
        + " receipt can promise what comes after them: feed again from the last receipt before")
  }

  /// Makes everything stored durable.
  ///
  /// - Throws: 74 when that fails. It is final: what was written since the last sync may be gone though a
  ///   second sync would answer that all is well.
  mutating func sync() throws(ToolFailure) {
    syncDue = .max
    var hasWaited = false
    while true {
      let start = Clocks.monotonic()
      let error = writer.sync()
      let isFinal = writer.failedSync != nil
      let failure = error ?? (options.sync == .none ? nil : quarantine.sync())
      if options.sync != .none && writer.isOpen {
        metrics.noteSync(Clocks.monotonic() - start, failed: failure != nil)
      }
      guard let failure else { break }
      guard error == nil || isFinal else {
        // It is on disk, but under no name, and for the copy there is no room. Whoever waits for that comes by again.
        if hold.since != nil, !hasWaited, !isEnding {
          syncDue = Clocks.monotonic() + Self.syncInterval
          return
        }
        try wait(afterFailure: failure, holding: 0)
        hasWaited = true
        continue
      }
      throw ToolFailure(
        .ioError,
        "\(failure); \(counts.stored - counts.durable) lines are in doubt; stopping, because a second sync would"
          + " not tell: check the disk, then start again")
    }
    if hasWaited { noteRoom() }
    try noteDurable()
    try passReceipt()
  }

  /// Looks after the files: what was removed is saved, and waited for while there is no room.
  mutating func lookAfter(_ wall: Milliseconds) throws(ToolFailure) {
    var hasWaited = false
    while true {
      do {
        try writer.watch(now: wall)
        break
      } catch let failure as ToolFailure {
        throw failure
      } catch let error as SystemError {
        guard hold.since == nil || hasWaited || !FullDisk.passes(error) || isEnding else {
          // Whoever waits for room comes by here again.
          if !hold.saidRemoved { log.error("\(error)") }
          hold.saidRemoved = true
          return
        }
        try wait(afterFailure: error, holding: 0)
        hasWaited = true
      } catch {
        throw ToolFailure(.ioError, "\(error)")
      }
    }
    if hasWaited { noteRoom() }
    counts.durable = min(counts.durable, counts.stored - writer.lostLines)
  }

  /// Sets refused lines aside.
  mutating func storeRejects() throws(ToolFailure) {
    var at = 0
    while at < rejects.count {
      let appended = quarantine.append(UnsafeBufferPointer(rebasing: rejects.bytes[at...]))
      counts.rejected += appended.lines
      at += appended.stored
      if options.sync == .interval, appended.stored > 0, syncDue == .max {
        syncDue = Clocks.monotonic() + Self.syncInterval
      }
      if let error = appended.error { try wait(afterFailure: error, holding: 0) }
    }
    if at > 0 {
      rejects.removeAll()
      noteRoom()
    }
  }

  /// A full disk is waited out: one batch is held, nothing more is read, so the pressure goes back to the source.
  ///
  /// - Throws: 74 for every other error, at a signal, and after `--full-timeout`.
  private mutating func wait(afterFailure error: SystemError, holding lines: Int) throws(ToolFailure) {
    metrics.writeErrors += 1
    guard FullDisk.passes(error), writer.failedSync == nil, !isEnding else {
      throw ToolFailure(.ioError, "\(error); \(lines) lines of the batch not written")
    }
    let now = Clocks.monotonic()
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
    try serveTimers(Clocks.monotonic())
  }

  private mutating func noteRoom() {
    guard let since = hold.since else { return }
    let seconds = (Clocks.monotonic() - since).wholeSeconds
    log.warning("there is room again after \(seconds) s: going on")
    hold = FullDisk()
  }
}
