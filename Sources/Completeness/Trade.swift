import Plumbing

/// The running totals that a record of a trade feed carries: what the exchange has counted of this symbol today,
/// this trade included. A total that the channel does not have is absent.
public struct TradeTotals: Equatable, Sendable {
  /// Shares or contracts (`ACML_VOL`).
  public var shares: Int64
  /// Money (`ACML_TR_PBMN`), in the channel's unit.
  public var value: Int64?
  /// Trades that a buyer or a seller started (`SELN_CNTG_CSNU` + `SHNU_CNTG_CSNU`): auction prints are not among them.
  public var sided: Int64?

  /// Makes totals.
  public init(shares: Int64, value: Int64? = nil, sided: Int64? = nil) {
    self.shares = shares
    self.value = value
    self.sided = sided
  }

  /// Those of a count that has not begun.
  static func zero(like totals: TradeTotals) -> TradeTotals {
    TradeTotals(shares: 0, value: totals.value.map { _ in 0 }, sided: totals.sided.map { _ in 0 })
  }

  /// What they were before a trade that added `own`.
  @inline(__always)
  func before(_ own: Loss) -> TradeTotals {
    TradeTotals(
      shares: shares.minus(own.shares), value: value.flatMap { value in own.value.map { value.minus($0) } },
      sided: sided.map { $0.minus(own.trades) })
  }
}

/// One trade as the ledger looks at it.
public struct Trade: Sendable {
  /// The day it belongs to, days since 1970-01-01 in the venue's time.
  public var day: Int
  /// The price; nil where it cannot be read.
  public var price: Decimal?
  /// Shares or contracts of this trade, 1 or more.
  public var size: Int64
  /// Whether a buyer or a seller started it (`CCLD_DVSN` 1 or 5); false for the print that ends an auction.
  public var isSided: Bool
  /// The day's totals; nil where the record has none.
  public var totals: TradeTotals?

  /// Makes a trade.
  public init(day: Int, price: Decimal?, size: Int64, isSided: Bool, totals: TradeTotals?) {
    self.day = day
    self.price = price
    self.size = size
    self.isSided = isSided
    self.totals = totals
  }
}

extension Trade {
  /// Whether it is the print that ends the opening auction: it has no side, and none was counted before it.
  var isOpening: Bool { !isSided && totals?.sided == 0 }
}

/// What is not there of what the exchange counted.
public struct Loss: Equatable, Sendable {
  /// Trades: exact where the channel counts them, else a lower bound.
  public var trades: Int64
  /// Shares, exact.
  public var shares: Int64
  /// Money in the channel's unit; nil where the channel has no such total.
  public var value: Int64?

  /// Makes a loss.
  public init(trades: Int64, shares: Int64, value: Int64?) {
    self.trades = trades
    self.shares = shares
    self.value = value
  }
}

extension Loss {
  /// None.
  public static var none: Loss { Loss(trades: 0, shares: 0, value: 0) }

  /// Both together; money only where both have it.
  public static func + (one: Loss, other: Loss) -> Loss {
    Loss(
      trades: one.trades.plus(other.trades), shares: one.shares.plus(other.shares),
      value: one.value.flatMap { value in other.value.map { value.plus($0) } })
  }

  /// What takes back `loss`.
  public static prefix func - (loss: Loss) -> Loss {
    none - loss
  }

  /// What is left of `one` without `other`.
  public static func - (one: Loss, other: Loss) -> Loss {
    Loss(
      trades: one.trades.minus(other.trades), shares: one.shares.minus(other.shares),
      value: one.value.flatMap { value in other.value.map { value.minus($0) } })
  }

  /// Adds.
  public static func += (sum: inout Loss, loss: Loss) { sum = sum + loss }

  /// Takes off.
  public static func -= (sum: inout Loss, loss: Loss) { sum = sum - loss }
}

/// What the ledger says of one trade.
public enum Verdict: Equatable, Sendable {
  /// The day's first record of the symbol. `before` shares were traded earlier: 0 proves the start, nil: not known.
  case first(before: Int64)
  /// The totals rose by this trade and nothing else.
  case verified
  /// The totals rose by more than this trade: these are missing between the record before and this one.
  case missed(Loss)
  /// The totals did not move: the exchange sent this record again.
  case duplicate
  /// The totals fell: the exchange took trades back, or sent this one after a later one. The next record tells.
  case reversal
  /// The record came late into an archive, long after later ones: so much less is missing than was thought. Less than none
  /// where it shows for the first time what is missing before a later one.
  case late(Loss)
  /// Nothing can be said: the record has no totals, or they contradict the trade.
  case unverifiable
}
