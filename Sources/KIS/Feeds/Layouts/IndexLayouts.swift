/// Indices of KRX. Volumes are in thousands of shares, values in millions of won.
extension FeedLayout {
  private static let indexColumns = FeedColumns(
    """
    BSTP_CLS_CODE:x BSOP_HOUR:t PRPR_NMIX:n PRDY_VRSS_SIGN:c BSTP_NMIX_PRDY_VRSS:n ACML_VOL:i ACML_TR_PBMN:i
    PCAS_VOL:i PCAS_TR_PBMN:i PRDY_CTRT:n OPRC_NMIX:n NMIX_HGPR:n NMIX_LWPR:n OPRC_VRSS_NMIX_PRPR:n
    OPRC_VRSS_NMIX_SIGN:c HGPR_VRSS_NMIX_PRPR:n HGPR_VRSS_NMIX_SIGN:c LWPR_VRSS_NMIX_PRPR:n LWPR_VRSS_NMIX_SIGN:c
    PRDY_CLPR_VRSS_OPRC_RATE:n PRDY_CLPR_VRSS_HGPR_RATE:n PRDY_CLPR_VRSS_LWPR_RATE:n UPLM_ISSU_CNT:i
    ASCN_ISSU_CNT:i STNR_ISSU_CNT:i DOWN_ISSU_CNT:i LSLM_ISSU_CNT:i QTQT_ASCN_ISSU_CNT:i QTQT_DOWN_ISSU_CNT:i
    TICK_VRSS:i
    """)

  private static let indexAnchors = [
    "BSOP_HOUR", "PRDY_CTRT", "HGPR_VRSS_NMIX_SIGN", "LWPR_VRSS_NMIX_SIGN", "PRDY_CLPR_VRSS_LWPR_RATE",
    "UPLM_ISSU_CNT",
  ]

  /// Shares of the index that rose, fell and stood still.
  private static let breadth: [FeedMember] = [
    .number("limit_up_count", "UPLM_ISSU_CNT"), .number("advancing_count", "ASCN_ISSU_CNT"),
    .number("unchanged_count", "STNR_ISSU_CNT"), .number("declining_count", "DOWN_ISSU_CNT"),
    .number("limit_down_count", "LSLM_ISSU_CNT"),
  ]

