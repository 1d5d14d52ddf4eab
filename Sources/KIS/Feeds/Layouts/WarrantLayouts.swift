/// Equity-linked warrants: a share's records, and what a warrant has besides.
extension FeedLayout {
  private static let warrantColumns = """
    MKSC_SHRN_ISCD:x STCK_CNTG_HOUR:t STCK_PRPR PRDY_VRSS_SIGN:c PRDY_VRSS PRDY_CTRT:n WGHN_AVRG_STCK_PRC
    STCK_OPRC STCK_HGPR STCK_LWPR ASKP1 BIDP1 CNTG_VOL:i ACML_VOL:i ACML_TR_PBMN:i SELN_CNTG_CSNU:i SHNU_CNTG_CSNU:i
    NTBY_CNTG_CSNU:i CTTR:n SELN_CNTG_SMTN:i SHNU_CNTG_SMTN:i CNTG_CLS_CODE:c SHNU_RATE:n
    PRDY_VOL_VRSS_ACML_VOL_RATE:n OPRC_HOUR:t OPRC_VRSS_PRPR_SIGN:c OPRC_VRSS_PRPR HGPR_HOUR:t HGPR_VRSS_PRPR_SIGN:c
    HGPR_VRSS_PRPR LWPR_HOUR:t LWPR_VRSS_PRPR_SIGN:c LWPR_VRSS_PRPR BSOP_DATE:d NEW_MKOP_CLS_CODE:p TRHT_YN:l
    ASKP_RSQN1:i BIDP_RSQN1:i TOTAL_ASKP_RSQN:i TOTAL_BIDP_RSQN:i TMVL_VAL:n PRIT:n PRMM_VAL:n GEAR:n PRLS_QRYR_RATE:n INVL_VAL:n
    PRMM_RATE:n CFP:n LVRG_VAL:n DELTA:n GAMA:n VEGA:n THETA:n RHO:n HTS_INTS_VLTL:n HTS_THPR VOL_TNRT
    """

  private static let warrantAnchors = [
    "STCK_CNTG_HOUR", "LWPR_VRSS_PRPR_SIGN", "BSOP_DATE", "TRHT_YN", "ASKP_RSQN1", "TMVL_VAL",
  ]

  private static let greeks: [FeedMember] = [
    .number("delta", "DELTA"), .number("gamma", "GAMA"), .number("vega", "VEGA"), .number("theta", "THETA"),
    .number("rho", "RHO"), .number("implied_volatility", "HTS_INTS_VLTL"),
    .number("theoretical_price", "HTS_THPR"),
  ]

  /// Trades.
  static let warrantTrades = FeedLayout(
    FeedColumns(
      warrantColumns
        + " PRDY_SMNS_HOUR_ACML_VOL PRDY_SMNS_HOUR_ACML_VOL_RATE APPRCH_RATE LP_HVOL LP_HLDN_RATE LP_NTBY_QTY"
    ),
    anchors: warrantAnchors, requires: .positive("STCK_PRPR"),
    shareTrade(side: "CNTG_CLS_CODE") + [
      .session(marketClass: nil, phase: "NEW_MKOP_CLS_CODE"), .word("halted", "TRHT_YN", .yesNo),
    ] + greeks, trade: .shares(side: "CNTG_CLS_CODE"))

  /// What a call auction would lead to.
  static let warrantExpected = FeedLayout(
    FeedColumns(warrantColumns + " LP_HVOL LP_HLDN_RATE"), anchors: warrantAnchors,
    requires: .positive("STCK_PRPR"),
    expected + [
      .time("quote_time", date: "BSOP_DATE", "STCK_CNTG_HOUR"),
      .number("total_bid_size", "TOTAL_BIDP_RSQN"), .number("total_ask_size", "TOTAL_ASKP_RSQN"),
      .session(marketClass: nil, phase: "NEW_MKOP_CLS_CODE"), .word("halted", "TRHT_YN", .yesNo),
    ])

  /// Ten levels a side.
  static let warrantBook = FeedLayout(
    FeedColumns(
      """
      MKSC_SHRN_ISCD:x BSOP_HOUR:t HOUR_CLS_CODE:c ASKP[1-10] BIDP[1-10] ASKP_RSQN[1-10]:i BIDP_RSQN[1-10]:i
      TOTAL_ASKP_RSQN:i TOTAL_BIDP_RSQN:i ANTC_CNPR ANTC_CNQN:i ANTC_CNTG_VRSS_SIGN:c ANTC_CNTG_VRSS
      ANTC_CNTG_PRDY_CTRT:n LP_ASKP_RSQN[1-3]:i LP_BIDP_RSQN4:i LP_ASKP_RSQN4:i LP_BIDP_RSQN5:i LP_ASKP_RSQN5:i
      LP_BIDP_RSQN6:i LP_ASKP_RSQN6:i LP_BIDP_RSQN7:i LP_ASKP_RSQN7:i LP_ASKP_RSQN8:i LP_BIDP_RSQN8:i LP_ASKP_RSQN9:i
      LP_BIDP_RSQN9:i LP_ASKP_RSQN10:i LP_BIDP_RSQN10:i LP_BIDP_RSQN1:i LP_TOTAL_ASKP_RSQN:i LP_BIDP_RSQN2:i
      LP_TOTAL_BIDP_RSQN:i LP_BIDP_RSQN3:i ANTC_VOL:i
      """),
    anchors: ["BSOP_HOUR", "HOUR_CLS_CODE", "ANTC_CNTG_VRSS_SIGN", "ANTC_CNTG_PRDY_CTRT", "LP_ASKP_RSQN1"],
    requires: .any(columns("ASKP", 1...10) + columns("BIDP", 1...10) + ["ANTC_CNPR"]),
    [
      .price("bid_price", "BIDP1"), .price("ask_price", "ASKP1"), .midpoint("mid_price"),
      .sized("bid_size", "BIDP_RSQN1", of: "BIDP1"), .sized("ask_size", "ASKP_RSQN1", of: "ASKP1"),
    ] + ladders(bids: "BIDP", asks: "ASKP", 10) + [
      .number("total_bid_size", "TOTAL_BIDP_RSQN"), .number("total_ask_size", "TOTAL_ASKP_RSQN"),
      .positive("expected_price", "ANTC_CNPR"), .sized("expected_size", "ANTC_CNQN", of: "ANTC_CNPR"),
      .sized("expected_volume", "ANTC_VOL", of: "ANTC_CNPR"),
      .signedOf("expected_change", "ANTC_CNTG_VRSS", by: "ANTC_CNTG_VRSS_SIGN", of: "ANTC_CNPR"),
      .signedOf("expected_change_rate", "ANTC_CNTG_PRDY_CTRT", by: "ANTC_CNTG_VRSS_SIGN", of: "ANTC_CNPR"),
      .time("quote_time", date: nil, "BSOP_HOUR"),
    ])
}
