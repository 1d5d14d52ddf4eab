import Glibc
import JSONBytes

/// What a filter decided about a line.
public enum LineOutcome: Sendable {
  /// The line is good.
  case passed
  /// The line was refused; the filter has written it to `FilterStreams.rejects` if that is wanted.
  case rejected
}

/// Where a filter writes while it looks at a line.
public struct FilterStreams: ~Copyable {
  /// Standard output.
  public var out: ByteBuffer
  /// The rejects file.
  public var rejects: ByteBuffer
  /// Whether rejects are kept.
  public let keepsRejects: Bool
  /// Monotonic time of this batch, nanoseconds.
  public var now: Int64 = 0
  /// Wall clock of this batch, milliseconds since the epoch.
  public var wallMilliseconds: Int64 = 0

  /// Lines that go out as they came in, still in the reader's memory, after everything in `out`.
  private(set) var unchanged: UnsafePointer<UInt8>?
  private(set) var unchangedCount = 0
  /// Refused lines by reason, counted by the filter.
  public var rejectCounts = RejectCounts()

  /// Makes empty streams.
  public init(keepsRejects: Bool) {
    out = ByteBuffer(capacity: 1 << 19)
    rejects = ByteBuffer(capacity: 4096)
    self.keepsRejects = keepsRejects
  }

  /// Passes a line on as it came in. Lines that follow one another in memory are written from there in one go;
  /// only what would otherwise come out of order is copied to `out`.
  @inline(__always)
  public mutating func pass(_ line: Line) {
    let start = UnsafePointer(line.start)
    if let unchanged, start == unchanged + unchangedCount {
      unchangedCount &+= line.count &+ 1
      return
    }
    if let unchanged { out.append(unchanged, count: unchangedCount) }
    unchanged = start
    unchangedCount = line.count &+ 1
  }

  mutating func forgetUnchanged() {
    unchanged = nil
    unchangedCount = 0
  }
}

/// The work of a filter: one line in, at most one line out.
public protocol LineFilter: ~Copyable {
  /// Looks at one line that is not blank and appends what it has to say to `streams`.
  mutating func take(_ line: Line, _ streams: inout FilterStreams) -> LineOutcome
  /// The input has ended: last words to the log.
  mutating func finish()
}

/// The one loop that runs a filter: read what is there, process all whole lines, write, and only then wait
/// for more. So a line passes at once when the pipe is idle, and blocks are full when it is not.
public struct FilterLoop: ~Copyable {
  private let options: FilterOptions
  private let log: Log
  private var reader: LineReader
  private var streams: FilterStreams
  private var rejectsFile: Int32 = -1
  private var passed = 0
  private var rejected = 0
  private var blank = 0
  private var bytesWritten = 0
  private var stopSignal: Int32 = 0
  private var deadline: Int64 = 0

  /// Bytes of output that are written before the batch is done.
  private static let highWater = 1 << 20

  /// Opens what the filter needs, before the first byte is read.
  ///
  /// - Throws: 74 when stdout is not open for writing, 73 when the rejects file cannot be opened.
  public init(_ options: FilterOptions, log: Log) throws(ToolFailure) {
    self.options = options
    self.log = log
    reader = LineReader(descriptor: 0, maxLine: options.maxLine)
    streams = FilterStreams(keepsRejects: options.rejects != nil)
    guard System.isWritable(1) else {
      throw ToolFailure(.ioError, "standard output is not open for writing")
    }
    if let path = options.rejects {
      do {
        rejectsFile = try System.open(path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o600)
      } catch {
        throw ToolFailure(.cannotCreate, "\(error); give --rejects a file that can be written")
      }
    }
    System.enlargePipe(0)
    System.enlargePipe(1)
    Signals.endAtLatest(after: options.grace + 1)
    Signals.note([SIGTERM, SIGINT, SIGUSR1], hangUpStops: true)
  }

  /// Runs `filter` over all of stdin.
  public mutating func run(_ filter: inout some LineFilter & ~Copyable) throws(ToolFailure) -> ExitStatus {
    var status = ExitStatus.done
    while true {
      guard try waitForInput() else {
        status = .signalled(stopSignal)
        break
      }
      let more = try fill()
      streams.now = Clocks.monotonicNanoseconds()
      streams.wallMilliseconds = Clocks.wallMilliseconds()
      if try processLines(&filter) == .stop {
        status = .badData
        break
      }
      try flush()
      if !more { break }
    }
    writeMetrics(streams.now)
    filter.finish()
    log.info(summary)
    return status
  }

