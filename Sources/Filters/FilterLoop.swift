import Glibc
import Inputs
import JSONBytes
import Plumbing

/// The one loop that runs a filter: read what is there, process all whole lines, write, and only then wait
/// for more. So a line passes at once when the pipe is idle, and blocks are full when it is not.
public struct FilterLoop: ~Copyable {
  private let options: FilterOptions
  private let log: Log
  private var input: FilterInputs
  private var streams: FilterStreams
  private let rejects: RejectsFile?
  private let hangUpStops: Bool
  private var account = FilterAccount()
  private var stopSignal: Int32 = 0
  private var deadline = Nanoseconds.max

  /// Bytes of output that are written before the batch is done.
  private static let highWater = 1 << 20

  /// Opens what the filter needs, before the first byte is read.
  ///
  /// - Throws: 74 when stdout is not open for writing, 73 when the rejects file cannot be opened.
  public init(_ options: FilterOptions, log: Log) throws(ToolFailure) {
    self.options = options
    self.log = log
    input = FilterInputs(options.inputs, maxLine: options.maxLine)
    streams = FilterStreams(keepsRejects: options.rejects != nil)
    do {
      rejects = try Self.outputs(options, log)
    } catch {
      log.info(FilterAccount().text(read: 0, bytesIn: 0))
      throw error
    }
    System.enlargePipe(0)
    System.enlargePipe(1)
    // A reader that leaves comes back as an error: the batch's rejects are kept before the filter goes too.
    Signals.ignore(SIGPIPE)
    Signals.endAtLatest(after: options.grace + .seconds(1))
    // With a rejects file SIGHUP is logrotate's word: the end of a terminal ends the source, and with it the input.
    hangUpStops = rejects == nil || isatty(0) == 1
    Signals.note([SIGTERM, SIGINT, SIGUSR1] + (hangUpStops ? [] : [SIGHUP]), hangUpStops: hangUpStops)
  }

  private static func outputs(_ options: FilterOptions, _ log: Log) throws(ToolFailure) -> RejectsFile? {
    guard System.isWritable(1) else {
      throw ToolFailure(.ioError, "standard output is not open for writing")
    }
    guard let path = options.rejects else { return nil }
    return try RejectsFile(path: path, log: log)
  }

  /// Runs `filter` over all inputs. Every end, a failure too, is accounted for.
  public mutating func run(_ filter: inout some LineFilter & ~Copyable) throws(ToolFailure) -> ExitStatus {
    var status = ExitStatus.done
    var failure: ToolFailure?
    do throws(ToolFailure) {
      status = try filterInputs(&filter)
      try rejects?.sync()
      try filter.settle()
      if let failure = input.failure { throw failure }
    } catch {
      failure = error
      keepWhatCanBeKept()
    }
    writeMetrics(Clocks.monotonic(), filter)
    filter.finish()
    log.write(severity(of: failure)) { summary }
    if let failure { throw failure }
    return status
  }

  private mutating func filterInputs(
    _ filter: inout some LineFilter & ~Copyable
  ) throws(ToolFailure) -> ExitStatus {
    while input.hasMore {
      do throws(InputFailure) { try input.openNext(rejects: options.rejects) } catch {
        if let end = note(error) { return end }
        continue
      }
      streams.input = input.name
      if let end = try filterInput(&filter) { return end }
    }
    return .done
  }

  /// Filters the input in hand to its end; a status when the filter is to end with it.
  private mutating func filterInput(
    _ filter: inout some LineFilter & ~Copyable
  ) throws(ToolFailure) -> ExitStatus? {
    while try waitForInput(&filter) {
      var failure: InputFailure?
      var isMore = false
      do throws(InputFailure) { isMore = try input.fill() } catch { failure = error }
      let progress = try processBlock(&filter)
      if let failure { return note(failure) }
      if progress == .stop { return .badData }
      if !isMore { return stopSignal != 0 && input.hasMore ? .signalled(stopSignal) : nil }
    }
    // Half a line whose other half is not waited for any longer is a reject.
    input.reader.endInput()
    _ = try processBlock(&filter)
    return .signalled(stopSignal)
  }

