import Archive
import Glibc
import JSONBytes
import Plumbing

/// The sink's one loop: read what is there, store all whole lines with one write, pass them on, wait.
///
/// Single-threaded. Every wait (for input, for room on the disk, for the reader of stdout) also serves signals
/// and timers, so that idle data is synced in time and the sink can always be ended.
struct Sink: ~Copyable {
  let options: JsonlSinkOptions
  let log: Log
  let writer: ArchiveWriter
  let quarantine: Quarantine
  var reader: LineReader
  var check: LineCheck
  var counts = SinkCounts()
  var metrics = SinkMetrics()
  var rejects = ByteBuffer(capacity: 4096)
  var output: PassThrough
  var published = RepeatedMessage(.info)
  var refused = RepeatedMessage(.warning)
  var hold = FullDisk()
  /// The time that the last line had of its own, for lines that have none.
  var lastEventTime: Milliseconds?
  /// When stored data has to be synced, monotonic.
  var syncDue = Nanoseconds.max
  private var watchDue = Nanoseconds.max
  private var clockSkew: Milliseconds?
  private var stop = StopRequest()
  /// SIGHUP came while room was waited for.
  private var reopensLater = false
  /// The run has failed: it waits for nothing.
  private(set) var isEnding = false

  /// Data is synced this long after it was stored: a second, less the time a sync may take.
  static let syncInterval: Nanoseconds = .milliseconds(750)
  private static let watchInterval: Nanoseconds = .seconds(1)

  /// A signal's wish that the sink ends.
  private struct StopRequest {
    var signal: Int32 = 0
    var since: Nanoseconds = .zero
    var deadline = Nanoseconds.max
    var lastInput: Nanoseconds = .zero
    /// How long half a line may wait for its other half.
    static let patience: Nanoseconds = .milliseconds(1500)
  }

  init(_ options: JsonlSinkOptions, writer: ArchiveWriter, quarantine: Quarantine, log: Log) {
    self.options = options
    self.writer = writer
    self.quarantine = quarantine
    self.log = log
    reader = LineReader(descriptor: 0, maxLine: options.maxLine, blockSize: 1 << 20)
    check = LineCheck(byEvent: options.byEvent && options.rotation != nil)
    output = PassThrough(options.output)
    System.enlargePipe(0)
    if options.output == .lines { System.enlargePipe(1) }
  }

  /// Archives all of stdin and accounts for it.
  mutating func run() -> ExitStatus {
    var status = ExitStatus.done
    do {
      status = try archiveInput()
    } catch {
      status = error.status
      log.error(error.message)
      countRest()
    }
    return finish(status)
  }

  private mutating func archiveInput() throws(ToolFailure) -> ExitStatus {
    while true {
      guard try waitForInput() else {
        reader.endInput()
        try takeLines()
        return .signalled(stop.signal)
      }
      let more: Bool
      do { more = try reader.fill() } catch { throw ToolFailure(.ioError, "\(error)") }
      stop.lastInput = Clocks.monotonic()
      try takeLines()
      if !more { return .done }
    }
  }

  /// Lines that were read but came to nothing because the sink stops.
  private mutating func countRest() {
    while let line = reader.next() {
      counts.read += 1
      if line.tooLong == 0 && line.isBlank { counts.blank += 1 }
    }
  }

  private mutating func finish(_ ended: ExitStatus) -> ExitStatus {
    var status = ended
    isEnding = ended != .done
    if writer.failedSync == nil {
      do {
        // A file that was removed a moment ago lives only until it is closed.
        try lookAfter(Clocks.wall())
        try sync()
      } catch {
        log.error(error.message)
        status = Self.worse(status, error.status)
      }
    }
    writer.abandonRemoved()
    counts.durable = min(counts.durable, counts.stored - writer.lostLines)
    resume()
    endPassing()
    writeMetrics(Clocks.monotonic())
    published.finish(to: log, "Record published | file=\(writer.layout.path(writer.lastName))")
    refused.finish(to: log, "line refused")
    writer.closeAll()
    if counts.rejected > 0 || writer.sawDamage {
      status = Self.worse(status, .badData)
    }
    log.raw(receipt(rc: status.code))
    return status
  }

  /// An I/O error tells more than a signal, a signal more than a rejected line.
  static func worse(_ left: ExitStatus, _ right: ExitStatus) -> ExitStatus {
    func rank(_ status: ExitStatus) -> Int {
      switch status {
      case .done: 0
      case .badData: 1
      case .signalled: 2
      default: 3
      }
    }
    return rank(left) >= rank(right) ? left : right
  }

  func receipt(rc: Int32?) -> String {
    let name = writer.lastName
    return counts.receipt(
      repairedBytes: writer.repairedBytes, file: name.isEmpty ? "" : writer.layout.path(name),
      endOffset: writer.lastEnd, rc: rc)
  }
}

