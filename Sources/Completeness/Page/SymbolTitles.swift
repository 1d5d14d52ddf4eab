import Pages

/// What a page calls a symbol: its name, and its venue where the same page tells of the symbol at another one too.
struct SymbolTitles {
  private let names: [String: String]
  /// Symbols that are here at several venues.
  private let several: Set<String>

  /// Titles for everything that is told of these days.
  init(names: [String: String], days: [DayLine]) {
    self.names = names
    var markets: [String: Set<String>] = [:]
    for day in days {
      for line in day.lines { markets[line.audit.key.symbol, default: []].insert(line.audit.key.market) }
      for case let (symbol, market)? in day.reasons.map(\.subject) where !market.isEmpty {
        markets[symbol, default: []].insert(market)
      }
    }
    several = Set(markets.filter { $0.value.count > 1 }.keys)
  }

  /// `삼성전자`, else `005930`; `삼성전자 NXT` beside another venue.
  func title(_ symbol: String, _ market: String) -> String {
    (names[symbol] ?? symbol) + (several.contains(symbol) && !market.isEmpty ? " " + market : "")
  }
}
