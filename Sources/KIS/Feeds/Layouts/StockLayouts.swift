/// Shares, ETF and ETN at KRX, NXT and both.
extension FeedLayout {
  /// Trades: 46 fields, 47 since 2026-09-14 (KIS notice 2026-09-09). `side` names column 21.
  static func stockTrades(side: String) -> FeedLayout {
    FeedLayout(
      FeedColumns(tradeColumns(side) + " MARKET_CLS_CODE:c", plain: .integer), lengths: [46, 47],
      anchors: ["TRHT_YN", "PRDY_SMNS_HOUR_ACML_VOL", "MRKT_TRTM_CLS_CODE", "MARKET_CLS_CODE"],
      requires: .positive("STCK_PRPR"),
      shareTrade(side: side) + [
        .price("vi_price", "VI_STND_PRC"),
        .session(marketClass: "MARKET_CLS_CODE", phase: "NEW_MKOP_CLS_CODE"),
        .word("halted", "TRHT_YN", .yesNo),
      ], trade: .shares(side: side))
  }

  /// What a call auction would lead to: the columns of a trade, with the expected price, and the expected shares and
  /// value where a trade has the day's.
  static let stockExpected = FeedLayout(
    FeedColumns(tradeColumns("CNTG_CLS_CODE"), plain: .integer), lengths: [45, 46],
    anchors: ["TRHT_YN", "PRDY_SMNS_HOUR_ACML_VOL", "MRKT_TRTM_CLS_CODE"], requires: .positive("STCK_PRPR"),
    expected + [
      .time("quote_time", date: "BSOP_DATE", "STCK_CNTG_HOUR"),
      .number("total_bid_size", "TOTAL_BIDP_RSQN"), .number("total_ask_size", "TOTAL_ASKP_RSQN"),
      .price("vi_price", "VI_STND_PRC"), .session(marketClass: nil, phase: "NEW_MKOP_CLS_CODE"),
      .word("halted", "TRHT_YN", .yesNo),
    ])

  /// Ten levels a side: 59 fields, 62 since 2026, 63 since 2026-09-14.
  static let stockBookKRX = stockBook(
    "MID_PRC MIDP_TOTAL_RSQN MIDP_CLS_CODE:c MARKET_CLS_CODE:c", lengths: [59, 62, 63],
    last: "MIDP_CLS_CODE", midpointSize: "MIDP_TOTAL_RSQN", marketClass: "MARKET_CLS_CODE")

  /// The same of NXT, by the workbook of 2026-09-11.
  static let stockBookNXT = stockBook(
    "NMID_PRC NMID_TOTAL_RSQN NMID_CLS_CODE:c", lengths: [59, 62], last: "NMID_CLS_CODE")

  /// The same of both venues as one.
  static let stockBookUnified = stockBook(
    "KMID_PRC KMID_TOTAL_RSQN KMID_CLS_CODE:c NMID_PRC NMID_TOTAL_RSQN NMID_CLS_CODE:c ANTC_EXCH_CLS_CODE:c",
    lengths: [59, 66], last: "KMID_CLS_CODE")

  /// Halts and phases: 10 fields live, 11 with the exchange.
  static func stockStatus(newest: Int) -> FeedLayout {
    FeedLayout(
      FeedColumns(
        """
        MKSC_SHRN_ISCD:x TRHT_YN:l TR_SUSP_REAS_CNTT:x MKOP_CLS_CODE:x ANTC_MKOP_CLS_CODE:x MRKT_TRTM_CLS_CODE:x
        DIVI_APP_CLS_CODE:x ISCD_STAT_CLS_CODE:p VI_CLS_CODE:l OVTM_VI_CLS_CODE:l EXCH_CLS_CODE:x
        """), lengths: [10, 11], newest: newest, anchors: ["TRHT_YN", "ISCD_STAT_CLS_CODE", "VI_CLS_CODE"],
      requires: .present("TRHT_YN"),
      [
        .word("halted", "TRHT_YN", .yesNo), .text("halt_reason", "TR_SUSP_REAS_CNTT"),
        .text("phase_code", "MKOP_CLS_CODE"), .text("expected_phase_code", "ANTC_MKOP_CLS_CODE"),
        .text("status_code", "ISCD_STAT_CLS_CODE"), .word("vi", "VI_CLS_CODE", .yesNo),
        .word("after_hours_vi", "OVTM_VI_CLS_CODE", .yesNo),
      ])
  }

