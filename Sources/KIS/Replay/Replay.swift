import Glibc
import JSONBytes
import Market
import Plumbing

/// How a recording is played.
public struct ReplayOptions: Sendable {
  /// How fast.
  public enum Speed: Equatable, Sendable {
    /// As fast as the reader takes it.
    case maximum
    /// So many times as fast as it was recorded.
    case factor(Double)
  }

  /// How fast.
  public var speed: Speed
  /// `meta.session_id`.
  public var sessionID: String
  /// `meta.mode`.
  public var mode: String
  /// Whether snapshots have the exchange's own fields.
  public var raw: Bool
  /// Makes the run ids repeatable; with it, equal recordings give equal bytes.
  public var seed: UInt64?
  /// Which session an answer fell into.
  public var calendar: MarketCalendar

  /// Says how to play.
  public init(
    speed: Speed, sessionID: String, mode: String, raw: Bool = true, seed: UInt64? = nil,
    calendar: MarketCalendar = MarketCalendar()
  ) {
    self.calendar = calendar
    self.speed = speed
    self.sessionID = sessionID
    self.mode = mode
    self.raw = raw
    self.seed = seed
  }
}

/// What a recording held.
public struct ReplaySummary: Equatable, Sendable {
  /// Lines read.
  public var lines = 0
  /// Data frames and answers taken.
  public var messages = 0
  /// Snapshots written, gaps included.
  public var snapshots = 0
  /// Records without data; each became a gap.
  public var withoutData = 0
  /// Losses that the records show; each became a gap.
  public var losses = 0
  /// Control messages and encrypted frames: nothing to see.
  public var passedOver = 0
  /// Frames and answers that were refused.
  public var refused = 0
  /// Lines that do not belong to a recording.
  public var malformed = 0
  /// Whether it was stopped before the end.
  public var isStopped = false
}

/// Plays a recording: the same snapshots again, without a network.
///
/// It takes what `WireRecorder` writes, and files of bare frames, one a line. The time of capture is the
/// recorded one; a bare frame is taken to have come at the time of its own first record.
public struct Replay: ~Copyable {
  private let options: ReplayOptions
  private var reader: ReplayReader
  private var parser = FrameParser()
  private var builder: SnapshotBuilder
  private var gaps: GapBook
  private var trades: TradeLedger
  private var output = ByteBuffer(capacity: 2 * Replay.flushSize)
  private var scratch = ByteBuffer(capacity: 4096)
  private var summary = ReplaySummary()
  private var clock = ReplayClock()
  private var started: (wall: Milliseconds, monotonic: Nanoseconds)?

  private static let flushSize = 256 * 1024

  /// Prepares to play what `descriptor` gives; `name` is for messages.
  public init(descriptor: Int32, name: String, options: ReplayOptions) {
    self.options = options
    reader = ReplayReader(descriptor: descriptor, name: name)
    builder = SnapshotBuilder(
      sessionID: options.sessionID, mode: options.mode, raw: options.raw, seed: options.seed)
    gaps = GapBook(seed: options.seed.map { ~$0 })
    trades = TradeLedger(seed: options.seed.map { $0 &+ 1 })
  }

  /// Plays to the end.
  ///
  /// - Parameters:
  ///   - write: writes the buffer's lines; the buffer is emptied afterwards.
  ///   - warn: gets a line about what was refused, at most one a message.
  ///   - ready: waits until the recording's descriptor can be read; false stops.
  ///   - pause: waits for so long (zero: just asked whether to go on); false stops.
  public mutating func run(
    write: (borrowing ByteBuffer) throws -> Void, warn: (String) -> Void,
    ready: (Int32) -> Bool = { _ in true },
    pause: (Nanoseconds) -> Bool
  ) throws -> ReplaySummary {
    while !summary.isStopped, let line = try reader.next(ready) {
      summary.lines += 1
      if line.isEmpty || line[0] == 0x23 { continue }
      guard let message = ReplayMessage.parse(line, scratch: &scratch) else {
        if line.starts(with: #"{"header""#.utf8) {
          summary.passedOver += 1
          continue
        }
        summary.malformed += 1
        warn("line \(lineNumber) of the recording is neither a recorded message nor a frame")
        continue
      }
      switch message.kind {
      case .webSocket: try playFrame(message, write, warn, pause)
      case .rest: try playAnswer(message, write, warn, pause)
      }
      if output.count >= Self.flushSize || !reader.hasLine { try flush(write, pause) }
    }
    summary.isStopped = summary.isStopped || reader.isStopped
    try flush(write, pause)
    summary.malformed += reader.skipped
    summary.lines = lineNumber
    return summary
  }

  private var lineNumber: Int { summary.lines + reader.skipped }

