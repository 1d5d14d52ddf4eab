/// A symbol has the form of its product.
enum SymbolFormRule: MarketRule {
  static let flag = MarketFlag.symbolForm

  @inline(__always)
  static func judge(_ seen: Seen) -> RuleVerdict {
    guard let symbol = seen.line.symbol else { return .nothing }
    return RuleVerdict(flags: !hasForm(symbol, seen.line.kind.group))
  }

  @inline(__always)
  private static func hasForm(_ symbol: Words, _ group: ProductKind.Group) -> Bool {
    switch group {
    case .stock, .etf, .etn:
      if symbol.count == 6 { return isCode(symbol, from: 0) }
      return symbol.count == 7 && symbol.start[0] == 0x51 && isCode(symbol, from: 1)
    case .elw: return symbol.count == 6 && isCode(symbol, from: 0)
    case .index: return symbol.count == 4 && symbol.bytes.allSatisfy { $0 &- 0x30 < 10 }
    case .contract: return (6...9).contains(symbol.count) && isCode(symbol, from: 0)
    case .bond: return symbol.count == 12 && symbol.hasPrefix("KR") && isCode(symbol, from: 2)
    case .other: return (1...32).contains(symbol.count) && symbol.bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
  }

  /// Digits and capitals.
  @inline(__always)
  private static func isCode(_ symbol: Words, from start: Int) -> Bool {
    for index in start..<symbol.count {
      let byte = symbol.start[index]
      if byte &- 0x30 >= 10 && byte &- 0x41 >= 26 { return false }
    }
    return true
  }
}
