/// Futures and options at KRX, by day and by night. Prices of spreads may be negative, so 0 alone means none. The value of
/// the day is in thousands of won for indices (KIS.md 0.1).
extension FeedLayout {
  /// Trades of a future on an index or a commodity; `tail` stands behind the columns that all have.
  /// `multipliers` make value of price times size, where that is known.
  static func futureTrades(lengths: [Int], tail: String, multipliers: [Int64] = []) -> FeedLayout {
    FeedLayout(
      FeedColumns(
        """
        FUTS_SHRN_ISCD:x BSOP_HOUR:t FUTS_PRDY_VRSS PRDY_VRSS_SIGN:c FUTS_PRDY_CTRT:n FUTS_PRPR FUTS_OPRC FUTS_HGPR
        FUTS_LWPR LAST_CNQN:i ACML_VOL:i ACML_TR_PBMN:i HTS_THPR MRKT_BASIS:n DPRT:n NMSC_FCTN_STPL_PRC FMSC_FCTN_STPL_PRC
        SPEAD_PRC HTS_OTST_STPL_QTY:i OTST_STPL_QTY_ICDC:i OPRC_HOUR:t OPRC_VRSS_PRPR_SIGN:c OPRC_VRSS_NMIX_PRPR
        HGPR_HOUR:t HGPR_VRSS_PRPR_SIGN:c HGPR_VRSS_NMIX_PRPR LWPR_HOUR:t LWPR_VRSS_PRPR_SIGN:c LWPR_VRSS_NMIX_PRPR
        SHNU_RATE:n CTTR:n ESDG:n OTST_STPL_RGBF_QTY_ICDC:i THPR_BASIS:n FUTS_ASKP1 FUTS_BIDP1 ASKP_RSQN1:i BIDP_RSQN1:i
        SELN_CNTG_CSNU:i SHNU_CNTG_CSNU:i NTBY_CNTG_CSNU:i SELN_CNTG_SMTN:i SHNU_CNTG_SMTN:i TOTAL_ASKP_RSQN:i
        TOTAL_BIDP_RSQN:i PRDY_VOL_VRSS_ACML_VOL_RATE:n \(tail)
        """),
      lengths: lengths,
      anchors: [
        "BSOP_HOUR", "PRDY_VRSS_SIGN", "OPRC_HOUR", "LWPR_VRSS_PRPR_SIGN", "THPR_BASIS", "ASKP_RSQN1",
        "PRDY_VOL_VRSS_ACML_VOL_RATE",
      ],
      requires: .value("FUTS_PRPR"),
      contract(
        price: ("FUTS_OPRC", "FUTS_HGPR", "FUTS_LWPR"), change: "FUTS_PRDY_VRSS", rate: "FUTS_PRDY_CTRT",
        bid: "FUTS_BIDP1", ask: "FUTS_ASKP1") + [.number("basis", "MRKT_BASIS")],
      trade: .contracts(price: "FUTS_PRPR", multipliers: multipliers))
  }

  /// Trades of a future on a share.
  static let stockFutureTrades = FeedLayout(
    FeedColumns(
      """
      FUTS_SHRN_ISCD:x BSOP_HOUR:t STCK_PRPR PRDY_VRSS_SIGN:c PRDY_VRSS FUTS_PRDY_CTRT:n STCK_OPRC STCK_HGPR STCK_LWPR
      LAST_CNQN:i ACML_VOL:i ACML_TR_PBMN:i HTS_THPR MRKT_BASIS:n DPRT:n NMSC_FCTN_STPL_PRC FMSC_FCTN_STPL_PRC SPEAD_PRC
      HTS_OTST_STPL_QTY:i OTST_STPL_QTY_ICDC:i OPRC_HOUR:t OPRC_VRSS_PRPR_SIGN:c OPRC_VRSS_PRPR HGPR_HOUR:t
      HGPR_VRSS_PRPR_SIGN:c HGPR_VRSS_PRPR LWPR_HOUR:t LWPR_VRSS_PRPR_SIGN:c LWPR_VRSS_PRPR SHNU_RATE:n CTTR:n ESDG:n
      OTST_STPL_RGBF_QTY_ICDC:i THPR_BASIS:n ASKP1 BIDP1 ASKP_RSQN1:i BIDP_RSQN1:i SELN_CNTG_CSNU:i SHNU_CNTG_CSNU:i
      NTBY_CNTG_CSNU:i SELN_CNTG_SMTN:i SHNU_CNTG_SMTN:i TOTAL_ASKP_RSQN:i TOTAL_BIDP_RSQN:i
      PRDY_VOL_VRSS_ACML_VOL_RATE:n DYNM_MXPR DYNM_LLAM DYNM_PRC_LIMT_YN:c
      """),
    anchors: [
      "BSOP_HOUR", "PRDY_VRSS_SIGN", "OPRC_HOUR", "LWPR_VRSS_PRPR_SIGN", "THPR_BASIS", "ASKP_RSQN1",
      "PRDY_VOL_VRSS_ACML_VOL_RATE",
    ],
    requires: .value("STCK_PRPR"),
    contract(
      price: ("STCK_OPRC", "STCK_HGPR", "STCK_LWPR"), change: "PRDY_VRSS", rate: "FUTS_PRDY_CTRT",
      bid: "BIDP1",
      ask: "ASKP1") + [.number("basis", "MRKT_BASIS")], trade: .contracts(price: "STCK_PRPR"))