  /// An input was not read to its end: the others still are, unless `--strict` was given.
  private mutating func note(_ failure: InputFailure) -> ExitStatus? {
    if failure.isInterruption, Signals.stopSignal != 0 { return .signalled(Signals.stopSignal) }
    if input.note(failure) { log.error("\(failure)") }
    return options.strict ? failure.status : nil
  }

  private enum Progress { case goOn, stop }

  /// All whole lines that were read: the good ones go out whatever becomes of the rejects, which are waited for.
  private mutating func processBlock(
    _ filter: inout some LineFilter & ~Copyable
  ) throws(ToolFailure) -> Progress {
    streams.now = Clocks.monotonic()
    streams.wall = Clocks.wall()
    let progress = try processLines(&filter)
    try flush()
    try keepRejects(&filter)
    return progress
  }

  private mutating func processLines(
    _ filter: inout some LineFilter & ~Copyable
  ) throws(ToolFailure) -> Progress {
    while let line = input.reader.next() {
      if line.tooLong == 0 && line.isBlank {
        account.blank += 1
        continue
      }
      switch filter.take(line, &streams) {
      case .passed: account.passed += 1
      case .rejected:
        account.rejected += 1
        if options.strict {
          log.error(
            "stopped at \(streams.input == nil ? "line " : "")\(streams.place(line)): rejected, and --strict was given"
          )
          return .stop
        }
      }
      if streams.out.count >= Self.highWater || streams.rejects.count >= Self.highWater { try flush() }
    }
    return .goOn
  }

  /// Rejects first, as far as they fit: what is on stdout is then complete on both sides. What does not fit is
  /// waited for after the good lines have gone out.
  private mutating func flush() throws(ToolFailure) {
    if !streams.rejects.isEmpty { _ = rejects?.store(&streams.rejects) }
    var put = 0
    var putUnchanged = 0
    defer {
      account.bytesOut += put + putUnchanged
      streams.out.removeAll()
      streams.forgetUnchanged()
    }
    do {
      try StandardOutput.write(streams.out.start, count: streams.out.count, done: &put)
      if let unchanged = streams.unchanged {
        try StandardOutput.write(unchanged, count: streams.unchangedCount, done: &putUnchanged)
      }
      account.settle()
    } catch {
      var lines = RejectsFile.lines(streams.out.start + put, streams.out.count - put)
      if let unchanged = streams.unchanged {
        lines += RejectsFile.lines(unchanged + putUnchanged, streams.unchangedCount - putUnchanged)
      }
      account.settle(linesLeft: lines, options.emit)
      throw error
    }
  }

  /// Waits until the batch's rejects are in their file.
  ///
  /// - Throws: 74 when that cannot be, or when a signal's grace ends first; it says how many are not kept.
  private mutating func keepRejects(_ filter: inout some LineFilter & ~Copyable) throws(ToolFailure) {
    guard let rejects else { return }
    while let result = rejects.store(&streams.rejects), let error = result.error {
      let lines = RejectsFile.lines(streams.rejects.start, streams.rejects.count)
      guard result.passes else { throw ToolFailure(.ioError, "\(error); \(lines) rejects not kept") }
      let now = Clocks.monotonic()
      rejects.noteWaiting(error, holding: lines, now)
      if stopSignal != 0 && now >= deadline {
        throw ToolFailure(.ioError, "\(error); told to stop with \(lines) rejects not kept")
      }
      _ = try wait(input: false, until: min(now + RejectsFile.pause, nextTimer))
      try serveTimers(&filter)
    }
  }

  /// After a failure: the rejects that fit are kept, and what was read and not looked at is counted.
  private mutating func keepWhatCanBeKept() {
    _ = rejects?.store(&streams.rejects)
    try? rejects?.sync()
    input.reader.endInput()
    while let line = input.reader.next() {
      if line.tooLong == 0 && line.isBlank { account.blank += 1 } else { account.unwritten += 1 }
    }
  }
}