  /// The five brokers that have sold and bought most.
  static let stockMembers = FeedLayout(
    FeedColumns(
      """
      MKSC_SHRN_ISCD:x SELN2_MBCR_NAME[1-5]:x BYOV_MBCR_NAME[1-5]:x TOTAL_SELN_QTY[1-5]:i TOTAL_SHNU_QTY[1-5]:i
      SELN_MBCR_GLOB_YN_[1-5]:l SHNU_MBCR_GLOB_YN_[1-5]:l SELN_MBCR_NO[1-5]:x SHNU_MBCR_NO[1-5]:x
      SELN_MBCR_RLIM[1-5]:n SHNU_MBCR_RLIM[1-5]:n SELN_QTY_ICDC[1-5]:i SHNU_QTY_ICDC[1-5]:i GLOB_TOTAL_SELN_QTY:i
      GLOB_TOTAL_SHNU_QTY:i GLOB_TOTAL_SELN_QTY_ICDC:i GLOB_TOTAL_SHNU_QTY_ICDC:i GLOB_NTBY_QTY:i GLOB_SELN_RLIM:n
      GLOB_SHNU_RLIM:n SELN2_MBCR_ENG_NAME[1-5]:x BYOV_MBCR_ENG_NAME[1-5]:x
      """),
    anchors: [
      "TOTAL_SELN_QTY1", "SELN_MBCR_GLOB_YN_1", "SHNU_MBCR_GLOB_YN_5", "SHNU_MBCR_RLIM5", "SELN_QTY_ICDC1",
      "GLOB_NTBY_QTY", "GLOB_SELN_RLIM",
    ],
    requires: .present("TOTAL_SELN_QTY1"),
    [
      .texts("sellers", columns("SELN2_MBCR_NAME", 1...5)),
      .texts("buyers", columns("BYOV_MBCR_NAME", 1...5)),
      .numbers("seller_sizes", columns("TOTAL_SELN_QTY", 1...5)),
      .numbers("buyer_sizes", columns("TOTAL_SHNU_QTY", 1...5)),
      .number("foreign_sell_size", "GLOB_TOTAL_SELN_QTY"), .number("foreign_buy_size", "GLOB_TOTAL_SHNU_QTY"),
      .number("foreign_net_size", "GLOB_NTBY_QTY"),
    ])

  /// Program trading of one share.
  static let stockProgram = FeedLayout(
    FeedColumns(
      """
      MKSC_SHRN_ISCD:x STCK_CNTG_HOUR:t SELN_CNQN:i SELN_TR_PBMN:i SHNU_CNQN:i SHNU_TR_PBMN:i NTBY_CNQN:i
      NTBY_TR_PBMN:i SELN_RSQN:i SHNU_RSQN:i WHOL_NTBY_QTY:i
      """), anchors: ["STCK_CNTG_HOUR"], requires: .present("SELN_CNQN"),
    [
      .number("program_sell_size", "SELN_CNQN"), .number("program_sell_value", "SELN_TR_PBMN"),
      .number("program_buy_size", "SHNU_CNQN"), .number("program_buy_value", "SHNU_TR_PBMN"),
      .number("program_net_size", "NTBY_CNQN"), .number("program_net_value", "NTBY_TR_PBMN"),
      .number("program_ask_size", "SELN_RSQN"), .number("program_bid_size", "SHNU_RSQN"),
      .time("quote_time", date: nil, "STCK_CNTG_HOUR"),
    ])

