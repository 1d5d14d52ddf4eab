import Archive
import Glibc
import JSONBytes
import Plumbing
import Contract

/// From what was read to runs of good lines that lie together in memory.
extension Sink {
  /// Good lines, one behind the other, that go to one file.
  struct Run {
    var start: UnsafeMutablePointer<UInt8>
    var end: UnsafeMutablePointer<UInt8>
    var lines = 0
    /// What picks the window.
    var time: Milliseconds
    var window: Rotation.Window?
  }

  /// Rejects are written when this much has gathered, so that a flood of them stays in bounded memory.
  private static let rejectsHighWater = 1 << 20

  /// Stores, or sets aside, every whole line that was read.
  ///
  /// A block without a bad line is written from where it was read to; otherwise the good lines are moved up, so
  /// that it is one write all the same.
  mutating func takeLines() throws(ToolFailure) {
    let wall = Clocks.wall()
    var run: Run?
    let measures = Metrics.isOn
    metrics.lastLine = wall
    while let line = reader.next() {
      counts.read &+= 1
      if line.tooLong == 0 && line.isBlank {
        counts.blank &+= 1
        continue
      }
      guard line.tooLong == 0, check.accepts(line.start, count: line.count) else {
        guard hasRoom(toRefuse: line) else {
          if let run { try store(run) }
          try storeRejects()
          throw ToolFailure(
            .ioError, "line \(counts.read) is refused, and there is no memory for its \(line.count) bytes")
        }
        refuse(line)
        if rejects.count >= Self.rejectsHighWater {
          if let full = run { try store(full) }
          run = nil
          try storeRejects()
        }
        continue
      }
      let time = options.byEvent ? eventTime(line, else: wall) : wall
      if measures, let captured = LineCheck.captureTime(line.start, count: line.count) {
        metrics.captured.append(captured)
      }
      guard var current = run else {
        run = start(line, time)
        continue
      }
      if options.byEvent, let window = current.window, !window.contains(time) {
        try store(current)
        run = start(line, time)
        continue
      }
      let count = line.count &+ 1
      if current.end != line.start { memmove(current.end, line.start, count) }
      current.end += count
      current.lines &+= 1
      run = current
    }
    if let run { try store(run) }
    if !metrics.captured.isEmpty { metrics.noteArchived(at: Clocks.wall()) }
    try storeRejects()
  }

  private func start(_ line: Line, _ time: Milliseconds) -> Run {
    Run(
      start: line.start, end: line.start + line.count + 1, lines: 1, time: time,
      window: options.byEvent ? options.rotation?.window(containing: time) : nil)
  }

  private mutating func eventTime(_ line: Line, else wall: Milliseconds) -> Milliseconds {
    guard let time = check.eventTime(line.start) else { return lastEventTime ?? wall }
    lastEventTime = time
    return time
  }

  /// Whether memory is there for a line in base64, or as text with some escapes.
  private mutating func hasRoom(toRefuse line: Line) -> Bool {
    rejects.hasRoom(line.count + line.count / 3 + 1024)
  }

  private mutating func refuse(_ line: Line) {
    let error = line.tooLong > 0 ? ContractError.tooLong : check.fault(count: line.count)
    let number = counts.read
    metrics.rejects.add(error.reason)
    refused.report(to: log, now: Clocks.monotonic()) {
      "line refused | line=\(number) | \(error.text)"
    }
    RejectRecord.append(
      stage: "jsonl-sink", number: number, line: line.bytes, isJSON: false, fullLength: line.tooLong,
      to: &rejects
    ) { RejectRecord.appendVerdict(error: error.text, to: &$0) }
  }
}