  /// Trades of an option. Where a value cannot be computed the exchange writes `nan`.
  static func optionTrades(lengths: [Int], tail: String) -> FeedLayout {
    FeedLayout(
      FeedColumns(
        """
        OPTN_SHRN_ISCD:x BSOP_HOUR:t OPTN_PRPR PRDY_VRSS_SIGN:c OPTN_PRDY_VRSS PRDY_CTRT:n OPTN_OPRC OPTN_HGPR OPTN_LWPR
        LAST_CNQN:i ACML_VOL:i ACML_TR_PBMN HTS_THPR HTS_OTST_STPL_QTY:i OTST_STPL_QTY_ICDC:i OPRC_HOUR:t
        OPRC_VRSS_PRPR_SIGN:c OPRC_VRSS_NMIX_PRPR HGPR_HOUR:t HGPR_VRSS_PRPR_SIGN:c HGPR_VRSS_NMIX_PRPR LWPR_HOUR:t
        LWPR_VRSS_PRPR_SIGN:c LWPR_VRSS_NMIX_PRPR SHNU_RATE:n PRMM_VAL INVL_VAL TMVL_VAL DELTA GAMA VEGA THETA RHO
        HTS_INTS_VLTL ESDG:n OTST_STPL_RGBF_QTY_ICDC THPR_BASIS:n UNAS_HIST_VLTL CTTR:n DPRT:n MRKT_BASIS:n OPTN_ASKP1 OPTN_BIDP1
        ASKP_RSQN1:i BIDP_RSQN1:i SELN_CNTG_CSNU:i SHNU_CNTG_CSNU:i NTBY_CNTG_CSNU:i SELN_CNTG_SMTN:i SHNU_CNTG_SMTN:i
        TOTAL_ASKP_RSQN:i TOTAL_BIDP_RSQN:i PRDY_VOL_VRSS_ACML_VOL_RATE:n \(tail)
        """),
      lengths: lengths,
      anchors: [
        "BSOP_HOUR", "PRDY_VRSS_SIGN", "OPRC_HOUR", "LWPR_VRSS_PRPR_SIGN", "THPR_BASIS", "ASKP_RSQN1",
        "PRDY_VOL_VRSS_ACML_VOL_RATE",
      ],
      requires: .value("OPTN_PRPR"),
      contract(
        price: ("OPTN_OPRC", "OPTN_HGPR", "OPTN_LWPR"), change: "OPTN_PRDY_VRSS", rate: "PRDY_CTRT",
        bid: "OPTN_BIDP1", ask: "OPTN_ASKP1") + [
          .number("delta", "DELTA"), .number("gamma", "GAMA"), .number("vega", "VEGA"),
          .number("theta", "THETA"), .number("rho", "RHO"), .number("implied_volatility", "HTS_INTS_VLTL"),
        ], trade: .contracts(price: "OPTN_PRPR"))
  }

  /// Five levels a side; `kind` begins the names of the prices.
  static func contractBook(_ kind: String, lengths: [Int] = []) -> FeedLayout {
    book(
      """
      \(kind)SHRN_ISCD:x BSOP_HOUR:t \(kind)ASKP[1-5] \(kind)BIDP[1-5] ASKP_CSNU[1-5]:i BIDP_CSNU[1-5]:i
      ASKP_RSQN[1-5]:i BIDP_RSQN[1-5]:i \(bookTotals)
      """, lengths: lengths, bids: "\(kind)BIDP", asks: "\(kind)ASKP", 5)
  }

  /// Ten levels a side.
  static let stockFutureBook = book(
    """
    FUTS_SHRN_ISCD:x BSOP_HOUR:t ASKP[1-10] BIDP[1-10] ASKP_CSNU[1-10]:i BIDP_CSNU[1-10]:i ASKP_RSQN[1-10]:i
    BIDP_RSQN[1-10]:i \(bookTotals)
    """, bids: "BIDP", asks: "ASKP", 10)

