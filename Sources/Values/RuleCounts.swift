/// Lines that were flagged and blocked, by rule.
public struct RuleCounts: Sendable {
  private var flagged = [Int](repeating: 0, count: MarketFlag.allCases.count)
  private var blocked = [Int](repeating: 0, count: MarketFlag.allCases.count)

  /// None.
  public init() {}

  /// Counts a line.
  @inline(__always)
  public mutating func add(_ judgement: Judgement) {
    judgement.forEachFlag { flagged[Int($0.rawValue)] &+= 1 }
    if let block = judgement.block { blocked[Int(block.rule.rawValue)] &+= 1 }
  }

  /// Flagged lines, blocked ones included.
  public var flags: [(String, Int)] { Self.named(flagged) }
  /// Blocked lines.
  public var blocks: [(String, Int)] { Self.named(blocked) }

  private static func named(_ counts: [Int]) -> [(String, Int)] {
    zip(MarketFlag.allCases, counts).map { ("\($0.text)", $1) }
  }
}