// MARK: - Waiting
extension FilterLoop {
  /// Waits until there is something to read; false when a signal asks to stop here.
  ///
  /// A stage in a pipe goes on until its source has ended, so that nothing in flight is lost; a stage that reads
  /// a file or a terminal has no source to wait for and stops at once.
  private mutating func waitForInput(
    _ filter: inout some LineFilter & ~Copyable
  ) throws(ToolFailure) -> Bool {
    while true {
      try serveTimers(&filter)
      let isReady = try wait(input: true, until: min(nextTimer, filter.nextDue))
      if stopSignal != 0 && Clocks.monotonic() >= deadline { return false }
      if isReady { return true }
    }
  }

  /// Waits for input or a signal, which it serves; whether there is input.
  private mutating func wait(input: Bool, until: Nanoseconds) throws(ToolFailure) -> Bool {
    let timeout = until.pollTimeout(from: Clocks.monotonic())
    var entries = (
      pollfd(fd: input ? self.input.reader.descriptor : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0)
    )
    let ready = withUnsafeMutablePointer(to: &entries) { pointer in
      pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, timeout) }
    }
    if ready < 0 && errno != EINTR { throw ToolFailure(.ioError, "\(SystemError("poll standard input"))") }
    if ready > 0 && entries.1.revents != 0 { try serveSignals() }
    return ready > 0 && entries.0.revents != 0
  }

  /// When something is next due, monotonic.
  private var nextTimer: Nanoseconds {
    let next = min(stopSignal == 0 ? .max : deadline, Metrics.nextDue)
    return rejects.map { min(next, $0.syncDue) } ?? next
  }

  private mutating func serveTimers(_ filter: inout some LineFilter & ~Copyable) throws(ToolFailure) {
    let now = Clocks.monotonic()
    if now >= Metrics.nextDue { writeMetrics(now, filter) }
    if now >= filter.nextDue { filter.serve(now) }
    if let rejects, now >= rejects.syncDue { try rejects.sync() }
  }

  private mutating func serveSignals() throws(ToolFailure) {
    while let signal = Signals.take() {
      switch signal {
      case SIGUSR1:
        try rejects?.sync()
        log.write(max(log.level, .info)) { summary }
      case SIGHUP where !hangUpStops: try rejects?.reopen()
      default: noteStop(signal)
      }
    }
  }

  private mutating func noteStop(_ signal: Int32) {
    stopSignal = signal
    deadline = Clocks.monotonic() + (input.hasSource ? options.grace : .zero)
  }
}

// MARK: - Accounts
extension FilterLoop {
  private func writeMetrics(_ now: Nanoseconds, _ filter: borrowing some LineFilter & ~Copyable) {
    var metrics = StageMetrics()
    (metrics.linesIn, metrics.linesOut) = (input.linesRead, account.passed)
    (metrics.bytesIn, metrics.bytesOut) = (input.bytesRead, account.bytesOut)
    metrics.blank = account.blank
    metrics.rejects = streams.rejectCounts.byName
    metrics.lastLine = input.linesRead > 0 ? streams.wall : .zero
    Metrics.write(now) { text in
      metrics.append(to: &text)
      rejects?.append(to: &text)
      filter.append(to: &text)
    }
  }

  private var summary: String {
    var account = account
    if let rejects { account.lostRejects = account.rejected - rejects.durable }
    return account.text(read: input.linesRead, bytesIn: input.bytesRead)
  }

  /// A reader that left is no news, losses are.
  private func severity(of failure: ToolFailure?) -> LogLevel {
    if let rejects, account.rejected > rejects.durable { return .warning }
    if failure?.status == .signalled(SIGPIPE) { return .debug }
    return account.unwritten > 0 ? .warning : .info
  }
}
