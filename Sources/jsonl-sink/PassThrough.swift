import Glibc
import JSONBytes
import Plumbing

/// The sink's stdout: never more important than the archive. When it is gone, the archive goes on.
struct PassThrough {
  let kind: SinkOutput
  /// Whether one `write` can never wait: a file or a device, not a pipe.
  let neverBlocks: Bool
  var isGone = false
  /// A write is under way: another one has to stay out.
  var isBusy = false
  /// Durable lines when the last receipt was written.
  var receiptedLines = 0

  init(_ kind: SinkOutput) {
    self.kind = kind
    var status = stat()
    let format = fstat(1, &status) == 0 ? status.st_mode & S_IFMT : S_IFIFO
    neverBlocks = format == S_IFREG
  }
}

extension Sink {
  /// Passes archived lines on.
  mutating func pass(_ source: UnsafePointer<UInt8>, count: Int) throws(ToolFailure) {
    guard output.kind == .lines else { return }
    try write(source, count: count)
  }

  /// Says how much is durable, if that is more than was said before.
  mutating func passReceipt() throws(ToolFailure) {
    guard output.kind == .receipts, !output.isBusy, counts.durable > output.receiptedLines else { return }
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
  /// or still stuck when the time for draining is over, is not.
  private mutating func write(_ source: UnsafePointer<UInt8>, count: Int) throws(ToolFailure) {
    guard !output.isGone else { return }
    output.isBusy = true
    defer { output.isBusy = false }
    var done = 0
    while done < count {
      if !output.neverBlocks {
        let now = Clocks.monotonicNanoseconds()
        if isPastGrace(now) { return giveUp("its reader is stuck") }
        let ready = wait(for: 1, Int16(POLLOUT), until: nextTimer(now))
        if ready.signal { try serveSignals() }
        if !ready.descriptor {
          try serveTimers(Clocks.monotonicNanoseconds())
          continue
        }
      }
      // A pipe that is ready takes at least this much without waiting.
      let room = output.neverBlocks ? count - done : min(count - done, Int(PIPE_BUF))
      let put = Glibc.write(1, source + done, room)
      if put > 0 {
        done += put
      } else if put < 0 && errno != EINTR && errno != EAGAIN {
        return giveUp(String(cString: strerror(errno)))
      }
    }
  }

  private mutating func giveUp(_ reason: String) {
    output.isGone = true
    log.warning("standard output is gone (\(reason)): archiving goes on without passing lines on")
  }
}
