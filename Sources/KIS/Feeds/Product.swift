import Market

/// What kind of thing is watched: `context.product`, and what a watchlist line names.
public enum Product: String, CaseIterable, Hashable, Sendable {
  /// Shares.
  case stock
  /// Exchange-traded funds: they trade as shares do, and have a net asset value.
  case etf
  /// Exchange-traded notes.
  case etn
  /// Equity-linked warrants.
  case elw
  /// Indices of KRX.
  case index
  /// Futures on an index.
  case indexFuture = "index-future"
  /// Options on an index.
  case indexOption = "index-option"
  /// Futures on an index, in the night session.
  case nightFuture = "night-future"
  /// Options on an index, in the night session.
  case nightOption = "night-option"
  /// Futures on a share.
  case stockFuture = "stock-future"
  /// Options on a share.
  case stockOption = "stock-option"
  /// Futures on gold, currencies, rates and the like.
  case commodityFuture = "commodity-future"
  /// Bonds at KRX.
  case bond
  /// Indices of bonds.
  case bondIndex = "bond-index"
  /// Shares at exchanges abroad.
  case overseasStock = "overseas-stock"
  /// Futures and options at exchanges abroad.
  case overseasDerivative = "overseas-derivative"

  /// The product whose channels serve this one too. Two names of one thing: a line that says `etf` and one that says
  /// nothing name the same instrument.
  public var base: Product {
    switch self {
    case .etf, .etn: .stock
    default: self
    }
  }

  /// What its hours depend on; nil where the symbol tells.
  var listing: Listing? {
    switch self {
    case .stock: nil
    case .etf, .etn, .elw, .index: .fund
    case .indexFuture, .indexOption, .stockFuture, .stockOption, .commodityFuture: .derivative
    case .nightFuture, .nightOption, .bond, .bondIndex, .overseasStock, .overseasDerivative: .other
    }
  }
}
