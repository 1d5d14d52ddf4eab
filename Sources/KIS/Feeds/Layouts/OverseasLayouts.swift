/// Exchanges abroad: times come as the exchange's and as the Korean one.
extension FeedLayout {
  /// Trades: 26 fields live (2026-07-10); the sample leaves the key out. DIFF has no sign of its own.
  static let overseasTrades = FeedLayout(
    FeedColumns(
      """
      RSYM:x SYMB:x ZDIV:c TYMD:d XYMD:d XHMS:t KYMD:d KHMS:t OPEN HIGH LOW LAST SIGN:c DIFF RATE:n PBID PASK VBID:i VASK:i
      EVOL:i TVOL:i TAMT:i BIVL:i ASVL:i STRN:n MTYP:c
      """),
    anchors: ["ZDIV", "XYMD", "KHMS", "SIGN", "RATE", "VBID", "STRN", "MTYP"], requires: .positive("LAST"),
    [
      .lead("price"), .number("volume", "TVOL"), .price("open", "OPEN"), .price("high", "HIGH"),
      .price("low", "LOW"), .previousClose("prev_close", change: "DIFF", by: "SIGN"),
      .signed("change", "DIFF", by: "SIGN"), .signed("change_rate", "RATE", by: "SIGN"),
      .number("value", "TAMT"), .price("bid_price", "PBID"), .price("ask_price", "PASK"),
      .sized("bid_size", "VBID", of: "PBID"), .sized("ask_size", "VASK", of: "PASK"),
      .number("trade_size", "EVOL"), .time("trade_time", date: "KYMD", "KHMS"),
      .exchangeTime("exchange_time", date: "XYMD", "XHMS", korean: "KYMD", "KHMS"),
      .number("strength", "STRN"),
    ],
    // TAMT adds up to a dollar only, and trades are not counted (KIS.md 0.1).
    trade: TradeColumns(price: "LAST", size: "EVOL", shares: "TVOL", date: "TYMD"))

  /// Levels of a book: ten live in the United States, one in the samples.
  static func overseasBook(levels: Int) -> FeedLayout {
    FeedLayout(
      FeedColumns(
        "RSYM:x SYMB:x ZDIV:c XYMD:d XHMS:t KYMD:d KHMS:t BVOL:i AVOL:i BDVL:i ADVL:i "
          + (1...levels).map { "PBID\($0) PASK\($0) VBID\($0):i VASK\($0):i DBID\($0):i DASK\($0):i" }
          .joined(separator: " ")),
      anchors: ["ZDIV", "XYMD", "KHMS", "VBID1", "VBID\(levels)"],
      requires: .any(columns("PASK", 1...levels) + columns("PBID", 1...levels)),
      [
        .price("bid_price", "PBID1"), .price("ask_price", "PASK1"), .midpoint("mid_price"),
        .sized("bid_size", "VBID1", of: "PBID1"), .sized("ask_size", "VASK1", of: "PASK1"),
      ] + ladders(bids: "PBID", asks: "PASK", levels, bidSizes: "VBID", askSizes: "VASK") + [
        .number("total_bid_size", "BVOL"), .number("total_ask_size", "AVOL"),
        .time("quote_time", date: "KYMD", "KHMS"),
        .exchangeTime("exchange_time", date: "XYMD", "XHMS", korean: "KYMD", "KHMS"),
      ])
  }

  /// Trades of a contract. RECV_DATE and RECV_TIME are taken for Korean time, as the receipt's at KIS (inference: no live
  /// frame was seen).
  static let overseasContractTrades = FeedLayout(
    FeedColumns(
      """
      SERIES_CD:x BSNS_DATE:d MRKT_OPEN_DATE:d MRKT_OPEN_TIME:t MRKT_CLOSE_DATE:d MRKT_CLOSE_TIME:t PREV_PRICE RECV_DATE:d
      RECV_TIME:t ACTIVE_FLAG:x LAST_PRICE LAST_QNTT:i PREV_DIFF_PRICE PREV_DIFF_RATE:n OPEN_PRICE HIGH_PRICE LOW_PRICE
      VOL:i PREV_SIGN:c QUOTSIGN:x RECV_TIME2:x PSTTL_PRICE PSTTL_SIGN:c PSTTL_DIFF_PRICE PSTTL_DIFF_RATE:n
      """),
    anchors: ["BSNS_DATE", "RECV_DATE", "RECV_TIME", "PREV_SIGN"], requires: .value("LAST_PRICE"),
    [
      .lead("price"), .number("volume", "VOL"), .price("open", "OPEN_PRICE"), .price("high", "HIGH_PRICE"),
      .price("low", "LOW_PRICE"), .price("prev_close", "PREV_PRICE"),
      .signed("change", "PREV_DIFF_PRICE", by: "PREV_SIGN"),
      .signed("change_rate", "PREV_DIFF_RATE", by: "PREV_SIGN"), .number("trade_size", "LAST_QNTT"),
      .time("trade_time", date: "RECV_DATE", "RECV_TIME"),
    ], trade: TradeColumns(price: "LAST_PRICE", size: "LAST_QNTT", shares: "VOL", date: "BSNS_DATE"))

  /// Five levels a side of a contract.
  static let overseasContractBook = FeedLayout(
    FeedColumns(
      "SERIES_CD:x RECV_DATE:d RECV_TIME:t PREV_PRICE "
        + (1...5).map { level in
          ["BID", "ASK"].map { "\($0)_QNTT_\(level):i \($0)_NUM_\(level):i \($0)_PRICE_\(level)" }
            .joined(separator: " ")
        }.joined(separator: " ") + " STTL_PRICE"),
    anchors: ["RECV_DATE", "RECV_TIME", "BID_QNTT_1"],
    requires: .any(columns("ASK_PRICE_", 1...5) + columns("BID_PRICE_", 1...5)),
    [
      .price("bid_price", "BID_PRICE_1"), .price("ask_price", "ASK_PRICE_1"), .midpoint("mid_price"),
      .sized("bid_size", "BID_QNTT_1", of: "BID_PRICE_1"),
      .sized("ask_size", "ASK_QNTT_1", of: "ASK_PRICE_1"),
    ]
      + ladders(bids: "BID_PRICE_", asks: "ASK_PRICE_", 5, bidSizes: "BID_QNTT_", askSizes: "ASK_QNTT_") + [
        .sizes("bid_orders", columns("BID_NUM_", 1...5), of: "bid_prices"),
        .sizes("ask_orders", columns("ASK_NUM_", 1...5), of: "ask_prices"),
        .time("quote_time", date: "RECV_DATE", "RECV_TIME"),
      ])
}
