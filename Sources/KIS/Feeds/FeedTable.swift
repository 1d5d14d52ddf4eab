import Market

/// Every market-data channel of KIS that has not ended, a row each. Help, `--list-feeds`, the check of `--feed`, limits
/// of drift, names in `raw` and members of `inputs` come from here: adding a channel is adding a row.
///
/// Sources: the official samples at 885dd4e (columns), the notice of 2026-09-09 and the workbook of 2026-09-11 (stock
/// trades and books), live frames and the exchange's printed examples (lengths: KIS.md 0.1).
public enum FeedTable {
  /// The rows; `Channel.index` is a place in them.
  public static let rows: [FeedRow] = [stocks, funds, indices, derivatives, nights, bonds, overseas].flatMap {
    $0
  }

  /// Whether price and multi are asked for a product.
  public static func isPolled(_ product: Product) -> Bool { product.base == .stock || product == .elw }

  /// Where a product is traded, as far as a channel is; the first stands in for what a line does not say.
  public static func venues(_ product: Product) -> [Venue] {
    Venue.allCases.filter { venue in rows.contains { $0.venue == venue && $0.serves(product) } }
  }

  /// Whether a symbol can be a key of a product.
  public static func takes(_ symbol: String, _ product: Product) -> Bool {
    rows.contains { $0.serves(product) && $0.takes(symbol) }
  }

  /// The form of a product's keys, for a person.
  static func keyWords(_ product: Product) -> String {
    rows.first { $0.serves(product) }?.key.words ?? KeyForm.stock.words
  }

