/// Bonds at KRX, and indices of bonds.
extension FeedLayout {
  /// Trades, with yields in percent.
  static let bondTrades = FeedLayout(
    FeedColumns(
      """
      STND_ISCD:x BOND_ISNM:x STCK_CNTG_HOUR:t PRDY_VRSS_SIGN:c PRDY_VRSS:n PRDY_CTRT:n STCK_PRPR:n CNTG_VOL:i
      STCK_OPRC:n STCK_HGPR:n STCK_LWPR:n STCK_PRDY_CLPR:n BOND_CNTG_ERT:n OPRC_ERT:n HGPR_ERT:n LWPR_ERT:n ACML_VOL:i
      PRDY_VOL:i CNTG_TYPE_CLS_CODE:c
      """),
    anchors: ["STCK_CNTG_HOUR", "PRDY_VRSS_SIGN", "STCK_PRPR", "CNTG_VOL", "LWPR_ERT", "ACML_VOL"],
    requires: .positive("STCK_PRPR"),
    [
      .lead("price"), .number("volume", "ACML_VOL"), .price("open", "STCK_OPRC"), .price("high", "STCK_HGPR"),
      .price("low", "STCK_LWPR"), .previousClose("prev_close", change: "PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("change", "PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("change_rate", "PRDY_CTRT", by: "PRDY_VRSS_SIGN"), .number("trade_size", "CNTG_VOL"),
      .time("trade_time", date: nil, "STCK_CNTG_HOUR"), .number("yield", "BOND_CNTG_ERT"),
      .number("open_yield", "OPRC_ERT"), .number("high_yield", "HGPR_ERT"), .number("low_yield", "LWPR_ERT"),
      .text("name", "BOND_ISNM"),
    ], trade: TradeColumns(price: "STCK_PRPR", size: "CNTG_VOL", shares: "ACML_VOL"))

  /// Five levels a side, with yields in percent. (The sample misnames the sizes of the fifth level.)
  static let bondBook = FeedLayout(
    FeedColumns(
      "STND_ISCD:x STCK_CNTG_HOUR:t "
        + (1...5).map {
          "ASKP_ERT\($0):n BIDP_ERT\($0):n ASKP\($0):n BIDP\($0):n ASKP_RSQN\($0):i BIDP_RSQN\($0):i"
        }.joined(separator: " ") + " TOTAL_ASKP_RSQN:i TOTAL_BIDP_RSQN:i"),
    anchors: ["STCK_CNTG_HOUR", "ASKP_ERT1", "ASKP_RSQN1", "BIDP5", "ASKP_RSQN5"],
    requires: .any(columns("ASKP", 1...5) + columns("BIDP", 1...5)),
    [
      .price("bid_price", "BIDP1"), .price("ask_price", "ASKP1"), .midpoint("mid_price"),
      .sized("bid_size", "BIDP_RSQN1", of: "BIDP1"), .sized("ask_size", "ASKP_RSQN1", of: "ASKP1"),
    ] + ladders(bids: "BIDP", asks: "ASKP", 5) + [
      .sizes("bid_yields", columns("BIDP_ERT", 1...5), of: "bid_prices"),
      .sizes("ask_yields", columns("ASKP_ERT", 1...5), of: "ask_prices"),
      .number("total_bid_size", "TOTAL_BIDP_RSQN"), .number("total_ask_size", "TOTAL_ASKP_RSQN"),
      .time("quote_time", date: nil, "STCK_CNTG_HOUR"),
    ])

  /// An index of bonds: total return, clean price, market price.
  static let bondIndexValues = FeedLayout(
    FeedColumns(
      """
      NMIX_ID:x STND_DATE1:d TRNM_HOUR:t TOTL_ERNN_NMIX_OPRC TOTL_ERNN_NMIX_HGPR TOTL_ERNN_NMIX_LWPR TOTL_ERNN_NMIX
      PRDY_TOTL_ERNN_NMIX TOTL_ERNN_NMIX_PRDY_VRSS TOTL_ERNN_NMIX_PRDY_VRSS_SIGN:c TOTL_ERNN_NMIX_PRDY_CTRT:n
      CLEN_PRC_NMIX MRKT_PRC_NMIX BOND_CALL_RNVS_NMIX BOND_ZERO_RNVS_NMIX BOND_FUTS_THPR BOND_AVRG_DRTN_VAL
      BOND_AVRG_CNVX_VAL BOND_AVRG_YTM_VAL BOND_AVRG_FRDL_YTM_VAL
      """),
    anchors: ["STND_DATE1", "TRNM_HOUR", "TOTL_ERNN_NMIX_PRDY_VRSS_SIGN"],
    requires: .positive("TOTL_ERNN_NMIX"),
    [
      .lead("price"), .price("open", "TOTL_ERNN_NMIX_OPRC"), .price("high", "TOTL_ERNN_NMIX_HGPR"),
      .price("low", "TOTL_ERNN_NMIX_LWPR"), .price("prev_close", "PRDY_TOTL_ERNN_NMIX"),
      .signed("change", "TOTL_ERNN_NMIX_PRDY_VRSS", by: "TOTL_ERNN_NMIX_PRDY_VRSS_SIGN"),
      .signed("change_rate", "TOTL_ERNN_NMIX_PRDY_CTRT", by: "TOTL_ERNN_NMIX_PRDY_VRSS_SIGN"),
      .time("trade_time", date: "STND_DATE1", "TRNM_HOUR"), .price("clean_price_index", "CLEN_PRC_NMIX"),
      .price("market_price_index", "MRKT_PRC_NMIX"),
    ])
}
