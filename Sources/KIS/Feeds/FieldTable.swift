/// The fields of a real-time record in index order, under the exchange's own names.
///
/// Sources: KIS field documents for H0STCNT0 and H0STASP0, the notice of 2026-09-09 (MARKET_CLS_CODE) and the
/// workbook of 2026-09-11 (NXT and unified variants).
struct FieldTable: Sendable {
  /// Names by index.
  let names: [String]
  /// Columns that are looked at in every record: what stands there cannot be what stands beside them, so that a field
  /// put in or taken out before one of them shows.
  let anchors: [Int]
  private let kinds: [Int: FieldKind]

  /// How field `index` is to be read; fields after the known ones are text.
  func kind(_ index: Int) -> FieldKind { index >= names.count ? .text : kinds[index] ?? .integer }

  /// The table of a channel.
  static func of(_ channel: Channel) -> FieldTable {
    switch (channel.kind, channel.venue) {
    case (.trades, .krx): trades(side: "CCLD_DVSN")
    case (.trades, _): trades(side: "CNTG_CLS_CODE")
    case (.book, .krx): book(tail: ["MID_PRC", "MIDP_TOTAL_RSQN", "MIDP_CLS_CODE", "MARKET_CLS_CODE"])
    case (.book, .nxt): book(tail: ["NMID_PRC", "NMID_TOTAL_RSQN", "NMID_CLS_CODE"])
    case (.book, .unified):
      book(tail: [
        "KMID_PRC", "KMID_TOTAL_RSQN", "KMID_CLS_CODE", "NMID_PRC", "NMID_TOTAL_RSQN", "NMID_CLS_CODE",
        "ANTC_EXCH_CLS_CODE",
      ])
    }
  }

  private static func trades(side: String) -> FieldTable {
    FieldTable(
      names: [
        "MKSC_SHRN_ISCD", "STCK_CNTG_HOUR", "STCK_PRPR", "PRDY_VRSS_SIGN", "PRDY_VRSS", "PRDY_CTRT",
        "WGHN_AVRG_STCK_PRC", "STCK_OPRC", "STCK_HGPR", "STCK_LWPR", "ASKP1", "BIDP1", "CNTG_VOL", "ACML_VOL",
        "ACML_TR_PBMN", "SELN_CNTG_CSNU", "SHNU_CNTG_CSNU", "NTBY_CNTG_CSNU", "CTTR", "SELN_CNTG_SMTN",
        "SHNU_CNTG_SMTN", side, "SHNU_RATE", "PRDY_VOL_VRSS_ACML_VOL_RATE", "OPRC_HOUR",
        "OPRC_VRSS_PRPR_SIGN", "OPRC_VRSS_PRPR", "HGPR_HOUR", "HGPR_VRSS_PRPR_SIGN", "HGPR_VRSS_PRPR",
        "LWPR_HOUR", "LWPR_VRSS_PRPR_SIGN", "LWPR_VRSS_PRPR", "BSOP_DATE", "NEW_MKOP_CLS_CODE", "TRHT_YN",
        "ASKP_RSQN1", "BIDP_RSQN1", "TOTAL_ASKP_RSQN", "TOTAL_BIDP_RSQN", "VOL_TNRT",
        "PRDY_SMNS_HOUR_ACML_VOL", "PRDY_SMNS_HOUR_ACML_VOL_RATE", "HOUR_CLS_CODE", "MRKT_TRTM_CLS_CODE",
        "VI_STND_PRC", "MARKET_CLS_CODE",
      ],
      anchors: [1, 3, 33, 35, 40, 41, 42, 43, 44, 46],
      kinds: FieldKind.table([
        .text: [0], .time: [1, 24, 27, 30], .code: [3, 21, 25, 28, 31, 43, 46], .date: [33], .pair: [34, 44],
        .letter: [35], .decimal: [5, 6, 18, 22, 23, 40, 42],
      ]))
  }

  private static func book(tail: [String]) -> FieldTable {
    let levels = ["ASKP", "BIDP", "ASKP_RSQN", "BIDP_RSQN"].flatMap { name in (1...10).map { "\(name)\($0)" }
    }
    let names =
      ["MKSC_SHRN_ISCD", "BSOP_HOUR", "HOUR_CLS_CODE"] + levels + [
        "TOTAL_ASKP_RSQN", "TOTAL_BIDP_RSQN", "OVTM_TOTAL_ASKP_RSQN", "OVTM_TOTAL_BIDP_RSQN", "ANTC_CNPR",
        "ANTC_CNQN", "ANTC_VOL", "ANTC_CNTG_VRSS", "ANTC_CNTG_VRSS_SIGN", "ANTC_CNTG_PRDY_CTRT", "ACML_VOL",
        "TOTAL_ASKP_RSQN_ICDC", "TOTAL_BIDP_RSQN_ICDC", "OVTM_TOTAL_ASKP_ICDC", "OVTM_TOTAL_BIDP_ICDC",
        "STCK_DEAL_CLS_CODE",
      ] + tail
    let codes = names.indices.filter { $0 == 51 || names[$0].hasSuffix("_CLS_CODE") }
    return FieldTable(
      names: names, anchors: codes + [1, 52, 53],
      kinds: FieldKind.table([.text: [0], .time: [1], .code: codes, .decimal: [52]]))
  }
}

/// Positions in a trade record (H0STCNT0 and its siblings).
enum TradeField {
  static let time = 1, price = 2, sign = 3, change = 4, changeRate = 5, vwap = 6
  static let open = 7, high = 8, low = 9, ask = 10, bid = 11, size = 12, volume = 13, value = 14
  static let strength = 18, side = 21, date = 33, phase = 34, halted = 35, askSize = 36, bidSize = 37
  static let totalAskSize = 38, totalBidSize = 39, viPrice = 45, marketClass = 46
}

/// Positions in a book record (H0STASP0 and its siblings).
enum BookField {
  static let time = 1, asks = 3, bids = 13, askSizes = 23, bidSizes = 33
  static let totalAskSize = 43, totalBidSize = 44, expectedPrice = 47, expectedSize = 48
  static let expectedVolume = 49, expectedChange = 50, expectedSign = 51, expectedRate = 52, volume = 53
  static let levels = 10
  /// KRX layouts from 62 and from 63 fields on.
  static let midpointSize = 60, marketClass = 62
}

/// Names in the `output` of inquire-price (FHKST01010100) and intstock-multprice (FHKST11300006): the facts
/// that both answers give, each under its own name.
struct AnswerTable: Sendable {
  let price: String, sign: String, change: String, changeRate: String, open: String, high: String
  let low: String, upperLimit: String, lowerLimit: String, base: String

  /// One symbol a call.
  static let price = AnswerTable(
    price: "stck_prpr", sign: "prdy_vrss_sign", change: "prdy_vrss", changeRate: "prdy_ctrt",
    open: "stck_oprc", high: "stck_hgpr", low: "stck_lwpr", upperLimit: "stck_mxpr", lowerLimit: "stck_llam",
    base: "stck_sdpr")

  /// Thirty symbols a call.
  static let multi = AnswerTable(
    price: "inter2_prpr", sign: "prdy_vrss_sign", change: "inter2_prdy_vrss", changeRate: "prdy_ctrt",
    open: "inter2_oprc", high: "inter2_hgpr", low: "inter2_lwpr", upperLimit: "inter2_mxpr",
    lowerLimit: "inter2_llam", base: "inter2_sdpr")
}
