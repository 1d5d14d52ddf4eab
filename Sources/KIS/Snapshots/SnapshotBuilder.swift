import Contract
import Glibc
import JSONBytes
import Plumbing

/// How a snapshot came in: `meta.tick_source`.
public enum TickSource: String, Sendable {
  /// A real-time frame.
  case websocket
  /// An answer to a request.
  case rest
  /// A recording.
  case replay
}

/// When and how a snapshot was taken.
public struct SnapshotMoment: Equatable, Sendable {
  /// Moment of capture.
  public var time: Milliseconds
  /// How it came in.
  public var source: TickSource
  /// Round of the polling loop.
  public var iterationID: Int?
  /// Period of the polling loop; written in milliseconds.
  public var loopInterval: Nanoseconds?
  /// Time between asking and the answer; written in milliseconds.
  public var latency: Nanoseconds?
  /// The venue's session by the calendar, for what does not tell it itself; nil: not known.
  public var session: String?

  /// Makes a moment.
  public init(
    time: Milliseconds, source: TickSource, iterationID: Int? = nil,
    loopInterval: Nanoseconds? = nil, latency: Nanoseconds? = nil
  ) {
    self.time = time
    self.source = source
    self.iterationID = iterationID
    self.loopInterval = loopInterval
    self.latency = latency
  }

  func hasSameFrame(as other: SnapshotMoment) -> Bool {
    source == other.source && iterationID == other.iterationID
      && loopInterval == other.loopInterval
      && latency == other.latency
  }
}

/// What the builder found wrong in the exchange's values and dealt with.
public struct SnapshotComplaints: Equatable, Sendable {
  /// Changes whose sign contradicts their sign code; the code was trusted.
  public var signDisagreements = 0
  /// Values that were not UTF-8; the bad bytes became U+FFFD.
  public var invalidUTF8 = 0
  /// Values that should be numbers, or whole ones, and are not; they became null, and `raw` has the original.
  public var badNumbers = 0

  /// Each count with its word.
  public var counts: [(kind: String, count: Int)] {
    [("number", badNumbers), ("utf8", invalidUTF8), ("sign", signDisagreements)]
  }
}

/// Makes snapshot lines (schema v1.0.0) out of what the exchange sent.
///
/// Facts only: numbers keep the digits they came with, what is not there is null, and `raw` holds every field
/// under the exchange's own name. Nothing is rounded to a tick: midpoint trades print between ticks.
public struct SnapshotBuilder: ~Copyable {
  /// What was wrong so far.
  public internal(set) var complaints = SnapshotComplaints()
  let sessionID: String
  let mode: String
  let hasRaw: Bool
  /// The leading number of a record, the first two prices, the change.
  let kept: UnsafeMutablePointer<SnapshotNumber>
  private let programs: UnsafeMutableBufferPointer<FeedProgram?>
  var runIDs: RunIDGenerator
  var times = SnapshotTime()
  private var head = ByteBuffer(capacity: 256)
  private var headTime: Milliseconds?
  private var frame = ByteBuffer(capacity: 256)
  private var frameMoment: SnapshotMoment?

  /// Makes a builder for one session. `raw` false leaves out the exchange's own fields; a `seed` makes the
  /// run ids repeatable.
  public init(sessionID: String, mode: String, raw: Bool = true, seed: UInt64? = nil) {
    self.sessionID = sessionID
    self.mode = mode
    hasRaw = raw
    programs = .allocate(capacity: FeedTable.rows.count * FrameLayouts.perChannel)
    programs.initialize(repeating: nil)
    kept = .allocate(capacity: 4)
    runIDs = RunIDGenerator(seed: seed)
    for place in 0..<4 {
      withUnsafePointer(to: 0x20) { (kept + place).initialize(to: SnapshotNumber($0, 1)) }
    }
  }

  deinit {
    for program in programs { program?.release() }
    programs.deallocate()
    kept.deallocate()
  }

  /// Appends the snapshot of one record as a line.
  ///
  /// - Returns: false, and nothing appended, when the record holds no data: a trade without a price, a book
  ///   without a level. The caller tells that as a gap.
  public mutating func append(
    _ record: FrameRecord, at moment: SnapshotMoment, to buffer: inout ByteBuffer
  ) -> Bool {
    prepare(moment)
    let program = programs[record.layout] ?? compile(record)
    guard let lead = lead(record, program) else { return false }
    buffer.append(upTo: bound(record, program)) { target in
      var writer = SnapshotWriter(at: target, record: record)
      open(&writer, record, program)
      putInputs(record, program, lead, received: moment.time, to: &writer)
      if hasRaw { writer.put(raw: record, program) }
      writer.put(SnapshotText.end)
      complaints.badNumbers &+= writer.badNumbers
      complaints.invalidUTF8 &+= writer.repairs
      return writer.at - target
    }
    return true
  }