  /// The net asset value of an ETF: the eight fields of the exchange's printed example; the sample's first four are those
  /// of an answer, which no frame has.
  static let fundValue = FeedLayout(
    FeedColumns(
      "MKSC_SHRN_ISCD:x NAV:n NAV_PRDY_VRSS_SIGN:c NAV_PRDY_VRSS:n NAV_PRDY_CTRT:n OPRC_NAV:n HPRC_NAV:n LPRC_NAV:n"
    ),
    anchors: ["NAV", "NAV_PRDY_VRSS_SIGN", "NAV_PRDY_VRSS"], requires: .positive("NAV"),
    [
      .lead("nav"), .price("nav_open", "OPRC_NAV"), .price("nav_high", "HPRC_NAV"),
      .price("nav_low", "LPRC_NAV"),
      .previousClose("nav_prev_close", change: "NAV_PRDY_VRSS", by: "NAV_PRDY_VRSS_SIGN"),
      .signed("nav_change", "NAV_PRDY_VRSS", by: "NAV_PRDY_VRSS_SIGN"),
      .signed("nav_change_rate", "NAV_PRDY_CTRT", by: "NAV_PRDY_VRSS_SIGN"),
    ])

  /// `ASKP1` to `ASKP10`.
  static func columns(_ name: String, _ levels: ClosedRange<Int>) -> [String] {
    levels.map { "\(name)\($0)" }
  }

  /// Columns 0 to 45 of trades and of expected prices.
  static func tradeColumns(_ side: String) -> String {
    """
    MKSC_SHRN_ISCD:x STCK_CNTG_HOUR:t STCK_PRPR PRDY_VRSS_SIGN:c PRDY_VRSS PRDY_CTRT:n WGHN_AVRG_STCK_PRC:n
    STCK_OPRC STCK_HGPR STCK_LWPR ASKP1 BIDP1 CNTG_VOL ACML_VOL ACML_TR_PBMN SELN_CNTG_CSNU SHNU_CNTG_CSNU
    NTBY_CNTG_CSNU CTTR:n SELN_CNTG_SMTN SHNU_CNTG_SMTN \(side):c SHNU_RATE:n PRDY_VOL_VRSS_ACML_VOL_RATE:n
    OPRC_HOUR:t OPRC_VRSS_PRPR_SIGN:c OPRC_VRSS_PRPR HGPR_HOUR:t HGPR_VRSS_PRPR_SIGN:c HGPR_VRSS_PRPR LWPR_HOUR:t
    LWPR_VRSS_PRPR_SIGN:c LWPR_VRSS_PRPR BSOP_DATE:d NEW_MKOP_CLS_CODE:p TRHT_YN:l ASKP_RSQN1 BIDP_RSQN1
    TOTAL_ASKP_RSQN TOTAL_BIDP_RSQN VOL_TNRT:n PRDY_SMNS_HOUR_ACML_VOL PRDY_SMNS_HOUR_ACML_VOL_RATE:n
    HOUR_CLS_CODE:c MRKT_TRTM_CLS_CODE:p VI_STND_PRC
    """
  }

  /// The day so far, by the names that KRX gives it for shares.
  static let day: [FeedMember] = [
    .number("volume", "ACML_VOL"), .price("open", "STCK_OPRC"), .price("high", "STCK_HGPR"),
    .price("low", "STCK_LWPR"),
  ]

  /// The best prices of a trade's record.
  static let best: [FeedMember] = [
    .price("bid_price", "BIDP1"), .price("ask_price", "ASKP1"), .sized("bid_size", "BIDP_RSQN1", of: "BIDP1"),
    .sized("ask_size", "ASKP_RSQN1", of: "ASKP1"),
  ]