  private static let stocks: [FeedRow] = [
    FeedRow("H0STCNT0", .stock, .trades, .krx, .stock, "005930") { [.stockTrades(side: "CCLD_DVSN")] },
    FeedRow("H0NXCNT0", .stock, .trades, .nxt, .stock, "005930", .realOnly) {
      [.stockTrades(side: "CNTG_CLS_CODE")]
    },
    FeedRow("H0UNCNT0", .stock, .trades, .unified, .stock, "005930") {
      [.stockTrades(side: "CNTG_CLS_CODE")]
    },
    FeedRow("H0STASP0", .stock, .book, .krx, .stock, "005930") { [.stockBookKRX] },
    FeedRow("H0NXASP0", .stock, .book, .nxt, .stock, "005930", .realOnly) { [.stockBookNXT] },
    FeedRow("H0UNASP0", .stock, .book, .unified, .stock, "005930", .realOnly) { [.stockBookUnified] },
    FeedRow("H0STANC0", .stock, .expected, .krx, .stock, "005930", .noStandIn) { [.stockExpected] },
    FeedRow("H0NXANC0", .stock, .expected, .nxt, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockExpected]
    },
    FeedRow("H0UNANC0", .stock, .expected, .unified, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockExpected]
    },
    FeedRow("H0STMKO0", .stock, .status, .krx, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockStatus(newest: 10)]
    },
    FeedRow("H0NXMKO0", .stock, .status, .nxt, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockStatus(newest: 11)]
    },
    FeedRow("H0UNMKO0", .stock, .status, .unified, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockStatus(newest: 10)]
    },
    FeedRow("H0STMBC0", .stock, .members, .krx, .stock, "005930", .noStandIn) { [.stockMembers] },
    FeedRow("H0NXMBC0", .stock, .members, .nxt, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockMembers]
    },
    FeedRow("H0UNMBC0", .stock, .members, .unified, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockMembers]
    },
    FeedRow("H0STPGM0", .stock, .program, .krx, .stock, "005930", .noStandIn) { [.stockProgram] },
    FeedRow("H0NXPGM0", .stock, .program, .nxt, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockProgram]
    },
    FeedRow("H0UNPGM0", .stock, .program, .unified, .stock, "005930", [.realOnly, .noStandIn]) {
      [.stockProgram]
    },
  ]

  private static let funds: [FeedRow] = [
    FeedRow("H0STNAV0", .etf, .nav, .krx, .stock, "069500", .noStandIn) { [.fundValue] },
    FeedRow("H0EWCNT0", .elw, .trades, .krx, .six, "57LA24") { [.warrantTrades] },
    FeedRow("H0EWASP0", .elw, .book, .krx, .six, "57LA24") { [.warrantBook] },
    FeedRow("H0EWANC0", .elw, .expected, .krx, .six, "57LA24", .noStandIn) { [.warrantExpected] },
  ]

  private static let indices: [FeedRow] = [
    FeedRow("H0UPCNT0", .index, .trades, .krx, .index, "0001", .noStandIn) { [.indexValues] },
    FeedRow("H0UPANC0", .index, .expected, .krx, .index, "0001", .noStandIn) {
      [.indexExpected, .indexExpectedPrinted]
    },
    FeedRow("H0UPPGM0", .index, .program, .krx, .index, "0001", .noStandIn) { [.indexProgram] },
  ]

  private static let derivatives: [FeedRow] = [
    FeedRow("H0IFCNT0", .indexFuture, .trades, .krx, .contract, "101W09", [.realOnly, .noStandIn]) {
      // In thousands of won, of contracts of 250,000 and of 50,000 won a point (KIS.md 0.1).
      [
        .futureTrades(
          lengths: [50], tail: "DSCS_BLTR_ACML_QTY:i DYNM_MXPR DYNM_LLAM DYNM_PRC_LIMT_YN:c",
          multipliers: [250, 50])
      ]
    },
    FeedRow("H0IFASP0", .indexFuture, .book, .krx, .contract, "101W09", [.realOnly, .noStandIn]) {
      [.contractBook("FUTS_")]
    },
    FeedRow("H0IOCNT0", .indexOption, .trades, .krx, .contract, "201W08427", [.realOnly, .noStandIn]) {
      [.optionTrades(lengths: [58], tail: "AVRG_VLTL DSCS_LRQN_VOL:i DYNM_MXPR DYNM_LLAM DYNM_PRC_LIMT_YN:c")]
    },
    FeedRow("H0IOASP0", .indexOption, .book, .krx, .contract, "201W08427", .noStandIn) {
      [.contractBook("OPTN_")]
    },
    FeedRow("H0ZFCNT0", .stockFuture, .trades, .krx, .contract, "111W08", [.realOnly, .noStandIn]) {
      [.stockFutureTrades]
    },
    FeedRow("H0ZFASP0", .stockFuture, .book, .krx, .contract, "111W08", [.realOnly, .noStandIn]) {
      [.stockFutureBook]
    },
    FeedRow("H0ZFANC0", .stockFuture, .expected, .krx, .contract, "111W08", .noStandIn) {
      [.contractExpected("FUTS_SHRN_ISCD", hasSize: true)]
    },
    FeedRow("H0ZOCNT0", .stockOption, .trades, .krx, .contract, "339W08088", .noStandIn) {
      [.optionTrades(lengths: [53], tail: "")]
    },
    FeedRow("H0ZOASP0", .stockOption, .book, .krx, .contract, "339W08088", .noStandIn) { [.stockOptionBook] },
    FeedRow("H0ZOANC0", .stockOption, .expected, .krx, .contract, "339W08088", .noStandIn) {
      [.contractExpected("OPTN_SHRN_ISCD", hasSize: false)]
    },
    FeedRow("H0CFCNT0", .commodityFuture, .trades, .krx, .contract, "165W09", .noStandIn) {
      [.futureTrades(lengths: [50], tail: "DSCS_BLTR_ACML_QTY:i DYNM_MXPR DYNM_LLAM DYNM_PRC_LIMT_YN:c")]
    },
    FeedRow("H0CFASP0", .commodityFuture, .book, .krx, .contract, "165W09", .noStandIn) {
      [.contractBook("FUTS_")]
    },
  ]

  private static let nights: [FeedRow] = [
    FeedRow("H0MFCNT0", .nightFuture, .trades, .krx, .contract, "101W9000", .noStandIn) {
      [.futureTrades(lengths: [46, 49], tail: "DYNM_MXPR DYNM_LLAM DYNM_PRC_LIMT_YN:c")]
    },
    FeedRow("H0MFASP0", .nightFuture, .book, .krx, .contract, "101W9000", .noStandIn) {
      [.contractBook("FUTS_", lengths: [38, 46])]
    },
    FeedRow("H0EUCNT0", .nightOption, .trades, .krx, .contract, "301V06362", .noStandIn) {
      [.optionTrades(lengths: [53, 56], tail: "DYNM_MXPR DYNM_PRC_LIMT_YN:c DYNM_LLAM")]
    },
    FeedRow("H0EUASP0", .nightOption, .book, .krx, .contract, "301V06362", .noStandIn) {
      [.contractBook("OPTN_")]
    },
    FeedRow("H0EUANC0", .nightOption, .expected, .krx, .contract, "301V06362", .noStandIn) {
      [.contractExpected("OPTN_SHRN_ISCD", hasSize: true)]
    },
  ]

  private static let bonds: [FeedRow] = [
    FeedRow("H0BJCNT0", .bond, .trades, .krx, .bond, "KR103502GA34", .noStandIn) { [.bondTrades] },
    FeedRow("H0BJASP0", .bond, .book, .krx, .bond, "KR103502GA34", .noStandIn) { [.bondBook] },
    FeedRow("H0BICNT0", .bondIndex, .trades, .krx, .six, "KBPR01", .noStandIn) { [.bondIndexValues] },
  ]

  private static let america = ["NAS", "NYS", "AMS", "BAQ", "BAY", "BAA"]
  private static let asia = ["HKS", "TSE", "SHS", "SZS", "SHI", "SZI", "HNX", "HSX"]

  private static let overseas: [FeedRow] = [
    FeedRow(
      "HDFSCNT0", .overseasStock, .trades, .overseas, .overseas, "DNASAAPL", .noStandIn,
      exchanges: america + asia
    ) { [.overseasTrades] },
    FeedRow(
      "HDFSASP0", .overseasStock, .book, .overseas, .overseas, "RBAQAAPL", .noStandIn, exchanges: america
    ) { [.overseasBook(levels: 10), .overseasBook(levels: 1)] },
    FeedRow("HDFSASP1", .overseasStock, .book, .overseas, .overseas, "DHKS00003", .noStandIn, exchanges: asia)
    { [.overseasBook(levels: 10), .overseasBook(levels: 1)] },
    FeedRow(
      "HDFFF020", .overseasDerivative, .trades, .overseas, .overseasContract, "SPIU25", [.paid, .noStandIn]
    ) { [.overseasContractTrades] },
    FeedRow(
      "HDFFF010", .overseasDerivative, .book, .overseas, .overseasContract, "SPIU25", [.paid, .noStandIn]
    ) { [.overseasContractBook] },
  ]
}
