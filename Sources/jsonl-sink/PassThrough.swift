import Archive
import Glibc
import JSONBytes
import Plumbing

/// The sink's stdout: never more important than the archive. When its reader is gone, or reads nothing for
/// `--stdout-timeout`, the archive goes on without it; one that reads again gets whole lines again.
struct PassThrough {
  let kind: SinkOutput
  /// Whether one `write` can never wait: a file, not a pipe.
  let neverBlocks: Bool
  /// A socket takes what fits without waiting only when it is told to.
  private let isSocket: Bool
  /// The pipe once more, if it is one, so that it takes what fits without waiting.
  private let ownPipe: Int32?
  /// The reader is gone.
  var isGone = false
  /// The reader reads nothing: nothing is passed until it does.
  var isBehind = false
  /// What is missing of the line in whose middle the reader was left behind.
  var rest: ArraySlice<UInt8> = []
  /// Lines that were not passed since it was left behind.
  var missed = 0
  /// A write is under way: another one has to stay out.
  var isBusy = false
  /// Durable lines when the last receipt was written.
  var receiptedLines = 0

  init(_ kind: SinkOutput) {
    self.kind = kind
    var status = stat()
    let format = fstat(1, &status) == 0 ? status.st_mode & S_IFMT : S_IFIFO
    neverBlocks = format == S_IFREG
    isSocket = format == S_IFSOCK
    ownPipe = kind == .nothing ? nil : System.ownPipe(1)
  }

  /// Whether `put` may be called without asking whether there is room.
  var takesWhatFits: Bool { neverBlocks || isSocket || ownPipe != nil }

  /// Writes what is taken without waiting: all that fits, or the little that anything takes which is ready.
  func put(_ source: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let room = neverBlocks || ownPipe != nil ? count : min(count, Int(PIPE_BUF))
    if isSocket { return send(1, source, room, Int32(MSG_DONTWAIT)) }
    return Glibc.write(ownPipe ?? 1, source, room)
  }

  /// Whether stdout takes something now; nil when its reader is gone.
  static var isReady: Bool? {
    var entry = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
    guard poll(&entry, 1, 0) > 0 else { return false }
    return Int32(entry.revents) & (POLLERR | POLLNVAL) != 0 ? nil : true
  }

  /// Whether the last write that failed may be tried again.
  static var mayTryAgain: Bool { errno == EINTR || errno == EAGAIN }
}

extension Sink {
  /// Passes archived lines on.
  mutating func pass(_ source: UnsafePointer<UInt8>, count: Int, lines: Int) throws(ToolFailure) {
    guard output.kind == .lines else { return }
    guard !output.isGone, resume() else {
      counts.notPassed += lines
      output.missed += lines
      return
    }
    try write(source, count: count)
  }

  /// Says how much is durable, if that is more than was said before.
  mutating func passReceipt() throws(ToolFailure) {
    guard output.kind == .receipts, !output.isBusy, counts.durable > output.receiptedLines, !output.isGone,
      resume()
    else { return }
    output.receiptedLines = counts.durable
    var line = ByteBuffer(capacity: 256)
    line.append("{\"durable_lines\":")
    line.append(decimal: counts.durable)
    line.append(",\"file\":")
    line.append(jsonString: writer.layout.path(writer.lastName))
    line.append(",\"offset\":")
    line.append(decimal: Int(writer.lastEnd))
    line.append("}\n")
    try write(line.start, count: line.count)
  }

  /// Writes to stdout. A slow reader is waited for, with signals and timers served meanwhile; one that is gone,
  /// that takes nothing for too long, or that is stuck when the time for draining is over, is not.
  private mutating func write(_ source: UnsafePointer<UInt8>, count: Int) throws(ToolFailure) {
    output.isBusy = true
    defer { output.isBusy = false }
    var done = 0
    var idle: Nanoseconds = .zero
    // Whether room is waited for first: the last write found none, or it would not say so.
    var asks = !output.takesWhatFits
    while done < count {
      if asks {
        let now = Clocks.monotonic()
        if isPastGrace(now) {
          noteMissed(source + done, count - done)
          return giveUp("its reader is stuck")
        }
        let patience = options.stdoutTimeout.map { max($0 - idle, .zero) } ?? .max
        let until = min(nextTimer(now), patience == .max ? .max : now + patience)
        let ready = wait(for: 1, Int16(POLLOUT), until: until)
        if ready.signal { try serveSignals() }
        if !ready.descriptor {
          let after = Clocks.monotonic()
          // What this process slept, because it was stopped itself, is not held against the reader.
          idle += min(after - now, max(min(until, after) - now, .zero) + .milliseconds(100))
          if let limit = options.stdoutTimeout, idle >= limit {
            return leaveBehind(source, done, count, seconds: limit.wholeSeconds)
          }
          try serveTimers(after)
          continue
        }
      }
      let put = output.put(source + done, count - done)
      if put > 0 {
        done += put
        idle = .zero
        asks = !output.takesWhatFits
      } else if put < 0 {
        guard PassThrough.mayTryAgain else {
          let reason = String(cString: strerror(errno))
          noteMissed(source + done, count - done)
          return giveUp(reason)
        }
        asks = !output.neverBlocks
      }
    }
  }

  private mutating func giveUp(_ reason: String) {
    output.isGone = true
    log.warning("standard output is gone (\(reason)): archiving goes on without passing lines on")
  }

  /// The reader takes nothing. It gets the rest of the line in hand when it reads again, and then the lines of that
  /// moment.
  private mutating func leaveBehind(
    _ source: UnsafePointer<UInt8>, _ done: Int, _ count: Int, seconds: Int64
  ) {
    var next = done
    if done > 0, source[done - 1] != 0x0A {
      while next < count, source[next] != 0x0A { next += 1 }
      next = min(next + 1, count)
    }
    output.isBehind = true
    output.rest = Array(UnsafeBufferPointer(start: source + done, count: next - done))[...]
    noteMissed(source + next, count - next)
    log.warning(
      "standard output was not read for \(seconds) s: archiving goes on without its reader until it reads again"
    )
  }

  private mutating func noteMissed(_ source: UnsafePointer<UInt8>, _ count: Int) {
    guard output.kind == .lines else { return }
    let lines = UnsafeBufferPointer(start: source, count: count).reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
    counts.notPassed += lines
    output.missed += lines
  }

  /// Writes the rest of the line at which the reader was left behind, once it reads again, and says so. Nothing is waited
  /// for. Whether stdout is at the start of a line and takes one.
  @discardableResult
  mutating func resume() -> Bool {
    guard output.isBehind else { return !output.isGone }
    while let isReady = PassThrough.isReady {
      guard isReady else { return false }
      if output.rest.isEmpty {
        output.isBehind = false
        log.warning("standard output is read again: \(output.missed) lines were archived and not passed on")
        output.missed = 0
        return true
      }
      let put = output.rest.withUnsafeBufferPointer { rest in
        rest.baseAddress.map { output.put($0, rest.count) } ?? 0
      }
      if put > 0 {
        output.rest = output.rest.dropFirst(put)
      } else if put < 0 && !PassThrough.mayTryAgain {
        break
      }
    }
    endPassing()
    giveUp("its reader has left")
    return false
  }

  /// Nothing more will be passed: a line that was left in the middle is one that was not passed.
  mutating func endPassing() {
    if !output.rest.isEmpty, output.kind == .lines { counts.notPassed += 1 }
    output.rest = []
    output.isBehind = false
  }
}
