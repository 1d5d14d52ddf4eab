/// Where the records of a channel have what the ledger judges: a trade, and the totals of the day after it. Columns are
/// named as in the layout.
struct TradeColumns: Sendable {
  /// The trade.
  let price: String, size: String
  /// Shares or contracts of the day.
  let shares: String
  /// Money of the day, and what makes it of price times size; of several multipliers the one that fits neighbours.
  var value: String?
  var multipliers: [Int64] = []
  /// Trades of the day that a seller, and that a buyer has started.
  var sells: String?
  var buys: String?
  /// Who has started this one: 1 a buyer, 5 a seller.
  var side: String?
  /// The day that the totals are of; nil: that of the arrival.
  var date: String?

  /// As shares have them.
  static func shares(side: String) -> TradeColumns {
    TradeColumns(
      price: "STCK_PRPR", size: "CNTG_VOL", shares: "ACML_VOL", value: "ACML_TR_PBMN", multipliers: [1],
      sells: "SELN_CNTG_CSNU", buys: "SHNU_CNTG_CSNU", side: side, date: "BSOP_DATE")
  }

  /// As contracts of KRX have them; without multipliers the unit of their value is not known.
  static func contracts(price: String, multipliers: [Int64] = []) -> TradeColumns {
    TradeColumns(
      price: price, size: "LAST_CNQN", shares: "ACML_VOL",
      value: multipliers.isEmpty ? nil : "ACML_TR_PBMN",
      multipliers: multipliers, sells: "SELN_CNTG_CSNU", buys: "SHNU_CNTG_CSNU")
  }
}
