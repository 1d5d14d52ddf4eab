/// What one line says, as numbers: all that the audit keeps of it.
struct AuditFact: Sendable {
  /// Kinds of lines that are judged differently.
  enum Kind: UInt8, Sendable {
    /// One trade.
    case trade
    /// A state at a moment: a book, a price, an index.
    case quote
  }

  let kind: Kind
  /// Place of the subject among those of the reader that read the line.
  let subject: Int32
  /// Members of `raw`; -1 where there is none.
  let layout: Int32
  /// Moment of capture, epoch milliseconds.
  let time: Int64
  /// Moment of the trade, epoch milliseconds; nil where it is not told.
  let tradeTime: Int64?
  /// The price; nil where it is not told or cannot be read.
  let price: Decimal?
  /// Of a trade.
  let size: Int64
  let isSided: Bool
  let totals: TradeTotals?
  /// Of a quote.
  let isCrossed: Bool
  let isOutsideLimits: Bool
  /// Change against the previous close, percent.
  let changeRate: Decimal?
  /// Of a record: what the guard's rules of values said, a bit each.
  let flags: UInt32
}

/// A line that records what was not observed.
struct GapFact: Sendable {
  let subject: Int32
  let time: Int64
  let reason: String
  /// All records of one gap have the same; empty where it has none.
  let id: String
  /// When it began and ended, epoch milliseconds, as far as it says so.
  let from: Int64?
  let to: Int64?
  let milliseconds: Int64
  /// What the running totals say was missed in it; nil where it does not say.
  let missed: Loss?
  /// Whether it is over: one that lasts is told again.
  let isFinal: Bool
}

/// A line that is neither a snapshot nor a record.
public struct BadLine: Equatable, Sendable {
  /// From 1, in its input.
  public let number: Int
  /// Why.
  public let reason: String
}

/// What a reader made of some lines, in their order. It is meant to be filled again.
public struct AuditFacts: Sendable {
  /// Rare lines, apart from the others, which are plain numbers.
  enum Rare: Sendable {
    case gap(GapFact)
    /// The verdict on a day, as an earlier audit wrote it.
    case day(KnownDay)
    case reject(RejectFact)
  }

  var facts: [AuditFact] = []
  /// With the number of facts before each.
  var rare: [(at: Int, line: Rare)] = []
  /// Subjects that this reader had not met before, in the order of their places.
  var subjects: [(key: SubjectKey, name: String)] = []
  /// The first of the bad lines.
  public internal(set) var bad: [BadLine] = []
  /// All bad lines.
  public internal(set) var badCount: Int64 = 0

  /// Bad lines that are named; the others are counted.
  private static let maxNamed = 5

  /// Nothing.
  public init() {}

  /// Makes room for other lines.
  public mutating func removeAll() {
    facts.removeAll(keepingCapacity: true)
    rare.removeAll(keepingCapacity: true)
    subjects.removeAll(keepingCapacity: true)
    bad.removeAll(keepingCapacity: true)
    badCount = 0
  }

  /// Notes a line that is neither a snapshot nor a record.
  public mutating func refuse(_ line: Int, _ reason: @autoclosure () -> String) {
    badCount += 1
    if bad.count < Self.maxNamed { bad.append(BadLine(number: line, reason: reason())) }
  }
}
