/// What value is of price times size, for one symbol: contracts of one channel differ.
public enum MultiplierChoice: Equatable, Sendable {
  /// Not known yet.
  case open
  /// Given, or learned from neighbours.
  case known(Int64)

  /// What is known of a symbol whose channel has these multipliers before its first record.
  public init(among multipliers: [Int64]) {
    self = multipliers.count > 1 ? .open : .known(multipliers.first ?? 1)
  }

  /// The multiplier; nil as long as it is not known.
  var factor: Int64? {
    if case .known(let factor) = self { factor } else { nil }
  }
}

extension SymbolLedger {
  /// Judges a trade of a channel whose contracts differ: the first multiplier that alone fits is the one from then on.
  /// Until then a loss has no value.
  public mutating func judge(
    _ trade: Trade, among multipliers: [Int64], _ choice: inout MultiplierChoice
  ) -> Verdict {
    if case .known(let multiplier) = choice { return judge(trade, multiplier: multiplier) }
    var fitting: [(ledger: SymbolLedger, multiplier: Int64)] = []
    for multiplier in multipliers {
      var ledger = self
      if ledger.judge(trade, multiplier: multiplier) == .verified { fitting.append((ledger, multiplier)) }
    }
    if fitting.count == 1 { choice = .known(fitting[0].multiplier) }
    if let first = fitting.first {
      self = first.ledger
      return .verified
    }
    var ledger = self
    let verdict = ledger.judge(trade, multiplier: multipliers.first ?? 1)
    if case .missed = verdict { return judge(trade, multiplier: nil) }
    self = ledger
    return verdict
  }
}