  private enum Progress { case goOn, stop }

  private mutating func processLines(
    _ filter: inout some LineFilter & ~Copyable
  ) throws(ToolFailure) -> Progress {
    while let line = reader.next() {
      if line.tooLong == 0 && line.isBlank {
        blank += 1
        continue
      }
      switch filter.take(line, &streams) {
      case .passed: passed += 1
      case .rejected:
        rejected += 1
        if options.strict {
          try flush()
          log.error("stopped at line \(line.number): rejected, and --strict was given")
          return .stop
        }
      }
      if streams.out.count >= Self.highWater || streams.rejects.count >= Self.highWater { try flush() }
    }
    return .goOn
  }

  private mutating func fill() throws(ToolFailure) -> Bool {
    do { return try reader.fill() } catch { throw ToolFailure(.ioError, "\(error)") }
  }

  /// Rejects first: what is on stdout is complete on both sides.
  private mutating func flush() throws(ToolFailure) {
    if !streams.rejects.isEmpty {
      do {
        try System.write(
          rejectsFile, streams.rejects.start, count: streams.rejects.count, name: options.rejects ?? "")
      } catch { throw ToolFailure(.ioError, "\(error)") }
      streams.rejects.removeAll()
    }
    if !streams.out.isEmpty {
      try StandardOutput.write(streams.out.start, count: streams.out.count)
      bytesWritten += streams.out.count
      streams.out.removeAll()
    }
    if let unchanged = streams.unchanged {
      try StandardOutput.write(unchanged, count: streams.unchangedCount)
      bytesWritten += streams.unchangedCount
      streams.forgetUnchanged()
    }
  }

  /// Waits until there is something to read; false when a signal asks to stop here.
  ///
  /// A stage in a pipe goes on until its source has ended, so that nothing in flight is lost; a stage that reads
  /// a file or a terminal has no source to wait for and stops at once.
  private mutating func waitForInput() throws(ToolFailure) -> Bool {
    while true {
      let now = Clocks.monotonicNanoseconds()
      if now >= Metrics.nextDue { writeMetrics(now) }
      let timeout = self.timeout(now)
      var entries = (
        pollfd(fd: reader.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0)
      )
      let ready = withUnsafeMutablePointer(to: &entries) { pointer in
        pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, timeout) }
      }
      if ready < 0 && errno != EINTR { throw ToolFailure(.ioError, "\(SystemError("poll standard input"))") }
      if ready > 0 && entries.1.revents != 0, !noteSignals() { return false }
      if stopSignal != 0 && Clocks.monotonicNanoseconds() >= deadline { return false }
      if ready > 0 && entries.0.revents != 0 { return true }
    }
  }

  private func timeout(_ now: Int64) -> Int32 {
    let next = min(stopSignal == 0 ? .max : deadline, Metrics.nextDue)
    return next == .max ? -1 : Int32(clamping: max(next - now, 0) / 1_000_000 + 1)
  }

  private func writeMetrics(_ now: Int64) {
    var metrics = StageMetrics()
    metrics.linesIn = reader.linesRead
    metrics.linesOut = passed
    metrics.bytesIn = reader.bytesRead
    metrics.bytesOut = bytesWritten
    metrics.blank = blank
    metrics.rejects = streams.rejectCounts
    metrics.lastLine = reader.linesRead > 0 ? streams.wallMilliseconds : 0
    Metrics.write(now) { metrics.append(to: &$0) }
  }

  /// Whether the loop goes on.
  private mutating func noteSignals() -> Bool {
    while let signal = Signals.take() {
      if signal == SIGUSR1 {
        log.write(max(log.level, .info)) { summary }
        continue
      }
      stopSignal = signal
      deadline = Clocks.monotonicNanoseconds() + Int64(options.grace) * 1_000_000_000
      var status = stat()
      let isFile = fstat(reader.descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      if isFile || isatty(reader.descriptor) == 1 { return false }
    }
    return true
  }

  private var summary: String {
    "in=\(reader.linesRead) out=\(passed) rejected=\(rejected) blank=\(blank)"
      + " bytes_in=\(reader.bytesRead) bytes_out=\(bytesWritten)"
  }
}
