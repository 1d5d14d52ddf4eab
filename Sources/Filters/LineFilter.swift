import Contract
import Glibc
import JSONBytes
import Plumbing

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
  /// Monotonic time of this batch.
  public var now: Nanoseconds = .zero
  /// Wall clock of this batch.
  public var wall: Milliseconds = .zero

  /// The name of the input in hand; nil: it is standard input, and nobody named it.
  var input: String?

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

  /// Where a line stands, as messages say it: `12`, or `a.jsonl:12`.
  func place(_ line: Line) -> String { input.map { "\($0):\(line.number)" } ?? "\(line.number)" }

  mutating func forgetUnchanged() {
    unchanged = nil
    unchangedCount = 0
  }
}

/// The work of a filter: one line in, at most one line out.
public protocol LineFilter: ~Copyable {
  /// Looks at one line that is not blank and appends what it has to say to `streams`.
  mutating func take(_ line: Line, _ streams: inout FilterStreams) -> LineOutcome
  /// When `serve` is to be called next, monotonic; `.max`: never.
  var nextDue: Nanoseconds { get }
  /// What is due between two lines.
  mutating func serve(_ now: Nanoseconds)
  /// Writes down what the filter measures besides lines and rejects.
  func append(to text: inout MetricsText)
  /// The input has ended, and all that passed is out.
  ///
  /// - Throws: what the filter had to keep and could not.
  mutating func settle() throws(ToolFailure)
  /// Last words to the log.
  mutating func finish()
}

extension LineFilter where Self: ~Copyable {
  /// Never.
  public var nextDue: Nanoseconds { .max }
  /// Nothing.
  public mutating func serve(_ now: Nanoseconds) {}
  /// Nothing.
  public func append(to text: inout MetricsText) {}
  /// Nothing.
  public mutating func settle() throws(ToolFailure) {}
}