  @inline(__always)
  private mutating func playFrame(
    _ message: ReplayMessage, _ write: (borrowing ByteBuffer) throws -> Void, _ warn: (String) -> Void,
    _ pause: (Nanoseconds) -> Bool
  ) throws {
    if message.text.first == 0x7B {
      summary.passedOver += 1
      return
    }
    switch parser.parse(message.text) {
    case .encrypted: summary.passedOver += 1
    case .fault(let fault):
      summary.refused += 1
      warn(fault.description)
    case .records(let frame):
      let time = message.time ?? clock.time(of: frame[0], frame.clock)
      try wait(until: time, write, pause)
      if summary.isStopped { return }
      summary.messages += 1
      let moment = SnapshotMoment(time: time, source: .replay)
      trades.begin(frame)
      for index in 0..<frame.count {
        let record = frame[index]
        if trades.judge(record, at: time, Subject(Instrument(of: record), record.channel.feed)) {
          appendLosses(moment)
        }
        if !builder.append(record, at: moment, to: &output) {
          appendGap(Subject(Instrument(of: record), record.channel.feed), moment)
        }
        summary.snapshots += 1
      }
    }
    if let drift = parser.takeDrift() { warn(drift.description) }
  }

  private mutating func appendGap(_ subject: Subject, _ moment: SnapshotMoment) {
    summary.withoutData += 1
    builder.append(gaps.instant(subject, .noData, at: moment.time), at: moment, to: &output)
  }

  /// Writes what is missing before the record that shows it.
  private mutating func appendLosses(_ moment: SnapshotMoment) {
    for loss in trades.takeNews() {
      builder.append(loss, at: moment, to: &output)
      summary.snapshots += 1
      summary.losses += 1
    }
  }

  private mutating func flush(
    _ write: (borrowing ByteBuffer) throws -> Void, _ pause: (Nanoseconds) -> Bool
  ) throws {
    guard !output.isEmpty else { return }
    try write(output)
    output.removeAll()
    if !pause(.zero) { summary.isStopped = true }
  }

  /// Holds a message back until its time. What is ready goes out first: a reader downstream never waits for
  /// our pause.
  private mutating func wait(
    until time: Milliseconds, _ write: (borrowing ByteBuffer) throws -> Void, _ pause: (Nanoseconds) -> Bool
  ) throws {
    guard case .factor(let factor) = options.speed else { return }
    let now = Clocks.monotonic()
    guard let started else {
      self.started = (time, now)
      return
    }
    let distance = Double((time - started.wall).count) * 1_000_000 / factor
    let due = started.monotonic + Nanoseconds(Int64(min(max(distance, 0), 1e18)))
    guard due > now else { return }
    try flush(write, pause)
    if !summary.isStopped, !pause(due - now) { summary.isStopped = true }
  }
}

// MARK: - Answers
extension Replay {
  private mutating func playAnswer(
    _ message: ReplayMessage, _ write: (borrowing ByteBuffer) throws -> Void, _ warn: (String) -> Void,
    _ pause: (Nanoseconds) -> Bool
  ) throws {
    guard let root = try? JSONValue.parse(message.text), let output = root["output"],
      root["rt_cd"]?.string ?? "0" == "0"
    else {
      summary.refused += 1
      return warn("line \(lineNumber) of the recording is an answer without data")
    }
    let venue = Venue(rawValue: String(decoding: message.market, as: UTF8.self)) ?? .krx
    var moment = SnapshotMoment(time: message.time ?? clock.last, source: .replay)
    let hours = PollingHours(.all, options.calendar)
    try wait(until: moment.time, write, pause)
    if summary.isStopped { return }
    summary.messages += 1
    for row in output.elements ?? [output] {
      let isMulti = output.elements != nil
      let symbol =
        isMulti ? SnapshotBuilder.multiSymbol(row) ?? "" : String(decoding: message.symbol, as: UTF8.self)
      moment.session = hours.session(of: Instrument(symbol, venue), at: moment.time)
      let isMade =
        isMulti
        ? builder.appendMulti(body: message.text, row: row, venue: venue, at: moment, to: &self.output)
        : builder.appendPrice(
          body: message.text, output: row, symbol: symbol, venue: venue, at: moment, to: &self.output)
      if !isMade { appendGap(Subject(Instrument(symbol, venue), isMulti ? .multi : .price), moment) }
      summary.snapshots += 1
    }
  }
}

/// The time of frames that were saved without one.
struct ReplayClock {
  /// The last time given.
  private(set) var last: Milliseconds
  private var midnight: Milliseconds

  /// Begins on the day that holds `now`, for books that come before the first date.
  init(now: Milliseconds = Clocks.wall()) {
    last = now
    midnight = KST.midnight(before: now)
  }

  /// Most trades say their date and time; books only a time, on the date of the trades before them.
  @inline(__always)
  mutating func time(of record: FrameRecord, _ place: (date: Int, time: Int)) -> Milliseconds {
    guard place.time >= 0 else { return last }
    let time = record.field(place.time)
    if place.date >= 0, let exact = SnapshotTime.instant(date: record.field(place.date), time: time) {
      midnight = KST.midnight(before: exact)
      last = exact
    } else if SnapshotTime.isTime(time), let start = time.baseAddress {
      last = midnight + SnapshotTime.sinceMidnight(start)
    }
    return last
  }
}