  /// What the trades of shares and of warrants have in common. `side` names the column of the aggressor's side.
  static func shareTrade(side: String) -> [FeedMember] {
    [.lead("price")] + day + [
      .previousClose("prev_close", change: "PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("change", "PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("change_rate", "PRDY_CTRT", by: "PRDY_VRSS_SIGN"), .number("value", "ACML_TR_PBMN"),
    ] + best + [
      .number("trade_size", "CNTG_VOL"), .time("trade_time", date: "BSOP_DATE", "STCK_CNTG_HOUR"),
      .word("side", side, .side), .price("vwap", "WGHN_AVRG_STCK_PRC"), .number("strength", "CTTR"),
      .number("total_bid_size", "TOTAL_BIDP_RSQN"), .number("total_ask_size", "TOTAL_ASKP_RSQN"),
    ]
  }

  /// What an auction would lead to, in a record with a trade's columns.
  static let expected: [FeedMember] =
    [
      .lead("expected_price"), .number("expected_volume", "ACML_VOL"),
      .number("expected_value", "ACML_TR_PBMN"),
      .previousClose("prev_close", change: "PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("expected_change", "PRDY_VRSS", by: "PRDY_VRSS_SIGN"),
      .signed("expected_change_rate", "PRDY_CTRT", by: "PRDY_VRSS_SIGN"),
    ] + best

  /// ANTC_* mean something in auctions only. Outside them the price is 0 and the change is the whole previous close at
  /// -100 %, which must not be taken for data.
  private static func stockBook(
    _ tail: String, lengths: [Int], last: String, midpointSize: String? = nil, marketClass: String? = nil
  ) -> FeedLayout {
    let layout = """
      MKSC_SHRN_ISCD:x BSOP_HOUR:t HOUR_CLS_CODE:c ASKP[1-10] BIDP[1-10] ASKP_RSQN[1-10] BIDP_RSQN[1-10]
      TOTAL_ASKP_RSQN TOTAL_BIDP_RSQN OVTM_TOTAL_ASKP_RSQN OVTM_TOTAL_BIDP_RSQN ANTC_CNPR ANTC_CNQN ANTC_VOL
      ANTC_CNTG_VRSS ANTC_CNTG_VRSS_SIGN:c ANTC_CNTG_PRDY_CTRT:n ACML_VOL TOTAL_ASKP_RSQN_ICDC
      TOTAL_BIDP_RSQN_ICDC OVTM_TOTAL_ASKP_ICDC OVTM_TOTAL_BIDP_ICDC STCK_DEAL_CLS_CODE:c \(tail)
      """
    return FeedLayout(
      FeedColumns(layout, plain: .integer), lengths: lengths,
      anchors: ["ANTC_CNTG_VRSS_SIGN", "ANTC_CNTG_PRDY_CTRT", "ACML_VOL", "STCK_DEAL_CLS_CODE", last],
      requires: .any(columns("ASKP", 1...10) + columns("BIDP", 1...10) + ["ANTC_CNPR"]),
      [
        .price("bid_price", "BIDP1"), .price("ask_price", "ASKP1"), .midpoint("mid_price"),
        .sized("bid_size", "BIDP_RSQN1", of: "BIDP1"), .sized("ask_size", "ASKP_RSQN1", of: "ASKP1"),
        .number("volume", "ACML_VOL"),
      ] + ladders(bids: "BIDP", asks: "ASKP", 10) + [
        .number("total_bid_size", "TOTAL_BIDP_RSQN"), .number("total_ask_size", "TOTAL_ASKP_RSQN"),
        midpointSize.map { .number("midpoint_size", $0) } ?? .null("midpoint_size"),
      ] + auction + [
        .time("quote_time", date: nil, "BSOP_HOUR"),
        marketClass.map { .session(marketClass: $0, phase: nil) } ?? .null("session"),
      ])
  }

  /// The four arrays of a book whose sizes are named `BIDP_RSQN1` and `ASKP_RSQN1`, or as given.
  static func ladders(
    bids: String, asks: String, _ levels: Int, bidSizes: String = "BIDP_RSQN", askSizes: String = "ASKP_RSQN"
  ) -> [FeedMember] {
    [
      .prices("bid_prices", columns(bids, 1...levels)), .prices("ask_prices", columns(asks, 1...levels)),
      .sizes("bid_sizes", columns(bidSizes, 1...levels), of: "bid_prices"),
      .sizes("ask_sizes", columns(askSizes, 1...levels), of: "ask_prices"),
    ]
  }

  private static let auction: [FeedMember] = [
    .positive("expected_price", "ANTC_CNPR"), .sized("expected_size", "ANTC_CNQN", of: "ANTC_CNPR"),
    .sized("expected_volume", "ANTC_VOL", of: "ANTC_CNPR"),
    .signedOf("expected_change", "ANTC_CNTG_VRSS", by: "ANTC_CNTG_VRSS_SIGN", of: "ANTC_CNPR"),
    .signedOf("expected_change_rate", "ANTC_CNTG_PRDY_CTRT", by: "ANTC_CNTG_VRSS_SIGN", of: "ANTC_CNPR"),
  ]
}