// MARK: - Waiting
extension Sink {
  /// Waits for input; false when a signal asked for the end and there is nothing more to wait for.
  ///
  /// In a pipe the source gets the signal too and ends: what it still had in flight is drained. A file or a
  /// terminal has no such end.
  private mutating func waitForInput() throws(ToolFailure) -> Bool {
    while true {
      let now = Clocks.monotonic()
      if reopensLater { try reopen() }
      try serveTimers(now)
      if isDone(now) { return false }
      let ready = wait(
        for: 0, Int16(POLLIN), until: min(nextTimer(now), endOfPatience), orOutput: output.isBehind)
      if ready.signal { try serveSignals() }
      if output.isBehind, resume() { try passReceipt() }
      if ready.descriptor && !isDone(Clocks.monotonic()) { return true }
    }
  }

  private func isDone(_ now: Nanoseconds) -> Bool {
    guard stop.signal != 0 else { return false }
    if now >= stop.deadline { return true }
    return now >= endOfPatience
  }

  /// When half a line has waited long enough for its other half, after a signal asked for the end.
  private var endOfPatience: Nanoseconds {
    guard stop.signal != 0, reader.hasPartialLine else { return .max }
    return max(stop.since, stop.lastInput) + StopRequest.patience
  }

  /// Whether a signal asked for the end, so that nothing else may be waited for.
  var isStopping: Bool { stop.signal != 0 }
  /// Whether the time for draining is over.
  func isPastGrace(_ now: Nanoseconds) -> Bool { stop.signal != 0 && now >= stop.deadline }

  /// Waits for a descriptor (-1: none), a signal or, if asked to, room on stdout until a monotonic time.
  func wait(
    for descriptor: Int32, _ events: Int16, until: Nanoseconds, orOutput: Bool = false
  ) -> (descriptor: Bool, signal: Bool) {
    var entries = (
      pollfd(fd: descriptor, events: events, revents: 0),
      pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: orOutput ? 1 : -1, events: Int16(POLLOUT), revents: 0)
    )
    let timeout = until.pollTimeout(from: Clocks.monotonic())
    let ready = withUnsafeMutablePointer(to: &entries) { pointer in
      pointer.withMemoryRebound(to: pollfd.self, capacity: 3) { poll($0, 3, timeout) }
    }
    guard ready > 0 else { return (false, false) }
    return (entries.0.revents != 0, entries.1.revents != 0)
  }

  /// Does what the noted signals ask for.
  mutating func serveSignals() throws(ToolFailure) {
    while let signal = Signals.take() {
      switch signal {
      case SIGUSR1: log.raw(receipt(rc: nil))
      case SIGHUP:
        // A removed file that waits for room is not let go.
        if hold.since == nil { try reopen() } else { reopensLater = true }
      default:
        stop.signal = signal
        stop.since = Clocks.monotonic()
        var status = stat()
        let isFile = fstat(0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        stop.deadline = isFile || isatty(0) == 1 ? stop.since : stop.since + options.grace
      }
    }
  }

  private mutating func reopen() throws(ToolFailure) {
    reopensLater = false
    try sync()
    writer.closeAll()
    quarantine.close()
    log.info("SIGHUP: data files and rejects are opened again by name")
  }

  /// When a timer is next due, monotonic.
  func nextTimer(_ now: Nanoseconds) -> Nanoseconds {
    var next = min(syncDue, watchDue, Metrics.nextDue)
    if stop.signal != 0 { next = min(next, stop.deadline) }
    if !options.byEvent, let close = writer.nextClose {
      let left = max(.zero, close - Clocks.wall())
      next = min(next, now + Nanoseconds(left))
    }
    return next
  }

  /// Syncs, closes and looks after the files that are due.
  mutating func serveTimers(_ now: Nanoseconds) throws(ToolFailure) {
    if now >= Metrics.nextDue { writeMetrics(now) }
    if now >= syncDue { try sync() }
    let wall = Clocks.wall()
    if !options.byEvent, let close = writer.nextClose, wall >= close {
      try lookAfter(wall)
      try sync()
      writer.closeExpired(now: wall)
    }
    if now >= watchDue {
      watchDue = .max
      noticeClockStep(wall, now)
      try lookAfter(wall)
    }
    if watchDue == .max && writer.isOpen { watchDue = now + Self.watchInterval }
  }

  /// Windows follow the wall clock: an operator wants to know why a file's name jumped.
  private mutating func noticeClockStep(_ wall: Milliseconds, _ now: Nanoseconds) {
    let skew = wall - Milliseconds(now)
    if let before = clockSkew, (skew - before).magnitude > .seconds(2) {
      log.warning("the wall clock was set by \((skew - before).wholeSeconds) s")
    }
    clockSkew = skew
  }
}