  private static let indexChange: [FeedMember] = [
    .previousClose("prev_close", change: "BSTP_NMIX_PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
    .signed("change", "BSTP_NMIX_PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
    .signed("change_rate", "PRDY_CTRT", by: "PRDY_VRSS_SIGN"),
  ]

  /// The index as it stands.
  static let indexValues = FeedLayout(
    indexColumns, anchors: indexAnchors, requires: .positive("PRPR_NMIX"),
    [
      .lead("price"), .number("volume", "ACML_VOL"), .price("open", "OPRC_NMIX"), .price("high", "NMIX_HGPR"),
      .price("low", "NMIX_LWPR"),
    ] + indexChange + [
      .number("value", "ACML_TR_PBMN"), .number("trade_size", "PCAS_VOL"),
      .time("trade_time", date: nil, "BSOP_HOUR"),
    ] + breadth)

  private static let indexExpectation: [FeedMember] =
    [
      .lead("expected_price"), .number("expected_volume", "ACML_VOL"),
      .number("expected_value", "ACML_TR_PBMN"),
      .previousClose("prev_close", change: "BSTP_NMIX_PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("expected_change", "BSTP_NMIX_PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("expected_change_rate", "PRDY_CTRT", by: "PRDY_VRSS_SIGN"),
      .time("quote_time", date: nil, "BSOP_HOUR"),
    ] + breadth

  /// The index by expected prices, as the samples have it.
  static let indexExpected = FeedLayout(
    indexColumns, anchors: indexAnchors, requires: .positive("PRPR_NMIX"), indexExpectation)

  /// As the exchange's printed example has it: without the day's prices.
  static let indexExpectedPrinted = FeedLayout(
    FeedColumns(
      """
      BSTP_CLS_CODE:x BSOP_HOUR:t PRPR_NMIX:n PRDY_VRSS_SIGN:c BSTP_NMIX_PRDY_VRSS:n ACML_VOL:i ACML_TR_PBMN:i
      PCAS_VOL:i PCAS_TR_PBMN:i PRDY_CTRT:n UPLM_ISSU_CNT:i ASCN_ISSU_CNT:i STNR_ISSU_CNT:i DOWN_ISSU_CNT:i
      LSLM_ISSU_CNT:i
      """), anchors: ["BSOP_HOUR", "PRDY_VRSS_SIGN", "PRDY_CTRT", "UPLM_ISSU_CNT"],
    requires: .positive("PRPR_NMIX"), indexExpectation)

  /// Program trading in the shares of an index: arbitrage and the rest, by entrusted and own orders.
  static let indexProgram = FeedLayout(
    FeedColumns(
      """
      BSTP_CLS_CODE:x BSOP_HOUR:t ARBT_SELN_ENTM_CNQN:i ARBT_SELN_ONSL_CNQN:i ARBT_SHNU_ENTM_CNQN:i
      ARBT_SHNU_ONSL_CNQN:i NABT_SELN_ENTM_CNQN:i NABT_SELN_ONSL_CNQN:i NABT_SHNU_ENTM_CNQN:i NABT_SHNU_ONSL_CNQN:i
      ARBT_SELN_ENTM_CNTG_AMT ARBT_SELN_ONSL_CNTG_AMT ARBT_SHNU_ENTM_CNTG_AMT ARBT_SHNU_ONSL_CNTG_AMT
      NABT_SELN_ENTM_CNTG_AMT NABT_SELN_ONSL_CNTG_AMT NABT_SHNU_ENTM_CNTG_AMT NABT_SHNU_ONSL_CNTG_AMT
      ARBT_SMTN_SELN_VOL:i ARBT_SMTM_SELN_VOL_RATE:n ARBT_SMTN_SELN_TR_PBMN:i ARBT_SMTM_SELN_TR_PBMN_RATE:n
      ARBT_SMTN_SHNU_VOL:i ARBT_SMTM_SHNU_VOL_RATE:n ARBT_SMTN_SHNU_TR_PBMN:i ARBT_SMTM_SHNU_TR_PBMN_RATE:n
      ARBT_SMTN_NTBY_QTY:i ARBT_SMTM_NTBY_QTY_RATE:n ARBT_SMTN_NTBY_TR_PBMN:i ARBT_SMTM_NTBY_TR_PBMN_RATE:n
      NABT_SMTN_SELN_VOL:i NABT_SMTM_SELN_VOL_RATE:n NABT_SMTN_SELN_TR_PBMN:i NABT_SMTM_SELN_TR_PBMN_RATE:n
      NABT_SMTN_SHNU_VOL:i NABT_SMTM_SHNU_VOL_RATE:n NABT_SMTN_SHNU_TR_PBMN:i NABT_SMTM_SHNU_TR_PBMN_RATE:n
      NABT_SMTN_NTBY_QTY:i NABT_SMTM_NTBY_QTY_RATE:n NABT_SMTN_NTBY_TR_PBMN:i NABT_SMTM_NTBY_TR_PBMN_RATE:n
      WHOL_ENTM_SELN_VOL:i ENTM_SELN_VOL_RATE:n WHOL_ENTM_SELN_TR_PBMN:i ENTM_SELN_TR_PBMN_RATE:n
      WHOL_ENTM_SHNU_VOL:i ENTM_SHNU_VOL_RATE:n WHOL_ENTM_SHNU_TR_PBMN:i ENTM_SHNU_TR_PBMN_RATE:n
      WHOL_ENTM_NTBY_QT:i ENTM_NTBY_QTY_RAT:n WHOL_ENTM_NTBY_TR_PBMN:i ENTM_NTBY_TR_PBMN_RATE:n
      WHOL_ONSL_SELN_VOL:i ONSL_SELN_VOL_RATE:n WHOL_ONSL_SELN_TR_PBMN:i ONSL_SELN_TR_PBMN_RATE:n
      WHOL_ONSL_SHNU_VOL:i ONSL_SHNU_VOL_RATE:n WHOL_ONSL_SHNU_TR_PBMN:i ONSL_SHNU_TR_PBMN_RATE:n
      WHOL_ONSL_NTBY_QTY:i ONSL_NTBY_QTY_RATE:n WHOL_ONSL_NTBY_TR_PBMN:i ONSL_NTBY_TR_PBMN_RATE:n
      TOTAL_SELN_QTY:i WHOL_SELN_VOL_RATE:n TOTAL_SELN_TR_PBMN:i WHOL_SELN_TR_PBMN_RATE:n SHNU_CNTG_SMTN:i
      WHOL_SHUN_VOL_RATE:n TOTAL_SHNU_TR_PBMN:i WHOL_SHUN_TR_PBMN_RATE:n WHOL_NTBY_QTY:i WHOL_SMTM_NTBY_QTY_RATE:n
      WHOL_NTBY_TR_PBMN:i WHOL_NTBY_TR_PBMN_RATE:n ARBT_ENTM_NTBY_QTY:i ARBT_ENTM_NTBY_TR_PBMN:i ARBT_ONSL_NTBY_QTY:i
      ARBT_ONSL_NTBY_TR_PBMN:i NABT_ENTM_NTBY_QTY:i NABT_ENTM_NTBY_TR_PBMN:i NABT_ONSL_NTBY_QTY:i
      NABT_ONSL_NTBY_TR_PBMN:i ACML_VOL:i ACML_TR_PBMN:i
      """),
    anchors: [
      "BSOP_HOUR", "ARBT_SMTM_SELN_VOL_RATE", "WHOL_NTBY_QTY", "WHOL_NTBY_TR_PBMN_RATE", "ARBT_ENTM_NTBY_QTY",
    ],
    requires: .present("TOTAL_SELN_QTY"),
    [
      .number("program_sell_size", "TOTAL_SELN_QTY"), .number("program_sell_value", "TOTAL_SELN_TR_PBMN"),
      .number("program_buy_size", "SHNU_CNTG_SMTN"), .number("program_buy_value", "TOTAL_SHNU_TR_PBMN"),
      .number("program_net_size", "WHOL_NTBY_QTY"), .number("program_net_value", "WHOL_NTBY_TR_PBMN"),
      .number("arbitrage_net_size", "ARBT_SMTN_NTBY_QTY"),
      .number("arbitrage_net_value", "ARBT_SMTN_NTBY_TR_PBMN"),
      .time("quote_time", date: nil, "BSOP_HOUR"),
    ])
}
