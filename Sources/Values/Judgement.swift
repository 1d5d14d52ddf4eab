import JSONBytes

/// What one rule says of one line.
enum RuleVerdict {
  case nothing
  case flagged
  /// The line cannot be true: what was seen, and the limit.
  case blocked(Measure, limit: Measure)

  /// Flagged, or not.
  @inline(__always)
  init(flags: Bool) { self = flags ? .flagged : .nothing }
}

/// What all rules say of one line.
public struct Judgement: Sendable {
  /// The rule that blocks a line, with what it saw.
  public struct Block: Sendable {
    /// The rule.
    public let rule: MarketFlag
    let value: Measure
    let limit: Measure

    /// For the log: `Market rule STEP: 12.3456, limit 10`.
    public var text: String {
      var out = ByteBuffer(capacity: 64)
      out.append("Market rule ")
      out.append(rule.text)
      out.append(": ")
      value.append(to: &out)
      out.append(", limit ")
      limit.append(to: &out)
      return out.text
    }
  }

  private var bits: UInt32 = 0
  /// The first rule that blocks the line; nil lets it pass.
  public private(set) var block: Block?

  /// Nothing is said.
  public init() {}

  /// Whether a rule flagged the line.
  @inline(__always)
  public func has(_ flag: MarketFlag) -> Bool { bits & flag.bit != 0 }

  @inline(__always)
  mutating func flag(_ flag: MarketFlag) { bits |= flag.bit }

  @inline(__always)
  mutating func add(_ flag: MarketFlag, _ finding: RuleVerdict) {
    switch finding {
    case .nothing: return
    case .flagged: bits |= flag.bit
    case .blocked(let value, let limit):
      bits |= flag.bit
      if block == nil { block = Block(rule: flag, value: value, limit: limit) }
    }
  }

  /// The flags one by one, in order.
  @inline(__always)
  public func forEachFlag(_ body: (MarketFlag) -> Void) {
    var rest = bits
    while rest != 0 {
      if let flag = MarketFlag(rawValue: UInt8(truncatingIfNeeded: rest.trailingZeroBitCount)) { body(flag) }
      rest &= rest &- 1
    }
  }

  /// Appends the verdict that the guard writes.
  public func append(to out: inout ByteBuffer) {
    guard let block else {
      if bits == 0 {
        out.append("{\"action\":\"PASS\",\"reason\":\"OK\",\"flags\":[]}")
      } else {
        out.append("{\"action\":\"PASS\",\"reason\":\"OK\",\"flags\":[")
        appendFlags(to: &out)
        out.append("]}")
      }
      return
    }
    out.append("{\"action\":\"BLOCK\",\"reason\":\"Market rule ")
    out.append(block.rule.text)
    out.append("\",\"flags\":[")
    appendFlags(to: &out)
    out.append("],\"rule\":\"")
    out.append(block.rule.text)
    out.append("\",\"value\":")
    block.value.append(to: &out)
    out.append(",\"limit\":")
    block.limit.append(to: &out)
    out.append("}")
  }

  private func appendFlags(to out: inout ByteBuffer) {
    let start = out.count
    forEachFlag { flag in
      out.append(0x22)
      out.append(flag.text)
      out.append("\",")
    }
    if out.count > start { out.truncate(to: out.count - 1) }
  }
}
