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