  /// Ten levels a side, the sixth and further ones at the end.
  static let stockOptionBook = book(
    """
    OPTN_SHRN_ISCD:x BSOP_HOUR:t OPTN_ASKP[1-5] OPTN_BIDP[1-5] ASKP_CSNU[1-5]:i BIDP_CSNU[1-5]:i ASKP_RSQN[1-5]:i
    BIDP_RSQN[1-5]:i \(bookTotals) OPTN_ASKP[6-10] OPTN_BIDP[6-10] ASKP_CSNU[6-10]:i BIDP_CSNU[6-10]:i
    ASKP_RSQN[6-10]:i BIDP_RSQN[6-10]:i
    """, bids: "OPTN_BIDP", asks: "OPTN_ASKP", 10)

  /// What a call auction would lead to; `key` is the first column.
  static func contractExpected(_ key: String, hasSize: Bool) -> FeedLayout {
    FeedLayout(
      FeedColumns(
        """
        \(key):x BSOP_HOUR:t ANTC_CNPR ANTC_CNTG_VRSS ANTC_CNTG_VRSS_SIGN:c ANTC_CNTG_PRDY_CTRT:n ANTC_MKOP_CLS_CODE:x
        \(hasSize ? "ANTC_CNQN:i" : "")
        """), anchors: ["BSOP_HOUR", "ANTC_CNTG_VRSS_SIGN", "ANTC_CNTG_PRDY_CTRT"],
      requires: .value("ANTC_CNPR"),
      [
        .lead("expected_price"), hasSize ? .number("expected_size", "ANTC_CNQN") : .null("expected_size"),
        .previousClose("prev_close", change: "ANTC_CNTG_VRSS", by: "ANTC_CNTG_VRSS_SIGN"),
        .signed("expected_change", "ANTC_CNTG_VRSS", by: "ANTC_CNTG_VRSS_SIGN"),
        .signed("expected_change_rate", "ANTC_CNTG_PRDY_CTRT", by: "ANTC_CNTG_VRSS_SIGN"),
        .time("quote_time", date: nil, "BSOP_HOUR"), .text("expected_phase_code", "ANTC_MKOP_CLS_CODE"),
      ])
  }

  private static let bookTotals = """
    TOTAL_ASKP_CSNU:i TOTAL_BIDP_CSNU:i TOTAL_ASKP_RSQN:i TOTAL_BIDP_RSQN:i TOTAL_ASKP_RSQN_ICDC:i
    TOTAL_BIDP_RSQN_ICDC:i
    """

  private static func book(
    _ text: String, lengths: [Int] = [], bids: String, asks: String, _ levels: Int
  ) -> FeedLayout {
    FeedLayout(
      FeedColumns(text), lengths: lengths, anchors: ["BSOP_HOUR", "ASKP_CSNU1", "TOTAL_BIDP_RSQN"],
      requires: .any(columns(asks, 1...levels) + columns(bids, 1...levels)),
      [
        .price("bid_price", "\(bids)1"), .price("ask_price", "\(asks)1"), .midpoint("mid_price"),
        .sized("bid_size", "BIDP_RSQN1", of: "\(bids)1"), .sized("ask_size", "ASKP_RSQN1", of: "\(asks)1"),
      ] + ladders(bids: bids, asks: asks, levels) + [
        .sizes("bid_orders", columns("BIDP_CSNU", 1...levels), of: "bid_prices"),
        .sizes("ask_orders", columns("ASKP_CSNU", 1...levels), of: "ask_prices"),
        .number("total_bid_size", "TOTAL_BIDP_RSQN"), .number("total_ask_size", "TOTAL_ASKP_RSQN"),
        .time("quote_time", date: nil, "BSOP_HOUR"),
      ])
  }

  private static func contract(
    price day: (open: String, high: String, low: String), change: String, rate: String, bid: String,
    ask: String
  ) -> [FeedMember] {
    let sign = "PRDY_VRSS_SIGN"
    return [
      .lead("price"), .number("volume", "ACML_VOL"), .price("open", day.open), .price("high", day.high),
      .price("low", day.low), .previousClose("prev_close", change: change, by: sign),
      .signed("change", change, by: sign), .signed("change_rate", rate, by: sign),
      .number("value", "ACML_TR_PBMN"), .price("bid_price", bid), .price("ask_price", ask),
      .sized("bid_size", "BIDP_RSQN1", of: bid), .sized("ask_size", "ASKP_RSQN1", of: ask),
      .number("trade_size", "LAST_CNQN"), .time("trade_time", date: nil, "BSOP_HOUR"),
      .number("strength", "CTTR"), .number("total_bid_size", "TOTAL_BIDP_RSQN"),
      .number("total_ask_size", "TOTAL_ASKP_RSQN"), .number("open_interest", "HTS_OTST_STPL_QTY"),
      .price("theoretical_price", "HTS_THPR"),
    ]
  }
}