  /// Makes a layout ready when its first record comes: most runs see a few of them.
  @inline(never)
  private func compile(_ record: FrameRecord) -> FeedProgram {
    let row = record.channel.row
    let program = FeedProgram(row, row.layouts[record.layout % FrameLayouts.perChannel])
    programs[record.layout] = program
    return program
  }

  /// Writes what stands before the members of `inputs`.
  @inline(__always)
  private mutating func open(_ writer: inout SnapshotWriter, _ record: FrameRecord, _ program: FeedProgram) {
    writer.put(head.start, head.count)
    runIDs.write(to: writer.at)
    writer.at += RunIDGenerator.length
    writer.put(frame.start, frame.count)
    writer.put(SnapshotText.marketSourceSymbol)
    writer.putField(record.start(0), record.length(0))
    if program.isMarketInKey {
      writer.put(SnapshotText.marketText)
      writer.put(record.start(0) + 1, 3)
    }
    writer.put(program.context, program.contextLength, slot: FeedProgram.contextSlot)
  }

  /// Appends the rest of `context` for lines that are not made at tick speed: what is observed, and of what.
  func appendContext(_ subject: Subject, to buffer: inout ByteBuffer) {
    buffer.append(SnapshotText.symbol)
    buffer.append(jsonString: subject.instrument.symbol)
    buffer.append(SnapshotText.market)
    buffer.append(jsonString: subject.instrument.market)
    buffer.append(SnapshotText.product)
    buffer.append(jsonString: subject.product.rawValue)
    buffer.append(SnapshotText.feed)
    buffer.append(jsonString: subject.feed.rawValue)
    buffer.append(SnapshotText.observation)
  }

  /// As `open`, for lines that are not made at tick speed; ends after `SnapshotText.context`.
  mutating func open(_ moment: SnapshotMoment, to buffer: inout ByteBuffer) {
    prepare(moment)
    buffer.append(head.bytes)
    buffer.append(upTo: RunIDGenerator.length) { target in
      runIDs.write(to: target)
      return RunIDGenerator.length
    }
    buffer.append(frame.bytes)
  }

  /// Bytes that the longest line of `record` can need: the fixed parts, the numbers (each at most 42 bytes),
  /// every field once more in `raw` with its name and, in the worst case, as six-byte escapes.
  @inline(__always)
  private func bound(_ record: FrameRecord, _ program: FeedProgram) -> Int {
    let bytes = Int(record.offsets[record.stride]) &- Int(record.offsets[0])
    let text = record.isPlain ? bytes : bytes &* 6
    return head.count &+ frame.count &+ program.bound &+ record.stride &* FeedProgram.slot &+ text
      &+ (program.hasText ? text : 0) &+ SnapshotWriter.slack
  }

  /// Renews what consecutive snapshots have in common: the time changes once a millisecond, the rest hardly ever.
  @inline(__always)
  private mutating func prepare(_ moment: SnapshotMoment) {
    if headTime != moment.time { renewHead(moment) }
    if let frameMoment, frameMoment.hasSameFrame(as: moment) { return }
    renewFrame(moment)
  }

  @inline(never)
  private mutating func renewHead(_ moment: SnapshotMoment) {
    let time = moment.time
    headTime = time
    head.removeAll()
    head.append(SnapshotText.head)
    head.append(upTo: KST.isoLength) { target in
      KST(time).writeISO(to: target)
      return KST.isoLength
    }
    head.append(SnapshotText.timestampMS)
    head.append(decimal: Int(time.count))
    head.append(SnapshotText.sessionID)
    head.append(jsonString: sessionID)
    head.append(SnapshotText.runID)
  }

  @inline(never)
  private mutating func renewFrame(_ moment: SnapshotMoment) {
    frameMoment = moment
    frame.removeAll()
    frame.append(SnapshotText.mode)
    frame.append(jsonString: mode)
    frame.append(SnapshotText.observerVersion)
    if let iteration = moment.iterationID {
      frame.append(SnapshotText.iterationID)
      frame.append(decimal: iteration)
    }
    if let interval = moment.loopInterval {
      frame.append(SnapshotText.loopInterval)
      frame.append(thousandths: Int(interval.count / 1000))
    }
    if let latency = moment.latency {
      frame.append(SnapshotText.latency)
      frame.append(thousandths: Int(latency.count / 1000))
    }
    frame.append(SnapshotText.tickSource)
    frame.append(text: moment.source.rawValue)
    frame.append(SnapshotText.context)
  }
}

extension ByteBuffer {
  /// Appends `value / 1000` with one to three decimals: `12.3`, `1000.0`.
  mutating func append(thousandths value: Int) {
    if value < 0 { append(0x2D) }
    append(decimal: Int(value.magnitude / 1000))
    append(0x2E)
    let rest = Int(value.magnitude % 1000)
    append(decimal: rest / 100)
    if rest % 100 != 0 { append(decimal: rest / 10 % 10) }
    if rest % 10 != 0 { append(decimal: rest % 10) }
  }
}
