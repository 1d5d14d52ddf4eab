import Inputs
import JSONBytes
import Plumbing

/// Goes through all files once, line by line. What it remembers grows with the run_ids, up to `--max-ids`, and with `--order symbol`
/// by a time for each symbol.
struct Verifier: ~Copyable {
  private let options: JsonlVerifyOptions
  private let log: Log
  private var check = RecordCheck()
  private var ids: RecordIDSet
  private var report: VerifyReport
  private var out = ByteBuffer(capacity: 1 << 16)
  private var total = Findings()
  private var times: [RecordID: Milliseconds] = [:]
  private var latest = Milliseconds.min
  /// The file in hand.
  private var name = ""
  private var found = Findings()
  private var listed: [Finding.Kind: Int] = [:]

  init(_ options: JsonlVerifyOptions, log: Log) {
    self.options = options
    self.log = log
    ids = RecordIDSet(limit: options.maxIDs)
    report = VerifyReport(options)
  }

  /// Checks everything that was named.
  mutating func run() throws(ToolFailure) -> ExitStatus {
    guard !options.dedupes || System.isWritable(1) else {
      throw ToolFailure(.ioError, "standard output is not open for writing")
    }
    let inputs = InputList.expand(options.paths)
    for input in inputs { try verify(input) }
    try report.sums(total, file: nil, files: inputs.count)
    try report.finish()
    if total.unreadable > 0 { return .ioError }
    return total.isClean ? .done : .badData
  }

  /// One input, from its opening to its sums; what cannot be read is a finding and stops nothing else.
  private mutating func verify(_ input: Input) throws(ToolFailure) {
    found = Findings()
    listed = [:]
    nextOffset = 0
    name = input.name
    do {
      var stream = try input.open()
      try read(&stream)
    } catch let failure as InputFailure {
      try note(failure)
    } catch let failure as ToolFailure {
      throw failure
    } catch {
      throw ToolFailure(.ioError, "\(error)")
    }
    total.add(found)
    try report.sums(found, file: name)
  }

  private mutating func read(_ stream: inout InputStream) throws {
    var reader = LineReader(descriptor: stream.descriptor, maxLine: options.maxLine, blockSize: 1 << 20)
    defer { found.bytes = reader.bytesRead }
    while try reader.fill(from: stream) {
      try takeLines(&reader)
      try flushRecords()
    }
    // Where a stream was cut, what follows the last line feed is a part of a line only.
    try stream.finish()
    try takeLines(&reader)
    try flushRecords()
  }

  private mutating func note(_ failure: InputFailure) throws(ToolFailure) {
    log.error("\(failure)")
    if failure.status == .badData { found.corrupt += 1 } else { found.unreadable += 1 }
    let finding = Finding(
      kind: failure.status == .badData ? .corrupt : .unreadable, file: name,
      line: found.lines + found.blank + 1,
      offset: nextOffset, reason: "\(failure)")
    try report.finding(finding)
  }

  private mutating func takeLines(_ reader: inout LineReader) throws(ToolFailure) {
    var offset = lineStart(reader)
    while let line = reader.next() {
      try take(line, offset: offset)
      if reader.atEnd {
        found.unterminated += 1
        try list(.unterminated, line, offset, "the last line has no line feed")
      }
      offset = reader.offset
      nextOffset = offset
    }
  }

  /// Where the line starts that is read next; a line that is too long is dropped piece by piece.
  private var nextOffset = 0

  private mutating func lineStart(_ reader: borrowing LineReader) -> Int {
    if reader.linesRead == 0 { nextOffset = 0 }
    return nextOffset
  }

  private mutating func take(_ line: Line, offset: Int) throws(ToolFailure) {
    if line.tooLong == 0 && line.isBlank {
      found.blank += 1
      return
    }
    found.lines += 1
    let fault = line.tooLong > 0 ? "line too long" : check.fault(line.start, count: line.count)
    if let fault {
      found.malformed += 1
      return try list(.malformed, line, offset, fault)
    }
    if let reason = check.gapReason { found.noteGap(String(decoding: reason, as: UTF8.self)) }
    let isNew = try isFirstSeen(line, offset)
    if let time = check.time {
      found.noteTime(time)
      // A record that is there twice is one finding, not two.
      if isNew { try compare(time, line, offset) }
    }
    if isNew && options.dedupes {
      out.append(line.start, count: line.count)
      out.append(0x0A)
      if out.count > 1 << 20 { try flushRecords() }
    }
  }

  private mutating func isFirstSeen(_ line: Line, _ offset: Int) throws(ToolFailure) -> Bool {
    guard let value = check.runID else {
      found.withoutID += 1
      return true
    }
    guard options.maxIDs > 0 else { return true }
    switch ids.insert(RecordID(quoted: value)) {
    case .new: return true
    case .full:
      found.unchecked += 1
      return true
    case .known:
      found.duplicates += 1
      if isListed(.duplicate) {
        try list(
          .duplicate, line, offset, "run_id \(String(decoding: value, as: UTF8.self)) was there before")
      }
      return false
    }
  }

  private mutating func compare(_ time: Milliseconds, _ line: Line, _ offset: Int) throws(ToolFailure) {
    var before = latest
    switch options.order {
    case .none: return
    case .all: latest = max(latest, time)
    case .symbol:
      let key = check.symbol.map { RecordID(quoted: $0) } ?? .none
      before = times[key] ?? .min
      times[key] = max(before, time)
    }
    guard time < before else { return }
    found.backwards += 1
    found.largestStepBack = max(found.largestStepBack, before - time)
    if isListed(.order) {
      try list(.order, line, offset, "timestamp_ms \(time) is \(before - time) ms before an earlier record's")
    }
  }

  private func isListed(_ kind: Finding.Kind) -> Bool { listed[kind, default: 0] < options.details }

  private mutating func list(
    _ kind: Finding.Kind, _ line: Line, _ offset: Int, _ reason: String
  ) throws(ToolFailure) {
    guard isListed(kind) else { return }
    listed[kind, default: 0] += 1
    try report.finding(Finding(kind: kind, file: name, line: line.number, offset: offset, reason: reason))
  }

  private mutating func flushRecords() throws(ToolFailure) {
    guard !out.isEmpty else { return }
    try StandardOutput.write(out.start, count: out.count)
    out.removeAll()
  }
}
